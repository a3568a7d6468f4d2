#pragma once

// The process's log: spdlog behind a function, text or one JSON object a line, on stderr or in a
// file.

#include <string>
#include <string_view>

#include "quantum/base/status.hpp"
#include "runtime/scheduling/node.hpp"

namespace quercus::host {

enum class LogFormat { kText, kJson };

struct LogOptions {
    int verbosity = 0;  // -1 errors, 0 warnings, 1 state changes, 2 and more: every task
    std::string file;   // empty: stderr
    LogFormat format = LogFormat::kText;
    std::string program;  // e.g. "quercus-manager"
};

// Once per process, before anything is logged.
[[nodiscard]] Status start_logging(const LogOptions& options);
// Any thread. `what` is a short event name, `detail` key=value text for people.
void log_event(scheduling::Severity severity, std::string_view what, std::string_view detail);
// Whether an event of this severity would be written.
[[nodiscard]] bool is_logged(scheduling::Severity severity);

}  // namespace quercus::host
