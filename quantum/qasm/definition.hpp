#pragma once

// What a gate name stands for while a file is read.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "quantum/circuit/gate.hpp"
#include "quantum/qasm/expression.hpp"

namespace quercus::qasm {

// A name that becomes one IR gate.
struct LibraryGate {
    std::string_view name;
    circuit::Gate gate = circuit::Gate::kId;
    std::uint32_t num_params = 0;
    std::uint32_t num_qubits = 0;
    std::optional<double> leading;  // the IR gate's first parameter, where the name implies it
};

struct GateDefinition;

struct BodyStatement {
    const LibraryGate* library = nullptr;  // one of the two, or a barrier if none
    const GateDefinition* definition = nullptr;
    std::vector<Expression> params;
    std::vector<std::uint32_t> qubits;  // indices of the definition's arguments

    friend bool operator==(const BodyStatement&, const BodyStatement&) = default;
};

// `gate name(params) qubits { body }` or `opaque name(params) qubits;`.
struct GateDefinition {
    std::string name;
    std::uint32_t num_params = 0;
    std::uint32_t num_qubits = 0;
    bool is_opaque = false;
    std::vector<BodyStatement> body;
    std::uint32_t depth = 1;   // of nested definitions
    std::uint64_t weight = 1;  // work of one expansion, saturating; see Expander
};

[[nodiscard]] inline bool same_meaning(const GateDefinition& a, const GateDefinition& b) {
    return a.num_params == b.num_params && a.num_qubits == b.num_qubits &&
           a.is_opaque == b.is_opaque && a.body == b.body;
}

}  // namespace quercus::qasm
