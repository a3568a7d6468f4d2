#include "tests/support/tree.hpp"

#include <algorithm>
#include <csignal>
#include <fstream>
#include <future>
#include <iostream>
#include <sstream>
#include <thread>

#include "runtime/host/node_host.hpp"

namespace quercus::testing {

namespace {

using namespace std::chrono_literals;

// Polls `condition`: for facts that can only be read, never awaited (files, process tables).
template <class Condition>
bool poll_until(Condition condition, Deadline deadline) {
    while (!condition()) {
        if (Clock::now() > deadline) {
            return false;
        }
        std::this_thread::yield();
        static_cast<void>(std::promise<void>().get_future().wait_for(5ms));
    }
    return true;
}

// Why a daemon's end was not in order, with what it said.
std::string describe_end(const Daemon& daemon, const std::optional<ExitStatus>& status,
                         bool is_alone) {
    std::ostringstream text;
    text << "process " << daemon.process.pid() << " of " << daemon.log_file;
    if (status) {
        text << " ended with code " << status->code << ", signal " << status->signal;
    } else {
        text << " did not end";
    }
    text << (is_alone ? "" : ", and left processes behind") << "\nstderr: " << daemon.process.err()
         << "\nlog:";
    const std::vector<std::string> lines = daemon.log_lines({});
    for (std::size_t i = lines.size() - std::min<std::size_t>(lines.size(), 20); i < lines.size();
         ++i) {
        text << "\n  " << lines[i];
    }
    return text.str();
}

// Calls an asynchronous method and waits for its reply.
template <class T, class Call>
Result<T> await_reply(Call call) {
    auto promise = std::make_shared<std::promise<Result<T>>>();
    auto future = promise->get_future();
    call([promise](Result<T> result) { promise->set_value(std::move(result)); });
    if (future.wait_for(30s) != std::future_status::ready) {
        return Status(StatusCode::kDeadlineExceeded, "no reply within 30 s");
    }
    return future.get();
}

}  // namespace

std::vector<std::string> Daemon::log_lines(const std::vector<std::string>& words) const {
    std::vector<std::string> lines;
    std::ifstream file(log_file);
    for (std::string line; std::getline(file, line);) {
        bool has_all = true;
        for (const std::string& word : words) {
            has_all = has_all && line.find(word) != std::string::npos;
        }
        if (has_all) {
            lines.push_back(line);
        }
    }
    return lines;
}

bool Daemon::wait_log(const std::vector<std::string>& words, std::size_t count,
                      Deadline deadline) const {
    return poll_until([&] { return log_lines(words).size() >= count; }, deadline);
}

Tree::Tree(double lease_s) : lease_s_(lease_s) {}

Daemon& Tree::start(std::vector<std::string> argv, bool listens,
                    const std::map<std::string, std::string>& environment) {
    const std::string name = std::to_string(daemons_.size());
    const std::string log_file = folder_.file(name + ".log");
    const std::string address_file = folder_.file(name + ".address");
    std::vector<std::string> full{binary(argv[0])};
    full.insert(full.end(), argv.begin() + 1, argv.end());
    full.insert(full.end(),
                {"-vv", "--log-file", log_file, "--log-format", "json", "--lease",
                 std::to_string(lease_s_), "--heartbeat", std::to_string(lease_s_ / 5)});
    if (listens) {
        if (std::find(argv.begin(), argv.end(), "--port") == argv.end()) {
            full.insert(full.end(), {"--port", "0"});
        }
        full.insert(full.end(), {"--address-file", address_file});
    }
    std::map<std::string, std::string> all_environment = environment;
    all_environment.emplace("QUERCUS_TEST_KINDS", "1");
    auto daemon =
        std::make_unique<Daemon>(Daemon{Process::start(full, all_environment), "", log_file});
    if (listens) {
        poll_until([&] { return read_text(address_file).has_value(); }, within(10s));
        daemon->address = read_text(address_file).value_or("");
        while (!daemon->address.empty() && daemon->address.back() == '\n') {
            daemon->address.pop_back();
        }
    }
    return *daemons_.emplace_back(std::move(daemon));
}

Daemon& Tree::server(const std::vector<std::string>& arguments) {
    std::vector<std::string> argv{"quercus-server", "--state-dir", folder_.file("state")};
    argv.insert(argv.end(), arguments.begin(), arguments.end());
    server_ = &start(argv, true);
    return *server_;
}

Daemon& Tree::manager(const std::vector<std::string>& arguments) {
    std::vector<std::string> argv{"quercus-manager"};
    argv.insert(argv.end(), arguments.begin(), arguments.end());
    return start(argv, true);
}

Daemon& Tree::rank(int workers, const std::string& parent,
                   const std::vector<std::string>& arguments,
                   const std::map<std::string, std::string>& environment) {
    std::vector<std::string> argv{"quercus-worker", std::to_string(workers), "--join", parent};
    argv.insert(argv.end(), arguments.begin(), arguments.end());
    return start(argv, false, environment);
}

bool Tree::wait_workers(int workers, Deadline deadline) {
    const auto left = std::chrono::duration_cast<std::chrono::seconds>(deadline - Clock::now());
    const Finished waited =
        run({binary("quercus"), "--server", server_address(), "server", "wait", "--workers",
             std::to_string(workers), "--timeout", std::to_string(left.count())},
            {}, left + 5s);
    return waited.exit == ExitStatus{0, 0};
}

bool Tree::stop(Deadline deadline) {
    server_->process.kill(SIGINT);
    bool all_ended = true;
    for (const auto& daemon : daemons_) {
        const auto status = daemon->process.wait(deadline);
        const bool was_killed = status && status->signal == SIGKILL;
        const bool in_order = status && (was_killed || *status == ExitStatus{0, 0});
        const bool alone = daemon->process.wait_session_empty(deadline);
        if (!in_order || !alone) {
            std::cerr << describe_end(*daemon, status, alone) << std::endl;
        }
        all_ended = all_ended && in_order && alone;
    }
    return all_ended;
}

Result<transport::JobStatus> WaitingJobs::submit(transport::JobSpec spec) {
    return await_reply<transport::JobStatus>(
        [&](auto reply) { jobs_.submit(std::move(spec), std::move(reply)); });
}
Result<transport::JobStatus> WaitingJobs::get(transport::JobId id) {
    return await_reply<transport::JobStatus>([&](auto reply) { jobs_.get(id, std::move(reply)); });
}
Result<transport::JobStatus> WaitingJobs::cancel(transport::JobId id) {
    return await_reply<transport::JobStatus>(
        [&](auto reply) { jobs_.cancel(id, std::move(reply)); });
}
Result<transport::Nothing> WaitingJobs::remove(transport::JobId id) {
    return await_reply<transport::Nothing>([&](auto reply) { jobs_.remove(id, std::move(reply)); });
}
Result<Payload> WaitingJobs::fetch(transport::JobId id) {
    return await_reply<Payload>([&](auto reply) { jobs_.fetch(id, std::move(reply)); });
}
Result<scheduling::Subtree> WaitingJobs::tree() {
    return await_reply<scheduling::Subtree>([&](auto reply) { jobs_.tree(std::move(reply)); });
}
Result<scheduling::CacheStats> WaitingJobs::cache() {
    return await_reply<scheduling::CacheStats>([&](auto reply) { jobs_.cache(std::move(reply)); });
}
Result<transport::Nothing> WaitingJobs::clear_cache() {
    return await_reply<transport::Nothing>(
        [&](auto reply) { jobs_.clear_cache(std::move(reply)); });
}

Result<transport::JobStatus> WaitingJobs::wait(transport::JobId id, Deadline deadline) {
    auto ended = std::make_shared<std::promise<Status>>();
    auto future = ended->get_future();
    const auto subscription = jobs_.watch(
        id, 0, [](const transport::JobEvent&) {},
        [ended](const Status& status) { ended->set_value(status); });
    if (future.wait_until(deadline) != std::future_status::ready) {
        return Status(StatusCode::kDeadlineExceeded, "the job did not end in time");
    }
    if (Status status = future.get(); !status.is_ok()) {
        return status;
    }
    return get(id);
}

transport::JobSpec make_spec(tasks::Request request, Seed seed) {
    transport::JobSpec spec;
    spec.id = host::random_id<scheduling::JobId>();
    spec.name = "test";
    spec.seed = seed;
    spec.request = std::move(request);
    return spec;
}

}  // namespace quercus::testing
