#pragma once

// What is verified before a mapped circuit is handed out.

#include "quantum/circuit/equivalence.hpp"
#include "quantum/mapping/map_circuit.hpp"
#include "quantum/mapping/native_set.hpp"

namespace quercus::mapping {

// Every unitary gate on two qubits is on an edge of the model (in its direction, and among its
// gates, when a native set is given), none is wider, and with a native set every gate is in it.
// FAILED_PRECONDITION names the first operation that is not so.
[[nodiscard]] Status check_mapped(const Circuit& circuit, const MachineModel& model,
                                  const NativeSet* set = nullptr);

// Does `mapped` do what `original` does? Logical qubits start and end where its layouts say, idle
// qubits are carried along like the others. Only qubits that are used are simulated:
// RESOURCE_EXHAUSTED if they are more than circuit::kMaxEquivalenceQubits. Other errors as
// circuit::check_equivalence.
[[nodiscard]] Result<circuit::Equivalence> check_mapping(
    const Circuit& original, const MappedCircuit& mapped,
    const circuit::EquivalenceOptions& options = {});

// The other check, for any number of qubits: that the steps of a routing are the plan's operations
// in an allowed order, each run on an edge, and that its layouts are right. INTERNAL otherwise.
[[nodiscard]] Status check_routing(const MapPlan& plan, const Routing& routing);

}  // namespace quercus::mapping
