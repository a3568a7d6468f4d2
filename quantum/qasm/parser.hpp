#pragma once

// Recursive descent over OpenQASM 2.0 statements. Private to the room; use reader.hpp.

#include <string_view>
#include <vector>

#include "quantum/base/status.hpp"
#include "quantum/circuit/circuit.hpp"
#include "quantum/qasm/definition.hpp"
#include "quantum/qasm/reader.hpp"

namespace quercus::qasm {

[[nodiscard]] Result<circuit::Circuit> parse(std::string_view text, const ReadOptions& options);

// The `gate` and `opaque` statements of our own text, where all library names are known and may be
// defined several times. The text is trusted.
[[nodiscard]] std::vector<GateDefinition> parse_library_definitions(std::string_view text);

}  // namespace quercus::qasm
