#include "quantum/passes/merge_rotations.hpp"

#include <algorithm>

#include "quantum/passes/pauli_frame.hpp"
#include "quantum/passes/steps.hpp"

namespace quercus::passes {

namespace {

using detail::PauliFrame;
using detail::WidePauli;

constexpr std::uint32_t kMostQubits = 4096;
constexpr int kMostSweeps = 16;

// A rotation by steps[step].angle about `pauli`, or (no step) something on a qubit that only what
// commutes with `pauli` may cross.
struct Entry {
    WidePauli pauli;
    std::size_t step = kNone;
    static constexpr std::size_t kNone = ~std::size_t{0};
};

class Merger {
 public:
    Merger(std::vector<RotationStep>& steps, const Circuit& circuit,
           const MergeRotationsOptions& options)
        : steps_(steps), circuit_(circuit), options_(options), frame_(circuit.num_qubits()) {}

    // True if any two rotations became one. Rotations by zero are left behind.
    bool sweep() {
        for (std::size_t i = 0; i < steps_.size(); ++i) {
            take(i);
        }
        return merged_;
    }

 private:
    void take(std::size_t at) {
        const RotationStep& step = steps_[at];
        switch (step.kind) {
            case RotationStep::Kind::kCX:
                frame_.cx(step.a, step.b);
                break;
            case RotationStep::Kind::kH:
                frame_.h(step.a);
                break;
            case RotationStep::Kind::kX:
                frame_.x_gate(step.a);
                break;
            case RotationStep::Kind::kRz:
                take_rotation(at);
                break;
            case RotationStep::Kind::kFixed:
                // What acts as the identity on a qubit commutes with its X and its Z.
                for (const Qubit q : circuit_.operations[step.source].qubits) {
                    entries_.push_back({frame_.x(q)});
                    entries_.push_back({frame_.z(q)});
                }
        }
    }

    void take_rotation(std::size_t at) {
        const RotationStep& step = steps_[at];
        const int turns = quarter_turns(step.angle);
        if (turns >= 0) {
            frame_.quarter_turns(step.a, turns);
            return;
        }
        Entry entry{frame_.z(step.a), at};
        const std::size_t partner = find_partner(entry);
        if (partner == Entry::kNone) {
            entries_.push_back(std::move(entry));
            return;
        }
        merge(partner, std::move(entry));
    }

    [[nodiscard]] std::size_t find_partner(const Entry& entry) const {
        const std::size_t first =
            entries_.size() > options_.reach ? entries_.size() - options_.reach : 0;
        for (std::size_t j = entries_.size(); j-- > first;) {
            const Entry& other = entries_[j];
            if (other.step != Entry::kNone && other.pauli.words == entry.pauli.words) {
                return j;
            }
            if (anticommute(other.pauli, entry.pauli)) {
                return Entry::kNone;
            }
        }
        return Entry::kNone;
    }

    void merge(std::size_t partner, Entry entry) {
        merged_ = true;
        const bool opposite = entries_[partner].pauli.negative != entry.pauli.negative;
        double& first = steps_[entries_[partner].step].angle;
        double& second = steps_[entry.step].angle;
        if (!options_.keep_last) {
            first = snapped(opposite ? first - second : first + second);
            second = 0;
            return;
        }
        second = snapped(opposite ? second - first : second + first);
        first = 0;
        entries_.erase(entries_.begin() + static_cast<std::ptrdiff_t>(partner));
        entries_.push_back(std::move(entry));
    }

    std::vector<RotationStep>& steps_;
    const Circuit& circuit_;
    const MergeRotationsOptions& options_;
    PauliFrame frame_;
    std::vector<Entry> entries_;
    bool merged_ = false;
};

}  // namespace

Result<PassResult> merge_rotations(Circuit circuit, MergeRotationsOptions options) {
    PassResult result;
    if (circuit.num_qubits() > kMostQubits) {
        result.circuit = std::move(circuit);
        return result;
    }
    StepCircuit lowered = to_steps(circuit);
    for (int sweep = 0; sweep < kMostSweeps && Merger(lowered.steps, circuit, options).sweep();
         ++sweep) {
        result.changed = true;
        std::erase_if(lowered.steps, [](const RotationStep& step) {
            return step.kind == RotationStep::Kind::kRz && step.angle == 0;
        });
    }
    result.delta = result.changed ? lowered.delta : 0;
    result.circuit = result.changed ? from_steps(lowered.steps, circuit) : std::move(circuit);
    return result;
}

}  // namespace quercus::passes
