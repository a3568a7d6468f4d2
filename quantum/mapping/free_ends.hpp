#pragma once

// The first and the last block on its qubits may permute them, since layouts say where logical
// qubits start and end: permutation-aware synthesis (PAM, Liu et al., arXiv:2305.02939) at the two
// ends of a mapped circuit, where no routing follows from it.

#include "quantum/mapping/map_circuit.hpp"
#include "quantum/mapping/resynthesize.hpp"

namespace quercus::mapping {

// Never more two-qubit gates; layouts and mappings follow. `mapped.circuit` in {cx, u3} and fences,
// on the edges of `model`.
[[nodiscard]] Result<MappedCircuit> synthesize_free_ends(MappedCircuit mapped,
                                                         const MachineModel& model,
                                                         const ResynthesisOptions& options);

// How many trials go through resynthesis when the best one costs so much: 1 to 3, since with large
// circuits the differences between them average out, and time counts.
[[nodiscard]] std::size_t finalists_of(double least_cost);

struct OptimizeOptions {
    MapOptions map;
    ResynthesisOptions resynthesis;
    // Routings that go through resynthesis; the best result is returned. 0: finalists_of.
    int finalists = 0;
};

// map_circuit, resynthesize_on_coupling for some finalists, synthesize_free_ends for the best.
// Errors of map_circuit. From a circuit, or from its plan.
[[nodiscard]] Result<MappedCircuit> map_and_resynthesize(const Circuit& circuit,
                                                         const MachineModel& model,
                                                         const OptimizeOptions& options = {});

[[nodiscard]] Result<MappedCircuit> map_and_resynthesize(const MapPlan& plan,
                                                         const MachineModel& model,
                                                         const OptimizeOptions& options = {});

// One finalist of it before its ends, from its routing.
[[nodiscard]] Result<MappedCircuit> finish_and_resynthesize(const MapPlan& plan,
                                                            const Routing& routing,
                                                            const MachineModel& model,
                                                            const ResynthesisOptions& options);

}  // namespace quercus::mapping
