#include "runtime/scheduling/flows.hpp"

#include <algorithm>

#include "runtime/scheduling/brain.hpp"

namespace quercus::scheduling {

void Flows::start_waiting() {
    while (ready_) {
        Entry* entry = brain_.table.workflows.front();
        // The limit is for workflows from outside: a child's parent already waits for it here.
        const bool counts = entry != nullptr && entry->from.kind != Edge::Kind::kFlow;
        if (entry == nullptr || (counts && counted_ >= kMaxRunning)) {
            return;
        }
        start(*entry);
    }
}

void Flows::start(Entry& entry) {
    auto& slot = runs_[entry.task.id];
    slot = std::make_unique<FlowRun>();
    FlowRun& fresh = *slot;
    fresh.entry = &entry;
    fresh.counts = entry.from.kind != Edge::Kind::kFlow;
    counted_ += fresh.counts ? 1 : 0;
    fresh.id = entry.task.id;
    fresh.round = entry.task.round;
    fresh.state = entry.task.state;
    fresh.repeated = !is_first_instance(entry.task.id, entry.task.fence);
    entry.run = &fresh;
    brain_.table.set_to(entry, Edge::executor(fresh), entry.task.fence);
    if (fresh.id.path.is_root()) {
        brain_.router.started({{fresh.id}});
    }
    brain_.task_fact(Severity::kInfo, "flow_started", entry, "");
    run(fresh);
}

void Flows::run(FlowRun& flow) {
    flow.running = true;
    brain_.sink->start_flow(flow.entry->task, flow.round, flow.state);
}

void Flows::executor_ready() {
    ready_ = true;
    std::vector<FlowRun*> idle;
    for (auto& [id, flow] : runs_) {
        if (!flow->running) {
            idle.push_back(flow.get());
        }
    }
    std::sort(idle.begin(), idle.end(),
              [](const FlowRun* a, const FlowRun* b) { return a->id < b->id; });
    for (FlowRun* flow : idle) {
        brain_.task_fact(Severity::kInfo, "flow_replayed", *flow->entry, "");
        run(*flow);
    }
}

void Flows::executor_died(const FlowDied& event) {
    ready_ = false;
    brain_.fact(Severity::kWarning, "flow_executor_died", event.detail);
    for (auto& [id, flow] : runs_) {
        flow->running = false;
        flow->ready.clear();
        for (Entry* row : flow->rows) {
            row->joined = false;
        }
    }
    const auto blamed = event.running ? runs_.find(*event.running) : runs_.end();
    if (blamed != runs_.end() && ++blamed->second->crashes >= brain_.config.crash_limit) {
        FlowRun& flow = *blamed->second;
        fail(flow, internal_error("workflow " + flow.id.to_string() + " crashed " +
                                  std::to_string(flow.crashes) + " times: " + brain_.config.name +
                                  ": " + event.detail));
    }
}

FlowRun* Flows::find_running(const TaskId& id) {
    const auto found = runs_.find(id);
    return found == runs_.end() || !found->second->running ? nullptr : found->second.get();
}

void Flows::spawned(const FlowSpawned& event) {
    FlowRun* flow = find_running(event.flow);
    if (flow == nullptr || event.round != flow->round) {
        return;
    }
    if (event.head == nullptr || event.keys.size() != event.inputs.size()) {
        fail(*flow, internal_error("workflow " + flow->id.to_string() + " spawned nonsense"));
        return;
    }
    const Fence fence{owner_number(flow->id, flow->entry->task.fence), 1};
    Entry* const newest = brain_.table.own_leaves.front();
    Recall recall;
    for (std::size_t i = 0; i < event.keys.size(); ++i) {
        const PathElement last{event.round, event.call, event.keys[i]};
        Task task{
            {flow->id.job, flow->id.path.child(last)}, fence, event.head, event.inputs[i], 0, {}};
        const Digest digest = task_digest(*task.head, task.input.view());
        if (Entry* known = brain_.table.find(task.id)) {
            if (!join_known(*flow, *known, task, digest)) {
                fail(*flow, internal_error("workflow " + flow->id.to_string() +
                                           " is not deterministic: child " +
                                           known->task.id.path.to_string() + " has changed"));
                return;
            }
            continue;
        }
        Entry& row =
            brain_.table.create(std::move(task), Edge::of_flow(*flow), event.head->is_workflow);
        row.digest = digest;
        row.has_digest = row.joined = true;
        row.row = flow->rows.size();
        flow->rows.push_back(&row);
        begin(*flow, row, newest, recall);
    }
    if (!recall.entries.empty()) {
        const std::size_t bytes = 64 * recall.entries.size();
        brain_.uplink.say(std::move(recall), bytes);
    }
}

bool Flows::join_known(FlowRun& flow, Entry& known, const Task& task, const Digest& digest) {
    const Edge from = Edge::of_flow(flow);
    if (known.from != from) {
        // An earlier instance's child that this rank runs for another.
        known.task.head = task.head;
        known.task.input = task.input;
        brain_.router.take_over(known, from, std::max(task.fence, known.task.fence));
        known.row = flow.rows.size();
        known.digest = digest;
        known.has_digest = true;
        flow.rows.push_back(&known);
    }
    return join(flow, known, digest);
}

void Flows::begin(const FlowRun& flow, Entry& row, Entry* newest, Recall& recall) {
    const bool cacheable = row.task.head->cacheable;
    // A workflow that runs again asks above, where an earlier attempt may still run for it.
    if (cacheable && !flow.repeated) {
        if (const Payload* known = brain_.cache.find(row.digest)) {
            brain_.table.set_phase(row, Phase::kRecalling);
            row_finished(row, Done{row.task.id, row.task.fence, {}, *known, {}, Bytes()});
            return;
        }
    }
    const bool may_be_known = flow.repeated || cacheable;
    if (!may_be_known || brain_.uplink.link() == nullptr) {
        open_row(row, newest);
        return;
    }
    row.cacheable = cacheable;
    recall.entries.push_back({row.task.id, row.task.fence, row.digest, cacheable});
    if (!flow.repeated && may_begin(row)) {
        row.asked = row.claimed = true;
        open_row(row, newest);
        return;
    }
    brain_.table.set_to(row, Edge::parent(), row.task.fence);
    brain_.table.set_phase(row, Phase::kRecalling);
}

// Nothing else is to be done here meanwhile, nor is this done already. All workflows share a
// thread: one of them at a time.
bool Flows::may_begin(const Entry& row) const {
    if (!row.workflow) {
        return brain_.places.has_idle() && !brain_.places.works_on(row.digest);
    }
    const auto is_in_the_way = [&](const auto& run) {
        return run.second->entry->asked || run.second->entry->digest == row.digest;
    };
    return ready_ && brain_.table.workflows.empty() &&
           std::none_of(runs_.begin(), runs_.end(), is_in_the_way);
}

void Flows::open_row(Entry& row, Entry* position) {
    brain_.dispatch.enqueue(row, row.workflow ? nullptr : position);
}

bool Flows::join(FlowRun& flow, Entry& row, const Digest& digest) {
    if (row.digest != digest) {
        return false;
    }
    if (!row.joined) {
        row.joined = true;
        if (row.phase == Phase::kFinished) {
            hand_over(flow, row);
        }
    }
    return true;
}

void Flows::hand_over(FlowRun& flow, const Entry& row) {
    flow.ready.push_back(
        Done{row.task.id, row.task.fence, row.status, row.output, row.execution, Bytes()});
    if (!flow.in_ready) {
        flow.in_ready = true;
        to_deliver_.push_back(&flow);
    }
}

void Flows::deliver() {
    for (FlowRun* flow : to_deliver_) {
        flow->in_ready = false;
        if (flow->running && !flow->ready.empty()) {
            brain_.sink->deliver(flow->id, flow->ready);
        }
        flow->ready.clear();
    }
    to_deliver_.clear();
}

void Flows::count(FlowRun& flow, const Execution& execution) {
    Report& report = flow.report;
    ++report.tasks;
    auto& workers = report.workers;
    const auto is_it = [&](const WorkerShare& share) {
        return share.place == execution.place && share.rank == execution.rank;
    };
    if (flow.last_share >= workers.size() || !is_it(workers[flow.last_share])) {
        const auto found = std::find_if(workers.begin(), workers.end(), is_it);
        flow.last_share = static_cast<std::size_t>(found - workers.begin());
        if (found == workers.end()) {
            workers.push_back({execution.rank, execution.place, 0, 0});
        }
    }
    workers[flow.last_share].tasks += 1;
    workers[flow.last_share].cpu_us += execution.cpu_us;
}

void Flows::row_finished(Entry& row, Done done) {
    FlowRun& flow = *row.from.flow;
    if (row.phase == Phase::kRecalling && done.execution.rank.is_nil()) {
        flow.report.cached += 1;
    } else if (!row.workflow) {
        count(flow, done.execution);
    }
    brain_.table.set_phase(row, Phase::kFinished);
    brain_.table.set_to(row, Edge::none(), row.to_fence);
    row.status = std::move(done.status);
    row.output = std::move(done.output);
    row.execution = done.execution;
    row.task.input = {};
    if (row.joined) {
        hand_over(flow, row);
    }
}

void Flows::row_lost(Entry& row, LossReason reason, const std::string& detail) {
    FlowRun& flow = *row.from.flow;
    if (reason == LossReason::kExecutorCrashed && ++row.crashes >= brain_.config.crash_limit) {
        Done done{row.task.id, row.task.fence, {}, {}, {}, {}};
        done.status = internal_error("task " + row.task.id.to_string() + " crashed " +
                                     std::to_string(row.crashes) + " times, last on " + detail);
        brain_.router.finish(row, std::move(done));
        return;
    }
    row.task.fence.attempt += 1;
    flow.report.reissued += 1;
    brain_.table.set_phase(row, Phase::kOpen);
    open_row(row, brain_.table.own_leaves.front());
    brain_.task_fact(Severity::kInfo, "task_reissued", row, " reason=" + detail);
}

void Flows::forget_row(Entry& row) {
    std::vector<Entry*>& rows = row.from.flow->rows;
    rows[row.row] = rows.back();
    rows[row.row]->row = row.row;
    rows.pop_back();
}

void Flows::cancelled_children(const FlowCancelledChildren& event) {
    FlowRun* flow = find_running(event.flow);
    if (flow == nullptr || event.round != flow->round) {
        return;
    }
    for (const std::uint64_t key : event.keys) {
        const TaskId id{flow->id.job, flow->id.path.child({event.round, event.call, key})};
        Entry* row = brain_.table.find(id);
        if (row != nullptr && row->from == Edge::of_flow(*flow)) {
            brain_.router.cancel(*row);
        }
    }
}

void Flows::continued(const FlowContinued& event) {
    FlowRun* flow = find_running(event.flow);
    if (flow == nullptr || event.next_round != flow->round + 1) {
        return;
    }
    drop_rows(*flow);
    flow->ready.clear();
    flow->report.cached += event.known;
    flow->round = event.next_round;
    flow->state = event.state;
    flow->entry->task.round = event.next_round;
    flow->entry->task.state = event.state;
    if (flow->id.path.is_root()) {
        brain_.report_up(
            RoundState{flow->id, flow->entry->task.fence, event.next_round, event.state});
    }
    run(*flow);
}

void Flows::finished(const FlowFinished& event) {
    if (FlowRun* flow = find_running(event.flow)) {
        flow->report.cached += event.known;
        end(*flow, event.status, event.output);
    }
}

void Flows::fail(FlowRun& flow, Status status) {
    if (flow.running) {
        brain_.sink->cancel_flow(flow.id);
    }
    end(flow, std::move(status), {});
}

void Flows::end(FlowRun& flow, Status status, Payload output) {
    Entry& entry = *flow.entry;
    Done done{entry.task.id, entry.task.fence, std::move(status), std::move(output), {}, {}};
    done.execution.rank = brain_.config.node;
    if (entry.from.kind == Edge::Kind::kFlow) {
        Report& sum = entry.from.flow->report;
        sum.reissued += flow.report.reissued;
        sum.cached += flow.report.cached;
        for (const WorkerShare& share : flow.report.workers) {
            count(*entry.from.flow, {share.rank, share.place, share.cpu_us});
            sum.tasks += share.tasks - 1;
            sum.workers[entry.from.flow->last_share].tasks += share.tasks - 1;
        }
    } else {
        done.report = encode_report(flow.report);
    }
    drop(flow, false);
    brain_.router.finish(entry, std::move(done));
}

void Flows::drop_rows(FlowRun& flow) {
    while (!flow.rows.empty()) {
        brain_.router.cancel(*flow.rows.back());
    }
}

void Flows::drop(FlowRun& flow, bool tell) {
    drop_rows(flow);
    if (tell && flow.running) {
        brain_.sink->cancel_flow(flow.id);
    }
    std::erase(to_deliver_, &flow);
    flow.entry->run = nullptr;
    erase(flow);
}

void Flows::erase(FlowRun& flow) {
    counted_ -= flow.counts ? 1 : 0;
    const TaskId id = flow.id;
    runs_.erase(id);
}

void Flows::drop_job(const JobId& job) {
    for (auto it = runs_.begin(); it != runs_.end();) {
        FlowRun& flow = *(it++)->second;
        if (flow.id.job != job) {
            continue;
        }
        if (flow.running) {
            brain_.sink->cancel_flow(flow.id);
        }
        std::erase(to_deliver_, &flow);
        erase(flow);
    }
}

Status Flows::check() const {
    for (const auto& [id, flow] : runs_) {
        if (flow->entry->to != Edge::executor(*flow) || flow->entry->task.id != id) {
            return internal_error("a workflow runs without its entry: " + id.to_string());
        }
        for (std::size_t i = 0; i < flow->rows.size(); ++i) {
            if (flow->rows[i]->row != i || flow->rows[i]->from != Edge::of_flow(*flow)) {
                return internal_error("rows of " + id.to_string() + " do not add up");
            }
        }
    }
    return Status::ok();
}

}  // namespace quercus::scheduling
