#pragma once

// Resynthesis of a mapped circuit: runs on pairs by KAK, then blocks of three qubits that hang
// together on the coupling graph, with CX on its edges only.

#include "quantum/base/random.hpp"
#include "quantum/mapping/machine_model.hpp"
#include "quantum/synthesis/stop.hpp"

namespace quercus::mapping {

struct ResynthesisOptions {
    Seed seed = 0;
    int max_rounds = 8;              // over different partitions; ends after 3 rounds without gain
    double threshold = 1e-8;         // d that a replaced block may differ by at most
    int effort = 1;                  // of block synthesis
    synthesis::StopCheck stop = {};  // asked between blocks too; what was reached is returned
};

struct ResynthesisResult {
    Circuit circuit;
    double delta = 0;  // bound of what was added to delta (ARCHITECTURE section 8)
    std::uint64_t blocks = 0, improved = 0;
};

// Runs on pairs: KAK where it takes fewer CX, SWAP gates written out. `circuit`: one- and two-qubit
// gates and fences, anywhere.
[[nodiscard]] Result<ResynthesisResult> merge_pairs(const Circuit& circuit);

// Never more two-qubit gates than merge_pairs leaves; every CX on an edge of `model` if the input's
// gates are. FAILED_PRECONDITION for a gate off the edges.
[[nodiscard]] Result<ResynthesisResult> resynthesize_on_coupling(
    const Circuit& mapped, const MachineModel& model, const ResynthesisOptions& options = {});

}  // namespace quercus::mapping
