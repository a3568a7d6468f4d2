#pragma once

// The passes of a pipeline that look at the whole circuit and need no kernels. Private to this
// room.

#include "quantum/passes/pass.hpp"
#include "quantum/passes/pipeline.hpp"

namespace quercus::passes {

// `step`: a checked step of a pass with Scope::kCircuit other than local_search.
[[nodiscard]] Result<PassResult> run_circuit_pass(const Circuit& circuit, const Step& step);

}  // namespace quercus::passes
