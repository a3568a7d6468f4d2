#pragma once

// Waits for a job as a command does: progress on a terminal, until it ends, a signal comes or the
// time is over.

#include <chrono>
#include <optional>

#include "client/cli/context.hpp"
#include "client/cli/interrupt.hpp"

namespace quercus::cli {

enum class Ending { kFinished, kInterrupted, kTimeout };

struct Waited {
    Ending ending = Ending::kFinished;
    std::optional<Result<JobInfo>>
        info;  // kFinished: the final job, or why it could not be followed
};

struct WaitOptions {
    std::optional<std::chrono::milliseconds> limit;
    bool show_progress = false;  // a bar on stderr
    // One at a time, on a thread of the client.
    client::OnEvent on_event;
    client::OnLost on_lost;
};

// Says on stderr that the server is lost and how long it is tried again.
[[nodiscard]] client::OnLost say_lost(const Globals& globals);

[[nodiscard]] Waited wait_for(const Job& job, Interrupts& interrupts, const WaitOptions& options);

// Waits, says on stderr when the server is lost, and what became of the job in the cases in which
// there is no result: a signal (the job goes on at a server, or is cancelled in attached mode), the
// time limit, a failed or cancelled job. A final, succeeded job: its info; else the exit code,
// everything said.
struct Outcome {
    std::optional<JobInfo> succeeded;
    ExitCode code = kExitOk;
};
[[nodiscard]] Outcome wait_and_explain(const Globals& globals, const Job& job,
                                       Interrupts& interrupts, WaitOptions options);

// After an interrupt without a server: the cancelled job if it leaves a result, said to the user.
[[nodiscard]] std::optional<JobInfo> incumbent_of(const Globals& globals, const Job& job);

// A progress bar: "[=====>    ] 52%  text", `width` characters at most.
[[nodiscard]] std::string progress_bar(double fraction, const std::string& text, std::size_t width);

// Says how a final job that did not succeed ended; its exit code.
ExitCode explain_failure(const Globals& globals, const JobInfo& job);

}  // namespace quercus::cli
