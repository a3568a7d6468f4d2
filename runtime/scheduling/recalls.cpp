#include "runtime/scheduling/recalls.hpp"

#include <utility>

#include "runtime/scheduling/brain.hpp"

namespace quercus::scheduling {

std::optional<Done> Recalls::known(const RecallEntry& one) {
    if (const MemoEntry* memo = brain_.memo.find(one.id, one.digest)) {
        return Done{one.id, one.fence, {}, memo->output, memo->execution, Bytes()};
    }
    if (const Payload* cached = brain_.cache.find(one.digest)) {
        return Done{one.id, one.fence, {}, *cached, {}, Bytes()};
    }
    return std::nullopt;
}

void Recalls::asked(Child& child, const Recall& recall) {
    Recalled answer;
    Recall further;
    // Another build's results need not be this one's.
    const auto knows = [&](const RecallEntry& one) {
        return child.compatible ? known(one) : std::nullopt;
    };
    const Edge from = Edge::to_child(child);
    for (const RecallEntry& one : recall.entries) {
        if (const auto done = knows(one)) {
            Entry* entry = brain_.table.find(one.id);
            if (entry != nullptr && !entry->task.id.path.is_root()) {
                // Whoever waits for another attempt of it is served as well.
                const bool same = entry->from == from;
                brain_.router.withdraw(*entry);
                brain_.router.finish(*entry, *done);
                if (same) {
                    continue;
                }
            }
            brain_.downlinks.send_done(child, *done);
            continue;
        }
        Entry* entry = brain_.table.find(one.id);
        if (entry != nullptr && entry->to == from && !one.id.path.is_root()) {
            // Who asks does not have it, whatever was thought here.
            brain_.router.lost(*entry, LossReason::kNodeLost, "asked for by its holder");
            entry = nullptr;
        }
        const bool newer = entry != nullptr && one.fence >= entry->task.fence;
        if (newer && (!entry->has_digest || entry->digest == one.digest) &&
            !entry->task.id.path.is_root()) {
            brain_.router.take_over(*entry, from, one.fence);
            if (entry->phase != Phase::kRecalling) {
                answer.running.push_back(one.id);
            }
        } else if (entry == nullptr && brain_.uplink.link() != nullptr) {
            Task task;
            task.id = one.id;
            task.fence = one.fence;
            Entry& asking = brain_.table.create(std::move(task), from, false);
            asking.digest = one.digest;
            asking.has_digest = true;
            asking.cacheable = one.cacheable;
            brain_.table.set_to(asking, Edge::parent(), one.fence);
            brain_.table.set_phase(asking, Phase::kRecalling);
            further.entries.push_back(one);
        } else if (entry != nullptr || !one.cacheable || !child.compatible ||
                   brain_.has_ended(one.id.job) || brain_.in_flight.claim(child, one)) {
            answer.unknown.push_back(one.id);
        }
    }
    if (!further.entries.empty()) {
        const std::size_t bytes = 64 * further.entries.size();
        brain_.uplink.say(std::move(further), bytes);
    }
    if (!answer.running.empty() || !answer.unknown.empty()) {
        const std::size_t bytes = 64 * (answer.running.size() + answer.unknown.size());
        brain_.downlinks.say(child, std::move(answer), bytes);
    }
}

void Recalls::answered(const Recalled& recalled) {
    for (const TaskId& id : recalled.unknown) {
        Entry* entry = brain_.table.find(id);
        if (entry == nullptr) {
            continue;
        }
        entry->asked = false;
        if (entry->phase == Phase::kRecalling) {
            unknown(*entry);
        }
    }
    for (const TaskId& id : recalled.running) {
        Entry* entry = brain_.table.find(id);
        if (entry == nullptr || entry->phase != Phase::kRecalling) {
            continue;
        }
        brain_.table.set_phase(*entry, Phase::kOpen);
        if (entry->from.kind == Edge::Kind::kChild) {
            brain_.downlinks.say(*entry->from.child, Recalled{{id}, {}});
        }
    }
}

void Recalls::unknown(Entry& entry) {
    if (entry.from.kind == Edge::Kind::kFlow) {
        brain_.table.set_phase(entry, Phase::kOpen);
        entry.claimed = entry.cacheable;
        brain_.flows.run_row(entry);
    } else {
        if (entry.from.kind == Edge::Kind::kChild) {
            brain_.downlinks.say(*entry.from.child, Recalled{{}, {entry.task.id}});
        }
        brain_.table.erase(entry);
    }
}

void Recalls::wait_for_answer(Entry& entry) {
    entry.asked = entry.claimed = false;
    brain_.table.set_to(entry, Edge::parent(), entry.task.fence);
    brain_.table.set_phase(entry, Phase::kRecalling);
}

void Recalls::forgo(Entry& entry) {
    if (std::exchange(entry.claimed, false) && brain_.uplink.link() != nullptr) {
        brain_.links.batch<Cancel>(*brain_.uplink.link(), 64).tasks.push_back(entry.task.id);
    }
}

void Recalls::parent_gone() {
    const auto asking = [](const Entry& e) { return e.phase == Phase::kRecalling || e.asked; };
    for (Entry* entry : brain_.table.collect(asking)) {
        entry->asked = false;
        if (entry->phase == Phase::kRecalling) {
            unknown(*entry);
        }
    }
}

}  // namespace quercus::scheduling
