// The passes that see a circuit as Clifford gates and Pauli rotations.

#include <cmath>
#include <map>

#include "quantum/circuit/equivalence.hpp"
#include "quantum/circuit/unitary.hpp"
#include "quantum/passes/drop_near_identity.hpp"
#include "quantum/passes/merge_rotations.hpp"
#include "quantum/passes/pauli_network.hpp"
#include "quantum/passes/rebase_to_cx_u3.hpp"
#include "quantum/passes/resynthesize.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/passes/random_circuit.hpp"
#include "tests/unit/passes/shared_circuits.hpp"

using namespace quercus;
using passes::PassResult;
using test::Circuit;
using test::Gate;
using test::Operation;

namespace {

enum class Family { kLinear, kClifford, kCliffordT, kAny };
constexpr Family kFamilies[] = {Family::kLinear, Family::kClifford, Family::kCliffordT,
                                Family::kAny};

Operation random_one_qubit(Family family, std::uint32_t qubits, Philox& random) {
    constexpr Gate kClifford[] = {Gate::kH, Gate::kS, Gate::kSdg, Gate::kX,
                                  Gate::kY, Gate::kZ, Gate::kSX};
    Operation op;
    op.qubits = test::random_qubits(1, qubits, random);
    const bool clifford =
        family == Family::kClifford || (family == Family::kCliffordT && random.below(2) == 0);
    if (clifford) {
        op.gate = kClifford[random.below(7)];
    } else if (family == Family::kCliffordT) {
        op.gate = random.below(2) == 0 ? Gate::kT : Gate::kTdg;
    } else if (family == Family::kLinear && random.below(4) == 0) {
        op.gate = Gate::kX;
    } else if (family == Family::kLinear || random.below(2) == 0) {
        op.gate = Gate::kRZ;
        op.params = {random.uniform(-4, 4)};
    } else {
        op.gate = Gate::kU3;
        op.params = {random.uniform(-4, 4), random.uniform(-4, 4), random.uniform(-4, 4)};
    }
    return op;
}

Circuit random_of(Family family, std::uint32_t qubits, int operations, double fences,
                  Philox& random) {
    Circuit circuit = Circuit::with_qubits(qubits);
    circuit.cregs = {{"c", 1}, {"d", 3}};
    test::RandomOptions fence_options;
    fence_options.qubits = qubits;
    fence_options.native = true;
    for (int i = 0; i < operations; ++i) {
        if (random.uniform() < fences) {
            circuit.operations.push_back(test::random_fence(fence_options, random));
        } else if (random.below(2) == 0) {
            circuit.operations.push_back(random_one_qubit(family, qubits, random));
        } else {
            Operation cx;
            cx.gate = Gate::kCX;
            cx.qubits = test::random_qubits(2, qubits, random);
            circuit.operations.push_back(cx);
        }
    }
    return circuit;
}

void check_equal(const Circuit& a, const Circuit& b) {
    const auto same = circuit::check_equivalence(a, b, {.tolerance = 1e-9});
    REQUIRE(same.status().to_string() == "OK");
    CAPTURE(same->distance);
    CHECK(same->equivalent);
}

// The fences in order, as far as a circuit keeps them.
std::vector<Operation> fences_of(const Circuit& circuit) {
    std::vector<Operation> out;
    for (const Operation& op : circuit.operations) {
        if (op.gate == Gate::kMeasure || op.gate == Gate::kReset || op.gate == Gate::kBarrier ||
            op.condition) {
            out.push_back(op);
        }
    }
    return out;
}

// Runs the pass on circuits of every family; returns on how many it changed something.
template <class Pass>
int check_pass(Pass pass, int circuits, std::uint32_t qubits, int operations) {
    int changed = 0;
    for (Seed seed = 1; seed <= static_cast<Seed>(circuits); ++seed) {
        for (const Family family : kFamilies) {
            CAPTURE(seed, static_cast<int>(family));
            Philox random(seed, static_cast<std::uint64_t>(family));
            const double fences = seed % 3 == 0 ? 0.05 : 0;
            const Circuit circuit = random_of(family, qubits, operations, fences, random);
            const Result<PassResult> result = pass(circuit);
            REQUIRE(result.status().to_string() == "OK");
            check_equal(circuit, result->circuit);
            CHECK(circuit::count_two_qubit(result->circuit) <= circuit::count_two_qubit(circuit));
            CHECK(result->delta < 1e-11);
            CHECK(fences_of(result->circuit).size() == fences_of(circuit).size());
            changed += result->changed ? 1 : 0;
            if (!result->changed) {
                CHECK(result->circuit == circuit);
            }
        }
    }
    return changed;
}

std::size_t count_t_like(const Circuit& circuit) {
    std::size_t count = 0;
    for (const Operation& op : circuit.operations) {
        count += op.qubits.size() == 1 && op.gate != Gate::kH && op.gate != Gate::kX ? 1 : 0;
    }
    return count;
}

}  // namespace

TEST_CASE("merge_rotations, correctness: random circuits keep their meaning") {
    const auto first = [](const Circuit& c) { return passes::merge_rotations(c); };
    const auto last = [](const Circuit& c) {
        return passes::merge_rotations(c, {.keep_last = true});
    };
    CHECK(check_pass(first, 40, 4, 40) > 20);
    CHECK(check_pass(last, 40, 4, 40) > 20);
}

TEST_CASE("merge_rotations, correctness: equal parities meet, across Hadamard gates too") {
    Circuit circuit = Circuit::with_qubits(3);
    circuit.append(Gate::kT, {1});
    circuit.append(Gate::kCX, {0, 1});
    circuit.append(Gate::kT, {1});
    circuit.append(Gate::kH, {2});
    circuit.append(Gate::kCX, {1, 2});
    SECTION("the parity comes back on another qubit") {
        circuit.append(Gate::kCX, {1, 0});
        circuit.append(Gate::kH, {1});
        circuit.append(Gate::kCX, {2, 1});
        circuit.append(Gate::kTdg, {0});  // the first rotation's parity, on qubit 0 now
        const auto merged = passes::merge_rotations(circuit);
        REQUIRE(merged);
        CHECK(merged->changed);
        check_equal(circuit, merged->circuit);
        CHECK(count_t_like(merged->circuit) < 5);
    }
    SECTION("not across a Hadamard gate on its own qubit") {
        circuit.append(Gate::kH, {1});
        circuit.append(Gate::kT, {1});
        circuit.append(Gate::kH, {1});
        circuit.append(Gate::kT, {1});
        CHECK_FALSE(passes::merge_rotations(circuit)->changed);
    }
    SECTION("not across a reset of its qubit") {
        Operation reset;
        reset.gate = Gate::kReset;
        reset.qubits = {1};
        circuit.operations.push_back(reset);
        circuit.append(Gate::kT, {1});
        CHECK_FALSE(passes::merge_rotations(circuit)->changed);
    }
}

TEST_CASE("resynthesize_linear, correctness: random circuits keep their meaning") {
    const auto pass = [](const Circuit& c) { return passes::resynthesize_linear(c); };
    CHECK(check_pass(pass, 25, 5, 50) > 20);
}

TEST_CASE("resynthesize_clifford, correctness: random circuits keep their meaning") {
    const auto pass = [](const Circuit& c) { return passes::resynthesize_clifford(c); };
    CHECK(check_pass(pass, 25, 5, 50) > 20);
}

TEST_CASE("resynthesize_pauli, correctness: random circuits keep their meaning") {
    for (const std::size_t width : {std::size_t{2}, std::size_t{3}, std::size_t{64}}) {
        CAPTURE(width);
        const auto pass = [width](const Circuit& c) {
            passes::ResynthesizeOptions options;
            options.most_qubits = width;
            options.restarts = 4;
            options.overlapping = width < 64;
            return passes::resynthesize_pauli(c, options);
        };
        CHECK(check_pass(pass, 15, 5, 50) > 10);
    }
}

TEST_CASE("walk_pauli_regions, correctness: random circuits keep their meaning, same seed same") {
    const auto pass = [](const Circuit& c) {
        return passes::walk_pauli_regions(c, {.rounds = 5, .seed = 3, .most_qubits = 5});
    };
    CHECK(check_pass(pass, 15, 5, 50) > 20);
    Philox random(9);
    const Circuit circuit = random_of(Family::kCliffordT, 5, 60, 0, random);
    CHECK(pass(circuit)->circuit == pass(circuit)->circuit);
}

TEST_CASE("drop_near_identity, correctness: tiny rotations and runs go, with their delta") {
    Circuit circuit = Circuit::with_qubits(3);
    circuit.append(Gate::kH, {0});
    circuit.append(Gate::kCX, {0, 1});
    circuit.append(Gate::kRZ, {1}, {1e-5});
    circuit.append(Gate::kCX, {0, 1});
    circuit.append(Gate::kCX, {1, 2});
    SECTION("the run is near the identity, the gate inside it too") {
        const auto dropped = passes::drop_near_identity(circuit, 1e-5);
        REQUIRE(dropped);
        CHECK(dropped->changed);
        CHECK(circuit::count_two_qubit(dropped->circuit) <= 1);
        const auto distance = circuit::unitary_distance(circuit, dropped->circuit);
        REQUIRE(distance);
        CHECK(*distance <= dropped->delta + 1e-12);
        CHECK(*distance > 1e-6);
        CHECK(dropped->delta < 1.01e-5);
    }
    SECTION("not below the tolerance") {
        CHECK_FALSE(passes::drop_near_identity(circuit, 1e-6)->changed);
        CHECK_FALSE(passes::drop_near_identity(circuit)->changed);
    }
    SECTION("the reported delta bounds the distance on random circuits") {
        bool ever = false;
        for (Seed seed = 1; seed <= 100; ++seed) {
            CAPTURE(seed);
            Philox random(seed);
            Circuit noisy = random_of(Family::kAny, 4, 30, 0, random);
            for (int i = 0; i < 5; ++i) {
                Operation tiny;
                tiny.gate = Gate::kRZ;
                tiny.qubits = test::random_qubits(1, 4, random);
                tiny.params = {random.uniform(-1e-3, 1e-3)};
                const auto at = static_cast<std::ptrdiff_t>(random.below(30));
                noisy.operations.insert(noisy.operations.begin() + at, tiny);
            }
            const auto dropped = passes::drop_near_identity(noisy, 1e-3);
            REQUIRE(dropped);
            const auto distance = circuit::unitary_distance(noisy, dropped->circuit);
            REQUIRE(distance);
            CHECK(*distance <= dropped->delta + 1e-12);
            ever = ever || dropped->changed;
        }
        CHECK(ever);
    }
}

TEST_CASE("resynthesize, correctness: what is known to be possible") {
    SECTION("three cx for a chain that needs two") {
        Circuit circuit = Circuit::with_qubits(3);
        circuit.append(Gate::kCX, {0, 1});
        circuit.append(Gate::kCX, {1, 2});
        circuit.append(Gate::kCX, {0, 1});
        const auto found = passes::resynthesize_linear(circuit);
        REQUIRE(found);
        CHECK(circuit::count_two_qubit(found->circuit) == 2);
        check_equal(circuit, found->circuit);
    }
    SECTION("Toffoli twice is the identity") {
        Circuit circuit = Circuit::with_qubits(3);
        circuit.append(Gate::kCCX, {0, 1, 2});
        circuit.append(Gate::kCCX, {0, 1, 2});
        const auto rebased = passes::rebase_to_cx_u3(circuit);
        REQUIRE(rebased);
        const auto found = passes::resynthesize_pauli(rebased->circuit);
        REQUIRE(found);
        CHECK(circuit::count_two_qubit(found->circuit) == 0);
    }
    SECTION("a Clifford of two qubits takes at most three cx") {
        for (Seed seed = 1; seed <= 50; ++seed) {
            CAPTURE(seed);
            Philox random(seed);
            const Circuit circuit = random_of(Family::kClifford, 2, 40, 0, random);
            const auto found = passes::resynthesize_clifford(circuit);
            REQUIRE(found);
            CHECK(circuit::count_two_qubit(found->circuit) <= 3);
        }
    }
}

TEST_CASE("Pauli networks, correctness: a tree of cx can do with no fewer") {
    // What lets a region be left alone without looking.
    for (Seed seed = 1; seed <= 100; ++seed) {
        CAPTURE(seed);
        Philox random(seed);
        const auto qubits = 3 + static_cast<std::uint32_t>(random.below(4));
        Circuit tree = Circuit::with_qubits(qubits);
        for (std::uint32_t q = 1; q < qubits; ++q) {
            const auto other = static_cast<std::uint32_t>(random.below(q));
            for (int i = 0; i < 3; ++i) {
                tree.append(Gate::kH, {static_cast<std::uint32_t>(random.below(q))});
                tree.append(Gate::kT, {static_cast<std::uint32_t>(random.below(q))});
            }
            if (random.below(2) == 0) {
                tree.append(Gate::kCX, {q, other});
            } else {
                tree.append(Gate::kCX, {other, q});
            }
        }
        const auto steps = passes::to_steps(tree).steps;
        const auto program = passes::detail::pauli_program(steps, qubits);
        CHECK_FALSE(passes::detail::synthesize_network(program, {qubits - 2, 8, seed}));
        CHECK(passes::detail::synthesize_network(program, {4 * qubits, 8, seed}));
        CHECK_FALSE(passes::resynthesize_pauli(tree)->changed);
    }
}

TEST_CASE("Pauli passes, correctness: arithmetic circuits get far fewer cx") {
    const std::map<std::string, std::uint64_t> most = {
        {"tof_3", 14}, {"barenco_tof_3", 18}, {"mod5_4", 18}, {"vbe_adder_3", 41}, {"qft_n4", 11}};
    for (const auto& [name, input] : test::shared_circuits()) {
        const auto wanted = most.find(name);
        if (wanted == most.end()) {
            continue;
        }
        CAPTURE(name);
        const auto rebased = passes::rebase_to_cx_u3(input);
        REQUIRE(rebased);
        const auto merged = passes::merge_rotations(rebased->circuit);
        REQUIRE(merged);
        passes::WalkOptions options;
        options.rounds = 30;
        const auto walked = passes::walk_pauli_regions(merged->circuit, options);
        REQUIRE(walked);
        CHECK(circuit::count_two_qubit(walked->circuit) <= wanted->second);
        check_equal(input, walked->circuit);
    }
}

TEST_CASE("resynthesize, bad input: options out of range") {
    const Circuit circuit = Circuit::with_qubits(2);
    for (const std::size_t width : {std::size_t{0}, std::size_t{1}, std::size_t{65}}) {
        passes::ResynthesizeOptions options;
        options.most_qubits = width;
        CHECK(passes::resynthesize_linear(circuit, options).status().code() ==
              StatusCode::kInvalidArgument);
    }
    passes::ResynthesizeOptions options;
    options.restarts = 0;
    CHECK(passes::resynthesize_pauli(circuit, options).status().code() ==
          StatusCode::kInvalidArgument);
}

TEST_CASE("drop_near_identity and walk, bad input: options out of range") {
    const Circuit circuit = Circuit::with_qubits(2);
    for (const double tolerance : {-1e-9, 1.0, std::nan("")}) {
        CHECK(passes::drop_near_identity(circuit, tolerance).status().code() ==
              StatusCode::kInvalidArgument);
    }
    CHECK(passes::walk_pauli_regions(circuit, {.rounds = -1}).status().code() ==
          StatusCode::kInvalidArgument);
    CHECK(passes::walk_pauli_regions(circuit, {.most_qubits = 1}).status().code() ==
          StatusCode::kInvalidArgument);
}

TEST_CASE("Pauli passes, bad input: nothing to do on empty circuits") {
    const Circuit empty = Circuit::with_qubits(1);
    CHECK_FALSE(passes::merge_rotations(empty)->changed);
    CHECK_FALSE(passes::resynthesize_linear(empty)->changed);
    CHECK_FALSE(passes::resynthesize_clifford(empty)->changed);
    CHECK_FALSE(passes::resynthesize_pauli(empty)->changed);
    CHECK_FALSE(passes::walk_pauli_regions(empty)->changed);
    CHECK_FALSE(passes::drop_near_identity(empty)->changed);
}
