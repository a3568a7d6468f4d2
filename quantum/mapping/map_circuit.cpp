#include "quantum/mapping/map_circuit.hpp"

#include <algorithm>
#include <numeric>

#include "quantum/base/mix.hpp"
#include "quantum/mapping/check_mapped.hpp"
#include "quantum/mapping/placement.hpp"
#include "quantum/mapping/resynthesize.hpp"

namespace quercus::mapping {

namespace {

constexpr int kMaxTrials = 100'000;

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

std::uint64_t count_runs(const RoutingGraph& graph) {
    return static_cast<std::uint64_t>(
        std::count_if(graph.nodes.begin(), graph.nodes.end(),
                      [](const RouteNode& node) { return node.needs_edge; }));
}

// A quarter of a second of routing on one core for machines of thirty qubits, up to ten times as
// much for a hundred.
int default_trials(std::uint64_t runs) {
    return static_cast<int>(
        std::clamp<std::uint64_t>(100'000 / std::max<std::uint64_t>(1, runs), 40, 1000));
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
    if (!(options.effort >= 1e-3 && options.effort <= 1e3)) {
        return invalid_argument("mapping: effort must be 1e-3 to 1e3");
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

std::uint64_t fingerprint(const std::vector<RouteStep>& steps) {
    std::uint64_t h = steps.size();
    for (const RouteStep& step : steps) {
        h = mix64(h + step.node);
        h = mix64(h + (std::uint64_t{step.a} << 32 | step.b));
    }
    return h;
}

Trial tried(const MapPlan& plan, Seed seed, Layout start) {
    Trial trial;
    trial.seed = seed;
    trial.start = std::move(start);
    Routing routing = routing_of(plan, trial);
    trial.initial = std::move(routing.initial);
    trial.cost = std::max(0.0, routing.cost);  // a sum of differences
    trial.swaps = routing.swaps;
    trial.steps = fingerprint(routing.steps);
    return trial;
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
    const std::uint64_t runs = count_runs(*graph);
    if (runs > 0 && !is_connected(model)) {
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
    plan.runs = runs;
    const auto layout =
        options.try_exact ? exact_placement(plan.graph, plan.coupling) : std::nullopt;
    if (layout) {
        plan.exact = route(plan.graph, plan.coupling, *layout, {}, 0);
        return plan;
    }
    const double wanted =
        options.effort * (options.trials > 0 ? options.trials : default_trials(runs));
    const int trials = static_cast<int>(std::clamp(wanted, 1.0, double{kMaxTrials}));
    plan.first_trials = std::max(1, trials / 2);
    plan.refine_trials = trials - plan.first_trials;
    return plan;
}

Routing routing_of(const MapPlan& plan, const Trial& trial) {
    TrialOptions options;
    options.start = trial.start.empty() ? nullptr : &trial.start;
    return sabre_trial(plan.graph, plan.coupling, trial.seed, options);
}

Trial run_trial(const MapPlan& plan, int index) {
    return tried(plan, trial_seed(plan, 0, index), {});
}

Trial refine_trial(const MapPlan& plan, std::span<const Trial> best, int index) {
    Philox random(trial_seed(plan, 1, index));
    Layout layout = best[random.below(best.size())].initial;
    for (std::uint64_t moves = random.below(3); moves > 0; --moves) {
        const auto a = random.below(plan.graph.num_qubits), b = random.below(layout.size());
        std::swap(layout[a], layout[b]);
    }
    return tried(plan, random(), std::move(layout));
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

std::vector<Trial> best_trials(std::vector<Trial> all) {
    std::stable_sort(all.begin(), all.end(), is_better<Trial>);
    std::vector<Trial> out;
    for (Trial& trial : all) {
        const bool known = std::any_of(out.begin(), out.end(), [&](const Trial& other) {
            return other.cost == trial.cost && other.initial == trial.initial &&
                   other.steps == trial.steps;
        });
        if (!known && out.size() < kElite) {
            out.push_back(std::move(trial));
        }
    }
    return out;
}

void add_trial(std::vector<Trial>& all, Trial trial) {
    all.push_back(std::move(trial));
    if (all.size() >= 4 * kElite) {
        all = best_trials(std::move(all));
    }
}

Result<std::vector<Trial>> run_all_trials(const MapPlan& plan, const synthesis::StopCheck& stop) {
    std::vector<Trial> all;
    for (int i = 0; i < plan.first_trials && !synthesis::should_stop(stop); ++i) {
        add_trial(all, run_trial(plan, i));
    }
    const std::vector<Trial> best = best_trials(std::move(all));
    all = best;
    for (int i = 0; i < plan.refine_trials && !synthesis::should_stop(stop); ++i) {
        add_trial(all, refine_trial(plan, best, i));
    }
    if (synthesis::should_stop(stop)) {
        return Status(StatusCode::kCancelled, "mapping was stopped");
    }
    return best_trials(std::move(all));
}

Result<MappedCircuit> map_circuit(const Circuit& circuit, const MachineModel& model,
                                  const MapOptions& options) {
    const auto plan = plan_mapping(circuit, model, options);
    if (!plan) {
        return plan.error();
    }
    if (plan->exact) {
        return finish_mapping(*plan, *plan->exact);
    }
    const auto best = run_all_trials(*plan, options.stop);
    if (!best) {
        return best.error();
    }
    return finish_mapping(*plan, routing_of(*plan, best->front()));
}

}  // namespace quercus::mapping
