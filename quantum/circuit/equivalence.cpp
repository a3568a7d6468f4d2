#include "quantum/circuit/equivalence.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>

#include "quantum/circuit/branching.hpp"
#include "quantum/circuit/unitary.hpp"

namespace quercus::circuit {
namespace {

using base::Complex;

Status check_comparable(const Circuit& a, const Circuit& b) {
    for (const Circuit* circuit : {&a, &b}) {
        if (Status status = validate(*circuit); !status.is_ok()) {
            return status;
        }
        for (const Operation& op : circuit->operations) {
            if (op.gate == Gate::kOpaque) {
                return failed_precondition("opaque gate '" + op.opaque_name +
                                           "' cannot be compared");
            }
        }
    }
    if (a.num_qubits() != b.num_qubits() || a.num_clbits() != b.num_clbits()) {
        return invalid_argument("circuits differ in size: " + std::to_string(a.num_qubits()) +
                                " and " + std::to_string(b.num_qubits()) + " qubits, " +
                                std::to_string(a.num_clbits()) + " and " +
                                std::to_string(b.num_clbits()) + " classical bits");
    }
    if (a.num_qubits() > kMaxEquivalenceQubits) {
        return resource_exhausted("comparing circuits of " + std::to_string(a.num_qubits()) +
                                  " qubits: limit is " + std::to_string(kMaxEquivalenceQubits));
    }
    return {};
}

// Haar-random up to its norm of 1, or |0...0>.
State input_state(std::uint32_t num_qubits, const EquivalenceOptions& options, int index) {
    State state(std::size_t{1} << num_qubits);
    if (options.zero_input) {
        state[0] = 1.0;
        return state;
    }
    Philox random(options.seed, static_cast<std::uint64_t>(index));
    for (Complex& amplitude : state) {
        const double real = random.normal();
        amplitude = {real, random.normal()};
    }
    const double scale = 1 / std::sqrt(squared_norm(state));
    for (Complex& amplitude : state) {
        amplitude *= scale;
    }
    return state;
}

// Measured qubit -> classical bit, when measurements come last and nothing else is classical.
std::optional<std::map<Qubit, Clbit>> final_readout(const Circuit& circuit) {
    if (!check_unitary(circuit, {.ignore_final_measurements = true}).is_ok()) {
        return std::nullopt;
    }
    std::map<Qubit, Clbit> readout;
    for (const Operation& op : circuit.operations) {
        if (op.gate == Gate::kMeasure) {
            readout.emplace(op.qubits[0], *op.clbit);
        }
    }
    return readout;
}

State run_unitary(const Circuit& circuit, State state) {
    for (const Operation& op : circuit.operations) {
        if (info(op.gate).is_unitary) {
            apply_operation(state, op);
        }
    }
    return state;
}

// sum over contents of the measured bits of (|p_a - p_b|), halved.
double total_variation(const State& a, const State& b, std::size_t measured) {
    std::vector<double> difference(a.size());
    for (std::size_t i = 0; i < a.size(); ++i) {
        difference[i & measured] += std::norm(a[i]) - std::norm(b[i]);
    }
    double sum = 0;
    for (const double d : difference) {
        sum += std::abs(d);
    }
    return sum / 2;
}

// The squared distance when each content of the measured bits has its own free phase.
double squared_distance(const State& a, const State& b, std::size_t measured) {
    std::vector<Complex> phases(a.size());
    for (std::size_t i = 0; i < a.size(); ++i) {
        phases[i & measured] += std::conj(b[i]) * a[i];
    }
    for (Complex& phase : phases) {
        const double magnitude = std::abs(phase);
        phase = magnitude > 0 ? phase / magnitude : Complex(1.0);
    }
    double sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        sum += std::norm(a[i] - phases[i & measured] * b[i]);
    }
    return sum;
}

int inputs(const EquivalenceOptions& options) {
    return options.zero_input ? 1 : std::max(1, options.num_states);
}

double compare_states(const Circuit& a, const Circuit& b, const EquivalenceOptions& options,
                      const std::map<Qubit, Clbit>& readout) {
    std::size_t measured = 0;
    for (const auto& [qubit, clbit] : readout) {
        measured |= std::size_t{1} << qubit;
    }
    double sum = 0;
    double worst = 0;
    for (int i = 0; i < inputs(options); ++i) {
        const State input = input_state(a.num_qubits(), options, i);
        const State state_a = run_unitary(a, input);
        const State state_b = run_unitary(b, input);
        sum += squared_distance(state_a, state_b, measured);
        worst = std::max(worst, total_variation(state_a, state_b, measured));
    }
    return options.outcomes_only ? worst : std::sqrt(sum / inputs(options));
}

double compare_outcomes(const Outcomes& a, const Outcomes& b, bool outcomes_only) {
    static const std::vector<State> kNone;
    double sum = 0;
    const auto add = [&](const std::vector<State>& x, const std::vector<State>& y) {
        if (outcomes_only) {
            const auto weight = [](const std::vector<State>& states) {
                double total = 0;
                for (const State& state : states) {
                    total += squared_norm(state);
                }
                return total;
            };
            sum += std::abs(weight(x) - weight(y)) / 2;
        } else {
            const double distance = ensemble_distance(x, y);
            sum += distance * distance;
        }
    };
    for (const auto& [bits, states] : a) {
        const auto found = b.find(bits);
        add(states, found == b.end() ? kNone : found->second);
    }
    for (const auto& [bits, states] : b) {
        if (!a.contains(bits)) {
            add(kNone, states);
        }
    }
    return outcomes_only ? sum : std::sqrt(sum);
}

Result<double> compare_branches(const Circuit& a, const Circuit& b,
                                const EquivalenceOptions& options) {
    double worst = 0;
    for (int i = 0; i < inputs(options); ++i) {
        const State input = input_state(a.num_qubits(), options, i);
        const Result<Outcomes> of_a = run_branches(a, input, options.max_branches);
        if (!of_a) {
            return of_a.error();
        }
        const Result<Outcomes> of_b = run_branches(b, input, options.max_branches);
        if (!of_b) {
            return of_b.error();
        }
        worst = std::max(worst, compare_outcomes(*of_a, *of_b, options.outcomes_only));
    }
    return worst;
}

Equivalence verdict(double distance, EquivalenceMethod method, const EquivalenceOptions& options) {
    return {distance <= options.tolerance, distance, method};
}

}  // namespace

std::string_view to_string(EquivalenceMethod method) {
    switch (method) {
        case EquivalenceMethod::kUnitary:
            return "unitary";
        case EquivalenceMethod::kRandomStates:
            return "random states";
        case EquivalenceMethod::kBranching:
            return "branching";
    }
    return "unknown";
}

Result<double> unitary_distance(const Circuit& a, const Circuit& b) {
    if (a.num_qubits() != b.num_qubits()) {
        return invalid_argument("circuits have " + std::to_string(a.num_qubits()) + " and " +
                                std::to_string(b.num_qubits()) + " qubits");
    }
    const Result<base::Matrix> of_a = unitary_of(a);
    if (!of_a) {
        return of_a.error();
    }
    const Result<base::Matrix> of_b = unitary_of(b);
    if (!of_b) {
        return of_b.error();
    }
    return phase_invariant_distance(*of_a, *of_b);
}

Result<Equivalence> check_equivalence(const Circuit& a, const Circuit& b,
                                      EquivalenceOptions options) {
    if (Status status = check_comparable(a, b); !status.is_ok()) {
        return status;
    }
    const bool is_unitary = check_unitary(a).is_ok() && check_unitary(b).is_ok();
    const auto limit = std::min(options.max_unitary_qubits, kMaxUnitaryCircuitQubits);
    if (is_unitary && a.num_qubits() <= limit && !options.zero_input && !options.outcomes_only) {
        const Result<double> distance = unitary_distance(a, b);
        if (!distance) {
            return distance.error();
        }
        return verdict(*distance, EquivalenceMethod::kUnitary, options);
    }
    const auto readout = final_readout(a);
    if (readout && readout == final_readout(b)) {
        return verdict(compare_states(a, b, options, *readout), EquivalenceMethod::kRandomStates,
                       options);
    }
    const Result<double> distance = compare_branches(a, b, options);
    if (!distance) {
        return distance.error();
    }
    return verdict(*distance, EquivalenceMethod::kBranching, options);
}

}  // namespace quercus::circuit
