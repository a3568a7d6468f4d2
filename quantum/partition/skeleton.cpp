#include "quantum/partition/skeleton.hpp"

#include <algorithm>
#include <utility>

#include "quantum/partition/segments.hpp"

namespace quercus::partition {

namespace {

bool is_bone(const Operation& op) {
    return op.qubits.size() != 1 || is_fence(op);
}

}  // namespace

Skeleton::Skeleton(const Circuit& circuit, std::uint32_t first, std::uint32_t end) {
    Block frame = frame_of(circuit, first, end);
    const std::vector<Qubit> used = std::move(frame.qubits);
    bones_ = std::move(frame.circuit);
    std::vector<Waiting> waiting(used.size());
    const auto place = [&used](Qubit q) {
        return static_cast<Qubit>(std::lower_bound(used.begin(), used.end(), q) - used.begin());
    };
    for (std::uint32_t i = first; i < end; ++i) {
        const Operation& op = circuit.operations[i];
        if (!is_bone(op)) {
            waiting[place(op.qubits[0])].gates.push_back(i);
            continue;
        }
        Range gates{static_cast<std::uint32_t>(gates_.size()), 0};
        bones_.operations.push_back(op);
        for (Qubit& q : bones_.operations.back().qubits) {
            q = place(q);
            take(waiting[q]);
            waiting[q].behind = static_cast<std::uint32_t>(index_.size());
        }
        gates.end = static_cast<std::uint32_t>(gates_.size());
        before_.push_back(gates);
        index_.push_back(i);
    }
    for (Waiting& left : waiting) {
        const auto start = static_cast<std::uint32_t>(gates_.size());
        tails_.push_back({left.behind, {start, take(left)}});
    }
}

std::uint32_t Skeleton::take(Waiting& from) {
    gates_.insert(gates_.end(), from.gates.begin(), from.gates.end());
    from.gates.clear();
    return static_cast<std::uint32_t>(gates_.size());
}

std::vector<Group> Skeleton::whole(const std::vector<Group>& groups, int block_size) const {
    std::vector<Group> out;
    out.reserve(groups.size() + tails_.size());
    std::vector<std::uint32_t> group_of(index_.size(), kNone);
    const auto each = [this](Range gates, const auto& visit) {
        std::for_each(gates_.begin() + gates.first, gates_.begin() + gates.end, visit);
    };
    for (const Group& bones : groups) {
        const Operation& front = bones_.operations[bones.front()];
        const bool alone =
            is_fence(front) || front.qubits.size() > static_cast<std::size_t>(block_size);
        Group group;
        for (const std::uint32_t bone : bones) {
            each(before_[bone], [&](std::uint32_t gate) {
                if (alone) {
                    out.push_back({gate});
                } else {
                    group.push_back(gate);
                }
            });
            group.push_back(index_[bone]);
            group_of[bone] = alone ? kNone : static_cast<std::uint32_t>(out.size());
        }
        out.push_back(std::move(group));
    }
    for (const Tail& tail : tails_) {
        const std::uint32_t at = tail.bone == kNone ? kNone : group_of[tail.bone];
        if (at != kNone) {
            each(tail.gates, [&](std::uint32_t gate) { out[at].push_back(gate); });
        } else {
            each(tail.gates, [&](std::uint32_t gate) { out.push_back({gate}); });
        }
    }
    for (Group& group : out) {
        std::sort(group.begin(), group.end());
    }
    return out;
}

}  // namespace quercus::partition
