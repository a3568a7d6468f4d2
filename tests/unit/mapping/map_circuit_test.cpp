#include "quantum/mapping/map_circuit.hpp"

#include <set>

#include "quantum/circuit/generate.hpp"
#include "quantum/mapping/check_mapped.hpp"
#include "quantum/mapping/free_ends.hpp"
#include "quantum/mapping/placement.hpp"
#include "quantum/mapping/presets.hpp"
#include "quantum/mapping/resynthesize.hpp"
#include "tests/support/catch.hpp"

using namespace quercus;
using namespace quercus::mapping;

namespace {

Circuit random_cx(std::uint32_t n, int gates, Seed seed, bool classical = false) {
    Philox random(seed);
    Circuit out = Circuit::with_qubits(n);
    if (classical) {
        out.cregs = {{"c", 2}, {"d", 1}};
    }
    for (int i = 0; i < gates; ++i) {
        const auto a = static_cast<Qubit>(random.below(n));
        const auto b = static_cast<Qubit>((a + 1 + random.below(n - 1)) % n);
        out.append(Gate::kU3, {a}, {random.uniform(0, 3), random.uniform(0, 3), 0.1});
        out.append(random.below(6) == 0 ? Gate::kSwap : Gate::kCX, {a, b});
        if (classical && i % 8 == 7) {
            Operation op;
            op.gate = Gate::kMeasure;
            op.qubits = {a};
            op.clbit = static_cast<circuit::Clbit>(random.below(3));
            out.operations.push_back(op);
            op.clbit.reset();
            op.gate = i % 16 == 7 ? Gate::kCX : Gate::kReset;
            op.qubits = i % 16 == 7 ? decltype(op.qubits){b, a} : decltype(op.qubits){b};
            op.condition = circuit::Condition{0, random.below(4)};
            out.operations.push_back(op);
            out.append(Gate::kBarrier, {0, 1, 2});
        }
    }
    return out;
}

void check_result(const Circuit& input, const MappedCircuit& mapped, const MachineModel& model) {
    CHECK(check_mapped(mapped.circuit, model).to_string() == "OK");
    const auto same = check_mapping(input, mapped, {.tolerance = 1e-6});
    REQUIRE(same.status().to_string() == "OK");
    CAPTURE(same->distance);
    CHECK(same->equivalent);
}

MappedCircuit map(const Circuit& input, const MachineModel& model, MapOptions options = {}) {
    if (options.trials == 0) {
        options.trials = 20;
    }
    auto mapped = map_circuit(input, model, options);
    REQUIRE(mapped.status().to_string() == "OK");
    return std::move(*mapped);
}

}  // namespace

TEST_CASE("map: circuits of all shapes on all shapes of machines") {
    for (const char* name : {"line-7", "ring-8", "grid-3x3", "heavy-hex-27", "all-to-all-6"}) {
        for (Seed seed = 1; seed <= 4; ++seed) {
            CAPTURE(name, seed);
            const MachineModel model = *preset(name);
            const Circuit input = random_cx(6, 25, seed);
            const MappedCircuit mapped = map(input, model, {.seed = seed});
            check_result(input, mapped, model);
            CHECK(mapped.initial_mapping.size() == 6);
        }
    }
}

TEST_CASE("map: measurements, resets, conditions and barriers are carried along") {
    for (Seed seed = 1; seed <= 4; ++seed) {
        CAPTURE(seed);
        const MachineModel model = *preset("line-5");
        const Circuit input = random_cx(4, 24, seed, true);
        const MappedCircuit mapped = map(input, model, {.seed = seed});
        check_result(input, mapped, model);
        CHECK(mapped.circuit.cregs == input.cregs);
    }
}

TEST_CASE("map: the predicted cost is the count after merging") {
    for (Seed seed = 1; seed <= 5; ++seed) {
        CAPTURE(seed);
        const MappedCircuit mapped = map(random_cx(7, 60, seed), *preset("grid-3x3"));
        CHECK(static_cast<double>(mapped.figures.two_qubit_after) <= mapped.figures.cost + 0.5);
    }
}

TEST_CASE("map: an embedding without SWAPs is found when there is one") {
    Circuit ring = Circuit::with_qubits(12);
    const Qubit order[] = {3, 7, 0, 11, 5, 2, 9, 1, 8, 4, 10, 6};
    for (std::size_t i = 0; i < 12; ++i) {
        ring.append(Gate::kCX, {order[i], order[(i + 1) % 12]});
    }
    const MappedCircuit mapped = map(ring, *preset("heavy-hex-27"));
    CHECK(mapped.figures.exact);
    CHECK(mapped.swaps == 0);
    CHECK(circuit::count_two_qubit(mapped.circuit) == 12);
    check_result(ring, mapped, *preset("heavy-hex-27"));
    // An eleven-ring is odd, the lattice is bipartite.
    Circuit odd = Circuit::with_qubits(11);
    for (Qubit i = 0; i < 11; ++i) {
        odd.append(Gate::kCX, {i, (i + 1) % 11});
    }
    CHECK(!map(odd, *preset("heavy-hex-27")).figures.exact);
}

TEST_CASE("map: SWAP gates of the input cost nothing") {
    Circuit input = Circuit::with_qubits(4);
    input.append(Gate::kH, {0});
    input.append(Gate::kCX, {0, 1});
    input.append(Gate::kSwap, {0, 3});
    input.append(Gate::kSwap, {1, 2});
    input.append(Gate::kCX, {3, 2});
    const MachineModel model = *preset("line-4");
    const MappedCircuit mapped = map(input, model);
    check_result(input, mapped, model);
    CHECK(circuit::count_two_qubit(mapped.circuit) == 0);
}

TEST_CASE("map: the better edges are used where errors are known") {
    MachineModel model = *preset("line-4");
    for (ModelEdge& edge : model.edges) {
        edge.gates = {{Gate::kCZ, {edge.first == 2 ? 0.001 : 0.05, {}}}};
    }
    Circuit input = Circuit::with_qubits(2);
    input.append(Gate::kCX, {0, 1});
    const MappedCircuit mapped = map(input, model);
    const std::set<Qubit> used(mapped.initial_mapping.begin(), mapped.initial_mapping.end());
    CHECK(used == std::set<Qubit>{2, 3});
}

TEST_CASE("map: the same seed gives the same result, trials are pure") {
    const Circuit input = random_cx(8, 40, 3);
    const MachineModel model = *preset("grid-3x3");
    const MappedCircuit a = map(input, model, {.seed = 5}), b = map(input, model, {.seed = 5});
    CHECK(a.circuit == b.circuit);
    CHECK(a.final_mapping == b.final_mapping);
    const auto plan = plan_mapping(input, model, {.seed = 5, .trials = 20});
    REQUIRE(plan);
    const Trial seventh = run_trial(*plan, 7);
    CHECK(run_trial(*plan, 3) == run_trial(*plan, 3));
    CHECK(run_trial(*plan, 7) == seventh);
    const Routing late = routing_of(*plan, seventh);
    CHECK(late.cost == seventh.cost);
    CHECK(late.initial == seventh.initial);
    CHECK(routing_of(*plan, seventh).steps == late.steps);
    CHECK(check_routing(*plan, late).to_string() == "OK");
    Routing broken = late;
    broken.steps.pop_back();
    CHECK(!check_routing(*plan, broken).is_ok());
    broken = late;
    std::swap(broken.final[0], broken.final[1]);
    CHECK(!check_routing(*plan, broken).is_ok());
}

TEST_CASE("map: trials in any parts come to the same") {
    const Circuit input = random_cx(8, 40, 4);
    const auto plan = plan_mapping(input, *preset("grid-3x3"), {.seed = 6, .trials = 24});
    REQUIRE(plan);
    const auto all = run_all_trials(*plan);
    REQUIRE(all);
    REQUIRE(plan->first_trials + plan->refine_trials == 24);
    const auto in_parts = [&](int trials, const std::vector<Trial>& known, auto&& trial) {
        std::vector<Trial> best = known;
        for (int begin = 0; begin < trials; begin += 5) {
            std::vector<Trial> part;
            for (int i = begin; i < std::min(trials, begin + 5); ++i) {
                part.push_back(trial(i));
            }
            part = best_trials(std::move(part));
            best.insert(best.end(), part.begin(), part.end());
            best = best_trials(std::move(best));
        }
        return best;
    };
    const auto first = in_parts(plan->first_trials, {}, [&](int i) { return run_trial(*plan, i); });
    const auto both =
        in_parts(plan->refine_trials, first, [&](int i) { return refine_trial(*plan, first, i); });
    CHECK(both == *all);
    CHECK(both.size() == kElite);
    CHECK(std::is_sorted(both.begin(), both.end(),
                         [](const Trial& a, const Trial& b) { return a.cost < b.cost; }));
    for (const Trial& trial : both) {
        CHECK(check_routing(*plan, routing_of(*plan, trial)).to_string() == "OK");
    }
}

TEST_CASE("map: SABRE's local minima do not last") {
    // Far pairs on a line that pull against each other (Qiskit issue 7707).
    Circuit input = Circuit::with_qubits(20);
    for (int round = 0; round < 3; ++round) {
        for (Qubit q = 0; q < 10; ++q) {
            input.append(Gate::kCX, {q, 19 - (q * 3) % 10});
        }
    }
    const auto plan = plan_mapping(input, *preset("line-20"), {.trials = 6});
    REQUIRE(plan);
    for (int i = 0; i < plan->first_trials; ++i) {
        CHECK(check_routing(*plan, routing_of(*plan, run_trial(*plan, i))).to_string() == "OK");
    }
}

TEST_CASE("map: resynthesis keeps to the coupling graph and never adds gates") {
    for (Seed seed = 1; seed <= 3; ++seed) {
        CAPTURE(seed);
        const MachineModel model = *preset("line-6");
        const Circuit input = random_cx(5, 30, seed);
        MappedCircuit mapped = map(input, model);
        const auto better = resynthesize_on_coupling(mapped.circuit, model, {.max_rounds = 4});
        REQUIRE(better.status().to_string() == "OK");
        CHECK(circuit::count_two_qubit(better->circuit) <=
              circuit::count_two_qubit(mapped.circuit));
        mapped.circuit = better->circuit;
        check_result(input, mapped, model);
    }
    Circuit off = Circuit::with_qubits(3);
    off.append(Gate::kCX, {0, 2});
    CHECK(resynthesize_on_coupling(off, *preset("line-3")).status().code() ==
          StatusCode::kFailedPrecondition);
}

TEST_CASE("map: the ends of a circuit may permute their qubits") {
    // Three qubits, a Toffoli between SWAP-like ends: layouts absorb the ends.
    Circuit input = Circuit::with_qubits(3);
    input.cregs = {{"c", 3}};
    input.append(Gate::kCX, {0, 1});
    input.append(Gate::kCX, {1, 0});
    input.append(Gate::kU3, {2}, {0.3, 0.2, 0.1});
    input.append(Gate::kCX, {1, 2});
    input.append(Gate::kU3, {1}, {0.5, 0.2, 0.1});
    input.append(Gate::kCX, {2, 1});
    input.append(Gate::kCX, {0, 2});
    input.append(Gate::kCX, {2, 0});
    for (Qubit q = 0; q < 3; ++q) {
        Operation measure;
        measure.gate = Gate::kMeasure;
        measure.qubits = {q};
        measure.clbit = q;
        input.operations.push_back(measure);
    }
    const MachineModel model = *preset("line-3");
    const MappedCircuit plain = map(input, model);
    const auto better = synthesize_free_ends(plain, model, {});
    REQUIRE(better.status().to_string() == "OK");
    CHECK(circuit::count_two_qubit(better->circuit) < circuit::count_two_qubit(plain.circuit));
    check_result(input, *better, model);
    for (Seed seed = 1; seed <= 5; ++seed) {
        CAPTURE(seed);
        const Circuit random = random_cx(5, 14, seed, seed % 2 == 0);
        const MachineModel ring = *preset("ring-6");
        OptimizeOptions options;
        options.map.seed = seed;
        options.map.trials = 10;
        options.resynthesis.max_rounds = 2;
        const auto mapped = map_and_resynthesize(random, ring, options);
        REQUIRE(mapped.status().to_string() == "OK");
        check_result(random, *mapped, ring);
    }
}

TEST_CASE("map: no SWAP is taken back before anything else has happened") {
    const Coupling coupling = coupling_of(*preset("grid-6x6"), false);
    Philox random(7);
    Circuit circuit = Circuit::with_qubits(30);
    for (int i = 0; i < 60; ++i) {
        const auto a = static_cast<Qubit>(random.below(30));
        circuit.append(Gate::kCX, {a, static_cast<Qubit>((a + 1 + random.below(29)) % 30)});
    }
    const auto graph = routing_graph(circuit);
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

TEST_CASE("map: equal blocks at different places are searched once") {
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

TEST_CASE("map: bad input") {
    const Circuit input = random_cx(4, 5, 1);
    const auto code = [](const auto& result) { return result.status().code(); };
    const auto small = map_circuit(input, *preset("line-3"));
    CHECK(code(small) == StatusCode::kInvalidArgument);
    CHECK(small.status().message().find("4 qubits, machine 'line-3' has 3") != std::string::npos);
    MachineModel split = *preset("line-6");
    split.edges.erase(split.edges.begin() + 2);
    const auto parts = map_circuit(input, split);
    CHECK(code(parts) == StatusCode::kFailedPrecondition);
    CHECK(parts.status().message().find("not connected") != std::string::npos);
    Circuit wide = Circuit::with_qubits(3);
    wide.append(Gate::kCCX, {0, 1, 2});
    CHECK(code(map_circuit(wide, *preset("line-3"))) == StatusCode::kFailedPrecondition);
    CHECK(code(map_circuit(input, *preset("line-5"), {.trials = -1})) ==
          StatusCode::kInvalidArgument);
    MapOptions stopped;
    stopped.stop = [] { return true; };
    CHECK(code(map_circuit(random_cx(5, 30, 2), *preset("line-5"), stopped)) ==
          StatusCode::kCancelled);
    Circuit empty = Circuit::with_qubits(2);
    CHECK(map_circuit(empty, split).status().to_string() == "OK");
}
