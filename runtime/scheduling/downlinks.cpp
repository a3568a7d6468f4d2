#include "runtime/scheduling/downlinks.hpp"

#include <algorithm>

#include "runtime/scheduling/brain.hpp"

namespace quercus::scheduling {
Status Downlinks::consider(const Link& link, const Hello& hello) const {
    (void)link;
    if (brain_.config.role == Role::kRank) {
        return failed_precondition("node " + brain_.config.name + " is a rank and has no children");
    }
    if (hello.role == Role::kServer) {
        return failed_precondition("node " + hello.name + " is a server and has no parent");
    }
    const auto& above = brain_.uplink.ancestors();
    if (std::find(above.begin(), above.end(), hello.node) != above.end()) {
        return failed_precondition("loop: node " + hello.name + " is an ancestor of " +
                                   brain_.config.name);
    }
    return Status::ok();
}

void Downlinks::attach(Link& link, const Hello& hello) {
    auto& slot = children_[hello.node];
    if (slot != nullptr && slot->hello.incarnation != hello.incarnation && !slot->lost) {
        resolve(*slot, LossReason::kNodeLost, "restarted");
    }
    if (slot == nullptr) {
        slot = std::make_unique<Child>();
        slot->last_word = brain_.now;
    }
    // Until its inventory comes it may still refuse this parent: its lease runs on.
    Child& child = *slot;
    child.hello = hello;
    child.link = &link;
    child.attached = child.draining = child.retracting = false;
    child.load = {};
    child.sent_since_load = 0;
    child.compatible = hello.kernels == brain_.config.kernels &&
                       hello.numeric_profile == brain_.config.numeric_profile;
    link.child = &child;
    link.outbox = &child.outbox;
    say(child, brain_.ancestors());
    for (const JobId& job : brain_.ended_jobs()) {
        say(child, JobEnded{job});
    }
    if (brain_.has_cleared_cache) {
        say(child, CacheCleared{});  // it may have missed it
    }
    brain_.topology.changed();
}

void Downlinks::settled(Child& child) {
    child.attached = child.ever_attached = true;
    child.lost = false;
    child.limbo_until = {};
    child.limbo_for.clear();
    brain_.fact(
        Severity::kInfo, "child_attached",
        "child=" + child.hello.name + (child.compatible ? "" : " tasks=none reason=other_build"));
    brain_.topology.changed();
    for (Done& done : child.outbox.take_waiting()) {
        send_done(child, std::move(done));
    }
    came_back(child.hello.node);
}

void Downlinks::handle(Child& child, const Item& item) {
    const Edge edge = Edge::to_child(child);
    if (const auto* bye = std::get_if<Bye>(&item)) {
        const bool leaves = child.attached;
        brain_.links.close(*child.link, bye->reason, false);
        if (leaves) {
            resolve(child, LossReason::kStopped, bye->reason.message());
        }
        return;
    }
    if (const auto* load = std::get_if<Load>(&item)) {
        child.load = *load;
        child.sent_since_load = 0;
    } else if (const auto* subtree = std::get_if<Subtree>(&item)) {
        child.subtree = *subtree;
        brain_.topology.changed();
    } else if (const auto* inventory = std::get_if<Inventory>(&item)) {
        brain_.inventories.of_child(child, *inventory);
    } else if (!child.attached) {
        return;  // the inventory comes first
    } else if (const auto* tasks = std::get_if<TaskBatch>(&item)) {
        for (const Task& task : tasks->tasks) {
            brain_.router.from_child(child, task);
        }
    } else if (const auto* done = std::get_if<DoneBatch>(&item)) {
        for (const Done& one : done->done) {
            brain_.router.done(edge, one);
        }
    } else if (const auto* lost = std::get_if<LostBatch>(&item)) {
        for (const Lost& one : lost->lost) {
            brain_.router.lost_by(edge, one);
        }
    } else if (const auto* returned = std::get_if<Returned>(&item)) {
        brain_.router.returned_by(child, *returned);
    } else if (const auto* cancel = std::get_if<Cancel>(&item)) {
        for (const TaskId& id : cancel->tasks) {
            brain_.router.cancelled_by(edge, id);
        }
    } else if (const auto* started = std::get_if<Started>(&item)) {
        brain_.router.started(*started);
    } else if (const auto* memo = std::get_if<Memo>(&item)) {
        if (child.compatible) {
            brain_.memo.from_child(*memo);
        }
    } else if (const auto* recall = std::get_if<Recall>(&item)) {
        brain_.recalls.asked(child, *recall);
    } else if (std::holds_alternative<Drain>(item)) {
        child.draining = true;
    } else {
        brain_.report_up(item);
    }
}

void Downlinks::announce_ancestors() {
    say_all(brain_.ancestors());
}

void Downlinks::send_done(Child& child, Done done) {
    if (child.link == nullptr || !child.attached) {
        child.outbox.wait(std::move(done));
        return;
    }
    const std::size_t bytes = 96 + done.output.size() + done.report.size();
    brain_.links.batch<DoneBatch>(*child.link, bytes).done.push_back(std::move(done));
}

void Downlinks::send_lost(Child& child, Lost lost) {
    if (child.link != nullptr) {
        brain_.links.batch<LostBatch>(*child.link, 128).lost.push_back(std::move(lost));
    }
}

void Downlinks::say(Child& child, const Item& item, std::size_t bytes) {
    if (child.link != nullptr) {
        brain_.links.say(*child.link, item, bytes);
    }
}

void Downlinks::say_all(const Item& item) {
    for (auto& [id, child] : children_) {
        say(*child, item);
    }
}

void Downlinks::stop_all(const Status& reason) {
    for (auto& [id, child] : children_) {
        if (child->link != nullptr) {
            brain_.links.close(*child->link, reason, true, true);
        }
    }
}

Link* Downlinks::link_of(const NodeId& node) const {
    const auto found = children_.find(node);
    return found == children_.end() ? nullptr : found->second->link;
}

}  // namespace quercus::scheduling
