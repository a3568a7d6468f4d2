#include "manager/rank_launcher.hpp"

#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstring>
#include <optional>
#include <utility>

#include "runtime/host/logging.hpp"
#include "runtime/host/machine.hpp"
#include "runtime/host/node_host.hpp"
#include "runtime/host/pinning.hpp"

extern char** environ;

namespace quercus::manager {

namespace {

constexpr std::chrono::milliseconds kRestartDelay{500};
constexpr std::chrono::milliseconds kLongestRestartDelay{30000};
constexpr std::chrono::seconds kStableAfter{10};
constexpr std::chrono::seconds kStopPatience{5};

std::string join_numbers(const std::vector<int>& numbers) {
    std::string text;
    for (const int number : numbers) {
        text += (text.empty() ? "" : ",") + std::to_string(number);
    }
    return text;
}

// Ranks are led by their manager, so a terminal's Ctrl-C must not reach them by itself.
Result<pid_t> spawn(const std::vector<std::string>& arguments) {
    std::vector<char*> argv;
    for (const std::string& argument : arguments) {
        argv.push_back(const_cast<char*>(argument.c_str()));
    }
    argv.push_back(nullptr);
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
    posix_spawnattr_setpgroup(&attributes, 0);
    pid_t pid = 0;
    const int error = posix_spawn(&pid, argv[0], nullptr, &attributes, argv.data(), environ);
    posix_spawnattr_destroy(&attributes);
    if (error != 0) {
        return unavailable("cannot start " + arguments.front() + ": " + std::strerror(error));
    }
    return pid;
}

}  // namespace

Result<std::vector<RankPlan>> plan_ranks(const PlanOptions& options) {
    const host::Machine machine = host::inspect_machine();
    if (!options.cpus.empty()) {
        auto places = host::place_workers(options.workers, options.cpus);
        if (!places) {
            return places.error();
        }
        RankPlan plan;
        for (const auto& place : *places) {
            plan.cpus.insert(plan.cpus.end(), place.begin(), place.end());
        }
        return std::vector{plan};
    }
    const std::uint32_t usable = machine.usable_cores();
    const std::int64_t reserved =
        options.reserve_cores >= 0 ? options.reserve_cores : (usable >= 16 ? 1 : 0);
    if (reserved >= usable) {
        return invalid_argument(std::to_string(reserved) + " of " + std::to_string(usable) +
                                " cores reserved: none is left for workers (--reserve-cores)");
    }
    const auto available = static_cast<std::uint32_t>(usable - reserved);
    const std::uint32_t workers = options.workers == 0 ? available : options.workers;
    if (workers > available) {
        host::log_event(
            scheduling::Severity::kWarning, "cores_shared",
            std::to_string(workers) + " workers share " + std::to_string(available) + " cores");
    }
    std::vector<RankPlan> plans(machine.domains.size());
    std::uint32_t left = available;
    std::vector<std::pair<std::size_t, int>> cores;  // domain, cpu
    for (std::size_t d = 0; d < machine.domains.size(); ++d) {
        for (const int core : machine.domains[d].cores) {
            if (left > 0) {
                --left;
                cores.emplace_back(d, core);
            }
        }
    }
    for (std::uint32_t i = 0; i < workers; ++i) {
        const auto& [domain, core] = cores[i % cores.size()];
        plans[domain].cpus.push_back(core);
    }
    std::erase_if(plans, [](const RankPlan& plan) { return plan.cpus.empty(); });
    return plans;
}

struct RankLauncher::Rank {
    explicit Rank(loop::Loop& loop) : restart(loop) {}
    RankPlan plan;
    scheduling::NodeId node;
    pid_t pid = 0;
    int pidfd = -1;
    std::chrono::microseconds started_at{};
    std::chrono::milliseconds delay = kRestartDelay / 2;
    std::optional<loop::Loop::Watch> watch;
    loop::Loop::Timer restart;
};

RankLauncher::RankLauncher(loop::Loop& loop, LaunchOptions options, OnGone on_gone)
    : loop_(loop), options_(std::move(options)), on_gone_(std::move(on_gone)) {}

RankLauncher::~RankLauncher() {
    for (const auto& rank : ranks_) {
        if (rank->pid != 0) {
            kill(rank->pid, SIGKILL);
            waitpid(rank->pid, nullptr, 0);
            rank->watch.reset();
            close(rank->pidfd);
        }
    }
}

Status RankLauncher::start(const std::vector<RankPlan>& plans) {
    for (const RankPlan& plan : plans) {
        Rank& rank = *ranks_.emplace_back(std::make_unique<Rank>(loop_));
        rank.plan = plan;
        if (Status status = launch(rank); !status.is_ok()) {
            return status;
        }
    }
    return Status::ok();
}

Status RankLauncher::launch(Rank& rank) {
    rank.started_at = loop_.now();
    rank.node = host::random_id<scheduling::NodeId>();
    std::vector<std::string> arguments{options_.worker_binary,
                                       std::to_string(rank.plan.cpus.size()),
                                       "--cpus",
                                       join_numbers(rank.plan.cpus),
                                       "--node-id",
                                       rank.node.to_string()};
    arguments.insert(arguments.end(), options_.arguments.begin(), options_.arguments.end());
    auto pid = spawn(arguments);
    if (!pid) {
        return pid.error();
    }
    rank.pid = *pid;
    rank.pidfd = static_cast<int>(syscall(SYS_pidfd_open, rank.pid, 0));
    if (rank.pidfd < 0) {
        const int error = errno;
        kill(rank.pid, SIGKILL);
        waitpid(std::exchange(rank.pid, 0), nullptr, 0);
        return unavailable(std::string("cannot watch a started rank: ") + std::strerror(error));
    }
    rank.watch.emplace(loop_, rank.pidfd, [this, &rank] { on_exit(rank); });
    host::log_event(scheduling::Severity::kInfo, "rank_started",
                    "pid=" + std::to_string(rank.pid) + " cpus=" + join_numbers(rank.plan.cpus));
    return Status::ok();
}

// A rank that held is started again soon, one that ends at once less and less often.
void RankLauncher::restart_later(Rank& rank) {
    rank.delay = loop_.now() - rank.started_at > kStableAfter
                     ? kRestartDelay
                     : std::min(2 * rank.delay, kLongestRestartDelay);
    rank.restart.after(rank.delay, [this, &rank] {
        if (Status failure = launch(rank); !failure.is_ok()) {
            host::log_event(scheduling::Severity::kError, "rank_start_failed", failure.to_string());
            restart_later(rank);
        }
    });
}

void RankLauncher::on_exit(Rank& rank) {
    int status = 0;
    if (waitpid(rank.pid, &status, WNOHANG) != rank.pid) {
        return;
    }
    const std::string how = WIFSIGNALED(status)
                                ? "signal " + std::to_string(WTERMSIG(status))
                                : "exit code " + std::to_string(WEXITSTATUS(status));
    host::log_event(stopping_ ? scheduling::Severity::kInfo : scheduling::Severity::kWarning,
                    "rank_ended", "pid=" + std::to_string(rank.pid) + " " + how);
    rank.pid = 0;
    // The watch is running this function: it goes on the next turn of the loop.
    loop_.post([this, &rank] {
        rank.watch.reset();
        close(rank.pidfd);
        on_gone_(rank.node);
        if (!stopping_) {
            restart_later(rank);
        }
        if (stopping_ && on_stopped_ &&
            std::all_of(ranks_.begin(), ranks_.end(), [](const auto& r) { return r->pid == 0; })) {
            std::exchange(on_stopped_, nullptr)();
        }
    });
}

void RankLauncher::stop(std::function<void()> on_stopped) {
    stopping_ = true;
    for (const auto& rank : ranks_) {
        rank->restart.cancel();
    }
    if (std::all_of(ranks_.begin(), ranks_.end(), [](const auto& r) { return r->pid == 0; })) {
        on_stopped();
        return;
    }
    on_stopped_ = std::move(on_stopped);
    force_ = std::make_unique<loop::Loop::Timer>(loop_);
    force_->after(kStopPatience, [this] {
        for (const auto& rank : ranks_) {
            if (rank->pid != 0) {
                kill(rank->pid, SIGKILL);
            }
        }
    });
}

}  // namespace quercus::manager
