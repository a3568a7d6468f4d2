#pragma once

// Runs the real executables for system tests: start, read what they print, wait with a deadline,
// send signals, and prove that nothing is left behind. A Process is used from one thread; it must
// be started from a thread that lives as long as the process (PDEATHSIG is tied to the spawning
// thread).

#include <sys/types.h>

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace quercus::testing {

using Clock = std::chrono::steady_clock;
using Deadline = Clock::time_point;

[[nodiscard]] inline Deadline within(std::chrono::milliseconds time) {
    return Clock::now() + time;
}

// How a process ended: exit code, or the signal that ended it.
struct ExitStatus {
    int code = 0;
    int signal = 0;
    friend bool operator==(const ExitStatus&, const ExitStatus&) = default;
};

class Process {
 public:
    // Executes argv[0] (a path, or a name looked up in PATH) with the caller's environment and
    // `environment` over it (an empty value removes a variable), stdin from /dev/null, in a session
    // of its own, to be killed when the spawning thread ends. A program that cannot be executed
    // exits 127 with the reason in err().
    static Process start(const std::vector<std::string>& argv,
                         const std::map<std::string, std::string>& environment = {});

    Process(Process&&) noexcept;
    Process& operator=(Process&&) noexcept;
    // Kills the process and all of its session that still live.
    ~Process();

    [[nodiscard]] pid_t pid() const;
    // Everything printed so far.
    [[nodiscard]] std::string out() const;
    [[nodiscard]] std::string err() const;

    // The first match of the ECMAScript regular expression in the output or error text: its first
    // group, or the whole match without groups. nullopt at the deadline, or once the process has
    // ended without printing it.
    std::optional<std::string> wait_for_output(const std::string& regex, Deadline deadline);
    // nullopt at the deadline. May be called again after the end.
    std::optional<ExitStatus> wait(Deadline deadline);

    // To the process alone / to it and everything that it started.
    void kill(int signal);
    void kill_session(int signal);

    // Live descendants of this process, or what it left behind: those in its session and those seen
    // as its descendants by an earlier call of this object (every call of kill, wait,
    // wait_for_output and this looks). The session in the names below means these.
    [[nodiscard]] std::vector<pid_t> others_in_session() const;
    // True as soon as nobody of the session lives any more, false at the deadline.
    bool wait_session_empty(Deadline deadline);

 private:
    struct State;
    explicit Process(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

// What a program printed and how it ended; killed at the deadline (then `exit` is empty).
struct Finished {
    std::optional<ExitStatus> exit;
    std::string out;
    std::string err;
};
Finished run(const std::vector<std::string>& argv,
             const std::map<std::string, std::string>& environment = {},
             std::chrono::milliseconds limit = std::chrono::seconds(30));

// The path of an executable of this build: beside the running test.
[[nodiscard]] std::string binary(const std::string& name);

// The `Cpus_allowed_list` line of a live process, e.g. "0-1"; empty when it is gone.
[[nodiscard]] std::string cpus_allowed_list(pid_t pid);

// A folder of its own, removed with everything in it at the end.
class TemporaryFolder {
 public:
    TemporaryFolder();
    ~TemporaryFolder();
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    [[nodiscard]] const std::string& path() const { return path_; }
    // path()/name with that content; returns its path.
    std::string write(const std::string& name, const std::string& content) const;
    [[nodiscard]] std::string file(const std::string& name) const { return path_ + "/" + name; }

 private:
    std::string path_;
};

// The whole file; nullopt if it cannot be read.
[[nodiscard]] std::optional<std::string> read_text(const std::string& path);

}  // namespace quercus::testing
