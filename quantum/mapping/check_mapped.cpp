#include "quantum/mapping/check_mapped.hpp"

#include <algorithm>
#include <map>

namespace quercus::mapping {

namespace {

std::string name_of(const Circuit& circuit, std::size_t index) {
    const Operation& op = circuit.operations[index];
    std::string out = "mapped circuit: operation " + std::to_string(index) + " (" +
                      std::string(circuit::info(op.gate).name);
    for (const Qubit q : op.qubits) {
        out += " " + std::to_string(q);
    }
    return out + ")";
}

using Edges = std::map<std::pair<Qubit, Qubit>, const ModelEdge*>;

bool offers(const MachineModel& model, const ModelEdge& edge, Gate gate) {
    const std::vector<Gate> gates = gates_of(model, edge);
    return std::find(gates.begin(), gates.end(), gate) != gates.end();
}

Status check_pair(const Circuit& circuit, std::size_t index, const MachineModel& model,
                  const Edges& edges, bool native) {
    const Operation& op = circuit.operations[index];
    const auto forward = edges.find({op.qubits[0], op.qubits[1]});
    const auto backward = edges.find({op.qubits[1], op.qubits[0]});
    if (forward == edges.end() && backward == edges.end()) {
        return failed_precondition(name_of(circuit, index) + ": its qubits are not coupled");
    }
    if (!native) {
        return Status::ok();
    }
    const bool both_ways =
        is_symmetric(op.gate) || backward == edges.end() || !backward->second->directed;
    const bool good =
        (forward != edges.end() && offers(model, *forward->second, op.gate)) ||
        (backward != edges.end() && both_ways && offers(model, *backward->second, op.gate));
    return good ? Status::ok()
                : failed_precondition(name_of(circuit, index) +
                                      ": the edge has no such gate in this direction");
}

// The physical qubits that matter, as 0, 1, ...
class Active {
 public:
    Active(const MappedCircuit& mapped, std::size_t num_logical) {
        std::vector<bool> used(mapped.circuit.num_qubits(), false);
        for (const Operation& op : mapped.circuit.operations) {
            for (const Qubit q : op.qubits) {
                used[q] = used[q] || op.gate != Gate::kBarrier;
            }
        }
        for (Qubit q = 0; q < used.size(); ++q) {
            const bool holds = q < num_logical;
            const Qubit from = mapped.initial_layout[q], to = mapped.final_layout[q];
            if (holds || from != to || used[from]) {
                used[from] = used[to] = true;
            }
        }
        index_.resize(used.size());
        for (Qubit q = 0; q < used.size(); ++q) {
            index_[q] = count_;
            count_ += used[q] ? 1 : 0;
        }
        used_ = std::move(used);
    }
    [[nodiscard]] Qubit count() const { return count_; }
    [[nodiscard]] bool contains(Qubit q) const { return used_[q]; }
    [[nodiscard]] Qubit operator[](Qubit q) const { return index_[q]; }

 private:
    std::vector<bool> used_;
    std::vector<Qubit> index_;
    Qubit count_ = 0;
};

template <class Place>
Circuit relabelled(const Circuit& circuit, Qubit num_qubits, const Active* active, Place&& place) {
    Circuit out = Circuit::with_qubits(num_qubits);
    out.cregs = circuit.cregs;
    for (Operation op : circuit.operations) {
        if (op.gate == Gate::kBarrier && active != nullptr) {
            continue;  // may touch qubits that are left out
        }
        for (Qubit& q : op.qubits) {
            q = place(q);
        }
        out.operations.push_back(std::move(op));
    }
    return out;
}

}  // namespace

Status check_mapped(const Circuit& circuit, const MachineModel& model, const NativeSet* set) {
    Edges edges;
    for (const ModelEdge& edge : model.edges) {
        edges[{edge.first, edge.second}] = &edge;
    }
    if (circuit.num_qubits() > model.num_qubits) {
        return failed_precondition("mapped circuit: has " + std::to_string(circuit.num_qubits()) +
                                   " qubits, machine '" + model.name + "' " +
                                   std::to_string(model.num_qubits));
    }
    for (std::size_t i = 0; i < circuit.operations.size(); ++i) {
        const Operation& op = circuit.operations[i];
        if (!circuit::info(op.gate).is_unitary) {
            continue;
        }
        if (op.qubits.size() > 2) {
            return failed_precondition(name_of(circuit, i) + ": acts on more than two qubits");
        }
        if (set != nullptr && op.gate != Gate::kDelay &&
            std::find(set->gates.begin(), set->gates.end(), op.gate) == set->gates.end()) {
            return failed_precondition(name_of(circuit, i) + ": is not in the native gate set");
        }
        if (op.qubits.size() == 2) {
            if (Status status = check_pair(circuit, i, model, edges, set != nullptr);
                !status.is_ok()) {
                return status;
            }
        }
    }
    return Status::ok();
}

Result<circuit::Equivalence> check_mapping(const Circuit& original, const MappedCircuit& mapped,
                                           const circuit::EquivalenceOptions& options) {
    const std::uint32_t n = mapped.circuit.num_qubits();
    if (original.num_qubits() > n || mapped.initial_layout.size() != n ||
        mapped.final_layout.size() != n) {
        return invalid_argument("check mapping: the layouts do not fit the circuits");
    }
    const Active active(mapped, original.num_qubits());
    if (active.count() > circuit::kMaxEquivalenceQubits) {
        return resource_exhausted("check mapping: " + std::to_string(active.count()) +
                                  " physical qubits are used, the limit is " +
                                  std::to_string(circuit::kMaxEquivalenceQubits));
    }
    const Circuit physical =
        relabelled(mapped.circuit, active.count(), &active, [&](Qubit q) { return active[q]; });
    Circuit expected = relabelled(original, active.count(), &active,
                                  [&](Qubit q) { return active[mapped.initial_layout[q]]; });
    // Then every qubit is carried from where it started to where it ends.
    std::vector<Qubit> holds(n), at(n);
    for (Qubit q = 0; q < n; ++q) {
        at[q] = mapped.initial_layout[q];
        holds[at[q]] = q;
    }
    for (Qubit q = 0; q < n; ++q) {
        const Qubit to = mapped.final_layout[q], from = at[q];
        if (from != to) {
            expected.append(Gate::kSwap, {active[from], active[to]});
            std::swap(holds[from], holds[to]);
            at[holds[from]] = from;
            at[q] = to;
        }
    }
    return circuit::check_equivalence(expected, physical, options);
}

Status check_routing(const MapPlan& plan, const Routing& routing) {
    const auto wrong = [](const std::string& what) {
        return internal_error("mapping: the routing is wrong: " + what);
    };
    Layout place = routing.initial;
    Layout sorted = place;
    std::sort(sorted.begin(), sorted.end());
    for (Qubit q = 0; q < sorted.size(); ++q) {
        if (sorted[q] != q || sorted.size() != plan.coupling.num_qubits) {
            return wrong("the initial layout is no permutation");
        }
    }
    std::vector<bool> done(plan.graph.nodes.size(), false);
    for (const RouteStep& step : routing.steps) {
        if (step.node == RouteStep::kSwap) {
            if (!plan.coupling.adjacent(step.a, step.b)) {
                return wrong("a SWAP off the edges");
            }
            for (Qubit& q : place) {
                q = q == step.a ? step.b : q == step.b ? step.a : q;
            }
            continue;
        }
        const RouteNode& node = plan.graph.nodes[step.node];
        const bool in_order =
            !done[step.node] && std::all_of(node.predecessors.begin(), node.predecessors.end(),
                                            [&](std::uint32_t before) { return done[before]; });
        if (!in_order) {
            return wrong("operations out of order");
        }
        if (node.needs_edge &&
            !plan.coupling.adjacent(place[node.qubits[0]], place[node.qubits[1]])) {
            return wrong("a gate off the edges");
        }
        done[step.node] = true;
    }
    if (std::find(done.begin(), done.end(), false) != done.end()) {
        return wrong("operations are missing");
    }
    return place == routing.final ? Status::ok() : wrong("the final layout differs");
}

}  // namespace quercus::mapping
