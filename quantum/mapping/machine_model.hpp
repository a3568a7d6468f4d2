#pragma once

// What a quantum computer offers: qubits, the pairs that can interact, native gates, error rates
// and durations. A plain value; its JSON form is described by docs/machine_model.schema.json.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "quantum/base/status.hpp"
#include "quantum/circuit/circuit.hpp"

namespace quercus::mapping {

using circuit::Circuit;
using circuit::Gate;
using circuit::Operation;
using circuit::Qubit;

inline constexpr std::uint32_t kMaxModelQubits = 2'000;

// Calibration of a gate at one place; absent = unknown. Errors are average gate infidelities.
struct Calibration {
    std::optional<double> error;        // in [0, 1]
    std::optional<double> duration_ns;  // >= 0
    friend bool operator==(const Calibration&, const Calibration&) = default;
};

struct EdgeGate {
    Gate gate = Gate::kCX;
    Calibration calibration;
    friend bool operator==(const EdgeGate&, const EdgeGate&) = default;
};

// A pair of qubits that can interact. On a directed edge gates act on (first, second) in this order
// only; gates that do not change when their qubits are exchanged (cz, rzz, swap, ...) do either
// way.
struct ModelEdge {
    Qubit first = 0, second = 1;
    bool directed = false;
    std::vector<EdgeGate> gates;  // empty: MachineModel::two_qubit_gates
    friend bool operator==(const ModelEdge&, const ModelEdge&) = default;
};

struct ModelQubit {
    Calibration one_qubit;  // of a pulse
    std::optional<double> readout_error;
    friend bool operator==(const ModelQubit&, const ModelQubit&) = default;
};

struct MachineModel {
    std::string name;
    std::uint32_t num_qubits = 0;
    std::vector<Gate> one_qubit_gates;
    std::vector<Gate> two_qubit_gates;
    std::vector<ModelEdge> edges;    // a pair at most once per direction
    std::vector<ModelQubit> qubits;  // empty, or one entry per qubit

    friend bool operator==(const MachineModel&, const MachineModel&) = default;
};

// The edge between two qubits in either order of its ends, or nullptr. Linear in the edges.
[[nodiscard]] const ModelEdge* find_edge(const MachineModel& model, Qubit a, Qubit b);
// Whether the matrix of a two-qubit gate stays the same when its qubits are exchanged.
[[nodiscard]] bool is_symmetric(Gate gate);
// The gates of an edge: its own or the model's.
[[nodiscard]] std::vector<Gate> gates_of(const MachineModel& model, const ModelEdge& edge);
// Whether every qubit reaches every other over edges.
[[nodiscard]] bool is_connected(const MachineModel& model);

// INVALID_ARGUMENT that names the offending entry: an edge to a missing qubit, from a qubit to
// itself or listed twice, a gate with the wrong number of qubits, an error rate outside [0, 1], a
// negative duration, no qubits. RESOURCE_EXHAUSTED above kMaxModelQubits.
[[nodiscard]] Status validate(const MachineModel& model);

// One edge per line. Exact in both directions.
[[nodiscard]] std::string to_json(const MachineModel& model);
// INVALID_ARGUMENT for anything that is not this form (names the entry), or validate()'s error.
// Unknown members are refused.
[[nodiscard]] Result<MachineModel> machine_model_from_json(std::string_view text);

}  // namespace quercus::mapping
