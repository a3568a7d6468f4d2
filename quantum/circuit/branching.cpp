#include "quantum/circuit/branching.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "quantum/circuit/unitary.hpp"

namespace quercus::circuit {
namespace {

using base::Complex;

constexpr double kNegligible = 1e-24;  // probability of a history
constexpr std::size_t kMaxAmplitudes = std::size_t{1} << 26;
constexpr double kParallel = 1e-14;

struct Branch {
    State state;
    std::string bits;
};

Complex inner(const State& a, const State& b) {
    double real = 0;
    double imag = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        real += a[i].real() * b[i].real() + a[i].imag() * b[i].imag();
        imag += a[i].real() * b[i].imag() - a[i].imag() * b[i].real();
    }
    return {real, imag};
}

bool holds(const Condition& condition, const std::string& bits, Clbit first, std::uint32_t size) {
    for (std::uint32_t i = 0; i < size; ++i) {
        const bool wanted = i < 64 && ((condition.value >> i) & 1) != 0;
        if ((bits[first + i] == '1') != wanted) {
            return false;
        }
    }
    return size >= 64 || (condition.value >> size) == 0;
}

// The part of `state` where the qubit is 1, that part removed from `state`.
State split(State& state, Qubit qubit) {
    State one(state.size());
    const std::size_t bit = std::size_t{1} << qubit;
    for (std::size_t i = 0; i < state.size(); ++i) {
        if ((i & bit) != 0) {
            std::swap(one[i], state[i]);
        }
    }
    return one;
}

void lower(State& state, Qubit qubit) {
    const std::size_t bit = std::size_t{1} << qubit;
    for (std::size_t i = 0; i < state.size(); ++i) {
        if ((i & bit) != 0) {
            std::swap(state[i - bit], state[i]);
        }
    }
}

bool parallel(const State& a, const State& b) {
    const double norms = squared_norm(a) * squared_norm(b);
    return std::norm(inner(a, b)) >= norms * (1 - kParallel);
}

class Runner {
 public:
    Runner(const Circuit& circuit, State input, std::size_t max_branches)
        : circuit_(circuit), max_branches_(max_branches) {
        branches_.push_back({std::move(input), std::string(circuit.num_clbits(), '0')});
    }

    Status step(const Operation& op) {
        std::vector<Branch> born;
        for (Branch& branch : branches_) {
            if (op.condition &&
                !holds(*op.condition, branch.bits, first_clbit(circuit_, op.condition->creg),
                       circuit_.cregs[op.condition->creg].size)) {
                continue;
            }
            apply(op, branch, born);
            if (branches_.size() + born.size() > max_branches_ ||
                (branches_.size() + born.size()) * branch.state.size() > kMaxAmplitudes) {
                return resource_exhausted(
                    "the circuit branches into more than " +
                    std::to_string(std::min(max_branches_, kMaxAmplitudes / branch.state.size())) +
                    " histories of measurements and resets (max_branches)");
            }
        }
        std::move(born.begin(), born.end(), std::back_inserter(branches_));
        std::erase_if(branches_,
                      [](const Branch& b) { return squared_norm(b.state) < kNegligible; });
        return {};
    }

    Outcomes take() {
        Outcomes outcomes;
        for (Branch& branch : branches_) {
            outcomes[branch.bits].push_back(std::move(branch.state));
        }
        return outcomes;
    }

 private:
    static void apply(const Operation& op, Branch& branch, std::vector<Branch>& born) {
        if (op.gate != Gate::kMeasure && op.gate != Gate::kReset) {
            apply_operation(branch.state, op);
            return;
        }
        State one = split(branch.state, op.qubits[0]);
        if (op.gate == Gate::kReset) {
            lower(one, op.qubits[0]);
        }
        const double weight = squared_norm(one);
        const double kept = squared_norm(branch.state);
        std::string bits = branch.bits;
        if (op.gate == Gate::kMeasure) {
            bits[*op.clbit] = '1';
            branch.bits[*op.clbit] = '0';
        } else if (weight >= kNegligible && kept >= kNegligible && parallel(one, branch.state)) {
            const double factor = std::sqrt((weight + kept) / kept);
            for (Complex& amplitude : branch.state) {
                amplitude *= factor;
            }
            return;
        }
        if (weight >= kNegligible) {
            born.push_back({std::move(one), std::move(bits)});
        }
    }

    const Circuit& circuit_;
    std::size_t max_branches_;
    std::vector<Branch> branches_;
};

double pure_distance(const State& a, const State& b) {
    const Complex overlap = inner(b, a);
    const double magnitude = std::abs(overlap);
    const Complex phase = magnitude > 0 ? overlap / magnitude : Complex(1.0);
    double sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        sum += std::norm(a[i] - phase * b[i]);
    }
    return std::sqrt(sum);
}

double total_weight(const std::vector<State>& states) {
    double sum = 0;
    for (const State& state : states) {
        sum += squared_norm(state);
    }
    return sum;
}

// Coordinates of `state` in the orthonormal `basis`, which is extended when needed. Projected
// twice, because one Gram-Schmidt step loses digits.
std::vector<Complex> coordinates(State state, std::vector<State>& basis) {
    std::vector<Complex> result(basis.size());
    for (int pass = 0; pass < 2; ++pass) {
        for (std::size_t k = 0; k < basis.size(); ++k) {
            const Complex part = inner(basis[k], state);
            result[k] += part;
            for (std::size_t i = 0; i < state.size(); ++i) {
                state[i] -= part * basis[k][i];
            }
        }
    }
    const double rest = std::sqrt(squared_norm(state));
    if (rest > 1e-13) {
        for (Complex& amplitude : state) {
            amplitude /= rest;
        }
        basis.push_back(std::move(state));
        result.push_back(rest);
    }
    return result;
}

void add_outer(base::Matrix& sum, const std::vector<Complex>& v, double sign) {
    for (std::size_t i = 0; i < v.size(); ++i) {
        for (std::size_t j = 0; j < v.size(); ++j) {
            sum(i, j) += sign * v[i] * std::conj(v[j]);
        }
    }
}

double mixed_distance(const std::vector<State>& a, const std::vector<State>& b) {
    // In a basis of the span the difference is a small matrix without cancellation in its norm.
    std::vector<State> basis;
    std::vector<std::pair<std::vector<Complex>, double>> vectors;
    for (const State& state : a) {
        vectors.emplace_back(coordinates(state, basis), 1.0);
    }
    for (const State& state : b) {
        vectors.emplace_back(coordinates(state, basis), -1.0);
    }
    base::Matrix difference(basis.size(), basis.size());
    for (const auto& [vector, sign] : vectors) {
        add_outer(difference, vector, sign);
    }
    double sum = 0;
    for (const Complex& entry : difference.data()) {
        sum += std::norm(entry);
    }
    return std::sqrt(sum / std::max({total_weight(a), total_weight(b), kNegligible}));
}

}  // namespace

double squared_norm(const State& state) {
    double sum = 0;
    for (const Complex& amplitude : state) {
        sum += amplitude.real() * amplitude.real() + amplitude.imag() * amplitude.imag();
    }
    return sum;
}

Result<Outcomes> run_branches(const Circuit& circuit, State input, std::size_t max_branches) {
    Runner runner(circuit, std::move(input), max_branches);
    for (const Operation& op : circuit.operations) {
        if (Status status = runner.step(op); !status.is_ok()) {
            return status;
        }
    }
    return runner.take();
}

double ensemble_distance(const std::vector<State>& a, const std::vector<State>& b) {
    if (a.empty() || b.empty()) {
        return std::sqrt(total_weight(a) + total_weight(b));
    }
    if (a.size() == 1 && b.size() == 1) {
        return pure_distance(a.front(), b.front());
    }
    return mixed_distance(a, b);
}

}  // namespace quercus::circuit
