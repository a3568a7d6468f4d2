#include "quantum/mapping/placement.hpp"

#include <algorithm>
#include <numeric>

#include "quantum/mapping/presets.hpp"
#include "tests/support/catch.hpp"

using namespace quercus;
using namespace quercus::mapping;

namespace {

using Pairs = std::vector<std::pair<Qubit, Qubit>>;

// CX on all pairs; the qubits' names are shuffled by `seed`.
Circuit circuit_of(std::uint32_t qubits, const Pairs& pairs, Seed seed) {
    Philox random(seed);
    std::vector<Qubit> names(qubits);
    std::iota(names.begin(), names.end(), Qubit{0});
    for (std::size_t i = qubits; i > 1; --i) {
        std::swap(names[i - 1], names[random.below(i)]);
    }
    Circuit out = Circuit::with_qubits(qubits);
    for (const auto& [a, b] : pairs) {
        out.append(Gate::kU3, {names[a]}, {0.3, 0.2, 0.1});
        out.append(Gate::kCX, {names[a], names[b]});
    }
    return out;
}

Pairs line(Qubit n) {
    Pairs out;
    for (Qubit i = 0; i + 1 < n; ++i) {
        out.emplace_back(i, i + 1);
    }
    return out;
}

Pairs ring(Qubit n) {
    Pairs out = line(n);
    out.emplace_back(n - 1, 0);
    return out;
}

Pairs tree(Qubit n) {
    Pairs out;
    for (Qubit i = 1; i < n; ++i) {
        out.emplace_back((i - 1) / 2, i);
    }
    return out;
}

// Whether there is a placement; if there is, all pairs are on edges.
bool is_placed(const Circuit& circuit, const char* machine) {
    const Coupling coupling = coupling_of(*preset(machine), false);
    const auto graph = routing_graph(circuit);
    REQUIRE(graph);
    const auto layout = exact_placement(*graph, coupling);
    if (!layout) {
        return false;
    }
    Layout sorted = *layout;
    std::sort(sorted.begin(), sorted.end());
    CHECK(std::adjacent_find(sorted.begin(), sorted.end()) == sorted.end());
    for (const circuit::Operation& op : circuit.operations) {
        if (op.qubits.size() == 2) {
            CHECK(coupling.adjacent((*layout)[op.qubits[0]], (*layout)[op.qubits[1]]));
        }
    }
    return true;
}

}  // namespace

TEST_CASE("placement: long lines, rings and trees on large machines") {
    for (const Seed seed : {1u, 2u, 3u}) {
        CAPTURE(seed);
        CHECK(is_placed(circuit_of(60, line(60), seed), "grid-10x10"));
        CHECK(is_placed(circuit_of(95, line(95), seed), "grid-10x10"));
        CHECK(is_placed(circuit_of(60, ring(60), seed), "grid-10x10"));
        CHECK(is_placed(circuit_of(31, tree(31), seed), "grid-10x10"));
        CHECK(is_placed(circuit_of(80, line(80), seed), "heavy-hex-127"));
        CHECK(is_placed(circuit_of(60, ring(60), seed), "heavy-hex-127"));
    }
}

TEST_CASE("placement: where errors are known restarts go on to better ones") {
    const Circuit circuit = circuit_of(60, line(60), 4);
    const auto graph = routing_graph(circuit);
    REQUIRE(graph);
    Coupling coupling = coupling_of(*preset("grid-10x10"), false);
    Philox random(3);
    for (double& weight : coupling.weights) {
        weight = random.uniform(0.2, 4);
    }
    const auto cost = [&](std::uint64_t restart_nodes) {
        PlacementOptions options;
        options.max_nodes = 2000;  // too few by themselves
        options.max_restart_nodes = restart_nodes;
        const auto layout = exact_placement(*graph, coupling, options);
        REQUIRE(layout);
        double sum = 0;
        for (const circuit::Operation& op : circuit.operations) {
            if (op.qubits.size() == 2) {
                sum += coupling.weight((*layout)[op.qubits[0]], (*layout)[op.qubits[1]]);
            }
        }
        return sum;
    };
    CHECK(cost(400'000) < cost(10'000));
}

TEST_CASE("placement: any budget ends") {
    const auto graph = routing_graph(circuit_of(90, line(90), 1));
    REQUIRE(graph);
    const Coupling coupling = coupling_of(*preset("grid-10x10"), false);
    for (const std::uint64_t nodes : {0u, 1u, 50u, 200u}) {
        PlacementOptions options;
        options.max_nodes = nodes;
        options.max_restart_nodes = nodes;
        const auto layout = exact_placement(*graph, coupling, options);
        CHECK((!layout || layout->size() == 100));
    }
}

TEST_CASE("placement: none where there cannot be one") {
    CHECK_FALSE(is_placed(circuit_of(61, ring(61), 1), "grid-10x10"));     // an odd cycle
    CHECK_FALSE(is_placed(circuit_of(31, tree(31), 1), "heavy-hex-127"));  // too many of degree 3
    CHECK_FALSE(is_placed(circuit_of(5, {{0, 1}, {0, 2}, {0, 3}, {0, 4}}, 1), "heavy-hex-27"));
    CHECK(is_placed(circuit_of(5, {{0, 1}, {0, 2}, {0, 3}, {0, 4}}, 1), "grid-3x3"));
    CHECK(is_placed(circuit_of(3, ring(3), 1), "all-to-all-4"));
    CHECK(is_placed(Circuit::with_qubits(3), "line-4"));
}
