// What error rates make of a circuit: weights before it is placed, its own gates' rates afterwards.

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <utility>

#include "quantum/partition/items.hpp"
#include "quantum/passes/cost.hpp"

namespace quercus::passes {

namespace {

// -log(1 - error), also for gates that never succeed.
double infidelity(double error) {
    constexpr double kMostError = 1 - 1e-6;
    return -std::log1p(-std::min(error, kMostError));
}

struct Mean {
    double sum = 0;
    double count = 0;
    void add(const std::optional<double>& error) {
        if (error) {
            sum += infidelity(*error);
            count += 1;
        }
    }
    [[nodiscard]] std::optional<double> get() const {
        return count > 0 ? std::optional(sum / count) : std::nullopt;
    }
};

// The best known gate of each edge: it is what a cx costs there.
std::optional<double> edge_error(const mapping::ModelEdge& edge) {
    std::optional<double> best;
    for (const mapping::EdgeGate& gate : edge.gates) {
        const std::optional<double>& error = gate.calibration.error;
        if (error && (!best || *error < *best)) {
            best = error;
        }
    }
    return best;
}

// Error rates of one machine by place.
class Rates {
 public:
    Rates(const mapping::MachineModel& model, const Objective& objective)
        : model_(model), objective_(objective) {
        for (const mapping::ModelEdge& edge : model.edges) {
            const auto key = std::minmax(edge.first, edge.second);
            for (const mapping::EdgeGate& gate : edge.gates) {
                if (gate.calibration.error) {
                    gates_[{key, gate.gate}] = infidelity(*gate.calibration.error);
                }
            }
        }
    }
    [[nodiscard]] double of(const Operation& op) const {
        if (op.qubits.size() == 1) {
            const Qubit q = op.qubits[0];
            const bool known = q < model_.qubits.size() && model_.qubits[q].one_qubit.error;
            return is_virtual(op) ? 0
                   : known        ? infidelity(*model_.qubits[q].one_qubit.error)
                                  : objective_.one_qubit;
        }
        const auto found = gates_.find({std::minmax(op.qubits[0], op.qubits[1]), op.gate});
        return found == gates_.end() ? objective_.two_qubit : found->second;
    }

 private:
    // Rotations about z are a change of frame.
    static bool is_virtual(const Operation& op) {
        using circuit::Gate;
        return op.gate == Gate::kRZ || op.gate == Gate::kP || op.gate == Gate::kU1 ||
               op.gate == Gate::kZ || op.gate == Gate::kS || op.gate == Gate::kSdg ||
               op.gate == Gate::kT || op.gate == Gate::kTdg || op.gate == Gate::kId;
    }
    const mapping::MachineModel& model_;
    const Objective& objective_;
    std::map<std::pair<std::pair<Qubit, Qubit>, circuit::Gate>, double> gates_;
};

}  // namespace

Objective objective_for(Optimize optimize, const Target& target) {
    Objective objective;
    objective.optimize = optimize;
    if (optimize != Optimize::kFidelity || !target.machine) {
        return objective;
    }
    Mean edges;
    Mean qubits;
    for (const mapping::ModelEdge& edge : target.machine->edges) {
        edges.add(edge_error(edge));
    }
    for (const mapping::ModelQubit& qubit : target.machine->qubits) {
        qubits.add(qubit.one_qubit.error);
    }
    // Where only one of the two is known, the other stays in proportion.
    const double ratio = objective.one_qubit / objective.two_qubit;
    const std::optional<double> pair = edges.get();
    const std::optional<double> single = qubits.get();
    if (pair || single) {
        objective.two_qubit = pair ? *pair : *single / ratio;
        objective.one_qubit = single ? *single : *pair * ratio;
    }
    return objective;
}

Result<Cost> placed_cost_of(const Circuit& circuit, const TargetSpec& target,
                            const Objective& objective) {
    const auto resolved = resolve_target(target);
    if (!resolved) {
        return resolved.error();
    }
    double pairs = 0;
    double infidelities = 0;
    const mapping::MachineModel none;
    const Rates rates(resolved->machine ? *resolved->machine : none, objective);
    for (const Operation& op : circuit.operations) {
        if (!circuit::info(op.gate).is_unitary) {
            continue;
        }
        pairs += op.qubits.size() == 2 ? 1 : 0;
        infidelities += rates.of(op);
    }
    const auto size = static_cast<double>(circuit.operations.size());
    switch (objective.optimize) {
        case Optimize::kDepth:
            return Cost{{static_cast<double>(circuit::two_qubit_depth(circuit)), pairs, size}};
        case Optimize::kFidelity:
            return Cost{{infidelities, pairs, size}};
        case Optimize::kTwoQubit:
            break;
    }
    return Cost{{pairs, size, 0}};
}

Result<std::size_t> best_placed(const std::vector<Placed>& placed, const TargetSpec& target,
                                const Objective& objective) {
    std::size_t best = 0;
    std::optional<Cost> least;
    for (std::size_t i = 0; i < placed.size(); ++i) {
        const auto cost = placed_cost_of(placed[i].circuit, target, objective);
        if (!cost) {
            return cost.error();
        }
        if (!least || *cost < *least) {
            least = *cost;
            best = i;
        }
    }
    return best;
}

}  // namespace quercus::passes
