#include "quantum/mapping/machine_model.hpp"

#include <cmath>
#include <set>

namespace quercus::mapping {

namespace {

std::string edge_text(std::size_t index, const ModelEdge& edge) {
    return "machine model: edge " + std::to_string(index) + " (" + std::to_string(edge.first) +
           ", " + std::to_string(edge.second) + ")";
}

Status check_calibration(const std::string& where, const Calibration& calibration) {
    if (calibration.error && !(*calibration.error >= 0 && *calibration.error <= 1)) {
        return invalid_argument(where + ": error rate " + std::to_string(*calibration.error) +
                                " is not in [0, 1]");
    }
    if (calibration.duration_ns &&
        !(std::isfinite(*calibration.duration_ns) && *calibration.duration_ns >= 0)) {
        return invalid_argument(where + ": the duration must be a number of nanoseconds >= 0");
    }
    return Status::ok();
}

Status check_gate(const std::string& where, Gate gate, int num_qubits) {
    const circuit::GateInfo& info = circuit::info(gate);
    if (!info.is_unitary || info.num_qubits != num_qubits) {
        return invalid_argument(where + ": gate '" + std::string(info.name) + "' is no gate on " +
                                (num_qubits == 1 ? "one qubit" : "two qubits"));
    }
    return Status::ok();
}

Status check_edge(const MachineModel& model, std::size_t index) {
    const ModelEdge& edge = model.edges[index];
    const std::string where = edge_text(index, edge);
    for (const Qubit q : {edge.first, edge.second}) {
        if (q >= model.num_qubits) {
            return invalid_argument(where + " names qubit " + std::to_string(q) +
                                    ", but the model has " + std::to_string(model.num_qubits) +
                                    " qubits");
        }
    }
    if (edge.first == edge.second) {
        return invalid_argument(where + " joins a qubit with itself");
    }
    if (edge.gates.empty() && model.two_qubit_gates.empty()) {
        return invalid_argument(where + " has no gates, and the model has no two_qubit_gates");
    }
    for (const EdgeGate& gate : edge.gates) {
        Status status = check_gate(where, gate.gate, 2);
        if (status.is_ok()) {
            status = check_calibration(where, gate.calibration);
        }
        if (!status.is_ok()) {
            return status;
        }
    }
    return Status::ok();
}

Status check_edges(const MachineModel& model) {
    std::set<std::pair<Qubit, Qubit>> seen;
    for (std::size_t i = 0; i < model.edges.size(); ++i) {
        if (Status status = check_edge(model, i); !status.is_ok()) {
            return status;
        }
        const ModelEdge& edge = model.edges[i];
        const bool fresh = seen.insert({edge.first, edge.second}).second;
        const bool clash =
            !edge.directed && edge.first != edge.second && seen.contains({edge.second, edge.first});
        if (!fresh || clash) {
            return invalid_argument(edge_text(i, edge) + " is listed twice");
        }
    }
    return Status::ok();
}

Status check_qubits(const MachineModel& model) {
    if (!model.qubits.empty() && model.qubits.size() != model.num_qubits) {
        return invalid_argument("machine model: " + std::to_string(model.qubits.size()) +
                                " entries in qubits, expected none or " +
                                std::to_string(model.num_qubits));
    }
    for (std::size_t q = 0; q < model.qubits.size(); ++q) {
        const std::string where = "machine model: qubit " + std::to_string(q);
        const ModelQubit& qubit = model.qubits[q];
        Status status = check_calibration(where, qubit.one_qubit);
        if (status.is_ok()) {
            status = check_calibration(where + " (readout)", {qubit.readout_error, {}});
        }
        if (!status.is_ok()) {
            return status;
        }
    }
    return Status::ok();
}

}  // namespace

const ModelEdge* find_edge(const MachineModel& model, Qubit a, Qubit b) {
    const ModelEdge* reverse = nullptr;
    for (const ModelEdge& edge : model.edges) {
        if (edge.first == a && edge.second == b) {
            return &edge;
        }
        if (edge.first == b && edge.second == a) {
            reverse = &edge;
        }
    }
    return reverse;
}

bool is_symmetric(Gate gate) {
    switch (gate) {
        case Gate::kCZ:
        case Gate::kCS:
        case Gate::kCSdg:
        case Gate::kCT:
        case Gate::kSwap:
        case Gate::kISwap:
        case Gate::kSqrtISwap:
        case Gate::kSycamore:
        case Gate::kB:
        case Gate::kCP:
        case Gate::kCU1:
        case Gate::kRXX:
        case Gate::kRYY:
        case Gate::kRZZ:
        case Gate::kFSim:
            return true;
        default:
            return false;
    }
}

std::vector<Gate> gates_of(const MachineModel& model, const ModelEdge& edge) {
    if (edge.gates.empty()) {
        return model.two_qubit_gates;
    }
    std::vector<Gate> gates;
    for (const EdgeGate& gate : edge.gates) {
        gates.push_back(gate.gate);
    }
    return gates;
}

bool is_connected(const MachineModel& model) {
    std::vector<std::vector<Qubit>> neighbours(model.num_qubits);
    for (const ModelEdge& edge : model.edges) {
        neighbours[edge.first].push_back(edge.second);
        neighbours[edge.second].push_back(edge.first);
    }
    std::vector<bool> seen(model.num_qubits, false);
    std::vector<Qubit> open = {0};
    seen[0] = true;
    std::size_t reached = 0;
    while (!open.empty()) {
        const Qubit q = open.back();
        open.pop_back();
        ++reached;
        for (const Qubit next : neighbours[q]) {
            if (!seen[next]) {
                seen[next] = true;
                open.push_back(next);
            }
        }
    }
    return reached == model.num_qubits;
}

Status validate(const MachineModel& model) {
    if (model.num_qubits == 0) {
        return invalid_argument("machine model: has no qubits");
    }
    if (model.num_qubits > kMaxModelQubits) {
        return resource_exhausted("machine model: " + std::to_string(model.num_qubits) +
                                  " qubits, the limit is " + std::to_string(kMaxModelQubits));
    }
    for (const Gate gate : model.one_qubit_gates) {
        if (Status status = check_gate("machine model: one_qubit_gates", gate, 1);
            !status.is_ok()) {
            return status;
        }
    }
    for (const Gate gate : model.two_qubit_gates) {
        if (Status status = check_gate("machine model: two_qubit_gates", gate, 2);
            !status.is_ok()) {
            return status;
        }
    }
    if (Status status = check_edges(model); !status.is_ok()) {
        return status;
    }
    return check_qubits(model);
}

}  // namespace quercus::mapping
