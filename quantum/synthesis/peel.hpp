#pragma once

// Peels one qubit off a unitary on four: U = (V on three qubits) * (star), or the other way round,
// where a star is a few pairs of CX between one qubit and the others, as in Fourier transforms and
// controlled gates. Found by instantiating the star followed by a generic template (14 CX) on the
// three, whose only purpose is to stand for every V; V is then synthesised on its own. A search
// over structures of all the CX at once rarely meets such a circuit.

#include <cstdint>
#include <functional>
#include <optional>

#include "quantum/base/matrix.hpp"
#include "quantum/base/random.hpp"
#include "quantum/circuit/circuit.hpp"
#include "quantum/synthesis/stop.hpp"
#include "quantum/synthesis/template.hpp"

namespace quercus::synthesis {

// A circuit in {cx, u3} for a unitary on three qubits, up to global phase.
using RestSynthesis = std::function<Result<circuit::Circuit>(const base::Matrix&)>;

struct PeelOptions {
    Seed seed = 0;
    double threshold = 1e-8;
    double polish = 1e-14;  // d of star and stand-in; the result is driven down to it as well
    int starts = 2;         // per star
    StopCheck stop;
};

struct PeelResult {
    std::optional<Ansatz> ansatz;  // the fewest CX met; none where no star of up to 6 CX fits
    std::uint64_t descents = 0;    // optimiser starts
};

// `target`: a unitary on four qubits (16 x 16), as Instantiator takes it; nothing is found for
// others.
[[nodiscard]] PeelResult peel_qubit(const base::Matrix& target, const RestSynthesis& rest,
                                    const PeelOptions& options = {});

}  // namespace quercus::synthesis
