#pragma once

// Private to this room: exact preparation of states on five to eight qubits by their Schmidt
// decomposition (Plesch, Brukner, PRA 83, 032302 (2011)): sum_i s_i |a_i>|b_i> is prepared as
// sum_i s_i |i>|0> on ceil(log2 rank) qubits of one half, copied to the other by as many CX, and
// each half is mapped from |i> to its vectors. Departure: the bipartition is the balanced one of
// least rank, and few vectors are mapped as states instead of by a whole unitary, so GHZ, W and
// product states stay cheap. Random states take about 16, 34, 66 and 132 CX on five to
// eight qubits.

#include "quantum/synthesis/state.hpp"

namespace quercus::synthesis::detail {

// `state` has passed check() and has 2..8 qubits. `delta` and `cx` of the result are left to the
// caller.
[[nodiscard]] Result<UnitaryResult> prepare_by_schmidt(const StateVector& state,
                                                       const UnitaryOptions& options);

}  // namespace quercus::synthesis::detail
