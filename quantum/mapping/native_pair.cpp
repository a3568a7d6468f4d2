#include "quantum/mapping/native_pair.hpp"

#include <cmath>
#include <numbers>

#include "quantum/circuit/unitary.hpp"
#include "quantum/synthesis/entangler.hpp"
#include "quantum/synthesis/kak.hpp"
#include "quantum/synthesis/rebase.hpp"

namespace quercus::mapping {

namespace {

using base::Matrix;

constexpr double kPi = std::numbers::pi;

// The angle at which a gate is a CX up to one-qubit gates.
std::vector<double> cx_angle(Gate gate) {
    switch (gate) {
        case Gate::kCP:
        case Gate::kCU1:
        case Gate::kCRZ:
            return {kPi};
        case Gate::kRZZ:
        case Gate::kRXX:
        case Gate::kRYY:
        case Gate::kRZX:
            return {0.5 * kPi};
        default:
            return {};
    }
}

NativeStep on_one(std::uint8_t qubit, Matrix matrix) {
    NativeStep step;
    step.order = {qubit, qubit};
    step.matrix = std::move(matrix);
    return step;
}

Matrix hadamard() {
    return circuit::gate_matrix(Gate::kH, {});
}

// CX on (control, target) as `before`, the native gate, `after`.
struct Dressing {
    Matrix before_control, before_target, after_control, after_target;
    bool gate_reversed = false;  // the gate's first qubit is the target
};

Matrix reversed(const Matrix& m) {
    const Matrix swap = circuit::gate_matrix(Gate::kSwap, {});
    return base::multiply(base::multiply(swap, m), swap);
}

// Both are A exp(i pi/4 XX) B: CX = (A_cx A_e^-1) E (B_e^-1 B_cx).
Result<Dressing> dress(Gate gate, bool gate_reversed) {
    Dressing out;
    out.gate_reversed = gate_reversed;
    if (gate == Gate::kCZ) {
        out.before_control = out.after_control = Matrix::identity(2);
        out.before_target = out.after_target = hadamard();
        return out;
    }
    if (gate == Gate::kCX && gate_reversed) {
        out.before_control = out.after_control = out.before_target = out.after_target = hadamard();
        return out;
    }
    const Matrix native = circuit::gate_matrix(gate, cx_angle(gate));
    const auto cx = synthesis::kak_decompose(circuit::gate_matrix(Gate::kCX, {}));
    const auto e = synthesis::kak_decompose(gate_reversed ? reversed(native) : native);
    if (!cx || !e) {
        return cx ? e.error() : cx.error();
    }
    out.before_control = base::multiply(base::adjoint(e->before_low), cx->before_low);
    out.before_target = base::multiply(base::adjoint(e->before_high), cx->before_high);
    out.after_control = base::multiply(cx->after_low, base::adjoint(e->after_low));
    out.after_target = base::multiply(cx->after_high, base::adjoint(e->after_high));
    return out;
}

class PairBuilder {
 public:
    explicit PairBuilder(const EntanglerChoice& choice) : choice_(choice) {}

    Result<NativePair> from_cx(const Circuit& circuit) {
        for (const Operation& op : circuit.operations) {
            if (op.gate == Gate::kBarrier) {
                continue;
            }
            if (op.qubits.size() == 1) {
                add(op.qubits[0], circuit::matrix_of(op));
            } else if (Status status = add_cx(op); !status.is_ok()) {
                return status;
            }
        }
        return std::move(out_);
    }

    NativePair as_it_is(const Circuit& circuit) {
        for (const Operation& op : circuit.operations) {
            if (op.qubits.size() == 1 && op.gate != Gate::kBarrier) {
                add(op.qubits[0], circuit::matrix_of(op));
            } else if (op.gate != Gate::kBarrier) {
                add_native(op.qubits[0], op.qubits[1], {op.params.begin(), op.params.end()});
            }
        }
        return std::move(out_);
    }

    // exp(i x XX) = (H (x) H) rzz(-2x) (H (x) H).
    NativePair one_rotation(const synthesis::KakDecomposition& kak) {
        add(0, base::multiply(hadamard(), kak.before_low));
        add(1, base::multiply(hadamard(), kak.before_high));
        add_native(0, 1, {-2 * kak.coordinates[0]});
        add(0, base::multiply(kak.after_low, hadamard()));
        add(1, base::multiply(kak.after_high, hadamard()));
        return std::move(out_);
    }

 private:
    void add(Qubit q, Matrix matrix) {
        out_.steps.push_back(on_one(static_cast<std::uint8_t>(q), std::move(matrix)));
    }
    void add_native(Qubit a, Qubit b, std::vector<double> params) {
        NativeStep step;
        step.order = {static_cast<std::uint8_t>(a), static_cast<std::uint8_t>(b)};
        step.gate = choice_.gate;
        step.params = std::move(params);
        out_.steps.push_back(std::move(step));
    }

    Status add_cx(const Operation& cx) {
        const Qubit control = cx.qubits[0], target = cx.qubits[1];
        const bool turn = !is_symmetric(choice_.gate) && ((choice_.only_forward && control == 1) ||
                                                          (choice_.only_backward && control == 0));
        if (choice_.gate == Gate::kCX && !turn) {
            add_native(control, target, {});
            return Status::ok();
        }
        const auto dressing = dress(choice_.gate, turn);
        if (!dressing) {
            return dressing.error();
        }
        add(control, dressing->before_control);
        add(target, dressing->before_target);
        turn ? add_native(target, control, cx_angle(choice_.gate))
             : add_native(control, target, cx_angle(choice_.gate));
        add(control, dressing->after_control);
        add(target, dressing->after_target);
        return Status::ok();
    }

    EntanglerChoice choice_;
    NativePair out_;
};

bool is_cx_circuit(const Circuit& block) {
    for (const Operation& op : block.operations) {
        if (op.qubits.size() == 2 && op.gate != Gate::kCX && op.gate != Gate::kBarrier) {
            return false;
        }
    }
    return true;
}

// Whether the two-qubit gates are the native one already, the right way round.
bool is_native_circuit(const Circuit& block, const EntanglerChoice& choice) {
    for (const Operation& op : block.operations) {
        if (op.qubits.size() != 2 || op.gate == Gate::kBarrier) {
            continue;
        }
        const bool turned = (choice.only_forward && op.qubits[0] == 1) ||
                            (choice.only_backward && op.qubits[0] == 0);
        if (op.gate != choice.gate || (turned && !is_symmetric(op.gate))) {
            return false;
        }
    }
    return true;
}

// Gates that are not of CX's class.
std::optional<synthesis::Entangler> of_other_class(Gate gate) {
    switch (gate) {
        case Gate::kISwap:
            return synthesis::Entangler::kISwap;
        case Gate::kSqrtISwap:
            return synthesis::Entangler::kSqrtISwap;
        case Gate::kFSim:
            return synthesis::Entangler::kFSim;
        case Gate::kB:
            return synthesis::Entangler::kB;
        case Gate::kSycamore:
            return synthesis::Entangler::kSycamore;
        default:
            return std::nullopt;
    }
}

bool has_one_coordinate(const synthesis::KakDecomposition& kak) {
    return std::fabs(kak.coordinates[1]) < 1e-13 && std::fabs(kak.coordinates[2]) < 1e-13;
}

}  // namespace

bool is_entangler(Gate gate) {
    switch (gate) {
        case Gate::kCX:
        case Gate::kCY:
        case Gate::kCZ:
        case Gate::kECR:
            return true;
        default:
            return !cx_angle(gate).empty() || of_other_class(gate);
    }
}

bool is_fitted(Gate gate) {
    return gate == Gate::kB || gate == Gate::kSycamore;
}

bool commutes_with_z(Gate gate, std::size_t k) {
    switch (gate) {
        case Gate::kCZ:
        case Gate::kCP:
        case Gate::kCU1:
        case Gate::kCRZ:
        case Gate::kRZZ:
            return true;
        case Gate::kCX:
        case Gate::kCY:
        case Gate::kRZX:
            return k == 0;
        default:
            return false;
    }
}

namespace {

Result<NativePair> with_other_class(const Matrix& target, const EntanglerChoice& choice) {
    const auto found = synthesis::synthesize_two_qubit(target, *of_other_class(choice.gate));
    if (!found) {
        return found.error();
    }
    const auto reached = circuit::unitary_of(*found);
    if (!reached) {
        return reached.error();
    }
    NativePair out = PairBuilder(choice).as_it_is(*found);
    out.delta = base::phase_invariant_distance(target, *reached);
    return out;
}

}  // namespace

Result<NativePair> native_pair(const Circuit& block, const EntanglerChoice& choice) {
    const auto target = circuit::unitary_of(block);
    if (!target) {
        return target.error();
    }
    const auto kak = synthesis::kak_decompose(*target);
    const auto least = synthesis::minimal_cx(*target);
    if (!kak || !least) {
        return kak ? least.error() : kak.error();
    }
    const bool one_rotation = choice.gate == Gate::kRZZ && *least == 2 && has_one_coordinate(*kak);
    const bool is_cx_like = !of_other_class(choice.gate);
    if (is_native_circuit(block, choice) && is_cx_like &&
        circuit::count_two_qubit(block) <= (one_rotation ? 1 : static_cast<unsigned>(*least))) {
        return PairBuilder(choice).as_it_is(block);
    }
    if (!is_cx_like) {
        return with_other_class(*target, choice);
    }
    if (one_rotation) {
        return PairBuilder(choice).one_rotation(*kak);
    }
    if (is_cx_circuit(block) &&
        circuit::count_two_qubit(block) <= static_cast<std::uint64_t>(*least)) {
        return PairBuilder(choice).from_cx(block);
    }
    const auto found = synthesis::synthesize_two_qubit(*target);
    if (!found) {
        return found.error();
    }
    const auto reached = circuit::unitary_of(*found);
    if (!reached) {
        return reached.error();
    }
    auto out = PairBuilder(choice).from_cx(*found);
    if (out) {
        out->delta = base::phase_invariant_distance(*target, *reached);
    }
    return out;
}

}  // namespace quercus::mapping
