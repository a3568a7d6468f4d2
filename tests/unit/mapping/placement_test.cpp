#include "quantum/mapping/placement.hpp"

#include <algorithm>
#include <numeric>

#include "quantum/mapping/presets.hpp"
#include "quantum/mapping/resynthesize.hpp"
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

TEST_CASE("sabre: no SWAP is taken back before anything else has happened") {
    const Coupling coupling = coupling_of(*preset("grid-6x6"), false);
    Philox random(7);
    Pairs pairs;
    for (int i = 0; i < 60; ++i) {
        const auto a = static_cast<Qubit>(random.below(30));
        pairs.emplace_back(a, (a + 1 + random.below(29)) % 30);
    }
    const auto graph = routing_graph(circuit_of(30, pairs, 3));
    REQUIRE(graph);
    std::uint32_t swaps = 0;
    for (Seed seed = 0; seed < 10; ++seed) {
        CAPTURE(seed);
        const Routing routing = sabre_trial(*graph, coupling, seed);
        // Of each qubit: the SWAPs since a gate has been executed anywhere.
        std::vector<std::vector<std::pair<Qubit, Qubit>>> since(coupling.num_qubits);
        for (const RouteStep& step : routing.steps) {
            if (step.node != RouteStep::kSwap) {
                since.assign(since.size(), {});
                continue;
            }
            const std::pair<Qubit, Qubit> pair = std::minmax(step.a, step.b);
            const bool is_last_on_both = !since[step.a].empty() && !since[step.b].empty() &&
                                         since[step.a].back() == pair &&
                                         since[step.b].back() == pair;
            CHECK_FALSE(is_last_on_both);
            since[step.a].push_back(pair);
            since[step.b].push_back(pair);
        }
        swaps += routing.swaps;
    }
    CHECK(swaps < 10 * 200);  // three for each of the sixty pairs; it was a multiple of that
}

TEST_CASE("resynthesis: equal blocks at different places are searched once") {
    Circuit circuit = Circuit::with_qubits(9);
    const auto add = [&](Qubit a, Qubit b, Qubit c, double first) {
        circuit.append(Gate::kU3, {a}, {first, 0.2, 0.1});  // no part of the core
        circuit.append(Gate::kCX, {a, b});
        circuit.append(Gate::kU3, {b}, {0.4, 0.2, 0.1});
        circuit.append(Gate::kCX, {b, c});
        circuit.append(Gate::kU3, {b}, {0.7, 0.1, 0.2});
        circuit.append(Gate::kCX, {a, b});
        circuit.append(Gate::kCX, {b, c});
    };
    const MachineModel model = *preset("line-9");
    add(0, 1, 2, 0.1);
    const auto one = resynthesize_on_coupling(circuit, model);
    REQUIRE(one);
    add(3, 4, 5, 0.2);
    add(8, 7, 6, 0.3);  // the other way round
    const auto three = resynthesize_on_coupling(circuit, model);
    REQUIRE(three);
    CHECK(one->blocks > 0);
    CHECK(three->blocks == one->blocks);
    CHECK(circuit::count_two_qubit(three->circuit) == 3 * circuit::count_two_qubit(one->circuit));
}
