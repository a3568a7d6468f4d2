#include "quantum/synthesis/template.hpp"

#include <string>

#include "quantum/synthesis/one_qubit.hpp"
#include "quantum/synthesis/rebase.hpp"
#include "quantum/synthesis/slots.hpp"

namespace quercus::synthesis {
namespace detail {

Matrix2& Slots::last_slot(std::size_t before, int qubit) {
    for (std::size_t i = before; i-- > 0;) {
        if (cx[i].control == qubit) {
            return after[i][0];
        }
        if (cx[i].target == qubit) {
            return after[i][1];
        }
    }
    return first[static_cast<std::size_t>(qubit)];
}

Slots slots_of(const Ansatz& ansatz) {
    Slots slots(ansatz.shape.num_qubits);
    const double* p = ansatz.params.data();
    for (Matrix2& slot : slots.first) {
        slot = rotation_z(p[2]) * rotation_y(p[1]) * rotation_z(p[0]);
        p += 3;
    }
    for (const CxPair& cx : ansatz.shape.cx) {
        slots.cx.push_back(cx);
        slots.after.push_back(
            {rotation_z(p[1]) * rotation_y(p[0]), rotation_x(p[3]) * rotation_z(p[2])});
        p += 4;
    }
    return slots;
}

namespace {

// gate = rx(last) rz(middle) rx(first) up to phase.
struct XzxAngles {
    double first, middle, last;
};
XzxAngles xzx_angles(const Matrix2& gate) {
    constexpr double h = 0.70710678118654752440;
    const Matrix2 hadamard = {h, h, h, -h};
    const ZyzAngles zyz = zyz_angles(hadamard * gate * hadamard);
    return {zyz.lambda - 0.5 * kPi, zyz.theta, zyz.phi + 0.5 * kPi};
}

}  // namespace

// From the last CX to the first: what commutes through a CX moves to the slot before it.
Ansatz ansatz_of(Slots slots) {
    Ansatz out{{slots.num_qubits, slots.cx}, {}};
    out.params.resize(out.shape.num_parameters());
    for (std::size_t i = slots.cx.size(); i-- > 0;) {
        double* p = out.params.data() + 3 * slots.first.size() + 4 * i;
        const ZyzAngles control = zyz_angles(slots.after[i][0]);
        const XzxAngles target = xzx_angles(slots.after[i][1]);
        p[0] = control.theta;
        p[1] = control.phi;
        p[2] = target.middle;
        p[3] = wrap(target.last);
        Matrix2& before_control = slots.last_slot(i, slots.cx[i].control);
        before_control = rotation_z(control.lambda) * before_control;
        Matrix2& before_target = slots.last_slot(i, slots.cx[i].target);
        before_target = rotation_x(target.first) * before_target;
    }
    for (std::size_t q = 0; q < slots.first.size(); ++q) {
        const ZyzAngles zyz = zyz_angles(slots.first[q]);
        out.params[3 * q] = zyz.lambda;
        out.params[3 * q + 1] = zyz.theta;
        out.params[3 * q + 2] = zyz.phi;
    }
    return out;
}

namespace {

void append_u3(circuit::Circuit& circuit, int qubit, const Matrix2& gate, double tolerance) {
    if (is_identity(gate, tolerance)) {
        return;
    }
    const U3Angles u3 = u3_angles(gate);
    circuit.append(circuit::Gate::kU3, {static_cast<circuit::Qubit>(qubit)},
                   {u3.theta, u3.phi, u3.lambda});
}

// Rows of `u` on one qubit.
void apply_rows(base::Matrix& u, int qubit, const Matrix2& gate) {
    const std::size_t bit = std::size_t{1} << qubit;
    for (std::size_t row = 0; row < u.rows(); ++row) {
        if ((row & bit) != 0) {
            continue;
        }
        for (std::size_t j = 0; j < u.cols(); ++j) {
            const Complex low = u(row, j);
            const Complex high = u(row | bit, j);
            u(row, j) = gate[0] * low + gate[1] * high;
            u(row | bit, j) = gate[2] * low + gate[3] * high;
        }
    }
}

void apply_cx_rows(base::Matrix& u, const CxPair& cx) {
    const std::size_t control = std::size_t{1} << cx.control;
    const std::size_t target = std::size_t{1} << cx.target;
    for (std::size_t row = 0; row < u.rows(); ++row) {
        if ((row & control) == 0 || (row & target) != 0) {
            continue;
        }
        for (std::size_t j = 0; j < u.cols(); ++j) {
            std::swap(u(row, j), u(row | target, j));
        }
    }
}

}  // namespace

circuit::Circuit circuit_of(const Slots& slots, double tolerance) {
    circuit::Circuit out =
        circuit::Circuit::with_qubits(static_cast<std::uint32_t>(slots.num_qubits));
    for (int q = 0; q < slots.num_qubits; ++q) {
        append_u3(out, q, slots.first[static_cast<std::size_t>(q)], tolerance);
    }
    for (std::size_t i = 0; i < slots.cx.size(); ++i) {
        const CxPair& cx = slots.cx[i];
        out.append(circuit::Gate::kCX, {cx.control, cx.target});
        append_u3(out, cx.control, slots.after[i][0], tolerance);
        append_u3(out, cx.target, slots.after[i][1], tolerance);
    }
    return out;
}

base::Matrix unitary_of(const Slots& slots) {
    base::Matrix u = base::Matrix::identity(std::size_t{1} << slots.num_qubits);
    for (int q = 0; q < slots.num_qubits; ++q) {
        apply_rows(u, q, slots.first[static_cast<std::size_t>(q)]);
    }
    for (std::size_t i = 0; i < slots.cx.size(); ++i) {
        apply_cx_rows(u, slots.cx[i]);
        apply_rows(u, slots.cx[i].control, slots.after[i][0]);
        apply_rows(u, slots.cx[i].target, slots.after[i][1]);
    }
    return u;
}

}  // namespace detail

using namespace detail;

Result<Ansatz> ansatz_of(const circuit::Circuit& circuit) {
    const std::uint32_t n = circuit.num_qubits();
    if (n < 1 || n > kMaxTemplateQubits) {
        return invalid_argument("template: the circuit has " + std::to_string(n) +
                                " qubits, supported are 1 to " +
                                std::to_string(kMaxTemplateQubits));
    }
    Slots slots(static_cast<int>(n));
    for (std::size_t i = 0; i < circuit.operations.size(); ++i) {
        const circuit::Operation& operation = circuit.operations[i];
        if (operation.gate == circuit::Gate::kCX && !operation.condition) {
            slots.append_cx(static_cast<int>(operation.qubits[0]),
                            static_cast<int>(operation.qubits[1]));
            continue;
        }
        const Result<base::Matrix> matrix = operation_matrix(operation);
        if (!matrix || operation.qubits.size() != 1) {
            return invalid_argument("template: operation " + std::to_string(i) +
                                    " is neither cx nor a one-qubit gate");
        }
        slots.append(static_cast<int>(operation.qubits[0]), to_matrix2(*matrix));
    }
    return detail::ansatz_of(std::move(slots));
}

circuit::Circuit to_circuit(const Ansatz& ansatz, double tolerance) {
    return circuit_of(slots_of(ansatz), tolerance);
}

Ansatz without_cx(const Ansatz& ansatz, std::size_t index) {
    Slots slots = slots_of(ansatz);
    const CxPair cx = slots.cx[index];
    Matrix2& control = slots.last_slot(index, cx.control);
    control = slots.after[index][0] * control;
    Matrix2& target = slots.last_slot(index, cx.target);
    target = slots.after[index][1] * target;
    slots.cx.erase(slots.cx.begin() + static_cast<std::ptrdiff_t>(index));
    slots.after.erase(slots.after.begin() + static_cast<std::ptrdiff_t>(index));
    return detail::ansatz_of(std::move(slots));
}

base::Matrix unitary_of(const Ansatz& ansatz) {
    return detail::unitary_of(slots_of(ansatz));
}

}  // namespace quercus::synthesis
