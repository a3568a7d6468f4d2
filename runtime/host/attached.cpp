#include "runtime/host/attached.hpp"

#include <future>
#include <thread>

#include "runtime/host/job_desk.hpp"
#include "runtime/host/logging.hpp"
#include "runtime/host/machine.hpp"
#include "runtime/host/node_host.hpp"
#include "runtime/host/rank.hpp"

namespace quercus::host {

struct AttachedTree::State {
    loop::Loop loop;
    std::unique_ptr<NodeHost> server;
    std::unique_ptr<NodeHost> rank;
    std::unique_ptr<JobDesk> desk;
    std::promise<void> stopped;
    int running = 2;  // hosts that have not exited
    std::thread thread;

    void host_exited() {
        if (--running == 0) {
            loop.stop();
        }
    }
};

namespace {

// The nodes' facts are wanted as far as this process logs.
scheduling::Severity facts_wanted() {
    using scheduling::Severity;
    return is_logged(Severity::kDebug)  ? Severity::kDebug
           : is_logged(Severity::kInfo) ? Severity::kInfo
                                        : Severity::kWarning;
}

NodeHostOptions server_options() {
    NodeHostOptions options;
    options.node = make_node_config(scheduling::Role::kServer);
    options.node.facts_from = facts_wanted();
    return options;
}

}  // namespace

Result<std::unique_ptr<AttachedTree>> AttachedTree::start(AttachedOptions options) {
    RankOptions rank_options;
    rank_options.workers = options.workers;
    rank_options.memory_per_task_bytes = options.memory_per_task_bytes;
    rank_options.executor_binary = options.executor_binary;
    Result<NodeHostOptions> rank = make_rank(rank_options);
    if (!rank) {
        return rank.error();
    }
    // Both nodes live on one thread: silence means that the process was stopped, never a loss.
    constexpr std::chrono::hours kNever{24 * 3650};
    NodeHostOptions server = server_options();
    server.node.lease = kNever;
    rank->node.lease = kNever;
    rank->node.facts_from = facts_wanted();

    auto state = std::make_unique<State>();
    State* raw = state.get();
    const auto on_exit = [raw](int) { raw->host_exited(); };
    state->server = std::make_unique<NodeHost>(
        state->loop, std::move(server),
        NodeHostCallbacks{
            [raw](const scheduling::JobUpdate& update) { raw->desk->on_update(update); }, on_exit});
    state->rank = std::make_unique<NodeHost>(state->loop, std::move(*rank),
                                             NodeHostCallbacks{nullptr, on_exit});
    state->desk = std::make_unique<JobDesk>(
        state->loop,
        JobDeskPorts{[raw](scheduling::Event event) { raw->server->submit(std::move(event)); },
                     [raw] { return raw->server->node().subtree(raw->server->now()); },
                     [raw] { return raw->server->node().cache_stats(); },
                     [raw](std::function<void()> then) {
                         raw->server->submit(scheduling::CacheClearRequested{}, std::move(then));
                     }});

    std::promise<Status> started;
    std::future<Status> status = started.get_future();
    // Executors die with the thread that spawned them: this one lives as long as the tree.
    state->thread = std::thread([raw] { raw->loop.run(); });
    state->loop.post([raw, &started] {
        Status result = raw->server->start();
        if (result.is_ok()) {
            result = raw->rank->start();
        }
        if (result.is_ok()) {
            transport::TreeTransport::join_in_process(raw->server->transport(),
                                                      raw->rank->transport());
        }
        started.set_value(result);
    });
    if (Status result = status.get(); !result.is_ok()) {
        state->loop.stop();
        state->thread.join();
        return result;
    }
    return std::unique_ptr<AttachedTree>(new AttachedTree(std::move(state)));
}

AttachedTree::AttachedTree(std::unique_ptr<State> state) : state_(std::move(state)) {}

AttachedTree::~AttachedTree() {
    // Both: the link may not have come up yet, and then the rank would not hear of the server's
    // end.
    state_->server->request_stop();
    state_->rank->request_stop();
    state_->thread.join();
    state_->desk.reset();
    state_->server->transport().shutdown();
    state_->rank->transport().shutdown();
}

transport::Jobs& AttachedTree::jobs() {
    return *state_->desk;
}

}  // namespace quercus::host
