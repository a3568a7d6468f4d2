#pragma once

// A circuit as Clifford gates and Z rotations, the form in which the Pauli-based passes see it.
// Every unconditional one-qubit gate is written as at most rz h rz h rz; angles within 1e-12 of a
// multiple of pi/4 are taken for it.

#include <cstdint>
#include <vector>

#include "quantum/passes/pass.hpp"

namespace quercus::passes {

inline constexpr double kPi = 3.14159265358979323846;

struct RotationStep {
    enum class Kind : std::uint8_t { kCX, kH, kX, kRz, kFixed };
    Kind kind = Kind::kFixed;
    Qubit a = 0;             // control, or the qubit of a one-qubit step
    Qubit b = 0;             // target of kCX
    double angle = 0;        // kRz, radians, in (-pi, pi]
    std::size_t source = 0;  // kFixed: index of the operation it stands for
};

// Without `source`.
[[nodiscard]] inline RotationStep rotation_step(RotationStep::Kind kind, Qubit a, Qubit b = 0,
                                                double angle = 0) {
    return {kind, a, b, angle, 0};
}

struct StepCircuit {
    std::vector<RotationStep> steps;
    double delta = 0;  // what taking angles for multiples of pi/4 costs
};

// Fences, and unitary gates on several qubits other than cx, become kFixed.
[[nodiscard]] StepCircuit to_steps(const Circuit& circuit);

// The circuit of `steps`, with the registers and fixed operations of `original`; one-qubit runs are
// merged to u3.
[[nodiscard]] Circuit from_steps(const std::vector<RotationStep>& steps, const Circuit& original);

// Angle in (-pi, pi], taken for a multiple of pi/4 within 1e-12.
[[nodiscard]] double snapped(double angle);
// k in 0..3 when the angle is k pi/2, else -1. For snapped angles.
[[nodiscard]] int quarter_turns(double angle);

// The inverse circuit; fixed steps keep what they stand for.
void invert(std::vector<RotationStep>& steps);

[[nodiscard]] std::size_t count_cx(const std::vector<RotationStep>& steps);

}  // namespace quercus::passes
