#pragma once

// One-qubit unitaries in terms of a native set with the fewest pulses. Private to this room.

#include "quantum/mapping/native_set.hpp"

namespace quercus::mapping {

enum class OneQubitBasis : std::uint8_t {
    kNone,
    kU3,        // one gate: u3
    kU,         // one gate: u
    kPhasedXZ,  // one gate: pxz
    kZSX,       // rz sx rz sx rz
    kZR,        // r, then rz
    kZX,        // rz rx rz
    kZY,        // rz ry rz
    kR,         // r alone; a rotation about z takes two
};

struct OneQubitSet {
    OneQubitBasis basis = OneQubitBasis::kNone;
    Gate z = Gate::kRZ;  // rz, p or u1
    bool has_x = false;
};
// basis = kNone where the gates do not reach every unitary.
[[nodiscard]] OneQubitSet one_qubit_set(const std::vector<Gate>& gates);

// u up to global phase: `pulses` in program order, then rz(tail), which the caller may carry on.
// Bases of one gate have no tail.
struct Pulses {
    std::vector<Operation> pulses;
    double tail = 0;
};
[[nodiscard]] Pulses pulses_of(const base::Matrix& u, Qubit qubit, const OneQubitSet& set);
// rz(angle), or nothing when it is the identity; in a basis without rz two r.
[[nodiscard]] std::vector<Operation> z_rotation(double angle, Qubit qubit, const OneQubitSet& set);

}  // namespace quercus::mapping
