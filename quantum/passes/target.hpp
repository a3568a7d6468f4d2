#pragma once

// What a compiled circuit shall run on: a machine, a gate set, or both. The last step of a
// compilation, after its pipeline.

#include <optional>
#include <string>
#include <vector>

#include "quantum/base/random.hpp"
#include "quantum/mapping/free_ends.hpp"
#include "quantum/mapping/machine_model.hpp"
#include "quantum/mapping/native_set.hpp"
#include "quantum/passes/pass.hpp"
#include "quantum/passes/source.hpp"
#include "quantum/synthesis/stop.hpp"

namespace quercus::passes {

// As users say it. Both empty: {cx, u3} on any pair of qubits.
struct TargetSpec {
    std::string machine;             // a preset's name, or JSON (docs/machine_model.schema.json)
    std::vector<std::string> gates;  // OpenQASM names; empty: the machine's own
    [[nodiscard]] bool empty() const { return machine.empty() && gates.empty(); }
    friend bool operator==(const TargetSpec&, const TargetSpec&) = default;
};

struct Target {
    std::optional<mapping::MachineModel> machine;
    mapping::NativeSet set;
};

// INVALID_ARGUMENT with what is wrong: an unknown preset, gate or entry of the model.
[[nodiscard]] Result<Target> resolve_target(const TargetSpec& spec);
// Whether a circuit for the source can be put there at all: INVALID_ARGUMENT for more qubits than
// the machine has, or for a coupling graph in several parts.
[[nodiscard]] Status check_target(const Source& source, const Target& target);

struct Placed {
    Circuit circuit;  // in the target's gates, on the machine's qubits if there is a machine
    std::vector<Qubit> initial_mapping, final_mapping;  // see CompileResult
    double delta = 0;
};

// Into the gates of a target without a machine. `circuit`: no unitary gate on three or more qubits.
// The result is checked against the gate set before it is returned.
[[nodiscard]] Result<Placed> rebase_to_target(const Circuit& circuit, const Target& target);

// How a circuit is put on a machine. `routing_effort`: see Pipeline.
[[nodiscard]] mapping::OptimizeOptions placing_options(const Circuit& circuit, Seed seed,
                                                       double routing_effort = 1,
                                                       const synthesis::StopCheck& stop = {});
// A plan for a target with a machine: all of its trials on this thread, or one routing, through all
// that comes after routing. The result is checked against coupling and gate set before it is
// returned. CANCELLED when `options` said stop.
[[nodiscard]] Result<Placed> put_on_machine(const mapping::MapPlan& plan, const Target& target,
                                            const mapping::OptimizeOptions& options);
[[nodiscard]] Result<Placed> put_on_machine(const mapping::MapPlan& plan,
                                            const mapping::Routing& routing, const Target& target,
                                            const mapping::OptimizeOptions& options);

}  // namespace quercus::passes
