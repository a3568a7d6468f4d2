#pragma once

// Re-synthesis of one block: the function behind the block kernels. One qubit: closed form; two:
// KAK; three: deletion on the block's own structure, then QSearch below the best count; four:
// deletion only. Pure: the result depends on block and options alone (bytes included).

#include <cstdint>
#include <optional>
#include <vector>

#include "quantum/base/random.hpp"
#include "quantum/base/status.hpp"
#include "quantum/circuit/circuit.hpp"
#include "quantum/synthesis/stop.hpp"
#include "quantum/synthesis/template.hpp"

namespace quercus::synthesis {

struct BlockOptions {
    Seed seed = 0;
    double threshold = 1e-8;  // d that counts as a solution
    double polish = 1e-14;    // solutions are driven down to this d
    int effort = 1;           // 0 deletion only, 1 default, 2 and 3: about 4x and 16x the search
    // Results with more CX than this do not count as improvements.
    std::optional<std::uint32_t> max_two_qubit;
    // Pairs that may carry a CX, each once; empty: all. On three and more qubits results keep to
    // them if the block's own gates do.
    std::vector<CxPair> allowed_pairs;
    StopCheck stop;
};

struct BlockResult {
    // False = keep the input (nothing better found, or stopped before); `circuit` is then the
    // input itself and delta 0.
    bool improved = false;
    circuit::Circuit circuit;     // {cx, u3} on the input's qubits, one register q, if improved
    double delta = 0;             // true error bound by norm, up to global phase
    std::uint32_t cx_before = 0;  // CX equivalents of the input
    std::uint32_t cx_after = 0;
    std::uint64_t descents = 0;  // optimiser starts
    bool stopped = false;
};

// `block`: 1..4 qubits, unconditional unitary gates only (barriers and identities are dropped).
// INVALID_ARGUMENT otherwise. Improved = fewer CX; or as many, and either gates on three or more
// qubits were written out or there are fewer one-qubit gates.
[[nodiscard]] Result<BlockResult> synthesize_block(const circuit::Circuit& block,
                                                   const BlockOptions& options = {});

}  // namespace quercus::synthesis
