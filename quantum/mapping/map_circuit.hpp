#pragma once

// Mapping: a circuit on logical qubits becomes one on a machine's physical qubits, every two-qubit
// gate on an edge of the coupling graph. The steps are pure functions of their arguments, so that
// trials can run anywhere:
//
//     plan = plan_mapping(circuit, model, options)
//     first  = run_trial(plan, i) for i < plan.first_trials                      (independent)
//     second = refine_trial(plan, best_trials(first), i) for i < refine_trials   (independent)
//     result = finish_mapping(plan, routing_of(plan, best of all))
//
// run_all_trials and map_circuit do it on this thread, map_and_resynthesize also what comes after
// it (free_ends.hpp).

#include <span>

#include "quantum/mapping/sabre.hpp"
#include "quantum/synthesis/stop.hpp"

namespace quercus::mapping {

struct MapOptions {
    Seed seed = 0;
    int trials = 0;           // SABRE trials; 0: as many as the size of the circuit suggests
    double effort = 1;        // times as many, 1e-3..1e3
    bool error_aware = true;  // where every edge has an error rate
    bool try_exact = true;    // look for an embedding without SWAPs
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

// What a SABRE trial came to, small enough to be sent about: routing_of makes its steps again.
struct Trial {
    Seed seed = 0;
    Layout start;    // empty: a random one, drawn from the seed
    Layout initial;  // of its best pass
    double cost = 0;
    std::uint32_t swaps = 0;
    std::uint64_t steps = 0;  // a fingerprint: trials of equal cost can differ
    friend bool operator==(const Trial&, const Trial&) = default;
};

// Trials that are refined.
inline constexpr std::size_t kElite = 8;

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
    // On pairs; a trial takes a third of a microsecond for each and for each qubit of the machine.
    std::uint64_t runs = 0;
};

// INVALID_ARGUMENT: an invalid circuit or model, options out of range, more qubits than the model
// has. FAILED_PRECONDITION: a coupling graph in several parts (when the circuit has two-qubit
// gates), or a gate on three or more qubits.
[[nodiscard]] Result<MapPlan> plan_mapping(const Circuit& circuit, const MachineModel& model,
                                           const MapOptions& options);
[[nodiscard]] Trial run_trial(const MapPlan& plan, int index);
// From one of the best so far, chosen by index and seed.
[[nodiscard]] Trial refine_trial(const MapPlan& plan, std::span<const Trial> best, int index);
// The best kElite distinct ones, best first; equal ones in their order.
[[nodiscard]] std::vector<Trial> best_trials(std::vector<Trial> all);
// Appends a trial, and now and then drops those that best_trials would not keep.
void add_trial(std::vector<Trial>& all, Trial trial);
[[nodiscard]] Routing routing_of(const MapPlan& plan, const Trial& trial);
// `routing` may be anybody's: it is checked. INTERNAL when it is none of this plan.
[[nodiscard]] Result<MappedCircuit> finish_mapping(const MapPlan& plan, const Routing& routing);

// best_trials of all that a plan has, on this thread. CANCELLED when `stop` said so.
[[nodiscard]] Result<std::vector<Trial>> run_all_trials(const MapPlan& plan,
                                                        const synthesis::StopCheck& stop = {});

// CANCELLED when `stop` said so.
[[nodiscard]] Result<MappedCircuit> map_circuit(const Circuit& circuit, const MachineModel& model,
                                                const MapOptions& options = {});

}  // namespace quercus::mapping
