#pragma once

// The task kinds of this build.

#include "quantum/base/digest.hpp"
#include "runtime/workflow/runtime.hpp"

namespace quercus::tasks {

// The same in every process of one build; kinds named `test.*` only with QUERCUS_TEST_KINDS=1 in
// the environment at the first call. Any thread.
[[nodiscard]] const workflow::Registry& builtin_registry();

// Digest of the names and versions of builtin_registry(): nodes of a tree compare it.
[[nodiscard]] Digest kernel_set_digest();

}  // namespace quercus::tasks
