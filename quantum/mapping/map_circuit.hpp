#pragma once

// Mapping: a circuit on logical qubits becomes one on a machine's physical qubits, every two-qubit
// gate on an edge of the coupling graph. The steps are pure functions of their arguments, so that
// trials can run anywhere:
//
//     plan = plan_mapping(circuit, model, options)
//     first  = run_trial(plan, i) for i < plan.first_trials                  (independent)
//     second = refine_trial(plan, best few of first, i) for i < refine_trials  (independent)
//     result = finish_mapping(plan, best of all)
//
// map_circuit does all of it on this thread, map_and_resynthesize also what comes after it
// (resynthesize.hpp).

#include <span>

#include "quantum/mapping/sabre.hpp"
#include "quantum/synthesis/stop.hpp"

namespace quercus::mapping {

struct MapOptions {
    Seed seed = 0;
    int trials = 0;           // SABRE trials; 0: as many as the size of the circuit suggests
    bool error_aware = true;  // where every edge has an error rate
    synthesis::StopCheck stop = {};
};

struct MapFigures {
    std::uint64_t two_qubit_before = 0;  // CX after merging runs, before mapping
    std::uint64_t two_qubit_after = 0;   // CX of the mapped circuit
    double cost = 0;                     // of the chosen routing, see Routing::cost
    int trials = 0;
    bool exact = false;  // an embedding without SWAPs was found
    friend bool operator==(const MapFigures&, const MapFigures&) = default;
};

struct MappedCircuit {
    // One register q of the machine's qubits and the input's classical registers; {cx, u3}, the
    // input's measurements, resets, barriers and conditional operations.
    Circuit circuit;
    // Logical qubit i starts on initial_mapping[i] and ends on final_mapping[i].
    std::vector<Qubit> initial_mapping, final_mapping;
    // The same for all physical qubits; entries beyond the input's qubits are idle ones.
    Layout initial_layout, final_layout;
    std::uint32_t swaps = 0;  // inserted, before merging
    double delta = 0;         // bound of what merging SWAPs and runs adds
    MapFigures figures;
};

struct MapPlan {
    RoutingGraph graph;
    Coupling coupling;
    Seed seed = 0;
    std::uint32_t num_logical = 0;
    // Where SWAP gates of the input were followed by relabelling: logical qubit i of the input ends
    // as qubit elided[i] of the routing graph.
    std::vector<Qubit> elided;
    std::vector<circuit::Register> cregs;
    std::optional<Routing> exact;  // no trials needed
    int first_trials = 0, refine_trials = 0;
};

// INVALID_ARGUMENT: an invalid circuit or model, options out of range, more qubits than the model
// has. FAILED_PRECONDITION: a coupling graph in several parts (when the circuit has two-qubit
// gates), or a gate on three or more qubits.
[[nodiscard]] Result<MapPlan> plan_mapping(const Circuit& circuit, const MachineModel& model,
                                           const MapOptions& options);
[[nodiscard]] Routing run_trial(const MapPlan& plan, int index);
// From one of the best so far, chosen by index and seed.
[[nodiscard]] Routing refine_trial(const MapPlan& plan, std::span<const Routing> best, int index);
// The best `count` distinct ones, best first; equal ones in their order.
[[nodiscard]] std::vector<Routing> best_routings(std::vector<Routing> all, std::size_t count);
[[nodiscard]] Result<MappedCircuit> finish_mapping(const MapPlan& plan, const Routing& routing);

// All trials of a plan on this thread: the best few distinct routings, best first. CANCELLED when
// `stop` said so.
[[nodiscard]] Result<std::vector<Routing>> run_trials(const MapPlan& plan,
                                                      const synthesis::StopCheck& stop = {});

// CANCELLED when `stop` said so.
[[nodiscard]] Result<MappedCircuit> map_circuit(const Circuit& circuit, const MachineModel& model,
                                                const MapOptions& options = {});

}  // namespace quercus::mapping
