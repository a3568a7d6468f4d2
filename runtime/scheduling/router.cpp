#include "runtime/scheduling/router.hpp"

#include "runtime/scheduling/brain.hpp"
#include "runtime/scheduling/fence.hpp"

namespace quercus::scheduling {
namespace {

using Kind = Edge::Kind;

// An inventory made the entry known, the task itself comes later.
void fill_body(Entry& entry, const Task& task) {
    if (!entry.has_body()) {
        entry.task.head = task.head;
        entry.task.input = task.input;
        entry.task.round = task.round;
        entry.task.state = task.state;
    }
}

}  // namespace

void Router::from_parent(const Task& task) {
    brain_.revive_job(task.id.job);
    Entry* entry = brain_.table.find(task.id);
    if (entry == nullptr) {
        Entry& fresh = brain_.table.create(task, Edge::parent(), task.head->is_workflow);
        brain_.dispatch.enqueue(fresh);
        return;
    }
    if (entry->phase == Phase::kRecalling && entry->from.kind == Kind::kChild) {
        // It was only asked for here; above, its owner has come back another way since.
        take_over(*entry, Edge::parent(), task.fence);
        entry->task = task;
        brain_.table.set_phase(*entry, Phase::kOpen);
        brain_.dispatch.enqueue(*entry);
    } else if (entry->to.kind == Kind::kParent && entry->from.kind != Kind::kParent &&
               task.fence <= entry->to_fence) {
        // It went up for want of a place here and comes back because there is one now.
        entry->task.input = task.input;
        entry->task.head = task.head;
        brain_.table.set_phase(*entry, Phase::kOpen);
        brain_.dispatch.enqueue(*entry);
    } else if (task.fence > entry->task.fence && entry->from.kind != Kind::kFlow) {
        fill_body(*entry, task);
        take_over(*entry, Edge::parent(), task.fence);
        if (entry->to.kind == Kind::kParent || entry->phase == Phase::kAwaited) {
            entry->task = task;
            brain_.table.set_phase(*entry, Phase::kOpen);
            brain_.dispatch.enqueue(*entry);
        }
    } else if (entry->from.kind != Kind::kParent) {
        brain_.uplink.send_lost({task.id, task.fence, LossReason::kNodeLost, "held for another"});
    }
}

void Router::from_child(Child& child, const Task& task) {
    if (brain_.has_ended(task.id.job) || task.id.path.is_root()) {
        return;
    }
    const Edge from = Edge::to_child(child);
    Entry* entry = brain_.table.find(task.id);
    if (entry == nullptr) {
        Entry& fresh = brain_.table.create(task, from, task.head->is_workflow);
        brain_.dispatch.enqueue(fresh);
        return;
    }
    fill_body(*entry, task);
    if (entry->from == from) {
        entry->task.fence = task.fence;
    } else if (task.fence > entry->task.fence || entry->from.kind == Kind::kNone) {
        take_over(*entry, from, task.fence);
    } else {
        brain_.downlinks.send_lost(child, {task.id, task.fence, LossReason::kNodeLost, "replaced"});
        return;
    }
    // Whoever sends it up does not hold it, whatever was thought here.
    if (entry->phase == Phase::kAwaited || entry->phase == Phase::kRecalling || entry->to == from) {
        brain_.table.set_phase(*entry, Phase::kOpen);
        brain_.dispatch.enqueue(*entry);
    }
}

void Router::done(const Edge& via, const Done& done) {
    Entry* entry = brain_.table.find(done.id);
    if (entry == nullptr || entry->phase == Phase::kFinished) {
        return;
    }
    if (via.kind == Kind::kParent && entry->to != via && !entry->asked) {
        return;  // only a child, or the parent when asked, runs what is ours
    }
    // What went up after it was asked for may be answered as well as run there.
    const bool is_answer = via.kind == Kind::kParent && entry->asked &&
                           (entry->to != via || done.execution.rank.is_nil());
    if (entry->to != via || is_answer) {
        withdraw(*entry);
    }
    if (is_answer) {
        brain_.recalls.wait_for_answer(*entry);  // as if nobody had begun
    }
    finish(*entry, done);
}

void Router::lost_by(const Edge& via, const Lost& lost_task) {
    Entry* entry = brain_.table.find(lost_task.id);
    if (entry == nullptr || entry->to != via || !is_current(lost_task.fence, entry->to_fence) ||
        entry->phase == Phase::kFinished) {
        return;
    }
    lost(*entry, lost_task.reason, lost_task.detail);
}

void Router::returned_by(Child& child, const Returned& returned) {
    for (const auto& [id, fence] : returned.tasks) {
        Entry* entry = brain_.table.find(id);
        if (entry == nullptr || entry->to != Edge::to_child(child) ||
            !is_current(fence, entry->to_fence)) {
            continue;
        }
        if (entry->has_body()) {
            brain_.dispatch.come_back(*entry);
        } else {
            lost(*entry, LossReason::kNodeLost, "handed back without its input");
        }
    }
    brain_.dispatch.retract_answered(child);
}

void Router::cancelled_by(const Edge& via, const TaskId& id) {
    Entry* entry = brain_.table.find(id);
    const bool passes_on = entry == nullptr || entry->to.kind != Kind::kParent;
    if (entry != nullptr && entry->from == via) {
        cancel(*entry);
    }
    // Others may wait for its result at the topmost node that was asked for it.
    brain_.in_flight.gone(via, id);
    if (via.kind == Kind::kChild && passes_on && brain_.uplink.link() != nullptr) {
        brain_.uplink.say(Cancel{{id}});
    }
}

void Router::started(const Started& started) {
    for (const TaskId& id : started.tasks) {
        Entry* entry = brain_.table.find(id);
        if (entry == nullptr) {
            continue;
        }
        if (entry->from.kind == Kind::kJob) {
            brain_.jobs.root_started(id.job);
        } else if (entry->from.kind == Kind::kParent) {
            brain_.uplink.say(Started{{id}});
        }
    }
}

void Router::finish(Entry& entry, Done done) {
    if (entry.asked && !done.status.is_ok()) {
        // Somebody above may have been luckier; if not, it runs again.
        entry.task.fence.attempt += 1;
        brain_.recalls.wait_for_answer(entry);
        return;
    }
    done.fence = entry.task.fence;
    brain_.memo.keep(entry, done);
    switch (entry.from.kind) {
        case Kind::kFlow:
            brain_.flows.row_finished(entry, std::move(done));
            return;
        case Kind::kJob:
            brain_.jobs.root_finished(entry, done);
            return;
        case Kind::kParent:
            brain_.uplink.send_done(std::move(done));
            break;
        case Kind::kChild:
            brain_.downlinks.send_done(*entry.from.child, std::move(done));
            break;
        default:
            break;
    }
    brain_.table.erase(entry);
}

void Router::lost(Entry& entry, LossReason reason, const std::string& detail) {
    brain_.task_fact(Severity::kInfo, "task_lost", entry, " reason=" + detail);
    if (entry.from.kind == Kind::kFlow) {
        brain_.flows.row_lost(entry, reason, detail);
    } else if (entry.from.kind == Kind::kJob) {
        brain_.jobs.root_lost(entry, reason, detail);
    } else {
        tell_lost(entry.from, {entry.task.id, entry.task.fence, reason, detail});
        brain_.table.erase(entry);
    }
}

void Router::tell_lost(const Edge& from, Lost lost) {
    if (from.kind == Kind::kParent) {
        brain_.uplink.send_lost(std::move(lost));
    } else if (from.kind == Kind::kChild) {
        brain_.downlinks.send_lost(*from.child, std::move(lost));
    }
}

void Router::take_over(Entry& entry, const Edge& from, Fence fence) {
    if (entry.from != from) {
        tell_lost(entry.from, {entry.task.id, entry.task.fence, LossReason::kNodeLost, "replaced"});
        brain_.table.set_from(entry, from);
    }
    entry.task.fence = fence;
}

void Router::withdraw(Entry& entry) {
    switch (entry.to.kind) {
        case Kind::kChild:
            // Before its inventory has come, the verdict on that says the same.
            if (entry.to.child->attached) {
                brain_.downlinks.say(*entry.to.child, Cancel{{entry.task.id}});
            }
            break;
        case Kind::kParent:
            brain_.uplink.say(Cancel{{entry.task.id}});
            entry.claimed = false;  // the same word
            break;
        case Kind::kPlace:
            brain_.places.withdraw(PlaceId{entry.to.place}, entry.task.id, entry.to_fence);
            break;
        case Kind::kExecutor:
            brain_.flows.drop(*entry.to.flow, true);
            break;
        default:
            break;
    }
}

void Router::cancel(Entry& entry) {
    if (entry.phase != Phase::kFinished) {
        withdraw(entry);
        brain_.recalls.forgo(entry);
    }
    if (entry.from.kind == Kind::kFlow) {
        brain_.flows.forget_row(entry);
    }
    brain_.table.erase(entry);
}

void Router::child_lost(Child& child, LossReason reason) {
    const Edge edge = Edge::to_child(child);
    for (Entry* entry : brain_.table.collect([&](const Entry& e) { return e.from == edge; })) {
        const bool moves_on = entry->to.kind == Kind::kChild || entry->to.kind == Kind::kParent;
        if (moves_on && entry->phase == Phase::kOpen && entry->to != edge) {
            brain_.table.set_from(*entry, Edge::none());
        } else {
            brain_.table.erase(*entry);
        }
    }
    const std::string detail = "node " + child.hello.name + " is lost";
    for (Entry* entry : brain_.table.collect([&](const Entry& e) { return e.to == edge; })) {
        lost(*entry, reason, detail);
    }
    brain_.dispatch.child_gone();
}

void Router::forget_parent() {
    std::vector<TaskId> held;
    for (Entry* entry :
         brain_.table.collect([](const Entry& e) { return e.from.kind == Kind::kParent; })) {
        held.push_back(entry->task.id);
    }
    for (const TaskId& id : held) {
        if (Entry* entry = brain_.table.find(id)) {
            cancel(*entry);
        }
    }
    const auto went_up = [](const Entry& e) { return e.to.kind == Kind::kParent; };
    for (Entry* entry : brain_.table.collect(went_up)) {
        lost(*entry, LossReason::kNodeLost, "the parent is lost");
    }
}

void Router::drop_job(const JobId& job) {
    brain_.flows.drop_job(job);
    for (Entry* entry : brain_.table.of_job(job)) {
        if (entry->to.kind == Kind::kPlace) {
            brain_.places.withdraw(PlaceId{entry->to.place}, entry->task.id, entry->to_fence);
        }
        brain_.table.erase(*entry);
    }
}

}  // namespace quercus::scheduling
