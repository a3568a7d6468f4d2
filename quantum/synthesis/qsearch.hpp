#pragma once

// QSearch: best-first search over templates for the fewest CX that reach a target (Davis et al.,
// QCE 2020), all-to-all coupling. Departures: nodes are pairs up to the symmetries of free
// one-qubit gates, without those that provably need more CX; successors start warm from their
// parent, and descents that lead nowhere are given up early; on 2 and 3 qubits the depth where a
// template is generic (4k + 3n >= 4^n - 1 parameters) is tried first; after a solution the search
// goes on below it until nothing is left or the budget is spent.

#include "quantum/synthesis/instantiate.hpp"

namespace quercus::synthesis {

struct QSearchOptions {
    Seed seed = 0;
    double threshold = 1e-8;  // d of a solution
    double polish = 1e-14;
    int max_cx = 20;                    // never more CX than this
    std::uint64_t max_descents = 1000;  // optimiser starts
    int starts = 1;                     // per node: one warm, the others random
    std::vector<CxPair> pairs;          // that may carry a CX, each once; empty: all
    StopCheck stop;
};

struct QSearchResult {
    bool found = false;
    Ansatz ansatz;     // if found
    double delta = 0;  // if found; by norm
    std::uint64_t descents = 0;
    bool stopped = false;  // by the callback; budgets show in `descents`
};

// INVALID_ARGUMENT unless the target is a unitary on 2..5 qubits.
[[nodiscard]] Result<QSearchResult> qsearch(const base::Matrix& target,
                                            const QSearchOptions& options = {});

}  // namespace quercus::synthesis
