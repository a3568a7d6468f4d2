#pragma once

// What comes back for a stretch of a circuit in {cx, u3} and fences. Private to this room.

#include <optional>

#include "quantum/passes/kernel_codec.hpp"

namespace quercus::passes {

// The answer where it can take the stretch's place: the same registers, {cx, u3} and the same
// fences in the same order on every qubit and classical bit, at most as many cx, and, where that is
// cheap to look at, a delta that is true. Nothing for an empty output and for what is no
// improvement. DATA_LOSS for bytes that are no output.
[[nodiscard]] Result<std::optional<KernelOutput>> check_stretch(const Circuit& asked,
                                                                BytesView output);

}  // namespace quercus::passes
