// Names of qubits do not matter.

#include <algorithm>
#include <numeric>

#include "quantum/circuit/generate.hpp"
#include "quantum/passes/compile.hpp"
#include "tests/support/catch.hpp"

namespace quercus::passes {
namespace {

using circuit::Family;

std::vector<Qubit> some_names(std::uint32_t n, Philox& random) {
    std::vector<Qubit> names(n);
    std::iota(names.begin(), names.end(), Qubit{0});
    for (std::uint32_t i = n - 1; i > 0; --i) {
        std::swap(names[i], names[random.below(i + 1)]);
    }
    return names;
}

// As a file would have it: a barrier on all qubits lists them in the order of their names.
Circuit renamed(Circuit circuit, const std::vector<Qubit>& names) {
    for (Operation& operation : circuit.operations) {
        for (Qubit& q : operation.qubits) {
            q = names[q];
        }
        if (operation.gate == circuit::Gate::kBarrier) {
            std::sort(operation.qubits.begin(), operation.qubits.end());
        }
    }
    return circuit;
}

}  // namespace

TEST_CASE("qubit order: a circuit with other names is compiled into the same gates") {
    const Seed seed = GENERATE(11u, 12u, 13u);
    CAPTURE(seed);
    Circuit circuit = circuit::generate(Family::kRandom, 6, 40, seed);
    Operation barrier;
    barrier.gate = circuit::Gate::kBarrier;
    barrier.qubits = {0, 1, 2, 3, 4, 5};
    circuit.operations.insert(circuit.operations.begin() + 20, barrier);
    Philox random(seed);
    const auto names = some_names(6, random);
    const auto pipeline = level_pipeline(1, {});
    REQUIRE(pipeline);
    const auto as_is = compile_locally(circuit, *pipeline);
    const auto other = compile_locally(renamed(circuit, names), *pipeline);
    REQUIRE(as_is);
    REQUIRE(other);
    CHECK(renamed(as_is->circuit, names).operations == other->circuit.operations);
    const auto wanted = [&pipeline](const Circuit& of) {
        auto run = Compilation::start(of, *pipeline, {});
        REQUIRE(run);
        return run->wanted();
    };
    CHECK(wanted(circuit) == wanted(renamed(circuit, names)));
}

}  // namespace quercus::passes
