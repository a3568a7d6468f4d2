#pragma once

// Stochastic local search: random convex blocks of few qubits are synthesised again; fewer CX are
// taken, as many in another arrangement too, which opens other blocks to the next move. After GUOQ
// (Xu et al., arXiv:2411.04104, section 5); departure: no worse circuit is ever taken, the walk
// along equal costs is what leaves local minima.

#include <cstdint>

#include "quantum/base/random.hpp"
#include "quantum/passes/budget.hpp"
#include "quantum/passes/cost.hpp"
#include "quantum/passes/pass.hpp"
#include "quantum/synthesis/stop.hpp"

namespace quercus::passes {

struct LocalSearchOptions {
    Seed seed = 0;
    std::uint64_t iterations = 400;  // moves; ignored when `seconds` is positive
    double seconds = 0;
    int block_size = 3;            // most qubits of a block, 2..5
    double threshold = 1e-8;       // d of a replacement that lowers the cost
    double most_delta = kNoLimit;  // of all replacements together, rounding included
    Objective objective;           // no replacement makes it worse
    synthesis::StopCheck stop;
};

struct LocalSearchResult {
    Circuit circuit;
    double delta = 0;  // sum over the replacements
    std::uint64_t iterations = 0;
    std::uint64_t taken = 0;  // replacements
    std::uint64_t cx_saved = 0;
};

// `circuit`: {cx, u3} and fences, which stay where they are. Never more cx than before. Without
// `seconds` a pure function of circuit and options. When stopped: what was found so far.
[[nodiscard]] Result<LocalSearchResult> local_search(const Circuit& circuit,
                                                     const LocalSearchOptions& options);

}  // namespace quercus::passes
