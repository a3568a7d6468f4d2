#include "tests/reference/channel.hpp"

namespace quercus::reference {
namespace {

using circuit::Circuit;
using circuit::Gate;
using circuit::Operation;

Matrix conjugate(const Matrix& k, const Matrix& rho) {
    return multiply(multiply(k, rho), dagger(k));
}

void add_to(Ensemble& ensemble, const std::string& bits, const Matrix& rho) {
    const auto [entry, is_new] = ensemble.emplace(bits, rho);
    if (!is_new) {
        entry->second = add(entry->second, rho);
    }
}

bool condition_holds(const Circuit& circuit, const Operation& op, const std::string& bits) {
    if (!op.condition) {
        return true;
    }
    std::size_t first = 0;
    for (std::uint32_t r = 0; r < op.condition->creg; ++r) {
        first += circuit.cregs[r].size;
    }
    std::uint64_t value = 0;
    for (std::uint32_t i = 0; i < circuit.cregs[op.condition->creg].size; ++i) {
        value += static_cast<std::uint64_t>(bits[first + i] == '1') << i;
    }
    return value == op.condition->value;
}

void apply(const Circuit& circuit, const Operation& op, const std::string& bits, const Matrix& rho,
           Ensemble& out) {
    const std::uint32_t n = circuit.num_qubits();
    if (!condition_holds(circuit, op, bits)) {
        return add_to(out, bits, rho);
    }
    if (op.gate != Gate::kMeasure && op.gate != Gate::kReset) {
        return add_to(out, bits, conjugate(of(op, n), rho));
    }
    for (int outcome = 0; outcome < 2; ++outcome) {
        Matrix kraus = zero(2);
        const auto bit = static_cast<std::size_t>(outcome);
        kraus[op.gate == Gate::kReset ? 0 : bit][bit] = 1.0;
        std::string after = bits;
        if (op.gate == Gate::kMeasure) {
            after[*op.clbit] = outcome == 0 ? '0' : '1';
        }
        add_to(out, after, conjugate(embed(kraus, {op.qubits[0]}, n), rho));
    }
}

}  // namespace

Ensemble run(const Circuit& circuit, const Vector& input) {
    Matrix rho = zero(input.size());
    for (std::size_t i = 0; i < input.size(); ++i) {
        for (std::size_t j = 0; j < input.size(); ++j) {
            rho[i][j] = input[i] * std::conj(input[j]);
        }
    }
    Ensemble ensemble = {{std::string(circuit.num_clbits(), '0'), rho}};
    for (const Operation& op : circuit.operations) {
        Ensemble next;
        for (const auto& [bits, state] : ensemble) {
            apply(circuit, op, bits, state, next);
        }
        ensemble = std::move(next);
    }
    return ensemble;
}

double difference(const Ensemble& a, const Ensemble& b) {
    double worst = 0;
    const auto one_sided = [&](const Ensemble& x, const Ensemble& y) {
        for (const auto& [bits, rho] : x) {
            const auto other = y.find(bits);
            const Matrix reference = other == y.end() ? zero(rho.size()) : other->second;
            worst = std::max(worst, difference(rho, reference));
        }
    };
    one_sided(a, b);
    one_sided(b, a);
    return worst;
}

std::map<std::string, double> probabilities(const Ensemble& ensemble) {
    std::map<std::string, double> result;
    for (const auto& [bits, rho] : ensemble) {
        for (std::size_t i = 0; i < rho.size(); ++i) {
            result[bits] += rho[i][i].real();
        }
    }
    return result;
}

}  // namespace quercus::reference
