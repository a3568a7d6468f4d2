#pragma once

// The coupling graph of a machine model in the form that routing needs: neighbours, all distances,
// and what a two-qubit gate costs on each edge. Directions do not matter here.

#include "quantum/mapping/machine_model.hpp"

namespace quercus::mapping {

struct Coupling {
    static constexpr std::uint16_t kFar = 0xffff;  // no path

    std::uint32_t num_qubits = 0;
    std::vector<std::vector<Qubit>> neighbours;  // sorted
    std::vector<std::uint16_t> hops;             // num_qubits^2, shortest paths
    // num_qubits^2: cost of one two-qubit gate relative to the average edge; 1 without error rates.
    std::vector<double> weights;

    [[nodiscard]] std::uint16_t distance(Qubit a, Qubit b) const {
        return hops[std::size_t{a} * num_qubits + b];
    }
    [[nodiscard]] bool adjacent(Qubit a, Qubit b) const { return distance(a, b) == 1; }
    [[nodiscard]] double weight(Qubit a, Qubit b) const {
        return weights[std::size_t{a} * num_qubits + b];
    }
};

// With `error_aware`, and where every edge has an error rate e for some gate, weights are
// -log(1 - e) over its mean. Expects a valid model; O(qubits * (qubits + edges)).
[[nodiscard]] Coupling coupling_of(const MachineModel& model, bool error_aware);

}  // namespace quercus::mapping
