#include "quantum/passes/step_regions.hpp"

#include <algorithm>

namespace quercus::passes::detail {

RegionGrower::RegionGrower(const std::vector<RotationStep>& steps, const Circuit& circuit)
    : steps_(steps), circuit_(circuit), states_(circuit.num_qubits() + 1, State::kFree) {}

// Fixed steps are ordered among each other by the classical line, index num_qubits.
template <class Function>
void RegionGrower::for_each_qubit(const RotationStep& step, Function&& function) const {
    if (step.kind == RotationStep::Kind::kFixed) {
        for (const Qubit q : circuit_.operations[step.source].qubits) {
            function(std::size_t{q});
        }
        function(states_.size() - 1);
        return;
    }
    function(std::size_t{step.a});
    if (step.kind == RotationStep::Kind::kCX) {
        function(std::size_t{step.b});
    }
}

namespace {

bool allowed(const RotationStep& step, RegionKind kind) {
    switch (step.kind) {
        case RotationStep::Kind::kFixed:
            return false;
        case RotationStep::Kind::kH:
            return kind != RegionKind::kLinear;
        case RotationStep::Kind::kRz:
            return kind != RegionKind::kClifford || quarter_turns(step.angle) >= 0;
        default:
            return true;
    }
}

}  // namespace

bool RegionGrower::fits(const RotationStep& step, const Region& region,
                        const RegionLimits& limits) const {
    if (!allowed(step, limits.kind) || region.members.size() >= limits.most_steps) {
        return false;
    }
    std::size_t fresh = 0;
    bool open = true;
    for_each_qubit(step, [&](std::size_t q) {
        fresh += states_[q] == State::kFree ? 1 : 0;
        open = open && states_[q] != State::kBlocked;
    });
    // Where qubits are scarce they are for what is linked to the region.
    const std::size_t width = step.kind == RotationStep::Kind::kCX ? 2 : 1;
    const bool linked =
        fresh < width || region.members.empty() || limits.most_qubits + 1 >= states_.size();
    return open && linked && region.qubits.size() + fresh <= limits.most_qubits;
}

void RegionGrower::set(std::size_t qubit, State state) {
    if (states_[qubit] == State::kFree) {
        touched_.push_back(qubit);
    }
    open_ += (state == State::kOpen ? 1U : 0U) - (states_[qubit] == State::kOpen ? 1U : 0U);
    states_[qubit] = state;
}

void RegionGrower::join(std::size_t index, Region& region) {
    const RotationStep& step = steps_[index];
    for_each_qubit(step, [&](std::size_t q) {
        if (states_[q] == State::kFree) {
            region.qubits.push_back(static_cast<Qubit>(q));
            set(q, State::kOpen);
        }
    });
    region.members.push_back(index);
    region.cx += step.kind == RotationStep::Kind::kCX ? 1 : 0;
}

void RegionGrower::leave_out(std::size_t index, Region& region) {
    bool depends = false;
    for_each_qubit(steps_[index],
                   [&](std::size_t q) { depends = depends || states_[q] != State::kFree; });
    if (!depends) {
        region.before.push_back(index);
        return;
    }
    for_each_qubit(steps_[index], [&](std::size_t q) { set(q, State::kBlocked); });
    region.after.push_back(index);
}

Region RegionGrower::grow(std::size_t seed, const RegionLimits& limits) {
    for (const std::size_t q : touched_) {
        states_[q] = State::kFree;
    }
    touched_.clear();
    open_ = 0;
    Region region;
    region.first = region.last = seed;
    const std::size_t end = std::min(steps_.size(), seed + limits.most_scanned);
    for (std::size_t i = seed; i < end; ++i) {
        if (fits(steps_[i], region, limits)) {
            join(i, region);
            region.last = i + 1;
        } else {
            leave_out(i, region);
        }
        if (open_ == 0) {
            break;
        }
    }
    const auto cut = [&](std::vector<std::size_t>& list) {
        list.erase(std::lower_bound(list.begin(), list.end(), region.last), list.end());
    };
    cut(region.before);
    cut(region.after);
    return region;
}

}  // namespace quercus::passes::detail
