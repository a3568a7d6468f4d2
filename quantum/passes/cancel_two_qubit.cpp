#include "quantum/passes/cancel_two_qubit.hpp"

#include <algorithm>
#include <array>
#include <boost/container/static_vector.hpp>
#include <cmath>
#include <numbers>
#include <numeric>
#include <span>

#include "quantum/partition/items.hpp"

namespace quercus::passes {

using base::Matrix2;
using circuit::Gate;

namespace {

// Bounds that keep the time linear whatever the circuit: gates looked at for one partner, sweeps.
constexpr int kMostSteps = 1000;
constexpr int kMostSweeps = 16;

// The algebra that a gate's action on one of its qubits lies in. Two gates commute when on each
// common qubit both lie in the same one.
enum class Axis : std::uint8_t { kZ, kX, kBoth, kNone };

Axis axis_of_matrix(const Matrix2& m) {
    const bool diagonal = std::abs(m[1]) <= kExactTolerance && std::abs(m[2]) <= kExactTolerance;
    const bool with_x =
        std::abs(m[0] - m[3]) <= kExactTolerance && std::abs(m[1] - m[2]) <= kExactTolerance;
    if (diagonal) {
        return with_x ? Axis::kBoth : Axis::kZ;
    }
    return with_x ? Axis::kX : Axis::kNone;
}

// Of operand `position` of a gate on several qubits.
Axis axis_of_operand(Gate gate, std::size_t position, std::size_t operands) {
    const bool last = position + 1 == operands;
    switch (gate) {
        case Gate::kCZ:
        case Gate::kCS:
        case Gate::kCSdg:
        case Gate::kCT:
        case Gate::kCP:
        case Gate::kCU1:
        case Gate::kCRZ:
        case Gate::kRZZ:
        case Gate::kCCZ:
        case Gate::kCCP:
            return Axis::kZ;
        case Gate::kCX:
        case Gate::kCRX:
        case Gate::kCSX:
        case Gate::kCCX:
        case Gate::kC3X:
        case Gate::kC3SqrtX:
        case Gate::kC4X:
        case Gate::kRZX:
            return last ? Axis::kX : Axis::kZ;
        case Gate::kCY:
        case Gate::kCH:
        case Gate::kCRY:
        case Gate::kCU3:
        case Gate::kCU:
            return last ? Axis::kNone : Axis::kZ;
        case Gate::kRXX:
            return Axis::kX;
        case Gate::kCSwap:
            return position == 0 ? Axis::kZ : Axis::kNone;
        default:
            return Axis::kNone;
    }
}

// Operands that may be exchanged among each other: [first, last).
struct Shape {
    Gate gate;
    std::size_t first;
    std::size_t last;
};
constexpr Shape kSelfInverse[] = {{Gate::kCX, 0, 0},  {Gate::kCY, 0, 0},    {Gate::kCH, 0, 0},
                                  {Gate::kCZ, 0, 2},  {Gate::kSwap, 0, 2},  {Gate::kCCX, 0, 2},
                                  {Gate::kCCZ, 0, 3}, {Gate::kCSwap, 1, 3}, {Gate::kC3X, 0, 3},
                                  {Gate::kC4X, 0, 4}};

const Shape* self_inverse(Gate gate) {
    const auto* at = std::find_if(std::begin(kSelfInverse), std::end(kSelfInverse),
                                  [&](const Shape& shape) { return shape.gate == gate; });
    return at == std::end(kSelfInverse) ? nullptr : at;
}

struct Entry {
    const Operation* op = nullptr;
    std::array<Axis, circuit::kMaxUnitaryQubits> axes = {};  // of op->qubits, unless a fence
    const Shape* shape = nullptr;                            // of a gate that can cancel
    bool fence = false;
    bool removed = false;
};

// Told from the angles where they are far from all special ones.
bool is_surely_none(const Operation& op) {
    constexpr double kFar = 1e-3;
    return op.gate == Gate::kU3 &&
           std::fabs(std::remainder(op.params[0], std::numbers::pi)) > kFar &&
           std::fabs(std::remainder(op.params[1] + op.params[2], 2 * std::numbers::pi)) > kFar;
}

Axis axis_of_one_qubit(const Operation& op) {
    return is_surely_none(op) ? Axis::kNone : axis_of_matrix(circuit::matrix2_of(op));
}

Entry make_entry(const Operation& op) {
    Entry entry;
    entry.op = &op;
    entry.fence = partition::is_fence(op);
    if (entry.fence) {
        return entry;
    }
    if (op.qubits.size() == 1) {
        entry.axes[0] = axis_of_one_qubit(op);
        return entry;
    }
    for (std::size_t i = 0; i < op.qubits.size(); ++i) {
        entry.axes[i] = axis_of_operand(op.gate, i, op.qubits.size());
    }
    entry.shape = self_inverse(op.gate);
    return entry;
}

bool share_algebra(Axis a, Axis b) {
    return a == Axis::kBoth || b == Axis::kBoth || (a == b && a != Axis::kNone);
}

bool commute(const Entry& a, const Entry& b) {
    for (std::size_t i = 0; i < a.op->qubits.size(); ++i) {
        for (std::size_t j = 0; j < b.op->qubits.size(); ++j) {
            if (a.op->qubits[i] == b.op->qubits[j] &&
                (a.fence || b.fence || !share_algebra(a.axes[i], b.axes[j]))) {
                return false;
            }
        }
    }
    return true;
}

class Canceller {
 public:
    explicit Canceller(const Circuit& circuit) : first_(circuit.num_qubits() + 1) {
        for (const Operation& op : circuit.operations) {
            for (const Qubit q : op.qubits) {
                ++first_[q + 1];
            }
        }
        std::partial_sum(first_.begin(), first_.end(), first_.begin());
        list_.resize(first_.back());
        std::vector<std::size_t> end(first_.begin(), first_.end() - 1);
        entries_.reserve(circuit.operations.size());
        for (const Operation& op : circuit.operations) {
            for (const Qubit q : op.qubits) {
                list_[end[q]++] = entries_.size();
            }
            entries_.push_back(make_entry(op));
        }
    }

    // One sweep from the end, so that nested pairs go in one sweep. True if any pair was removed.
    bool sweep() {
        bool removed = false;
        for (std::size_t i = entries_.size(); i-- > 0;) {
            if (entries_[i].shape == nullptr || entries_[i].removed) {
                continue;
            }
            if (const std::size_t partner = find_partner(i)) {
                entries_[i].removed = entries_[partner].removed = true;
                removed = true;
            }
        }
        return removed;
    }

    [[nodiscard]] const std::vector<Entry>& entries() const { return entries_; }

 private:
    // What is left of a qubit's entries.
    using Rest = std::span<const std::size_t>;

    [[nodiscard]] Rest behind(Qubit q, std::size_t at) const {
        const auto first = list_.begin() + static_cast<std::ptrdiff_t>(first_[q]);
        const auto last = list_.begin() + static_cast<std::ptrdiff_t>(first_[q + 1]);
        return {std::upper_bound(first, last, at), last};
    }

    // The later partner of entry `at`, or 0.
    [[nodiscard]] std::size_t find_partner(std::size_t at) const {
        const auto& qubits = entries_[at].op->qubits;
        boost::container::static_vector<Rest, circuit::kMaxUnitaryQubits> rests;
        for (const Qubit q : qubits) {
            rests.push_back(behind(q, at));
        }
        for (int step = 0; step < kMostSteps; ++step) {
            std::size_t j = entries_.size();
            for (const Rest& rest : rests) {
                j = rest.empty() ? j : std::min(j, rest.front());
            }
            if (j == entries_.size()) {
                return 0;
            }
            for (Rest& rest : rests) {
                if (!rest.empty() && rest.front() == j) {
                    rest = rest.subspan(1);
                }
            }
            if (entries_[j].removed) {
                continue;
            }
            if (is_inverse(entries_[at], entries_[j])) {
                return j;
            }
            if (!commute(entries_[at], entries_[j])) {
                return 0;
            }
        }
        return 0;
    }

    static bool is_inverse(const Entry& a, const Entry& b) {
        if (a.shape == nullptr || a.shape != b.shape) {
            return false;
        }
        const auto& p = a.op->qubits;
        const auto& q = b.op->qubits;
        const auto first = static_cast<std::ptrdiff_t>(a.shape->first);
        const auto last = static_cast<std::ptrdiff_t>(a.shape->last);
        return std::equal(p.begin(), p.begin() + first, q.begin()) &&
               std::is_permutation(p.begin() + first, p.begin() + last, q.begin() + first) &&
               std::equal(p.begin() + last, p.end(), q.begin() + last);
    }

    std::vector<Entry> entries_;
    // Indices of entries, ascending, one qubit after the other: those of q from first_[q] on.
    std::vector<std::size_t> first_;
    std::vector<std::size_t> list_;
};

}  // namespace

PassResult cancel_two_qubit(Circuit circuit) {
    Canceller canceller(circuit);
    bool changed = false;
    for (int sweep = 0; sweep < kMostSweeps && canceller.sweep(); ++sweep) {
        changed = true;
    }
    if (changed) {
        std::vector<Operation> kept;
        kept.reserve(circuit.operations.size());
        for (std::size_t i = 0; i < circuit.operations.size(); ++i) {
            if (!canceller.entries()[i].removed) {
                kept.push_back(std::move(circuit.operations[i]));
            }
        }
        circuit.operations = std::move(kept);
    }
    return {std::move(circuit), changed, 0};
}

}  // namespace quercus::passes
