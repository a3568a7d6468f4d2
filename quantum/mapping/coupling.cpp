#include "quantum/mapping/coupling.hpp"

#include <algorithm>
#include <cmath>

namespace quercus::mapping {

namespace {

void fill_hops(Coupling& graph) {
    const std::size_t n = graph.num_qubits;
    graph.hops.assign(n * n, Coupling::kFar);
    for (Qubit start = 0; start < n; ++start) {
        std::uint16_t* row = &graph.hops[start * n];
        std::vector<Qubit> queue = {start};
        row[start] = 0;
        for (std::size_t i = 0; i < queue.size(); ++i) {
            for (const Qubit next : graph.neighbours[queue[i]]) {
                if (row[next] == Coupling::kFar) {
                    row[next] = static_cast<std::uint16_t>(row[queue[i]] + 1);
                    queue.push_back(next);
                }
            }
        }
    }
}

// The smallest error among the gates of an edge.
std::optional<double> best_error(const ModelEdge& edge) {
    std::optional<double> best;
    for (const EdgeGate& gate : edge.gates) {
        if (gate.calibration.error && (!best || *gate.calibration.error < *best)) {
            best = gate.calibration.error;
        }
    }
    return best;
}

void fill_weights(Coupling& graph, const MachineModel& model) {
    const std::size_t n = graph.num_qubits;
    double sum = 0;
    for (const ModelEdge& edge : model.edges) {
        const auto error = best_error(edge);
        if (!error) {
            return;
        }
        sum -= std::log1p(-std::min(*error, 0.999));
    }
    if (!(sum > 0)) {
        return;
    }
    const double mean = sum / static_cast<double>(model.edges.size());
    for (const ModelEdge& edge : model.edges) {
        const double weight = -std::log1p(-std::min(*best_error(edge), 0.999)) / mean;
        graph.weights[edge.first * n + edge.second] = weight;
        graph.weights[edge.second * n + edge.first] = weight;
    }
}

}  // namespace

Coupling coupling_of(const MachineModel& model, bool error_aware) {
    Coupling graph;
    graph.num_qubits = model.num_qubits;
    graph.neighbours.resize(model.num_qubits);
    for (const ModelEdge& edge : model.edges) {
        graph.neighbours[edge.first].push_back(edge.second);
        graph.neighbours[edge.second].push_back(edge.first);
    }
    for (auto& list : graph.neighbours) {
        std::sort(list.begin(), list.end());
        list.erase(std::unique(list.begin(), list.end()), list.end());
    }
    fill_hops(graph);
    graph.weights.assign(graph.hops.size(), 1.0);
    if (error_aware) {
        fill_weights(graph, model);
    }
    return graph;
}

}  // namespace quercus::mapping
