#include "client/cli/waiting.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <condition_variable>
#include <iostream>
#include <memory>
#include <mutex>
#include <utility>

namespace quercus::cli {
namespace {

// The line of the bar on stderr; erased when done.
class ProgressLine {
 public:
    explicit ProgressLine(bool enabled) : enabled_(enabled && is_terminal()) {}
    ~ProgressLine() { clear(); }
    ProgressLine(const ProgressLine&) = delete;
    ProgressLine& operator=(const ProgressLine&) = delete;

    void clear() {
        if (std::exchange(shown_, false)) {
            std::cerr << "\r\033[K" << std::flush;
        }
    }
    void show(double fraction, const std::string& text) {
        if (!enabled_) {
            return;
        }
        winsize size{};
        ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size);
        const std::size_t width = size.ws_col > 20 ? size.ws_col : 80;
        std::cerr << "\r\033[K" << progress_bar(fraction, text, width - 1) << std::flush;
        shown_ = true;
    }

 private:
    bool enabled_;
    bool shown_ = false;
};

struct Waiting {
    std::mutex mutex;
    std::condition_variable changed;
    std::optional<Result<JobInfo>> info;
    bool interrupted = false;
};

}  // namespace

std::string progress_bar(double fraction, const std::string& text, std::size_t width) {
    constexpr std::size_t kCells = 24;
    const double bounded = std::isfinite(fraction) ? std::clamp(fraction, 0.0, 1.0) : 0.0;
    const auto done = static_cast<std::size_t>(bounded * kCells);
    std::string bar = "[" + std::string(done, '=');
    if (done < kCells) {
        bar += '>' + std::string(kCells - done - 1, ' ');
    }
    const std::string percent = std::to_string(static_cast<int>(bounded * 100));
    bar += "] " + std::string(3 - percent.size(), ' ') + percent + "%  " + text;
    return bar.substr(0, width);
}

client::OnLost say_lost(const Globals& globals) {
    return [&globals](const Status& reason, std::chrono::seconds patience) {
        note(globals, "quercus: lost the server (" + reason.message() + "); trying again for " +
                          std::to_string(patience.count()) + " s");
    };
}

Waited wait_for(const Job& job, Interrupts& interrupts, const WaitOptions& options) {
    const auto state = std::make_shared<Waiting>();
    ProgressLine line(options.show_progress);
    const client::Watch watch = job.watch(
        [&](const client::JobEvent& event) {
            if (event.progress) {
                line.show(event.progress->fraction, event.progress->text);
            }
            if (options.on_event) {
                options.on_event(event);
            }
        },
        [state](const Result<JobInfo>& info) {
            const std::lock_guard lock(state->mutex);
            state->info = info;
            state->changed.notify_all();
        },
        [&](const Status& reason, std::chrono::seconds patience) {
            line.clear();
            if (options.on_lost) {
                options.on_lost(reason, patience);
            }
        });
    interrupts.set_handler([state] {
        const std::lock_guard lock(state->mutex);
        state->interrupted = true;
        state->changed.notify_all();
    });
    std::unique_lock lock(state->mutex);
    const auto over = [&] { return state->info || state->interrupted; };
    if (options.limit) {
        state->changed.wait_for(lock, *options.limit, over);
    } else {
        state->changed.wait(lock, over);
    }
    const auto info = state->info;
    const bool interrupted = state->interrupted;
    lock.unlock();
    interrupts.set_handler({});
    if (info) {
        return {Ending::kFinished, info};
    }
    return {interrupted ? Ending::kInterrupted : Ending::kTimeout, {}};
}

ExitCode explain_failure(const Globals& globals, const JobInfo& job) {
    const std::string what = job.error.message().empty() ? "" : ": " + job.error.message();
    const StatusCode code = job.state == client::JobState::kCancelled ? StatusCode::kCancelled
                            : job.error.is_ok()                       ? StatusCode::kUnknown
                                                                      : job.error.code();
    report(globals, Status(code, "job " + job.id.to_string() + " " +
                                     (job.state == client::JobState::kCancelled ? "was cancelled"
                                                                                : "failed") +
                                     what));
    return exit_code(job);
}

namespace {

Outcome explain_interrupt(const Globals& globals, const Job& job) {
    const std::string id = job.id().to_string();
    Status reason(StatusCode::kCancelled, "interrupted; the job goes on at " + globals.server +
                                              ": quercus wait " + id + ", then quercus result " +
                                              id);
    if (globals.server.empty()) {
        (void)job.cancel();
        reason = Status(StatusCode::kCancelled, "interrupted; the job was cancelled");
    }
    report(globals, reason);
    return {{}, kExitInterrupted};
}

}  // namespace

Outcome wait_and_explain(const Globals& globals, const Job& job, Interrupts& interrupts,
                         WaitOptions options) {
    options.show_progress = options.show_progress && !globals.json;
    options.on_lost = say_lost(globals);
    const Waited waited = wait_for(job, interrupts, options);
    switch (waited.ending) {
        case Ending::kInterrupted:
            return explain_interrupt(globals, job);
        case Ending::kTimeout:
            return {{},
                    report(globals, Status(StatusCode::kDeadlineExceeded,
                                           "job " + job.id().to_string() +
                                               " is not finished within --timeout; it goes on"))};
        case Ending::kFinished:
            break;
    }
    const Result<JobInfo>& info = *waited.info;
    if (!info) {
        return {{}, report(globals, info.error())};
    }
    if (info->state != client::JobState::kSucceeded) {
        return {{}, explain_failure(globals, *info)};
    }
    return {*info, kExitOk};
}

std::optional<JobInfo> incumbent_of(const Globals& globals, const Job& job) {
    if (!globals.server.empty()) {
        return std::nullopt;  // it goes on there
    }
    const Result<JobInfo> info = job.wait(std::chrono::seconds(5));
    if (!info || info->result_size_bytes == 0) {
        return std::nullopt;
    }
    note(globals, "quercus: the best circuit so far is the result");
    return *info;
}

}  // namespace quercus::cli
