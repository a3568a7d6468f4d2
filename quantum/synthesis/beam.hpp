#pragma once

// Beam search over templates: breadth first, but of each count of CX only the `width` structures
// closest to the target are extended (batched frontier expansion; LEAP's prefixes of Smith et al.,
// ACM TQC 2023, kept as a set instead of one). Where QSearch's frontier grows too wide: four
// qubits, or more than about seven CX on three.

#include "quantum/synthesis/qsearch.hpp"

namespace quercus::synthesis {

struct BeamOptions {
    Seed seed = 0;
    double threshold = 1e-8;  // d of a solution
    double polish = 1e-14;
    int max_cx = 14;                     // never more CX than this
    std::size_t width = 16;              // structures kept per count of CX
    int starts = 2;                      // per structure: one warm, the others random
    std::uint64_t max_descents = 10000;  // optimiser starts
    std::vector<CxPair> pairs;           // that may carry a CX, each once; empty: all
    bool is_survey = false;  // wants the closest, solution or not: nothing is left out or hurried
    StopCheck stop;
};

// The first solution met, that is the one with the fewest CX among the structures visited. Without
// one (found = false), `ansatz` and `delta` are the closest of the last level.
// INVALID_ARGUMENT unless the target is a unitary on 2..5 qubits.
[[nodiscard]] Result<QSearchResult> beam_search(const base::Matrix& target,
                                                const BeamOptions& options = {});

}  // namespace quercus::synthesis
