#include "quantum/circuit/generate.hpp"

#include <cassert>
#include <cmath>
#include <numbers>
#include <numeric>

namespace quercus::circuit {
namespace {

constexpr double kPi = std::numbers::pi;

double angle(Philox& random) {
    return random.uniform(-kPi, kPi);
}

// The qubits in random order (Fisher-Yates).
std::vector<Qubit> shuffled(std::uint32_t num_qubits, Philox& random) {
    std::vector<Qubit> qubits(num_qubits);
    std::iota(qubits.begin(), qubits.end(), 0u);
    for (std::size_t i = qubits.size() - 1; i > 0; --i) {
        std::swap(qubits[i], qubits[random.below(i + 1)]);
    }
    return qubits;
}

// The arguments of one call are drawn in separate statements: their order of evaluation is free.
void append_u3(Circuit& circuit, Qubit qubit, Philox& random) {
    const double theta = angle(random);
    const double phi = angle(random);
    const double lambda = angle(random);
    circuit.append(Gate::kU3, {qubit}, {theta, phi, lambda});
}

void append_random(Circuit& circuit, std::uint32_t size, Philox& random) {
    const std::uint32_t n = circuit.num_qubits();
    for (std::uint32_t i = 0; i < size; ++i) {
        const std::vector<Qubit> q = shuffled(n, random);
        const double kind = random.uniform();
        if (kind < 0.45) {
            append_u3(circuit, q[0], random);
        } else if (kind < 0.82) {
            circuit.append(Gate::kCX, {q[0], q[1]});
        } else if (kind < 0.90) {
            circuit.append(Gate::kRZZ, {q[0], q[1]}, {angle(random)});
        } else if (kind < 0.95 || n < 3) {
            circuit.append(Gate::kSwap, {q[0], q[1]});
        } else {
            circuit.append(Gate::kCCX, {q[0], q[1], q[2]});
        }
    }
}

void append_trotter(Circuit& circuit, std::uint32_t steps, Philox& random) {
    const std::uint32_t n = circuit.num_qubits();
    const double dt = 0.1;
    std::vector<double> couplings(3);
    for (double& coupling : couplings) {
        coupling = random.uniform(0.5, 1.5);
    }
    std::vector<double> fields(n);
    for (double& field : fields) {
        field = random.uniform(-1, 1);
    }
    for (std::uint32_t step = 0; step < steps; ++step) {
        for (std::uint32_t parity = 0; parity < 2; ++parity) {
            for (Qubit q = parity; q + 1 < n; q += 2) {
                circuit.append(Gate::kRXX, {q, q + 1}, {2 * couplings[0] * dt});
                circuit.append(Gate::kRYY, {q, q + 1}, {2 * couplings[1] * dt});
                circuit.append(Gate::kRZZ, {q, q + 1}, {2 * couplings[2] * dt});
            }
        }
        for (Qubit q = 0; q < n; ++q) {
            circuit.append(Gate::kRX, {q}, {2 * fields[q] * dt});
        }
    }
}

void append_variational(Circuit& circuit, std::uint32_t layers, Philox& random) {
    const std::uint32_t n = circuit.num_qubits();
    for (std::uint32_t layer = 0; layer <= layers; ++layer) {
        for (Qubit q = 0; q < n; ++q) {
            circuit.append(Gate::kRY, {q}, {angle(random)});
            circuit.append(Gate::kRZ, {q}, {angle(random)});
        }
        for (Qubit q = 0; layer < layers && q + 1 < n; ++q) {
            circuit.append(Gate::kCX, {q, q + 1});
        }
    }
}

// Cuccaro et al., quant-ph/0410184: MAJ and UMA on (carry, b, a).
void append_majority(Circuit& circuit, Qubit carry, Qubit b, Qubit a) {
    circuit.append(Gate::kCX, {a, b});
    circuit.append(Gate::kCX, {a, carry});
    circuit.append(Gate::kCCX, {carry, b, a});
}

void append_unmajority(Circuit& circuit, Qubit carry, Qubit b, Qubit a) {
    circuit.append(Gate::kCCX, {carry, b, a});
    circuit.append(Gate::kCX, {a, carry});
    circuit.append(Gate::kCX, {carry, b});
}

// b += a on floor((n-1)/2) bits with a carry in, and a carry out when a qubit is left.
void append_addition(Circuit& circuit, const std::vector<Qubit>& q) {
    const std::size_t bits = (q.size() - 1) / 2;
    const auto a = [&](std::size_t i) { return q[1 + 2 * i]; };
    const auto b = [&](std::size_t i) { return q[2 + 2 * i]; };
    const auto carry = [&](std::size_t i) { return i == 0 ? q[0] : a(i - 1); };
    for (std::size_t i = 0; i < bits; ++i) {
        append_majority(circuit, carry(i), b(i), a(i));
    }
    if (q.size() > 1 + 2 * bits) {
        circuit.append(Gate::kCX, {carry(bits), q.back()});
    }
    for (std::size_t i = bits; i-- > 0;) {
        append_unmajority(circuit, carry(i), b(i), a(i));
    }
}

void append_arithmetic(Circuit& circuit, std::uint32_t additions, Philox& random) {
    const std::uint32_t n = circuit.num_qubits();
    for (std::uint32_t i = 0; i < additions; ++i) {
        for (Qubit q = 0; q < n; ++q) {
            if (random.below(2) == 1) {
                circuit.append(Gate::kX, {q});
            }
        }
        append_addition(circuit, shuffled(n, random));
    }
}

}  // namespace

Circuit generate(Family family, std::uint32_t num_qubits, std::uint32_t size, Seed seed) {
    assert(num_qubits >= 2 && "generate needs two qubits");
    Circuit circuit = Circuit::with_qubits(num_qubits);
    Philox random(seed, static_cast<std::uint64_t>(family));
    switch (family) {
        case Family::kRandom:
            append_random(circuit, size, random);
            break;
        case Family::kTrotter:
            append_trotter(circuit, size, random);
            break;
        case Family::kVariational:
            append_variational(circuit, size, random);
            break;
        case Family::kArithmetic:
            append_arithmetic(circuit, size, random);
            break;
    }
    return circuit;
}

// Gram-Schmidt (twice, for orthogonality to rounding) on Gaussian rows.
base::Matrix haar_unitary(std::size_t size, Philox& random) {
    base::Matrix m(size, size);
    for (base::Complex& entry : m.data()) {
        entry = {random.normal(), random.normal()};
    }
    for (std::size_t i = 0; i < 2 * size; ++i) {
        const std::size_t row = i % size;
        double norm = 0;
        for (std::size_t k = 0; k < row; ++k) {
            base::Complex dot = 0;
            for (std::size_t j = 0; j < size; ++j) {
                dot += std::conj(m(k, j)) * m(row, j);
            }
            for (std::size_t j = 0; j < size; ++j) {
                m(row, j) -= dot * m(k, j);
            }
        }
        for (std::size_t j = 0; j < size; ++j) {
            norm += std::norm(m(row, j));
        }
        for (std::size_t j = 0; j < size; ++j) {
            m(row, j) /= std::sqrt(norm);
        }
    }
    return m;
}

}  // namespace quercus::circuit
