#include "quantum/qasm/symbols.hpp"

#include <string>
#include <utility>

#include "quantum/qasm/library.hpp"

namespace quercus::qasm {
namespace {

// Definitions that use definitions that use definitions ...: expansion recurses this deep.
constexpr std::uint32_t kMaxDefinitionDepth = 128;

}  // namespace

Symbols::Symbols() {
    for (const LibraryGate& gate : library_gates().first(kBuiltinGates)) {
        gates_.emplace(gate.name, &gate);
    }
}

void Symbols::use_library() {
    for (const LibraryGate& gate : library_gates()) {
        gates_.emplace(gate.name, &gate);
    }
}

Status Symbols::define(std::string_view name, GateDefinition definition) {
    if (definition.depth > kMaxDefinitionDepth) {
        return invalid_argument("gate definitions are nested more than " +
                                std::to_string(kMaxDefinitionDepth) + " deep");
    }
    if (!defined_.insert(name).second) {
        return invalid_argument("gate '" + definition.name + "' is already defined");
    }
    if (is_known_definition(definition)) {
        gates_.insert_or_assign(name, find_library_gate(name));
        return {};
    }
    definitions_.push_back(std::move(definition));
    gates_.insert_or_assign(name, &definitions_.back());
    return {};
}

Status Symbols::declare(circuit::Circuit& circuit, bool is_quantum, std::string_view name,
                        std::uint32_t size) {
    auto& registers = is_quantum ? circuit.qregs : circuit.cregs;
    auto& used = is_quantum ? num_qubits_ : num_clbits_;
    const std::uint32_t limit = is_quantum ? circuit::kMaxQubits : circuit::kMaxClbits;
    if (size == 0) {
        return invalid_argument("register '" + std::string(name) + "' needs at least one bit");
    }
    if (size > limit - used) {
        return resource_exhausted("register '" + std::string(name) + "' has " +
                                  std::to_string(size) + " bits, limit is " +
                                  std::to_string(limit) + " in all registers");
    }
    const auto index = static_cast<std::uint32_t>(registers.size());
    if (!registers_.emplace(name, RegisterEntry{is_quantum, index, used, size}).second) {
        return invalid_argument("register '" + std::string(name) + "' is already declared");
    }
    registers.push_back({std::string(name), size});
    used += size;
    return {};
}

}  // namespace quercus::qasm
