#pragma once

// Equal blocks in equal bytes. Rotations about Z before a control, and about X before a target,
// commute with the CX: each is moved as far to the front as it goes, and angles next to a multiple
// of pi / 16 become that. What a search leaves, and what stands beside gates that were edited, then
// looks the same more often, and a kernel is computed once for all of it. For single blocks: over a
// whole circuit, moving rotations away from where they cancel costs more than this gains.
// Private to this room.

#include "quantum/passes/pass.hpp"

namespace quercus::passes {

// `circuit`: {cx, u3} and fences, which nothing passes. As many CX in the same order; between two
// other operations on a qubit stands at most one u3.
[[nodiscard]] PassResult align_rotations(const Circuit& circuit);

}  // namespace quercus::passes
