#pragma once

// Private to this room: convex regions of a step list.

#include <vector>

#include "quantum/passes/steps.hpp"

namespace quercus::passes::detail {

enum class RegionKind : std::uint8_t { kLinear, kClifford, kAny };

struct RegionLimits {
    RegionKind kind = RegionKind::kAny;
    std::size_t most_qubits = 64;
    std::size_t most_steps = 2000;
    std::size_t most_scanned = 20000;  // steps looked at behind the seed
};

// The steps [first, last) in a new, equivalent order: those that do not need the region, the
// region, and the rest. All are indices, ascending.
struct Region {
    std::size_t first = 0;
    std::size_t last = 0;
    std::vector<std::size_t> before;
    std::vector<std::size_t> members;
    std::vector<std::size_t> after;
    std::vector<Qubit> qubits;  // in the order in which they joined
    std::size_t cx = 0;
};

class RegionGrower {
 public:
    // Both must outlive this object; the steps may change between calls.
    RegionGrower(const std::vector<RotationStep>& steps, const Circuit& circuit);

    // The region of all steps from `seed`, a cx, onwards that fit and depend on no step that does
    // not.
    [[nodiscard]] Region grow(std::size_t seed, const RegionLimits& limits);

 private:
    enum class State : std::uint8_t { kFree, kOpen, kBlocked };

    template <class Function>
    void for_each_qubit(const RotationStep& step, Function&& function) const;
    [[nodiscard]] bool fits(const RotationStep& step, const Region& region,
                            const RegionLimits& limits) const;
    void join(std::size_t index, Region& region);
    void leave_out(std::size_t index, Region& region);
    void set(std::size_t qubit, State state);

    const std::vector<RotationStep>& steps_;
    const Circuit& circuit_;
    std::vector<State> states_;  // of the qubits and of one line for all classical bits
    std::vector<std::size_t> touched_;
    std::size_t open_ = 0;
};

}  // namespace quercus::passes::detail
