#pragma once

// Private to this room: circuits in {cx, arbitrary one-qubit gates} as CX plus the 2x2 matrix in
// each slot between them.

#include <array>
#include <vector>

#include "quantum/synthesis/matrix2.hpp"
#include "quantum/synthesis/template.hpp"

namespace quercus::synthesis::detail {

struct Slots {
    int num_qubits = 0;
    std::vector<CxPair> cx;
    std::vector<Matrix2> first;                 // per qubit, before every CX
    std::vector<std::array<Matrix2, 2>> after;  // per CX: on its control, on its target

    explicit Slots(int n) : num_qubits(n), first(static_cast<std::size_t>(n), identity2()) {}

    // Appends in program order.
    void append(int qubit, const Matrix2& gate) {
        Matrix2& slot = last_slot(cx.size(), qubit);
        slot = gate * slot;
    }
    void append_cx(int control, int target) {
        cx.push_back({static_cast<std::uint8_t>(control), static_cast<std::uint8_t>(target)});
        after.push_back({identity2(), identity2()});
    }
    // The slot on `qubit` in force just before CX number `before`.
    Matrix2& last_slot(std::size_t before, int qubit);
};

[[nodiscard]] Slots slots_of(const Ansatz& ansatz);
[[nodiscard]] Ansatz ansatz_of(Slots slots);
[[nodiscard]] circuit::Circuit circuit_of(const Slots& slots, double tolerance);
[[nodiscard]] base::Matrix unitary_of(const Slots& slots);

}  // namespace quercus::synthesis::detail
