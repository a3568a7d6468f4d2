#pragma once

// The gates every file may use: `U` and `CX` always, the others once `qelib1.inc` (or
// `hqslib1.inc`) is included. Both headers are built in; they also bring the names other compilers
// accept there.

#include <span>
#include <string_view>

#include "quantum/qasm/definition.hpp"

namespace quercus::qasm {

// All library gates, `U` and `CX` first.
[[nodiscard]] std::span<const LibraryGate> library_gates();
inline constexpr std::size_t kBuiltinGates = 2;
// nullptr when there is none.
[[nodiscard]] const LibraryGate* find_library_gate(std::string_view name);
// The gate `u0` of BQSKit and early files, which write no parameter: one cycle.
[[nodiscard]] const LibraryGate& bare_u0();
[[nodiscard]] bool is_builtin_include(std::string_view file_name);

// How a gate reads in terms of the qelib1.inc of arXiv:1707.03429, equal up to a global phase.
struct KnownDefinition {
    std::string_view name;
    std::string_view text;  // one `gate` or `opaque` statement
    bool in_qelib1;         // in the qelib1.inc that today's tools ship
};
// In an order in which each uses only earlier ones and gates of the paper.
[[nodiscard]] std::span<const KnownDefinition> known_definitions();
// Other spellings found in the wild, among them what Qiskit's exporter writes.
[[nodiscard]] std::string_view peer_definitions();

// Whether a file's own definition says what the library says of that name, in one of the spellings
// known: then the name keeps its library meaning and stays one gate in the IR.
[[nodiscard]] bool is_known_definition(const GateDefinition& definition);

}  // namespace quercus::qasm
