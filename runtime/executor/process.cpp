#include "runtime/executor/process.hpp"

#include <fcntl.h>
#include <sched.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <utility>

namespace quercus::executor {

Fd::Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
Fd& Fd::operator=(Fd&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
}
Fd::~Fd() {
    if (fd_ >= 0) {
        ::close(fd_);
    }
}

namespace {

// Pins the calling thread; children inherit it from their first instruction on.
Status pin_this_thread(const std::vector<int>& cpus) {
    cpu_set_t set;
    CPU_ZERO(&set);
    for (const int cpu : cpus) {
        if (cpu < 0 || cpu >= CPU_SETSIZE) {
            return failed_precondition("cpu " + std::to_string(cpu) + " does not exist (--cpus)");
        }
        CPU_SET(static_cast<unsigned>(cpu), &set);
    }
    cpu_set_t effective;
    CPU_ZERO(&effective);
    const bool set_ok = ::sched_setaffinity(0, sizeof(set), &set) == 0 &&
                        ::sched_getaffinity(0, sizeof(effective), &effective) == 0;
    if (set_ok && CPU_EQUAL(&set, &effective)) {
        return Status::ok();
    }
    std::string list;
    for (const int cpu : cpus) {
        list += (list.empty() ? "" : ",") + std::to_string(cpu);
    }
    return failed_precondition("cannot pin an executor to cpu " + list +
                               ": not allowed for this process (--cpus)");
}

// The thread's own mask again, when it goes out of scope.
class KeptAffinity {
 public:
    KeptAffinity() { ::sched_getaffinity(0, sizeof(set_), &set_); }
    ~KeptAffinity() { ::sched_setaffinity(0, sizeof(set_), &set_); }
    KeptAffinity(const KeptAffinity&) = delete;
    KeptAffinity& operator=(const KeptAffinity&) = delete;

 private:
    cpu_set_t set_{};
};

std::vector<char*> pointers(const std::vector<std::string>& strings) {
    std::vector<char*> out;
    for (const std::string& s : strings) {
        out.push_back(const_cast<char*>(s.c_str()));
    }
    out.push_back(nullptr);
    return out;
}

class FileActions {
 public:
    FileActions() { ::posix_spawn_file_actions_init(&actions_); }
    ~FileActions() { ::posix_spawn_file_actions_destroy(&actions_); }
    FileActions(const FileActions&) = delete;
    FileActions& operator=(const FileActions&) = delete;
    // Copies `fd` out of the way first: it may itself be one of the fixed numbers.
    void move(int fd, int to) {
        copies_.emplace_back(::fcntl(fd, F_DUPFD_CLOEXEC, 64));
        ::posix_spawn_file_actions_adddup2(&actions_, copies_.back().get(), to);
    }
    void open_null(int fd, int flags) {
        ::posix_spawn_file_actions_addopen(&actions_, fd, "/dev/null", flags, 0);
    }
    [[nodiscard]] const posix_spawn_file_actions_t* get() const { return &actions_; }

 private:
    posix_spawn_file_actions_t actions_{};
    std::vector<Fd> copies_;
};

// Own session (a terminal's Ctrl-C reaches the control process only), default signals.
class Attributes {
 public:
    Attributes() {
        ::posix_spawnattr_init(&attributes_);
        sigset_t all;
        sigset_t none;
        sigfillset(&all);
        sigemptyset(&none);
        ::posix_spawnattr_setsigdefault(&attributes_, &all);
        ::posix_spawnattr_setsigmask(&attributes_, &none);
        ::posix_spawnattr_setflags(
            &attributes_, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
    }
    ~Attributes() { ::posix_spawnattr_destroy(&attributes_); }
    Attributes(const Attributes&) = delete;
    Attributes& operator=(const Attributes&) = delete;
    [[nodiscard]] const posix_spawnattr_t* get() const { return &attributes_; }

 private:
    posix_spawnattr_t attributes_{};
};

Result<Child> spawn_here(const SpawnRequest& request) {
    const KeptAffinity kept;
    if (!request.cpus.empty()) {
        if (Status pinned = pin_this_thread(request.cpus); !pinned.is_ok()) {
            return pinned;
        }
    }
    FileActions files;
    files.open_null(0, O_RDONLY);
    files.open_null(1, O_WRONLY);
    files.move(request.error_output, 2);
    files.move(request.memory, kMemoryFd);
    files.move(request.own_wake, kOwnWakeFd);
    files.move(request.peer_wake, kPeerWakeFd);
    files.move(request.socket, kSocketFd);
    const Attributes attributes;
    std::vector<std::string> arguments = request.arguments;
    arguments.insert(arguments.begin(), request.binary);
    pid_t pid = -1;
    const int error =
        ::posix_spawn(&pid, request.binary.c_str(), files.get(), attributes.get(),
                      pointers(arguments).data(), pointers(request.environment).data());
    if (error != 0) {
        return failed_precondition("cannot start " + request.binary + ": " + std::strerror(error));
    }
    Fd pidfd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
    if (pidfd.get() < 0) {
        const Status status =
            failed_precondition(std::string("pidfd_open: ") + std::strerror(errno));
        ::kill(pid, SIGKILL);
        ::waitpid(pid, nullptr, 0);
        return status;
    }
    return Child{pid, std::move(pidfd)};
}

}  // namespace

Spawner::Spawner() : thread_([this] { serve(); }) {}

Spawner::~Spawner() {
    {
        const std::lock_guard lock(mutex_);
        ending_ = true;
    }
    changed_.notify_all();
    thread_.join();
}

Result<Child> Spawner::spawn(const SpawnRequest& request) {
    std::unique_lock lock(mutex_);
    request_ = &request;
    changed_.notify_all();
    changed_.wait(lock, [this] { return answer_.has_value(); });
    Result<Child> answer = std::move(*answer_);
    answer_.reset();
    return answer;
}

void Spawner::serve() {
    // Stop signals are for the control process's own threads.
    sigset_t all;
    sigfillset(&all);
    ::pthread_sigmask(SIG_BLOCK, &all, nullptr);
    std::unique_lock lock(mutex_);
    while (true) {
        changed_.wait(lock, [this] { return ending_ || request_ != nullptr; });
        if (ending_) {
            return;
        }
        answer_.emplace(spawn_here(*std::exchange(request_, nullptr)));
        changed_.notify_all();
    }
}

std::string reap(pid_t pid) {
    int status = 0;
    pid_t reaped = -1;
    do {
        reaped = ::waitpid(pid, &status, 0);
    } while (reaped < 0 && errno == EINTR);
    if (reaped < 0) {
        return "ended for an unknown reason";  // somebody else reaped it
    }
    if (WIFSIGNALED(status)) {
        const int signal = WTERMSIG(status);
        const char* name = ::sigdescr_np(signal);
        return "signal " + std::to_string(signal) + " (" + (name ? name : "unknown") + ")";
    }
    return "exit code " + std::to_string(WEXITSTATUS(status));
}

std::vector<int> parse_cpu_list(std::string_view text) {
    std::vector<int> cpus;
    while (!text.empty()) {
        const std::string_view part = text.substr(0, text.find(','));
        text.remove_prefix(std::min(text.size(), part.size() + 1));
        int first = 0;
        auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), first);
        int last = first;
        if (error == std::errc() && end != part.data() + part.size() && *end == '-') {
            const auto tail = std::from_chars(end + 1, part.data() + part.size(), last);
            end = tail.ptr;
            error = tail.ec;
        }
        if (error != std::errc() || end != part.data() + part.size() || last - first > 65536) {
            return {};
        }
        for (int cpu = first; cpu <= last; ++cpu) {
            cpus.push_back(cpu);
        }
    }
    return cpus;
}

std::vector<int> allowed_cpus(pid_t pid) {
    std::ifstream status("/proc/" + std::to_string(pid) + "/status");
    constexpr std::string_view kField = "Cpus_allowed_list:";
    for (std::string line; std::getline(status, line);) {
        if (line.starts_with(kField)) {
            const std::size_t at = line.find_first_not_of(" \t", kField.size());
            return at == std::string::npos ? std::vector<int>{}
                                           : parse_cpu_list(std::string_view(line).substr(at));
        }
    }
    return {};
}

std::vector<std::string> child_environment(const std::vector<std::string>& visible) {
    std::vector<std::string> names{"PATH", "HOME", "LANG", "LD_LIBRARY_PATH"};
    std::string list;
    for (const std::string& name : visible) {
        names.push_back(name);
        list += (list.empty() ? "" : ",") + name;
    }
    std::vector<std::string> out;
    for (const std::string& name : names) {
        if (const char* value = std::getenv(name.c_str())) {
            out.push_back(name + "=" + value);
        }
    }
    out.push_back("QUERCUS_VISIBLE_ENV=" + list);
    return out;
}

}  // namespace quercus::executor
