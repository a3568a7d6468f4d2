#include "quantum/mapping/map_circuit.hpp"

#include <algorithm>
#include <numeric>

#include "quantum/mapping/check_mapped.hpp"
#include "quantum/mapping/placement.hpp"
#include "quantum/mapping/resynthesize.hpp"

namespace quercus::mapping {

namespace {

constexpr int kMaxTrials = 100'000;
constexpr std::size_t kElite = 8;

struct Elided {
    Circuit circuit;
    std::vector<Qubit> ends;  // input qubit i ends as qubit ends[i] of the circuit
};

// SWAP gates become a change of labels.
Elided elide_swaps(const Circuit& circuit) {
    Elided out;
    out.circuit = circuit;
    out.circuit.operations.clear();
    out.ends.resize(circuit.num_qubits());
    std::iota(out.ends.begin(), out.ends.end(), 0);
    for (const Operation& op : circuit.operations) {
        if (op.gate == Gate::kSwap && !op.condition) {
            std::swap(out.ends[op.qubits[0]], out.ends[op.qubits[1]]);
            continue;
        }
        out.circuit.operations.push_back(op);
        for (Qubit& q : out.circuit.operations.back().qubits) {
            q = out.ends[q];
        }
    }
    return out;
}

bool has_edges(const RoutingGraph& graph) {
    return std::any_of(graph.nodes.begin(), graph.nodes.end(),
                       [](const RouteNode& node) { return node.needs_edge; });
}

// About a second of routing on one core, within limits.
int default_trials(const RoutingGraph& graph) {
    const auto runs = std::count_if(graph.nodes.begin(), graph.nodes.end(),
                                    [](const RouteNode& node) { return node.needs_edge; });
    return static_cast<int>(
        std::clamp<std::ptrdiff_t>(100'000 / std::max<std::ptrdiff_t>(1, runs), 40, 1000));
}

Status check_input(const Circuit& circuit, const MachineModel& model, const MapOptions& options) {
    for (const Status& status : {circuit::validate(circuit), validate(model)}) {
        if (!status.is_ok()) {
            return status;
        }
    }
    if (options.trials < 0 || options.trials > kMaxTrials) {
        return invalid_argument("mapping: trials = " + std::to_string(options.trials) +
                                ", must be 0 (automatic) to " + std::to_string(kMaxTrials));
    }
    if (circuit.num_qubits() > model.num_qubits) {
        return invalid_argument("mapping: the circuit has " + std::to_string(circuit.num_qubits()) +
                                " qubits, machine '" + model.name + "' has " +
                                std::to_string(model.num_qubits));
    }
    return Status::ok();
}

// Counter-based, so that trial i is the same wherever it runs.
Seed trial_seed(const MapPlan& plan, int stage, int index) {
    Philox random(plan.seed, (std::uint64_t(stage) << 32) | static_cast<std::uint32_t>(index));
    return random();
}

Circuit write_out(const MapPlan& plan, const Routing& routing) {
    Circuit out = Circuit::with_qubits(plan.coupling.num_qubits);
    out.cregs = plan.cregs;
    Layout place = routing.initial;
    const auto add = [&](const Operation& op, const std::vector<Qubit>* names) {
        out.operations.push_back(op);
        for (Qubit& q : out.operations.back().qubits) {
            q = place[names != nullptr ? (*names)[q] : q];
        }
    };
    for (const RouteStep& step : routing.steps) {
        if (step.node == RouteStep::kSwap) {
            out.append(Gate::kSwap, {step.a, step.b});
            for (Qubit& q : place) {
                q = q == step.a ? step.b : q == step.b ? step.a : q;
            }
            continue;
        }
        const partition::Item& item = plan.graph.partition.items[step.node];
        if (const auto* block = std::get_if<partition::Block>(&item)) {
            for (const Operation& op : block->circuit.operations) {
                add(op, &block->qubits);
            }
        } else {
            add(std::get<Operation>(item), nullptr);
        }
    }
    return out;
}

}  // namespace

Result<MapPlan> plan_mapping(const Circuit& circuit, const MachineModel& model,
                             const MapOptions& options) {
    if (Status status = check_input(circuit, model, options); !status.is_ok()) {
        return status;
    }
    Elided elided = elide_swaps(circuit);
    auto graph = routing_graph(elided.circuit);
    if (!graph) {
        return graph.error();
    }
    if (has_edges(*graph) && !is_connected(model)) {
        return failed_precondition("mapping: the coupling graph of machine '" + model.name +
                                   "' is not connected");
    }
    MapPlan plan;
    plan.graph = std::move(*graph);
    plan.coupling = coupling_of(model, options.error_aware);
    plan.seed = options.seed;
    plan.num_logical = circuit.num_qubits();
    plan.elided = std::move(elided.ends);
    plan.cregs = circuit.cregs;
    if (const auto layout = exact_placement(plan.graph, plan.coupling)) {
        plan.exact = route(plan.graph, plan.coupling, *layout, {}, 0);
        return plan;
    }
    const int trials = options.trials > 0 ? options.trials : default_trials(plan.graph);
    plan.first_trials = std::max(1, trials / 2);
    plan.refine_trials = trials - plan.first_trials;
    return plan;
}

Routing run_trial(const MapPlan& plan, int index) {
    return sabre_trial(plan.graph, plan.coupling, trial_seed(plan, 0, index));
}

Routing refine_trial(const MapPlan& plan, std::span<const Routing> best, int index) {
    Philox random(trial_seed(plan, 1, index));
    Layout layout = best[random.below(best.size())].initial;
    for (std::uint64_t moves = random.below(3); moves > 0; --moves) {
        const auto a = random.below(plan.graph.num_qubits), b = random.below(layout.size());
        std::swap(layout[a], layout[b]);
    }
    TrialOptions options;
    options.start = &layout;
    return sabre_trial(plan.graph, plan.coupling, random(), options);
}

Result<MappedCircuit> finish_mapping(const MapPlan& plan, const Routing& routing) {
    if (Status status = check_routing(plan, routing); !status.is_ok()) {
        return status;
    }
    auto merged = merge_pairs(write_out(plan, routing));
    if (!merged) {
        return merged.error();
    }
    MappedCircuit out;
    out.circuit = std::move(merged->circuit);
    out.swaps = routing.swaps;
    out.initial_layout = routing.initial;
    out.final_layout = routing.final;
    for (Qubit q = 0; q < plan.num_logical; ++q) {
        out.final_layout[q] = routing.final[plan.elided[q]];
    }
    const auto logical = static_cast<std::ptrdiff_t>(plan.num_logical);
    out.initial_mapping.assign(out.initial_layout.begin(), out.initial_layout.begin() + logical);
    out.final_mapping.assign(out.final_layout.begin(), out.final_layout.begin() + logical);
    for (const RouteNode& node : plan.graph.nodes) {
        out.figures.two_qubit_before += static_cast<std::uint64_t>(node.cost);
    }
    out.figures.two_qubit_after = circuit::count_two_qubit(out.circuit);
    out.delta = merged->delta;
    out.figures.cost = routing.cost;
    out.figures.trials = plan.first_trials + plan.refine_trials;
    out.figures.exact = plan.exact.has_value();
    return out;
}

std::vector<Routing> best_routings(std::vector<Routing> all, std::size_t count) {
    std::stable_sort(all.begin(), all.end(), is_better);
    std::vector<Routing> out;
    for (Routing& routing : all) {
        const bool known = std::any_of(out.begin(), out.end(), [&](const Routing& other) {
            return other.cost == routing.cost && other.initial == routing.initial &&
                   other.steps == routing.steps;
        });
        if (!known && out.size() < count) {
            out.push_back(std::move(routing));
        }
    }
    return out;
}

Result<std::vector<Routing>> run_trials(const MapPlan& plan, const synthesis::StopCheck& stop) {
    if (plan.exact) {
        return std::vector<Routing>{*plan.exact};
    }
    const auto collect = [&](std::vector<Routing> found, int trials, auto&& trial) {
        for (int i = 0; i < trials && !synthesis::should_stop(stop); ++i) {
            found.push_back(trial(i));
            if (found.size() >= 4 * kElite) {
                found = best_routings(std::move(found), kElite);
            }
        }
        return best_routings(std::move(found), kElite);
    };
    std::vector<Routing> best =
        collect({}, plan.first_trials, [&](int i) { return run_trial(plan, i); });
    if (!best.empty()) {
        best =
            collect(best, plan.refine_trials, [&](int i) { return refine_trial(plan, best, i); });
    }
    if (synthesis::should_stop(stop)) {
        return Status(StatusCode::kCancelled, "mapping was stopped");
    }
    return best;
}

Result<MappedCircuit> map_circuit(const Circuit& circuit, const MachineModel& model,
                                  const MapOptions& options) {
    const auto plan = plan_mapping(circuit, model, options);
    if (!plan) {
        return plan.error();
    }
    const auto best = run_trials(*plan, options.stop);
    if (!best) {
        return best.error();
    }
    return finish_mapping(*plan, best->front());
}

}  // namespace quercus::mapping
