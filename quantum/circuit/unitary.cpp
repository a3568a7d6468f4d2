#include "quantum/circuit/unitary.hpp"

#include <algorithm>
#include <array>
#include <cassert>

namespace quercus::circuit {
namespace {

using base::Complex;
using base::Matrix;

// Without the NaN recovery of operator*, which keeps loops from being vectorised.
inline Complex mul(Complex a, Complex b) {
    return {a.real() * b.real() - a.imag() * b.imag(), a.real() * b.imag() + a.imag() * b.real()};
}

using Bits = std::array<std::uint32_t, kMaxUnitaryQubits>;

// Inserts a zero bit at each of the ascending positions.
inline std::size_t spread(std::size_t index, const Bits& sorted, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
        const std::size_t low = index & ((std::size_t{1} << sorted[i]) - 1);
        index = ((index - low) << 1) | low;
    }
    return index;
}

Bits sorted_bits(std::span<const Qubit> qubits) {
    Bits bits{};
    for (std::size_t i = 0; i < qubits.size(); ++i) {  // insertion sort
        std::size_t at = i;
        for (; at > 0 && bits[at - 1] > qubits[i]; --at) {
            bits[at] = bits[at - 1];
        }
        bits[at] = qubits[i];
    }
    return bits;
}

void apply_one(std::span<Complex> amps, Qubit qubit, const Matrix& m) {
    const std::size_t stride = std::size_t{1} << qubit;
    const Complex a = m(0, 0), b = m(0, 1), c = m(1, 0), d = m(1, 1);
    for (std::size_t block = 0; block < amps.size(); block += 2 * stride) {
        Complex* const low = amps.data() + block;
        Complex* const high = low + stride;
        for (std::size_t i = 0; i < stride; ++i) {
            const Complex x = low[i];
            const Complex y = high[i];
            low[i] = mul(a, x) + mul(b, y);
            high[i] = mul(c, x) + mul(d, y);
        }
    }
}

// Runs body(base index, length) over all index groups: `length` consecutive groups start there.
template <class Body>
void for_groups(std::size_t size, std::span<const Qubit> qubits, Body&& body) {
    const Bits sorted = sorted_bits(qubits);
    const std::size_t groups = size >> qubits.size();
    const std::size_t run = std::size_t{1} << sorted[0];  // indices below the lowest qubit
    for (std::size_t group = 0; group < groups; group += run) {
        body(spread(group, sorted, qubits.size()), run);
    }
}

// Offset of each of the gate's basis states.
std::array<std::size_t, std::size_t{1} << kMaxUnitaryQubits> offsets_of(
    std::span<const Qubit> qubits) {
    std::array<std::size_t, std::size_t{1} << kMaxUnitaryQubits> offsets{};
    for (std::size_t state = 0; state < (std::size_t{1} << qubits.size()); ++state) {
        for (std::size_t bit = 0; bit < qubits.size(); ++bit) {
            offsets[state] |= ((state >> bit) & 1) << qubits[bit];
        }
    }
    return offsets;
}

void apply_two(std::span<Complex> amps, std::span<const Qubit> qubits, const Matrix& m) {
    const auto offsets = offsets_of(qubits);
    std::array<Complex, 16> e;
    std::copy(m.data().begin(), m.data().end(), e.begin());
    for_groups(amps.size(), qubits, [&](std::size_t base, std::size_t run) {
        Complex* const p0 = amps.data() + base;
        Complex* const p1 = p0 + offsets[1];
        Complex* const p2 = p0 + offsets[2];
        Complex* const p3 = p0 + offsets[3];
        for (std::size_t i = 0; i < run; ++i) {
            const Complex a = p0[i], b = p1[i], c = p2[i], d = p3[i];
            p0[i] = mul(e[0], a) + mul(e[1], b) + mul(e[2], c) + mul(e[3], d);
            p1[i] = mul(e[4], a) + mul(e[5], b) + mul(e[6], c) + mul(e[7], d);
            p2[i] = mul(e[8], a) + mul(e[9], b) + mul(e[10], c) + mul(e[11], d);
            p3[i] = mul(e[12], a) + mul(e[13], b) + mul(e[14], c) + mul(e[15], d);
        }
    });
}

void apply_many(std::span<Complex> amps, std::span<const Qubit> qubits, const Matrix& m) {
    const auto offsets = offsets_of(qubits);
    const std::size_t dim = m.rows();
    std::array<Complex, std::size_t{1} << kMaxUnitaryQubits> in;
    for_groups(amps.size(), qubits, [&](std::size_t base, std::size_t run) {
        for (std::size_t i = 0; i < run; ++i) {
            Complex* const p = amps.data() + base + i;
            for (std::size_t c = 0; c < dim; ++c) {
                in[c] = p[offsets[c]];
            }
            for (std::size_t r = 0; r < dim; ++r) {
                Complex sum = 0;
                for (std::size_t c = 0; c < dim; ++c) {
                    sum += mul(m(r, c), in[c]);
                }
                p[offsets[r]] = sum;
            }
        }
    });
}

// The basis states of the gate that it does not leave alone.
std::vector<std::size_t> active_states(const Matrix& m) {
    std::vector<std::size_t> active;
    for (std::size_t i = 0; i < m.rows(); ++i) {
        bool is_identity = true;
        for (std::size_t j = 0; j < m.rows(); ++j) {
            const Complex expected = i == j ? 1.0 : 0.0;
            is_identity = is_identity && m(i, j) == expected && m(j, i) == expected;
        }
        if (!is_identity) {
            active.push_back(i);
        }
    }
    return active;
}

// A gate that mixes at most two of its basis states: cx, ccx, swap, cz, p, rz, ...
void apply_sparse(std::span<Complex> amps, std::span<const Qubit> qubits, const Matrix& m,
                  const std::vector<std::size_t>& active) {
    const auto offsets = offsets_of(qubits);
    const std::size_t s = active.front();
    const std::size_t t = active.back();
    const Complex a = m(s, s), b = m(s, t), c = m(t, s), d = m(t, t);
    for_groups(amps.size(), qubits, [&](std::size_t base, std::size_t run) {
        Complex* const low = amps.data() + base + offsets[s];
        Complex* const high = amps.data() + base + offsets[t];
        if (s == t) {
            for (std::size_t i = 0; i < run; ++i) {
                low[i] = mul(a, low[i]);
            }
            return;
        }
        for (std::size_t i = 0; i < run; ++i) {
            const Complex x = low[i];
            const Complex y = high[i];
            low[i] = mul(a, x) + mul(b, y);
            high[i] = mul(c, x) + mul(d, y);
        }
    });
}

Status not_unitary(std::size_t index, const Operation& op) {
    return failed_precondition("operation " + std::to_string(index) + " (" +
                               std::string(info(op.gate).name) +
                               (op.condition ? ", conditional" : "") + ") has no unitary");
}

}  // namespace

void apply_matrix(std::span<Complex> amplitudes, std::span<const Qubit> qubits,
                  const Matrix& matrix) {
    assert(!qubits.empty() && qubits.size() <= kMaxUnitaryQubits);
    assert(matrix.rows() == std::size_t{1} << qubits.size() && matrix.cols() == matrix.rows());
    const std::vector<std::size_t> active = active_states(matrix);
    if (active.empty()) {
        return;
    }
    if (qubits.size() == 1 && active.size() == 2) {
        apply_one(amplitudes, qubits[0], matrix);
    } else if (active.size() <= 2) {
        apply_sparse(amplitudes, qubits, matrix, active);
    } else if (qubits.size() == 2) {
        apply_two(amplitudes, qubits, matrix);
    } else {
        apply_many(amplitudes, qubits, matrix);
    }
}

void apply_operation(std::span<Complex> amplitudes, const Operation& operation) {
    if (operation.gate == Gate::kBarrier) {
        return;
    }
    assert(info(operation.gate).is_unitary && "apply_operation: gate has no matrix");
    if (operation.gate == Gate::kUnitary) {
        apply_matrix(amplitudes, operation.qubits, *operation.matrix);
    } else {
        apply_matrix(amplitudes, operation.qubits, gate_matrix(operation.gate, operation.params));
    }
}

std::vector<bool> final_measurements(const Circuit& circuit) {
    std::vector<bool> is_final(circuit.operations.size());
    std::vector<bool> qubit_used(circuit.num_qubits());
    std::vector<bool> creg_read(circuit.cregs.size());
    std::vector<bool> clbit_written(circuit.num_clbits());
    std::vector<std::uint32_t> creg_of;
    for (std::uint32_t r = 0; r < circuit.cregs.size(); ++r) {
        creg_of.insert(creg_of.end(), circuit.cregs[r].size, r);
    }
    for (std::size_t i = circuit.operations.size(); i-- > 0;) {
        const Operation& op = circuit.operations[i];
        if (op.gate == Gate::kBarrier) {
            continue;
        }
        if (op.gate == Gate::kMeasure && !op.condition) {
            is_final[i] = !qubit_used[op.qubits[0]] && !creg_read[creg_of[*op.clbit]] &&
                          !clbit_written[*op.clbit];
            clbit_written[*op.clbit] = true;
        }
        if (op.condition) {
            creg_read[op.condition->creg] = true;
        }
        for (const Qubit qubit : op.qubits) {
            qubit_used[qubit] = true;
        }
    }
    return is_final;
}

Status check_unitary(const Circuit& circuit, UnitaryOptions options) {
    const std::vector<bool> is_final = options.ignore_final_measurements
                                           ? final_measurements(circuit)
                                           : std::vector<bool>(circuit.operations.size());
    for (std::size_t i = 0; i < circuit.operations.size(); ++i) {
        const Operation& op = circuit.operations[i];
        const bool is_plain = info(op.gate).is_unitary || op.gate == Gate::kBarrier;
        if ((!is_plain && !is_final[i]) || op.condition) {
            return not_unitary(i, op);
        }
    }
    return {};
}

Result<Matrix> unitary_of(const Circuit& circuit, UnitaryOptions options) {
    const std::uint32_t n = circuit.num_qubits();
    if (n > kMaxUnitaryCircuitQubits) {
        return resource_exhausted("the unitary of " + std::to_string(n) + " qubits: limit is " +
                                  std::to_string(kMaxUnitaryCircuitQubits));
    }
    if (Status status = check_unitary(circuit, options); !status.is_ok()) {
        return status;
    }
    // Row-major entry (r, c) is amplitude r * 2^n + c of a state of 2n qubits whose upper half is
    // the row, so gates act on qubit + n with contiguous inner loops over the columns.
    Matrix unitary = Matrix::identity(std::size_t{1} << n);
    for (const Operation& op : circuit.operations) {
        if (!info(op.gate).is_unitary) {
            continue;
        }
        Operation shifted = op;
        for (Qubit& qubit : shifted.qubits) {
            qubit += n;
        }
        apply_operation(unitary.data(), shifted);
    }
    return unitary;
}

}  // namespace quercus::circuit
