#pragma once

// Private to this room: how many CX must at least touch each qubit of a unitary, and which
// templates that rules out before any descent.
//
// For qubit q against the rest: an operator-Schmidt rank above 1 asks for a CX; weights other than
// 1/2 and 1/2 ask for two. If two suffice, U = (c x V2) C' (b x V1) C'' (a x V0) with C' and C''
// controlled on q along some axes; then Tr_q U^dagger (n . sigma_q) U is one linear functional of
// the axis n times one matrix, and on the plane of axes n where it vanishes the part of
// U^dagger (n . sigma_q) U along one axis m, the same for all of them, is a multiple of 1.

#include <array>
#include <cstddef>

#include "quantum/base/matrix.hpp"
#include "quantum/synthesis/template.hpp"

namespace quercus::synthesis::detail {

class Crossings {
 public:
    // A unitary on 2 to kMaxTemplateQubits qubits; `tolerance`: the d = 1 - |Tr(U^dagger V)| / N
    // that is accepted.
    Crossings(const base::Matrix& target, double tolerance);

    // 0 to 3; 3 stands for three or more.
    [[nodiscard]] int at_least(int qubit) const { return least_[static_cast<std::size_t>(qubit)]; }
    // False if no template of at most `max_cx` CX that begins with `start` reaches the target.
    [[nodiscard]] bool allow(const Template& start, std::size_t max_cx) const;

 private:
    std::array<int, kMaxTemplateQubits> least_{};
};

}  // namespace quercus::synthesis::detail
