#pragma once

// Which partition a round of compilation uses: several are tried and their gains predicted. Private
// to this room.

#include "quantum/passes/compile.hpp"

namespace quercus::passes {

// Fills blocks, partition and uses of the plan from its working circuit ({cx, u3} and fences), the
// settled inputs and the options. Leaves `blocks` empty when no partition promises a gain.
[[nodiscard]] Result<CompilePlan> choose_round(CompilePlan plan);

}  // namespace quercus::passes
