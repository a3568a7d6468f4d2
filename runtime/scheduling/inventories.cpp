#include "runtime/scheduling/inventories.hpp"

#include <algorithm>
#include <unordered_set>

#include "runtime/scheduling/brain.hpp"
#include "runtime/scheduling/fence.hpp"

namespace quercus::scheduling {

using Kind = Edge::Kind;

namespace {

// Begun here or below. What only waits, or has gone to a child that is silent, is claimed less
// firmly: whoever really has it may claim it elsewhere.
bool is_here(const Entry& entry) {
    return !entry.is_queued() && (entry.to.kind != Kind::kChild || entry.to.child->attached);
}

}  // namespace

Inventory Inventories::own_inventory() {
    Inventory inventory;
    for (const Entry* entry : brain_.table.collect([](const Entry& e) {
             return e.from.kind == Kind::kParent || e.to.kind == Kind::kParent;
         })) {
        if (entry->from.kind == Kind::kParent) {
            const HeldState state = is_here(*entry) ? HeldState::kRunning : HeldState::kQueued;
            inventory.held.push_back({entry->task.id, entry->task.fence, state, entry->workflow});
        } else if (entry->phase == Phase::kOpen) {
            inventory.waiting.push_back({entry->task.id, entry->to_fence, entry->digest});
        }
    }
    brain_.uplink.outbox().for_each([&](const Done& done) {
        inventory.held.push_back({done.id, done.fence, HeldState::kFinished, false});
    });
    return inventory;
}

void Inventories::of_child(Child& child, const Inventory& inventory) {
    if (!child.attached) {
        unclaimed_are_lost(child, inventory);
    }
    Settlement settlement{child, {}, {}};
    for (const HeldTask& held : inventory.held) {
        claim(settlement, held);
    }
    for (const RecallEntry& waiting : inventory.waiting) {
        await(settlement, waiting);
    }
    const auto& [cancel, lost] = settlement.verdict;
    if (!cancel.empty() || !lost.empty()) {
        const std::size_t bytes = 64 * (cancel.size() + lost.size());
        brain_.downlinks.say(child, settlement.verdict, bytes);
    }
    if (!settlement.upward.held.empty() || !settlement.upward.waiting.empty()) {
        const std::size_t bytes =
            64 * (settlement.upward.held.size() + settlement.upward.waiting.size());
        brain_.uplink.say(std::move(settlement.upward), bytes);
    }
    if (!child.attached) {
        brain_.downlinks.settled(child);
    }
}

void Inventories::unclaimed_are_lost(Child& child, const Inventory& inventory) {
    std::unordered_set<TaskId> claimed;
    for (const HeldTask& held : inventory.held) {
        claimed.insert(held.id);
    }
    const Edge edge = Edge::to_child(child);
    for (Entry* entry : brain_.table.collect([&](const Entry& e) { return e.to == edge; })) {
        if (!claimed.contains(entry->task.id)) {
            brain_.router.lost(*entry, LossReason::kNodeLost,
                               "node " + child.hello.name + " does not have it");
        }
    }
}

void Inventories::claim(Settlement& settlement, const HeldTask& held) {
    Entry* entry = brain_.table.find(held.id);
    if (entry == nullptr) {
        claim_unknown(settlement, held);
        return;
    }
    const Edge edge = Edge::to_child(settlement.child);
    if (entry->phase == Phase::kFinished || entry->workflow != held.is_workflow) {
        if (held.state != HeldState::kFinished) {
            settlement.verdict.cancel.push_back(held.id);
        }
        return;
    }
    if (held.state == HeldState::kFinished && entry->to != edge) {
        return;  // the result follows and is welcome from anywhere
    }
    const bool is_free = entry->phase == Phase::kAwaited || entry->is_queued();
    const bool sits_elsewhere = entry->to.kind == Kind::kChild && entry->to.child->attached;
    const bool may_take = is_current(held.fence, entry->to_fence) &&
                          (held.state == HeldState::kRunning || !sits_elsewhere);
    if (entry->to != edge && !is_free && !may_take) {
        settlement.verdict.cancel.push_back(held.id);  // it has been given to another since
        return;
    }
    if (entry->to != edge) {
        brain_.router.withdraw(*entry);
    }
    brain_.table.set_phase(*entry, Phase::kOpen);
    // On a connection that stands, a newer attempt is on its way down and will be the one spoken
    // of.
    const bool is_overtaken =
        entry->to == edge && settlement.child.attached && held.fence < entry->to_fence;
    if (!is_overtaken) {
        brain_.table.set_to(*entry, edge, held.fence);
    }
}

void Inventories::claim_unknown(Settlement& settlement, const HeldTask& held) {
    const bool is_server = brain_.config.role == Role::kServer;
    if (held.state == HeldState::kFinished && is_server) {
        return;
    }
    if (!brain_.knows_job(held.id.job) || (is_server && held.id.path.is_root())) {
        settlement.verdict.cancel.push_back(held.id);
        return;
    }
    Task task;
    task.id = held.id;
    task.fence = held.fence;
    // At the root nobody waits for it, or not yet: its owner may come back as well.
    const Edge from = is_server ? Edge::none() : Edge::parent();
    Entry& entry = brain_.table.create(std::move(task), from, held.is_workflow);
    brain_.table.set_to(entry, Edge::to_child(settlement.child), held.fence);
    if (!is_server) {
        settlement.upward.held.push_back(held);
    }
}

void Inventories::await(Settlement& settlement, const RecallEntry& waiting) {
    Entry* entry = brain_.table.find(waiting.id);
    const Edge from = Edge::to_child(settlement.child);
    if (entry != nullptr && entry->is_queued() && entry->from.kind != Kind::kJob &&
        waiting.fence > entry->task.fence) {
        // What lies here is an older attempt; the newer one has gone another way.
        brain_.router.lost(*entry, LossReason::kNodeLost, "replaced by a newer attempt");
        entry = brain_.table.find(waiting.id);
    }
    if (entry == nullptr) {
        await_unknown(settlement, waiting);
    } else if (entry->phase == Phase::kRecalling) {
        // It has asked and gone on without the answer; nobody here has the task itself.
        settlement.verdict.lost.emplace_back(waiting.id, waiting.fence);
        if (entry->from == from) {
            brain_.table.erase(*entry);
        }
    } else if (entry->from == from) {
        entry->task.fence = waiting.fence;  // the newer attempt may have been swallowed on its way
    } else if (waiting.fence >= entry->task.fence && entry->from.kind != Kind::kJob &&
               entry->to != from) {
        brain_.router.take_over(*entry, from, waiting.fence);
    } else {
        settlement.verdict.lost.emplace_back(waiting.id, waiting.fence);
    }
}

void Inventories::await_unknown(Settlement& settlement, const RecallEntry& waiting) {
    Child& child = settlement.child;
    if (child.outbox.contains(waiting.id)) {
        return;
    }
    if (const MemoEntry* memo = brain_.memo.find(waiting.id, waiting.digest)) {
        brain_.downlinks.send_done(
            child, {waiting.id, waiting.fence, {}, memo->output, memo->execution, Bytes()});
        return;
    }
    const bool is_server = brain_.config.role == Role::kServer;
    if (!brain_.knows_job(waiting.id.job) || (is_server && !brain_.downlinks.claims_may_come())) {
        settlement.verdict.lost.emplace_back(waiting.id, waiting.fence);
        return;
    }
    Task task;
    task.id = waiting.id;
    task.fence = waiting.fence;
    Entry& entry = brain_.table.create(std::move(task), Edge::to_child(child), false);
    entry.digest = waiting.digest;
    entry.has_digest = waiting.digest != Digest{};
    if (is_server) {
        brain_.table.set_phase(entry, Phase::kAwaited);
        entry.deadline = brain_.now + brain_.config.lease;
        next_deadline_ = std::min(next_deadline_, entry.deadline);
    } else {
        brain_.table.set_to(entry, Edge::parent(), waiting.fence);
        settlement.upward.waiting.push_back(waiting);
    }
}

void Inventories::verdict(const Verdict& verdict) {
    for (const TaskId& id : verdict.cancel) {
        brain_.router.cancelled_by(Edge::parent(), id);
    }
    for (const auto& [id, fence] : verdict.lost) {
        brain_.router.lost_by(Edge::parent(),
                              {id, fence, LossReason::kNodeLost, "not known above"});
    }
}

void Inventories::tick() {
    if (brain_.now < next_deadline_) {
        return;
    }
    next_deadline_ = Time::max();
    for (Entry* entry :
         brain_.table.collect([](const Entry& e) { return e.phase == Phase::kAwaited; })) {
        if (brain_.now >= entry->deadline) {
            brain_.router.lost(*entry, LossReason::kNodeLost, "nobody has claimed it");
        } else {
            next_deadline_ = std::min(next_deadline_, entry->deadline);
        }
    }
}

Time Inventories::next_tick() const {
    return next_deadline_;
}

}  // namespace quercus::scheduling
