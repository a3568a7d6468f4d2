#pragma once

// The passes of a pipeline that look at the whole circuit and need no kernels. Private to this
// room.

#include "quantum/passes/pass.hpp"
#include "quantum/passes/pipeline.hpp"
#include "quantum/synthesis/stop.hpp"

namespace quercus::passes {

// Running it a second time changes nothing.
inline constexpr std::string_view kCleanUpPass = "clean_up";

// `step`: a checked step of a pass with Scope::kCircuit other than local_search. When `stop` says
// so, what has been reached by then.
[[nodiscard]] Result<PassResult> run_circuit_pass(Circuit circuit, const Step& step,
                                                  const synthesis::StopCheck& stop = {});

}  // namespace quercus::passes
