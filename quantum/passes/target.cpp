#include "quantum/passes/target.hpp"

#include <algorithm>
#include <numeric>

#include "quantum/mapping/check_mapped.hpp"
#include "quantum/mapping/presets.hpp"
#include "quantum/passes/clean_up.hpp"

namespace quercus::passes {

namespace {

// Above this a circuit is resynthesised on the coupling graph with less effort.
constexpr std::uint64_t kManyCx = 400;
constexpr double kRoundingPerOperation = 1e-14;

// The machine with other gates than its own: an edge's calibration stays where its gate does.
void use_gates(mapping::MachineModel& model, const mapping::NativeSet& set) {
    model.one_qubit_gates.clear();
    model.two_qubit_gates.clear();
    for (const circuit::Gate gate : set.gates) {
        (circuit::info(gate).num_qubits == 1 ? model.one_qubit_gates : model.two_qubit_gates)
            .push_back(gate);
    }
    for (mapping::ModelEdge& edge : model.edges) {
        std::erase_if(edge.gates, [&](const mapping::EdgeGate& own) {
            return std::find(set.gates.begin(), set.gates.end(), own.gate) == set.gates.end();
        });
    }
}

}  // namespace

Result<Target> resolve_target(const TargetSpec& spec) {
    Target target;
    if (!spec.machine.empty()) {
        auto model = spec.machine.find('{') != std::string::npos
                         ? mapping::machine_model_from_json(spec.machine)
                         : mapping::preset(spec.machine);
        if (!model) {
            return model.error();
        }
        target.machine = std::move(*model);
    }
    auto set = !spec.gates.empty() ? mapping::native_set(spec.gates)
               : target.machine    ? mapping::native_set_of(*target.machine)
                                   : mapping::native_set({"cx", "u3"});
    if (!set) {
        return set.error();
    }
    target.set = std::move(*set);
    if (target.machine && !spec.gates.empty()) {
        use_gates(*target.machine, target.set);
    }
    return target;
}

Status check_target(const Source& source, const Target& target) {
    if (!target.machine) {
        return Status::ok();
    }
    const mapping::MachineModel& model = *target.machine;
    const auto* circuit = std::get_if<Circuit>(&source);
    const std::uint32_t qubits =
        circuit != nullptr
            ? circuit->num_qubits()
            : static_cast<std::uint32_t>(synthesis::num_qubits(std::get<SynthesisTarget>(source)));
    const bool couples =
        circuit != nullptr
            ? circuit::count_two_qubit(*circuit) + circuit::count_multi_qubit(*circuit) > 0
            : qubits > 1;
    if (qubits > model.num_qubits) {
        return invalid_argument("the circuit has " + std::to_string(qubits) +
                                " qubits, the machine '" + model.name + "' has " +
                                std::to_string(model.num_qubits) + " (--target)");
    }
    if (couples && !mapping::is_connected(model)) {
        return invalid_argument("the coupling graph of machine '" + model.name +
                                "' is not connected (--target)");
    }
    return Status::ok();
}

namespace {

Status check_gates(const Circuit& circuit, const Target& target) {
    if (target.machine) {
        if (Status status = mapping::check_mapped(circuit, *target.machine, &target.set);
            !status.is_ok()) {
            return status;
        }
    }
    for (const Operation& op : circuit.operations) {
        const auto& gates = target.set.gates;
        const bool is_gate = circuit::info(op.gate).is_unitary && op.gate != circuit::Gate::kDelay;
        if (is_gate && std::find(gates.begin(), gates.end(), op.gate) == gates.end()) {
            return internal_error("gate " + std::string(circuit::info(op.gate).name) +
                                  " was left over, which is not in the target's set");
        }
    }
    return Status::ok();
}

// The last step: into the target's gates.
Result<Placed> rebased(Placed placed, const Target& target) {
    auto native = mapping::rebase_to_native(placed.circuit, target.set,
                                            target.machine ? &*target.machine : nullptr);
    if (!native) {
        return native.error();
    }
    placed.circuit = std::move(native->circuit);
    placed.delta += native->delta +
                    kRoundingPerOperation * static_cast<double>(placed.circuit.operations.size());
    const Status status = check_gates(placed.circuit, target);
    return status.is_ok() ? Result<Placed>(std::move(placed)) : Result<Placed>(status);
}

Result<Placed> rebased(mapping::MappedCircuit mapped, const Target& target) {
    return rebased(Placed{std::move(mapped.circuit), std::move(mapped.initial_mapping),
                          std::move(mapped.final_mapping), mapped.delta},
                   target);
}

}  // namespace

mapping::OptimizeOptions placing_options(const Circuit& circuit, Seed seed, double routing_effort,
                                         const synthesis::StopCheck& stop) {
    mapping::OptimizeOptions options;
    options.map.seed = seed;
    options.map.effort = routing_effort;
    options.map.stop = stop;
    options.resynthesis.seed = seed;
    options.resynthesis.stop = stop;
    if (count_cx(circuit) > kManyCx) {
        options.resynthesis.effort = 0;
        options.resynthesis.max_rounds = 6;
    }
    return options;
}

Result<Placed> rebase_to_target(const Circuit& circuit, const Target& target) {
    Placed placed;
    placed.circuit = circuit;
    placed.initial_mapping.resize(circuit.num_qubits());
    std::iota(placed.initial_mapping.begin(), placed.initial_mapping.end(), Qubit{0});
    placed.final_mapping = placed.initial_mapping;
    return rebased(std::move(placed), target);
}

Result<Placed> put_on_machine(const mapping::MapPlan& plan, const Target& target,
                              const mapping::OptimizeOptions& options) {
    auto mapped = mapping::map_and_resynthesize(plan, *target.machine, options);
    return mapped ? rebased(std::move(*mapped), target) : Result<Placed>(mapped.error());
}

Result<Placed> put_on_machine(const mapping::MapPlan& plan, const mapping::Routing& routing,
                              const Target& target, const mapping::OptimizeOptions& options) {
    auto mapped =
        mapping::finish_and_resynthesize(plan, routing, *target.machine, options.resynthesis);
    if (!mapped) {
        return mapped.error();
    }
    auto done =
        mapping::synthesize_free_ends(std::move(*mapped), *target.machine, options.resynthesis);
    if (!done) {
        return done.error();
    }
    if (synthesis::should_stop(options.resynthesis.stop)) {
        return Status(StatusCode::kCancelled, "placing was stopped");
    }
    return rebased(std::move(*done), target);
}

}  // namespace quercus::passes
