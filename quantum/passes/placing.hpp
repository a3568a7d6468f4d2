#pragma once

// The kernels that put a circuit on its target. Private to this room. Routing of little work is
// done at once; of more, its trials are tasks (see SpreadPlan), in whose order nothing lies.

#include "quantum/passes/kernel_codec.hpp"
#include "quantum/synthesis/stop.hpp"

namespace quercus::passes {

// Outputs: PlaceOutput; best_trials; Placed. CANCELLED when `stop` said so, DATA_LOSS for trials
// that are none of the machine's.
[[nodiscard]] Result<Bytes> run_placing(const PlaceInput& input, Seed seed,
                                        const synthesis::StopCheck& stop);
[[nodiscard]] Result<Bytes> run_placing(const TrialsInput& input, Seed seed,
                                        const synthesis::StopCheck& stop);
[[nodiscard]] Result<Bytes> run_placing(const FinishInput& input, Seed seed,
                                        const synthesis::StopCheck& stop);

}  // namespace quercus::passes
