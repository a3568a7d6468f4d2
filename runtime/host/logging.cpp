#include "runtime/host/logging.hpp"

#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <cstdio>
#include <memory>

namespace quercus::host {

namespace {

struct Writer {
    std::shared_ptr<spdlog::logger> logger;
    LogFormat format = LogFormat::kText;
};

Writer& writer() {
    static Writer instance;
    return instance;
}

spdlog::level::level_enum level_of(scheduling::Severity severity) {
    switch (severity) {
        case scheduling::Severity::kDebug:
            return spdlog::level::debug;
        case scheduling::Severity::kInfo:
            return spdlog::level::info;
        case scheduling::Severity::kWarning:
            return spdlog::level::warn;
        case scheduling::Severity::kError:
            return spdlog::level::err;
    }
    return spdlog::level::err;
}

std::string json_escaped(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (const char c : text) {
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (static_cast<unsigned char>(c) < 0x20) {
            char buffer[8];
            std::snprintf(buffer, sizeof(buffer), "\\u%04x", static_cast<unsigned>(c));
            out += buffer;
        } else {
            out += c;
        }
    }
    return out;
}

}  // namespace

Status start_logging(const LogOptions& options) {
    spdlog::sink_ptr sink;
    try {
        if (options.file.empty()) {
            sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
        } else {
            sink = std::make_shared<spdlog::sinks::basic_file_sink_mt>(options.file);
        }
    } catch (const spdlog::spdlog_ex& error) {
        return invalid_argument("cannot write log file '" + options.file + "': " + error.what() +
                                " (--log-file)");
    }
    Writer& out = writer();
    out.format = options.format;
    out.logger = std::make_shared<spdlog::logger>(options.program, sink);
    out.logger->set_level(options.verbosity < 0    ? spdlog::level::err
                          : options.verbosity == 0 ? spdlog::level::warn
                          : options.verbosity == 1 ? spdlog::level::info
                                                   : spdlog::level::debug);
    out.logger->flush_on(spdlog::level::debug);
    if (options.format == LogFormat::kJson) {
        out.logger->set_pattern(
            R"({"time":"%Y-%m-%dT%H:%M:%S.%e%z","level":"%l","program":"%n","pid":%P,%v})");
    } else {
        out.logger->set_pattern("%H:%M:%S.%e %L %n[%P] %v");
    }
    return Status::ok();
}

void log_event(scheduling::Severity severity, std::string_view what, std::string_view detail) {
    const Writer& out = writer();
    if (!out.logger || !out.logger->should_log(level_of(severity))) {
        return;
    }
    if (out.format == LogFormat::kJson) {
        out.logger->log(level_of(severity), R"("event":"{}","detail":"{}")", json_escaped(what),
                        json_escaped(detail));
    } else {
        out.logger->log(level_of(severity), "{} {}", what, detail);
    }
}

bool is_logged(scheduling::Severity severity) {
    const Writer& out = writer();
    return out.logger && out.logger->should_log(level_of(severity));
}

}  // namespace quercus::host
