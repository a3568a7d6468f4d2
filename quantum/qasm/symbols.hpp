#pragma once

// The names a file has declared so far: gates and registers, in separate name spaces.

#include <cstdint>
#include <deque>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "quantum/base/status.hpp"
#include "quantum/circuit/circuit.hpp"
#include "quantum/qasm/definition.hpp"
#include "quantum/qasm/expander.hpp"

namespace quercus::qasm {

struct RegisterEntry {
    bool is_quantum = false;
    std::uint32_t index = 0;  // into qregs or cregs
    std::uint32_t first = 0;
    std::uint32_t size = 0;
};

// Names are views; their texts must outlive the symbols. Messages of errors carry no position.
class Symbols {
 public:
    // `U` and `CX`.
    Symbols();

    // qelib1.inc: every library gate that the file has not defined itself.
    void use_library();
    // A definition that says what the library says makes the library gate visible instead.
    // INVALID_ARGUMENT when the file defined the name before or definitions nest too deeply.
    Status define(std::string_view name, GateDefinition definition);
    // Also adds the register to the circuit. INVALID_ARGUMENT for a name that is taken or size 0,
    // RESOURCE_EXHAUSTED above the IR's limits.
    Status declare(circuit::Circuit& circuit, bool is_quantum, std::string_view name,
                   std::uint32_t size);

    [[nodiscard]] const Callee* find_gate(std::string_view name) const {
        const auto found = gates_.find(name);
        return found == gates_.end() ? nullptr : &found->second;
    }
    [[nodiscard]] const RegisterEntry* find_register(std::string_view name) const {
        const auto found = registers_.find(name);
        return found == registers_.end() ? nullptr : &found->second;
    }

 private:
    std::unordered_map<std::string_view, Callee> gates_;
    std::unordered_set<std::string_view> defined_;  // by the file
    std::unordered_map<std::string_view, RegisterEntry> registers_;
    std::deque<GateDefinition> definitions_;  // stable addresses
    std::uint32_t num_qubits_ = 0;
    std::uint32_t num_clbits_ = 0;
};

}  // namespace quercus::qasm
