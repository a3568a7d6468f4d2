#include "tests/support/process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <condition_variable>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <regex>
#include <sstream>
#include <stdexcept>
#include <thread>
#include <utility>

extern char** environ;

namespace quercus::testing {
namespace {

namespace fs = std::filesystem;

class Fd {
 public:
    Fd() = default;
    explicit Fd(int fd) : fd_(fd) {}
    Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    Fd& operator=(Fd&& other) noexcept {
        std::swap(fd_, other.fd_);
        return *this;
    }
    Fd(const Fd&) = delete;
    Fd& operator=(const Fd&) = delete;
    ~Fd() { reset(); }
    void reset() {
        if (fd_ >= 0) {
            ::close(fd_);
        }
        fd_ = -1;
    }
    [[nodiscard]] int get() const { return fd_; }

 private:
    int fd_ = -1;
};

struct Pipe {
    Fd read;
    Fd write;
    Pipe() {
        std::array<int, 2> fds{};
        if (::pipe2(fds.data(), O_CLOEXEC) != 0) {
            throw std::runtime_error("pipe2: " + std::string(std::strerror(errno)));
        }
        read = Fd(fds[0]);
        write = Fd(fds[1]);
    }
};

std::vector<std::string> merged_environment(const std::map<std::string, std::string>& changes) {
    std::vector<std::string> merged;
    for (char** entry = environ; *entry != nullptr; ++entry) {
        const std::string text = *entry;
        if (!changes.contains(text.substr(0, text.find('=')))) {
            merged.push_back(text);
        }
    }
    for (const auto& [name, value] : changes) {
        if (!value.empty()) {
            merged.push_back(name + "=" + value);
        }
    }
    return merged;
}

std::vector<char*> pointers(const std::vector<std::string>& texts) {
    std::vector<char*> result;
    for (const std::string& text : texts) {
        result.push_back(const_cast<char*>(text.c_str()));
    }
    result.push_back(nullptr);
    return result;
}

// Between fork and exec: only async-signal-safe calls.
[[noreturn]] void execute(char* const* argv, char* const* environment, int out, int err,
                          pid_t parent) {
    ::setsid();
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) {
        ::_exit(127);
    }
    sigset_t none;
    sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    const int null = ::open("/dev/null", O_RDONLY);
    ::dup2(null, STDIN_FILENO);
    ::dup2(out, STDOUT_FILENO);
    ::dup2(err, STDERR_FILENO);
    ::execvpe(argv[0], argv, environment);
    const char* reason = std::strerror(errno);
    (void)!::write(STDERR_FILENO, reason, std::strlen(reason));
    ::_exit(127);
}

struct LiveProcess {
    pid_t pid = 0;
    pid_t parent = 0;
    pid_t session = 0;
    std::uint64_t start_time = 0;  // tells a process from a later one of the same pid
};

// nullopt for a process that is gone or a zombie. Format: proc(5), /proc/pid/stat.
std::optional<LiveProcess> read_process(const fs::path& proc_entry) {
    // getline swallows the read error of a process that ends meanwhile; stream iterators throw it.
    std::ifstream file(proc_entry / "stat");
    std::string text;
    std::getline(file, text);
    const auto end_of_name = text.rfind(')');
    if (end_of_name == std::string::npos) {
        return std::nullopt;
    }
    std::istringstream rest(text.substr(end_of_name + 1));
    LiveProcess process;
    process.pid = std::stoi(text);
    char state = 0;
    pid_t group = 0;
    rest >> state >> process.parent >> group >> process.session;
    std::string skipped;
    for (int field = 7; field <= 21; ++field) {
        rest >> skipped;
    }
    rest >> process.start_time;
    const bool is_live = rest && state != 'Z' && state != 'X';
    return is_live ? std::optional(process) : std::nullopt;
}

std::vector<LiveProcess> live_processes() {
    std::vector<LiveProcess> found;
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator("/proc", ignored)) {
        const std::string name = entry.path().filename();
        if (name.find_first_not_of("0123456789") == std::string::npos) {
            if (const auto process = read_process(entry.path())) {
                found.push_back(*process);
            }
        }
    }
    return found;
}

int milliseconds_until(Deadline deadline) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
    return static_cast<int>(std::max<std::int64_t>(0, left.count()));
}

}  // namespace

struct Process::State {
    pid_t pid = -1;
    Fd pidfd;
    std::array<Fd, 2> streams;  // stdout, stderr; guarded by the mutex after start
    Pipe wake;                  // closing its write end stops the reader
    mutable std::mutex mutex;
    std::condition_variable changed;
    std::array<std::string, 2> texts;
    std::optional<ExitStatus> exit;
    std::map<pid_t, std::uint64_t> family;  // descendants seen alive at the last look, start times
    std::thread reader;

    // Children start sessions of their own and lose their parent when it dies, so the family is
    // remembered from look to look.
    void look() {
        const std::vector<LiveProcess> all = live_processes();
        std::map<pid_t, std::uint64_t> now;
        for (const LiveProcess& process : all) {
            const auto known = family.find(process.pid);
            if (known != family.end() && known->second == process.start_time) {
                now.insert(*known);
            }
        }
        for (bool grown = true; grown;) {
            grown = false;
            for (const LiveProcess& process : all) {
                const bool belongs =
                    process.session == pid || process.parent == pid || now.contains(process.parent);
                if (belongs && process.pid != pid && process.pid != ::getpid()) {
                    grown |= now.emplace(process.pid, process.start_time).second;
                }
            }
        }
        family = std::move(now);
    }

    ~State() {
        wake.write.reset();
        if (reader.joinable()) {
            reader.join();
        }
    }

    // With the mutex held: takes what is there without blocking.
    void drain(std::size_t which) {
        std::array<char, 65536> buffer;
        while (streams[which].get() >= 0) {
            const ssize_t n = ::read(streams[which].get(), buffer.data(), buffer.size());
            if (n > 0) {
                texts[which].append(buffer.data(), static_cast<std::size_t>(n));
            } else if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
                return;
            } else {
                streams[which].reset();
            }
        }
    }

    void read_all() {
        while (true) {
            std::array<pollfd, 3> fds{};
            {
                const std::lock_guard lock(mutex);
                fds = {pollfd{wake.read.get(), POLLIN, 0}, pollfd{streams[0].get(), POLLIN, 0},
                       pollfd{streams[1].get(), POLLIN, 0}};
            }
            ::poll(fds.data(), fds.size(), -1);
            if (fds[0].revents != 0) {
                return;
            }
            const std::lock_guard lock(mutex);
            drain(0);
            drain(1);
            changed.notify_all();
        }
    }
};

Process::Process(std::unique_ptr<State> state) : state_(std::move(state)) {}
Process::Process(Process&&) noexcept = default;
Process& Process::operator=(Process&&) noexcept = default;

Process::~Process() {
    if (!state_) {
        return;
    }
    kill_session(SIGKILL);
    wait(within(std::chrono::seconds(5)));
}

Process Process::start(const std::vector<std::string>& argv,
                       const std::map<std::string, std::string>& environment) {
    auto state = std::make_unique<State>();
    Pipe out;
    Pipe err;
    const auto variables = merged_environment(environment);
    const auto argv_pointers = pointers(argv);
    const auto variable_pointers = pointers(variables);
    const pid_t parent = ::getpid();
    const pid_t pid = ::fork();
    if (pid == 0) {
        execute(argv_pointers.data(), variable_pointers.data(), out.write.get(), err.write.get(),
                parent);
    }
    if (pid < 0) {
        throw std::runtime_error("fork: " + std::string(std::strerror(errno)));
    }
    state->pid = pid;
    state->pidfd = Fd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
    ::fcntl(out.read.get(), F_SETFL, O_NONBLOCK);
    ::fcntl(err.read.get(), F_SETFL, O_NONBLOCK);
    state->streams = {std::move(out.read), std::move(err.read)};
    state->reader = std::thread([s = state.get()] { s->read_all(); });
    return Process(std::move(state));
}

pid_t Process::pid() const {
    return state_->pid;
}

std::string Process::out() const {
    const std::lock_guard lock(state_->mutex);
    return state_->texts[0];
}

std::string Process::err() const {
    const std::lock_guard lock(state_->mutex);
    return state_->texts[1];
}

std::optional<std::string> Process::wait_for_output(const std::string& regex, Deadline deadline) {
    state_->look();
    const std::regex pattern(regex);
    std::unique_lock lock(state_->mutex);
    while (true) {
        for (const std::string& text : state_->texts) {
            std::smatch match;
            if (std::regex_search(text, match, pattern)) {
                return match.size() > 1 ? match[1].str() : match[0].str();
            }
        }
        const bool closed = state_->streams[0].get() < 0 && state_->streams[1].get() < 0;
        if (closed || Clock::now() >= deadline) {
            return std::nullopt;
        }
        state_->changed.wait_until(lock, deadline);
    }
}

std::optional<ExitStatus> Process::wait(Deadline deadline) {
    if (state_->exit) {
        return state_->exit;
    }
    state_->look();
    pollfd ended{state_->pidfd.get(), POLLIN, 0};
    while (::poll(&ended, 1, milliseconds_until(deadline)) < 0 && errno == EINTR) {
    }
    int status = 0;
    if (::waitpid(state_->pid, &status, WNOHANG) != state_->pid) {
        return std::nullopt;
    }
    state_->exit =
        WIFSIGNALED(status) ? ExitStatus{0, WTERMSIG(status)} : ExitStatus{WEXITSTATUS(status), 0};
    const std::lock_guard lock(state_->mutex);
    state_->drain(0);
    state_->drain(1);
    return state_->exit;
}

void Process::kill(int signal) {
    if (!state_->exit) {
        state_->look();
        ::kill(state_->pid, signal);
    }
}

void Process::kill_session(int signal) {
    kill(signal);
    for (const pid_t other : others_in_session()) {
        ::kill(other, signal);
    }
}

std::vector<pid_t> Process::others_in_session() const {
    state_->look();
    std::vector<pid_t> pids;
    for (const auto& [pid, start_time] : state_->family) {
        pids.push_back(pid);
    }
    return pids;
}

bool Process::wait_session_empty(Deadline deadline) {
    if (!wait(deadline)) {
        return false;
    }
    // The end of a process that is not our child raises no event we could wait for without racing
    // against its pid's reuse; its pidfd is one, once opened.
    for (const pid_t pid : others_in_session()) {
        const Fd pidfd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
        pollfd ended{pidfd.get(), POLLIN, 0};
        if (pidfd.get() >= 0 && ::poll(&ended, 1, milliseconds_until(deadline)) == 0) {
            return false;
        }
    }
    return others_in_session().empty();
}

Finished run(const std::vector<std::string>& argv,
             const std::map<std::string, std::string>& environment,
             std::chrono::milliseconds limit) {
    Process process = Process::start(argv, environment);
    const auto exit = process.wait(within(limit));
    return {exit, process.out(), process.err()};
}

std::string binary(const std::string& name) {
    return (fs::read_symlink("/proc/self/exe").parent_path() / name).string();
}

std::string cpus_allowed_list(pid_t pid) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/status");
    const std::string label = "Cpus_allowed_list:";
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with(label)) {
            return line.substr(line.find_first_not_of(" \t", label.size()));
        }
    }
    return {};
}

TemporaryFolder::TemporaryFolder() {
    std::string pattern = (fs::temp_directory_path() / "quercus-test-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) {
        throw std::runtime_error("mkdtemp: " + std::string(std::strerror(errno)));
    }
    path_ = pattern;
}

TemporaryFolder::~TemporaryFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
}

std::string TemporaryFolder::write(const std::string& name, const std::string& content) const {
    std::ofstream(file(name), std::ios::binary) << content;
    return file(name);
}

std::optional<std::string> read_text(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    if (!in) {
        return std::nullopt;
    }
    return std::string((std::istreambuf_iterator<char>(in)), {});
}

}  // namespace quercus::testing
