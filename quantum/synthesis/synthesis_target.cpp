#include "quantum/synthesis/synthesis_target.hpp"

#include <bit>
#include <cmath>
#include <cstdio>
#include <string>

#include "quantum/circuit/unitary.hpp"

namespace quercus::synthesis {

namespace {

constexpr double kUnitaryTolerance = 1e-8;

Status check_unitary(const base::Matrix& u) {
    const std::size_t n = u.rows();
    if (n != u.cols() || n < 2 || n > std::size_t{1} << kMaxUnitaryQubits ||
        !std::has_single_bit(n)) {
        return invalid_argument(
            "the unitary is " + std::to_string(n) + " x " + std::to_string(u.cols()) +
            ": synthesis takes 2^n x 2^n with n = 1 to " + std::to_string(kMaxUnitaryQubits));
    }
    for (std::size_t i = 0; i < n * n; ++i) {
        if (!std::isfinite(u.data()[i].real()) || !std::isfinite(u.data()[i].imag())) {
            return invalid_argument("the matrix is not unitary: entry (" + std::to_string(i / n) +
                                    ", " + std::to_string(i % n) + ") is not finite");
        }
    }
    const double defect = base::unitarity_defect(u);
    if (!(defect <= kUnitaryTolerance)) {
        char text[32];
        std::snprintf(text, sizeof(text), "%.3g", defect);
        return invalid_argument("the matrix is not unitary: max |(U^dagger U - 1)_ij| = " +
                                std::string(text) + ", the limit is 1e-8");
    }
    return Status::ok();
}

std::size_t rows_of(const SynthesisTarget& target) {
    if (const auto* unitary = std::get_if<base::Matrix>(&target)) {
        return unitary->rows();
    }
    const auto* state = std::get_if<StateVector>(&target);
    return state != nullptr ? state->size() : std::get<StateMap>(target)[0].input.size();
}

}  // namespace

Status check(const SynthesisTarget& target) {
    if (const auto* unitary = std::get_if<base::Matrix>(&target)) {
        return check_unitary(*unitary);
    }
    const auto* state = std::get_if<StateVector>(&target);
    return state != nullptr ? check(*state) : check(std::get<StateMap>(target));
}

int num_qubits(const SynthesisTarget& target) {
    return std::countr_zero(rows_of(target));
}

std::size_t num_columns(const SynthesisTarget& target) {
    if (const auto* unitary = std::get_if<base::Matrix>(&target)) {
        return unitary->cols();
    }
    const auto* map = std::get_if<StateMap>(&target);
    return map != nullptr ? map->size() : 1;
}

Result<UnitaryResult> synthesize(const SynthesisTarget& target, const UnitaryOptions& options) {
    if (const auto* unitary = std::get_if<base::Matrix>(&target)) {
        return synthesize_unitary(*unitary, options);
    }
    const auto* state = std::get_if<StateVector>(&target);
    return state != nullptr ? synthesize_state(*state, options)
                            : synthesize_state_map(std::get<StateMap>(target), options);
}

Result<double> distance_to(const SynthesisTarget& target, const circuit::Circuit& circuit) {
    if (const auto* state = std::get_if<StateVector>(&target)) {
        return distance_to(preparation_of(*state), circuit);
    }
    if (const auto* map = std::get_if<StateMap>(&target)) {
        return distance_to(*map, circuit);
    }
    const auto& unitary = std::get<base::Matrix>(target);
    const auto actual = circuit::unitary_of(circuit);
    if (!actual) {
        return actual.error();
    }
    if (actual->rows() != unitary.rows()) {
        return invalid_argument("the circuit acts on another number of qubits than the unitary");
    }
    return base::phase_invariant_distance(unitary, *actual);
}

}  // namespace quercus::synthesis
