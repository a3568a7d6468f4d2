#include "quantum/synthesis/rebase.hpp"

#include <string>

#include "quantum/synthesis/kak.hpp"
#include "quantum/synthesis/slots.hpp"

namespace quercus::synthesis {

using namespace detail;
using circuit::Gate;

namespace {

Matrix2 hadamard() {
    constexpr double h = 0.70710678118654752440;
    return {h, h, h, -h};
}

// ccz by the textbook circuit (Nielsen, Chuang, figure 4.9) without its two Hadamards.
void append_ccz(Slots& slots, int a, int b, int c) {
    const Matrix2 t = rotation_z(0.25 * kPi);
    const Matrix2 tdg = rotation_z(-0.25 * kPi);
    slots.append_cx(b, c);
    slots.append(c, tdg);
    slots.append_cx(a, c);
    slots.append(c, t);
    slots.append_cx(b, c);
    slots.append(c, tdg);
    slots.append_cx(a, c);
    slots.append(b, t);
    slots.append(c, t);
    slots.append_cx(a, b);
    slots.append(a, t);
    slots.append(b, tdg);
    slots.append_cx(a, b);
}

void append_ccx(Slots& slots, int a, int b, int c) {
    slots.append(c, hadamard());
    append_ccz(slots, a, b, c);
    slots.append(c, hadamard());
}

Status append_two_qubit(Slots& slots, const base::Matrix& matrix, int low, int high) {
    const Result<circuit::Circuit> circuit = synthesize_two_qubit(matrix);
    if (!circuit) {
        return circuit.error();
    }
    const std::array<int, 2> wires = {low, high};
    for (const circuit::Operation& operation : circuit->operations) {
        if (operation.gate == Gate::kCX) {
            slots.append_cx(wires[operation.qubits[0]], wires[operation.qubits[1]]);
        } else {
            slots.append(wires[operation.qubits[0]], to_matrix2(*operation_matrix(operation)));
        }
    }
    return Status::ok();
}

Status append_operation(Slots& slots, const circuit::Operation& operation) {
    std::array<int, 3> q{};
    for (std::size_t k = 0; k < operation.qubits.size() && k < 3; ++k) {
        q[k] = static_cast<int>(operation.qubits[k]);
    }
    const Result<base::Matrix> matrix = operation_matrix(operation);
    if (!matrix) {
        return matrix.error();
    }
    if (operation.gate == Gate::kCX) {
        slots.append_cx(q[0], q[1]);
    } else if (operation.qubits.size() == 1) {
        slots.append(q[0], to_matrix2(*matrix));
    } else if (operation.qubits.size() == 2) {
        return append_two_qubit(slots, *matrix, q[0], q[1]);
    } else if (operation.gate == Gate::kCCX) {
        append_ccx(slots, q[0], q[1], q[2]);
    } else if (operation.gate == Gate::kCCZ) {
        append_ccz(slots, q[0], q[1], q[2]);
    } else if (operation.gate == Gate::kCSwap) {
        slots.append_cx(q[2], q[1]);
        append_ccx(slots, q[0], q[1], q[2]);
        slots.append_cx(q[2], q[1]);
    } else {
        return failed_precondition("rebase: no circuit for " +
                                   std::string(circuit::info(operation.gate).name) + " on " +
                                   std::to_string(operation.qubits.size()) + " qubits");
    }
    return Status::ok();
}

std::uint32_t wide_gate_count(const circuit::Operation& operation) {
    switch (operation.gate) {
        case Gate::kCCX:
        case Gate::kCCZ:
        case Gate::kCCP:
        case Gate::kRC3X:
            return 6;
        case Gate::kICCX:
            return 4;
        case Gate::kRCCX:
            return 3;
        case Gate::kCSwap:
            return 7;
        case Gate::kC3X:
            return 14;
        case Gate::kC3SqrtX:
            return 20;
        case Gate::kC4X:
            return 36;
        default:
            return operation.qubits.size() == 3 ? 14 : operation.qubits.size() == 4 ? 100 : 444;
    }
}

}  // namespace

Result<base::Matrix> operation_matrix(const circuit::Operation& operation) {
    if (operation.condition) {
        return invalid_argument("synthesis: the operation is conditional");
    }
    if (operation.gate == Gate::kUnitary) {
        if (!operation.matrix || operation.matrix->rows() != operation.matrix->cols() ||
            operation.matrix->rows() != std::size_t{1} << operation.qubits.size()) {
            return invalid_argument("synthesis: a unitary operation without a matching matrix");
        }
        return *operation.matrix;
    }
    if (!circuit::info(operation.gate).is_unitary) {
        return invalid_argument("synthesis: " + std::string(circuit::info(operation.gate).name) +
                                " has no matrix");
    }
    return circuit::gate_matrix(operation.gate, {operation.params.data(), operation.params.size()});
}

Result<std::uint32_t> cx_equivalents(const circuit::Operation& operation) {
    if (operation.gate == Gate::kBarrier || operation.qubits.size() == 1) {
        return std::uint32_t{0};
    }
    if (operation.gate == Gate::kCX) {
        return std::uint32_t{1};
    }
    if (operation.qubits.size() > 2) {
        return wide_gate_count(operation);
    }
    const Result<base::Matrix> matrix = operation_matrix(operation);
    if (!matrix) {
        return matrix.error();
    }
    const Result<int> count = minimal_cx(*matrix);
    if (!count) {
        return count.error();
    }
    return static_cast<std::uint32_t>(*count);
}

Result<Ansatz> rebase_to_ansatz(const circuit::Circuit& circuit) {
    const std::uint32_t n = circuit.num_qubits();
    if (n < 1 || n > kMaxTemplateQubits) {
        return invalid_argument("rebase: the circuit has " + std::to_string(n) +
                                " qubits, supported are 1 to " +
                                std::to_string(kMaxTemplateQubits));
    }
    Slots slots(static_cast<int>(n));
    for (const circuit::Operation& operation : circuit.operations) {
        if (operation.gate == Gate::kBarrier) {
            continue;
        }
        if (Status status = append_operation(slots, operation); !status.is_ok()) {
            return status;
        }
    }
    return detail::ansatz_of(std::move(slots));
}

}  // namespace quercus::synthesis
