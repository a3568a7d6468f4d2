#pragma once

// Of the parameters that reach a target, those that the target leaves free move to multiples of
// pi / 4. A numerical solution is a random point on a manifold of equal circuits; on a clean one
// the passes that look for Clifford gates, and for equal blocks, find what is there.

#include "quantum/synthesis/instantiate.hpp"

namespace quercus::synthesis {

// The result is as near to the engine's target as `solution`, or exact up to rounding, on the same
// template. As it came for generic templates, which leave nothing free, for those of more than 64
// parameters, and where `stop` says so. At most two descents per parameter and three more.
[[nodiscard]] Ansatz clean_angles(Instantiator& engine, Ansatz solution,
                                  const StopCheck& stop = {});

}  // namespace quercus::synthesis
