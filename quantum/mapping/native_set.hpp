#pragma once

// Native gate sets, and circuits in terms of them.

#include "quantum/mapping/machine_model.hpp"

namespace quercus::mapping {

struct NativeSet {
    std::vector<Gate> gates;  // unitary gates on one or two qubits, in order of preference
    friend bool operator==(const NativeSet&, const NativeSet&) = default;
};

// From OpenQASM names and their aliases ("u1q" and "prx" are r). INVALID_ARGUMENT: an unknown or
// non-unitary gate, one on three or more qubits, or a set that rebase_to_native does not support:
// it needs
//   one qubit: u3 or u or pxz; or rz (or p, u1) with sx, rx, ry or r; or r alone,
//   two qubits: one of cx, cz, ecr, rzz, cy, cp, cu1, crz, rxx, ryy, rzx, iswap, sqisw, fsim, syc,
//   b.
[[nodiscard]] Result<NativeSet> native_set(const std::vector<std::string>& names);
// All native gates of a machine. Errors as above.
[[nodiscard]] Result<NativeSet> native_set_of(const MachineModel& model);

struct RebaseResult {
    Circuit circuit;
    double delta = 0;          // bound by norm, up to global phase
    std::uint64_t pulses = 0;  // one-qubit gates other than rz, p, u1 and id
};

// Every unconditional gate on one or two qubits in terms of `set`; equal up to global phase. Runs
// on a pair become as few two-qubit gates as KAK allows when that is fewer than the run has; runs
// on a qubit become as few pulses as possible (rz sx rz sx rz with two, one or no sx); rz moves
// through diagonal gates towards the end, into the next run where there is one, and vanishes before
// a measurement or reset. With `model`, gates that are not symmetric keep to directed edges and an
// edge's own gates; where there is a choice, a pair gets the gates with the least chance of an
// error if the model knows the rates, else the fewest. Gates in a row under one condition
// become sequences of such gates. FAILED_PRECONDITION for a gate on three or more qubits, a pair
// that `model` does not couple, or an edge without a gate of the set.
[[nodiscard]] Result<RebaseResult> rebase_to_native(const Circuit& circuit, const NativeSet& set,
                                                    const MachineModel* model = nullptr);

}  // namespace quercus::mapping
