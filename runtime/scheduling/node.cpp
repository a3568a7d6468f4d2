#include "runtime/scheduling/node.hpp"

#include <algorithm>

#include "runtime/scheduling/brain.hpp"

namespace quercus::scheduling {
namespace {

constexpr std::size_t kEndedJobsKept = 256;

class Visitor {
 public:
    explicit Visitor(Brain& brain) : brain_(brain) {}
    void operator()(const LinkOpened& event) { brain_.links.opened(event); }
    void operator()(const LinkClosed& event) { brain_.links.closed(event); }
    void operator()(const Received& event) { brain_.links.received(event); }
    void operator()(const PeerAlive& event) { brain_.links.alive(event); }
    void operator()(const Tick&) {}
    void operator()(const JobSubmitted& event) {
        if (is_server()) {
            brain_.jobs.submitted(event);
        }
    }
    void operator()(const JobCancelled& event) { brain_.jobs.cancelled(event); }
    void operator()(const JobRemoved& event) { brain_.jobs.removed(event); }
    void operator()(const LeafReady& event) { brain_.places.ready(event); }
    void operator()(const LeafFinished& event) { brain_.places.finished(event); }
    void operator()(const LeafDied& event) { brain_.places.died(event); }
    void operator()(const FlowReady&) { brain_.flows.executor_ready(); }
    void operator()(const FlowSpawned& event) { brain_.flows.spawned(event); }
    void operator()(const FlowCancelledChildren& event) { brain_.flows.cancelled_children(event); }
    void operator()(const FlowContinued& event) { brain_.flows.continued(event); }
    void operator()(const FlowFinished& event) { brain_.flows.finished(event); }
    void operator()(const FlowProgress& event) {
        if (brain_.flows.owns(event.flow)) {
            Progress progress = event.progress;
            if (!event.flow.path.is_root()) {
                progress.incumbent = {};
            }
            brain_.report_up(progress);
        }
    }
    void operator()(const FlowLogged& event) { brain_.report_up(event.log); }
    void operator()(const FlowDied& event) { brain_.flows.executor_died(event); }
    void operator()(const ChildGone& event) { brain_.downlinks.gone(event.node); }
    void operator()(const CacheLoaded& event) {
        for (const auto& [digest, output] : event.entries) {
            brain_.cache.store(digest, output);
        }
    }
    void operator()(const CacheClearRequested&) { brain_.clear_cache(); }
    void operator()(const StopRequested&) { brain_.stop(); }

 private:
    [[nodiscard]] bool is_server() const { return brain_.config.role == Role::kServer; }
    Brain& brain_;
};

}  // namespace

Brain::Brain(NodeConfig node_config)
    : config(std::move(node_config)),
      links(*this),
      uplink(*this),
      downlinks(*this),
      router(*this),
      dispatch(*this),
      inventories(*this),
      recalls(*this),
      in_flight(*this),
      memo(*this, config.memo_limit_bytes),
      cache(config.cache_limit_bytes),
      places(*this),
      flows(*this),
      jobs(*this),
      topology(*this) {}

void Brain::job_ended(JobId job) {
    if (ended_.insert(job).second) {
        ended_order_.push_back(job);
        if (ended_order_.size() > kEndedJobsKept) {
            ended_.erase(ended_order_.front());
            ended_order_.pop_front();
        }
    }
    router.drop_job(job);
    memo.drop_job(job);
    in_flight.drop_job(job);
    uplink.outbox().drop_job(job);
    for (const auto& [id, child] : downlinks.all()) {
        child->outbox.drop_job(job);
    }
    downlinks.say_all(JobEnded{job});
}

void Brain::clear_cache() {
    cache.clear();
    has_cleared_cache = true;
    if (config.role == Role::kRank) {
        flows.deliver();  // what was known so far, before it is forgotten
        sink->forget_results();
    }
    downlinks.say_all(CacheCleared{});
}

void Brain::revive_job(const JobId& job) {
    if (!ended_.empty() && ended_.erase(job) > 0) {
        std::erase(ended_order_, job);
    }
}

bool Brain::knows_job(const JobId& job) const {
    if (config.role != Role::kServer) {
        return !has_ended(job);
    }
    const auto state = jobs.state(job);
    return state.has_value() && !is_final(*state);
}

void Brain::report_up(const Item& item) {
    if (config.role != Role::kServer) {
        const bool goes_up = std::holds_alternative<Progress>(item) ||
                             std::holds_alternative<Log>(item) ||
                             std::holds_alternative<RoundState>(item);
        if (goes_up) {
            uplink.say(item, 256);
        }
    } else if (const auto* progress = std::get_if<Progress>(&item)) {
        jobs.progress(*progress);
    } else if (const auto* log = std::get_if<Log>(&item)) {
        jobs.log(*log);
    } else if (const auto* state = std::get_if<RoundState>(&item)) {
        jobs.round_state(*state);
    }
}

void Brain::stop() {
    if (stopping) {
        return;
    }
    stopping = true;
    const Status reason = unavailable("node " + config.name + " was stopped");
    fact(Severity::kInfo, "stopping", "node=" + config.name);
    jobs.stop();
    downlinks.stop_all(reason);
    if (Link* up = uplink.link()) {
        links.close(*up, Status(StatusCode::kUnavailable, "stopped"), true);
    }
    exit(0);
}

void Brain::exit(int code) {
    if (!has_exited) {
        has_exited = true;
        sink->exit(code);
    }
}

void Brain::fact(Severity severity, std::string_view what, std::string detail) {
    if (reports(severity)) {
        sink->fact({severity, what, std::move(detail)});
    }
}

void Brain::task_fact(Severity severity, std::string_view what, const Entry& entry,
                      const std::string& more) {
    if (reports(severity)) {
        const Task& task = entry.task;
        sink->fact({severity, what,
                    "job=" + task.id.job.to_string() + " task=" + task.id.path.to_string() +
                        " fence=" + std::to_string(task.fence.owner) + "." +
                        std::to_string(task.fence.attempt) + more});
    }
}

struct Node::State {
    explicit State(NodeConfig config) : brain(std::move(config)) {}
    Brain brain;
};

Node::Node(NodeConfig config) : state_(std::make_unique<State>(std::move(config))) {}
Node::~Node() = default;

void Node::on(std::span<const Event> events, Time now, EffectSink& sink) {
    Brain& brain = state_->brain;
    if (brain.has_exited) {
        return;
    }
    brain.now = now;
    brain.sink = &sink;
    if (!brain.has_begun) {
        brain.has_begun = true;
        brain.started_at = now;
    }
    for (const Event& event : events) {
        std::visit(Visitor(brain), event);
        if (brain.has_exited) {
            return;
        }
    }
    brain.links.tick();
    brain.downlinks.tick();
    brain.inventories.tick();
    brain.in_flight.tick();
    brain.uplink.tick();
    if (!brain.has_exited) {
        brain.dispatch.run();
        brain.flows.deliver();
        brain.uplink.update_load();
        brain.topology.update();
        brain.links.flush();
    }
    brain.sink = nullptr;
}

Time Node::next_tick() const {
    const Brain& brain = state_->brain;
    return std::min({brain.links.next_tick(), brain.downlinks.next_tick(),
                     brain.inventories.next_tick(), brain.uplink.next_tick(),
                     brain.in_flight.next_tick(), brain.topology.next_tick()});
}

Subtree Node::subtree(Time now) const {
    return state_->brain.topology.compose(now);
}

std::optional<JobState> Node::job_state(JobId job) const {
    return state_->brain.jobs.state(job);
}

NodeSizes Node::sizes() const {
    return state_->brain.sizes();
}

CacheStats Node::cache_stats() const {
    return state_->brain.cache.stats();
}

std::string Node::describe_tasks() const {
    return state_->brain.describe_tasks();
}

Status Node::check() const {
    return state_->brain.check();
}

}  // namespace quercus::scheduling
