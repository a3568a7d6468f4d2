#pragma once

// Starting and reaping executor processes. A child dies with the thread that spawned it
// (PDEATHSIG), so all are spawned from one thread that lives as long as the Spawner.

#include <sys/types.h>

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "quantum/base/status.hpp"

namespace quercus::executor {

// Descriptors under which a child finds what it shares with its control process.
inline constexpr int kMemoryFd = 3;
inline constexpr int kOwnWakeFd = 4;   // eventfd it sleeps on
inline constexpr int kPeerWakeFd = 5;  // eventfd that wakes the control process
inline constexpr int kSocketFd = 6;    // blobs
inline constexpr int kFirstFreeFd = 7;

// An owned descriptor.
class Fd {
 public:
    Fd() = default;
    explicit Fd(int fd) : fd_(fd) {}
    Fd(Fd&& other) noexcept;
    Fd& operator=(Fd&& other) noexcept;
    Fd(const Fd&) = delete;
    Fd& operator=(const Fd&) = delete;
    ~Fd();
    [[nodiscard]] int get() const { return fd_; }

 private:
    int fd_ = -1;
};

struct SpawnRequest {
    std::string binary;
    std::vector<std::string> arguments;    // without argv[0]
    std::vector<std::string> environment;  // NAME=value
    std::vector<int> cpus;                 // empty: those of this process
    int memory = -1, own_wake = -1, peer_wake = -1, socket = -1, error_output = -1;
};

struct Child {
    pid_t pid = -1;
    Fd pidfd;  // readable when it has ended
};

class Spawner {
 public:
    Spawner();
    ~Spawner();
    // Waits until the child has been exec'ed. FAILED_PRECONDITION says which cpu or binary is
    // wrong. Signal state, session and descriptors of the child are its own; nothing else is
    // inherited.
    Result<Child> spawn(const SpawnRequest& request);

 private:
    void serve();

    std::mutex mutex_;
    std::condition_variable changed_;
    const SpawnRequest* request_ = nullptr;
    std::optional<Result<Child>> answer_;
    bool ending_ = false;
    std::thread thread_;
};

// "signal 9 (Killed)" or "exit code 1"; reaps the child, which must have ended.
[[nodiscard]] std::string reap(pid_t pid);

// The kernel's Cpus_allowed_list of a process; empty when it is gone.
[[nodiscard]] std::vector<int> allowed_cpus(pid_t pid);
// "0-2,5" -> 0 1 2 5; empty when malformed.
[[nodiscard]] std::vector<int> parse_cpu_list(std::string_view text);

// PATH, HOME, LANG, LD_LIBRARY_PATH and the `visible` names, as far as this process has them.
// QUERCUS_VISIBLE_ENV lists the visible names for the tasks.
[[nodiscard]] std::vector<std::string> child_environment(const std::vector<std::string>& visible);

}  // namespace quercus::executor
