#pragma once

// From a bare unitary to a circuit in {cx, u3} with few CX. One qubit: closed form; two: KAK.
// Three and four: first a generic template (14 or 61 CX, which reach almost every unitary); if
// templates with one CX less do not reach the target, it is generic and this is the least count.
// Otherwise beam search from below and gate deletion from above. Five to eight: block-ZXZ down to
// four-qubit factors, each synthesised as above. Pure: the result depends on the arguments alone.

#include <cstdint>

#include "quantum/base/matrix.hpp"
#include "quantum/base/random.hpp"
#include "quantum/base/status.hpp"
#include "quantum/circuit/circuit.hpp"
#include "quantum/synthesis/stop.hpp"

namespace quercus::synthesis {

inline constexpr int kMaxUnitaryQubits = 8;

struct UnitaryOptions {
    Seed seed = 0;
    double threshold = 1e-8;  // d that counts as a solution
    double polish = 1e-14;    // solutions are driven down to this d
    int effort = 1;           // 0: generic template only; each step above 1 doubles the search
    StopCheck stop;
};

struct UnitaryResult {
    circuit::Circuit circuit;  // {cx, u3}, one register q
    double delta = 0;          // by norm, up to global phase
    std::uint32_t cx = 0;
    std::uint64_t descents = 0;  // optimiser starts
    bool stopped = false;        // the search was cut short; the circuit is still correct
};

// INVALID_ARGUMENT unless `target` is 2^n x 2^n, n = 1..8, and unitary to 1e-8; CANCELLED if the
// callback stopped it before there was any circuit.
[[nodiscard]] Result<UnitaryResult> synthesize_unitary(const base::Matrix& target,
                                                       const UnitaryOptions& options = {});

}  // namespace quercus::synthesis
