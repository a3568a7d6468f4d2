#pragma once

// Machine models by name, without calibration data.

#include "quantum/mapping/machine_model.hpp"

namespace quercus::mapping {

// all-to-all-N, line-N, ring-N, grid-RxC (any N, R, C within kMaxModelQubits; all-to-all to 200);
// heavy-hex-27/65/127/133/156 (IBM Falcon, Hummingbird, Eagle, Heron r1, Heron r2),
// sycamore-54/23, aspen (80 qubits, octagons), ankaa (84 qubits, 7x12 square lattice), h1 (20), h2
// (56), iqm-20 (square lattice with cut corners).
// Native gates are {cz, rz, sx, x} for the generic ones and the maker's for the others.
// INVALID_ARGUMENT for sizes out of range and, with the list of names, for anything else.
[[nodiscard]] Result<MachineModel> preset(std::string_view name);

// As the user writes them; N, R and C stand for numbers.
[[nodiscard]] std::vector<std::string> preset_names();

}  // namespace quercus::mapping
