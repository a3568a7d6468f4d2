#include <algorithm>
#include <map>

#include "quantum/circuit/equivalence.hpp"
#include "quantum/partition/gather.hpp"
#include "quantum/partition/quick.hpp"
#include "quantum/partition/scan.hpp"
#include "quantum/partition/skeleton.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/passes/random_circuit.hpp"
#include "tests/unit/passes/shared_circuits.hpp"

using namespace quercus;
using partition::Partition;
using partition::Preference;
using test::Circuit;
using test::Gate;
using test::Operation;

namespace {

// The operations on every qubit and classical bit, in order.
std::map<std::pair<char, std::uint32_t>, std::vector<Operation>> lines_of(const Circuit& circuit) {
    std::map<std::pair<char, std::uint32_t>, std::vector<Operation>> lines;
    const partition::ClassicalLines classical(circuit);
    for (const Operation& op : circuit.operations) {
        for (const auto q : op.qubits) {
            lines[{'q', q}].push_back(op);
        }
        for (const auto c : classical.of(op)) {
            lines[{'c', c}].push_back(op);
        }
    }
    return lines;
}

void check_valid(const Circuit& circuit, const Partition& cut, std::size_t block_size) {
    const Circuit back = partition::unfold(cut);
    REQUIRE(back.operations.size() == circuit.operations.size());
    CHECK(back.qregs == circuit.qregs);
    CHECK(back.cregs == circuit.cregs);
    CHECK(lines_of(back) == lines_of(circuit));
    for (const auto& item : cut.items) {
        if (const auto* op = std::get_if<Operation>(&item)) {
            CHECK((partition::is_fence(*op) || op->qubits.size() > block_size));
            continue;
        }
        const auto& block = std::get<partition::Block>(item);
        CHECK(block.qubits.size() <= block_size);
        CHECK(std::is_sorted(block.qubits.begin(), block.qubits.end()));
        CHECK(circuit::validate(block.circuit).is_ok());
        for (const Operation& op : block.circuit.operations) {
            CHECK_FALSE(partition::is_fence(op));
        }
    }
}

std::vector<Partition> all_partitions(const Circuit& circuit, int block_size) {
    std::vector<Partition> out;
    for (const bool backward : {false, true}) {
        for (const auto preference :
             {Preference::kHeavy, Preference::kLight, Preference::kRecent}) {
            for (const int limit : {0, 3}) {
                auto quick =
                    partition::quick_partition(circuit, {block_size, backward, preference, limit});
                REQUIRE(quick);
                out.push_back(std::move(*quick));
            }
        }
        auto scanned = partition::scan_partition(circuit, {block_size, backward});
        REQUIRE(scanned);
        out.push_back(std::move(*scanned));
    }
    return out;
}

// On 3 to 7 qubits, with fences for even seeds.
Circuit some_circuit(Seed seed) {
    Philox random(seed);
    test::RandomOptions options;
    options.qubits = 3 + static_cast<std::uint32_t>(random.below(5));
    options.operations = 60;
    options.fence_chance = seed % 2 == 0 ? 0.1 : 0;
    return test::random_circuit(options, random);
}

std::size_t count_blocks(const Partition& cut) {
    return static_cast<std::size_t>(std::count_if(
        cut.items.begin(), cut.items.end(),
        [](const auto& item) { return std::holds_alternative<partition::Block>(item); }));
}

}  // namespace

TEST_CASE("partition, correctness: random circuits with fences keep every order") {
    for (Seed seed = 1; seed <= 40; ++seed) {
        CAPTURE(seed);
        const Circuit circuit = some_circuit(seed);
        for (int size = 1; size <= 4; ++size) {
            CAPTURE(size);
            for (const Partition& cut : all_partitions(circuit, size)) {
                check_valid(circuit, cut, static_cast<std::size_t>(size));
            }
        }
    }
}

TEST_CASE("skeleton, correctness: cut without one-qubit gates, every order is kept") {
    for (Seed seed = 1; seed <= 40; ++seed) {
        CAPTURE(seed);
        const Circuit circuit = some_circuit(seed);
        const auto size = static_cast<std::uint32_t>(circuit.operations.size());
        const partition::Skeleton skeleton(circuit, 0, size);
        for (const Operation& op : skeleton.circuit().operations) {
            CHECK((op.qubits.size() != 1 || partition::is_fence(op)));
        }
        for (const bool backward : {false, true}) {
            for (const int width : {2, 3}) {
                const auto bones = partition::quick_groups(skeleton.circuit(), {width, backward});
                REQUIRE(bones);
                check_valid(circuit, partition::fold(circuit, skeleton.whole(*bones, width), width),
                            static_cast<std::size_t>(width));
            }
        }
    }
}

TEST_CASE("skeleton, correctness: of a stretch, in the numbers of the whole circuit") {
    Philox random(7);
    test::RandomOptions options;
    options.qubits = 6;
    options.operations = 60;
    const Circuit circuit = test::random_circuit(options, random);
    Circuit stretch = circuit;
    stretch.operations.assign(circuit.operations.begin() + 20, circuit.operations.begin() + 45);
    const partition::Skeleton skeleton(circuit, 20, 45);
    for (const bool backward : {false, true}) {
        const auto bones = partition::scan_groups(skeleton.circuit(), {3, backward});
        REQUIRE(bones);
        auto groups = skeleton.whole(*bones, 3);
        for (auto& group : groups) {
            for (std::uint32_t& i : group) {
                i -= 20;
            }
        }
        check_valid(stretch, partition::fold(stretch, groups, 3), 3);
    }
}

TEST_CASE("gather, correctness: what is not chosen stays in the circuit's own order") {
    for (Seed seed = 1; seed <= 20; ++seed) {
        CAPTURE(seed);
        Philox random(seed);
        test::RandomOptions options;
        options.qubits = 5;
        options.operations = 60;
        options.fence_chance = 0.1;
        const Circuit circuit = test::random_circuit(options, random);
        CHECK(partition::unfold(partition::gather(circuit, {}).partition) == circuit);
        const auto groups = partition::quick_groups(circuit, {2});
        REQUIRE(groups);
        std::vector<partition::Group> chosen;
        std::copy_if(groups->begin(), groups->end(), std::back_inserter(chosen),
                     [](const auto& group) { return group.size() > 2; });
        const auto gathered = partition::gather(circuit, chosen);
        const Circuit back = partition::unfold(gathered.partition);
        CHECK(lines_of(back) == lines_of(circuit));
        REQUIRE(gathered.item_of.size() == chosen.size());
        for (std::size_t i = 0; i < chosen.size(); ++i) {
            const auto& item = gathered.partition.items[gathered.item_of[i]];
            CHECK(std::get<partition::Block>(item) == partition::block_of(circuit, chosen[i]));
        }
    }
}

TEST_CASE("gather, correctness: only what a chosen group makes room for is moved") {
    Circuit circuit = Circuit::with_qubits(6);
    for (const auto& [a, b] : {std::pair{2, 3}, {0, 1}, {4, 5}, {1, 2}, {0, 1}, {3, 4}}) {
        circuit.append(Gate::kCX, {static_cast<std::uint32_t>(a), static_cast<std::uint32_t>(b)});
    }
    // The first and the last need the third before them; the fourth needs the first.
    const auto gathered = partition::gather(circuit, {{0, 5}});
    CHECK(gathered.item_of == std::vector<std::size_t>{2});
    const Circuit back = partition::unfold(gathered.partition);
    std::vector<Operation> expected;
    for (const std::size_t i : {1, 2, 0, 5, 3, 4}) {
        expected.push_back(circuit.operations[i]);
    }
    CHECK(back.operations == expected);
}

TEST_CASE("partition, correctness: unitary circuits stay equal") {
    for (Seed seed = 1; seed <= 10; ++seed) {
        CAPTURE(seed);
        Philox random(seed);
        test::RandomOptions options;
        options.qubits = 6;
        options.operations = 50;
        const Circuit circuit = test::random_circuit(options, random);
        for (const Partition& cut : all_partitions(circuit, 3)) {
            const auto distance = circuit::unitary_distance(circuit, partition::unfold(cut));
            REQUIRE(distance);
            CHECK(*distance < 1e-12);
        }
    }
}

TEST_CASE("partition, correctness: fences separate blocks on their qubits only") {
    Circuit circuit = Circuit::with_qubits(4);
    circuit.append(Gate::kCX, {0, 1});
    circuit.append(Gate::kCX, {2, 3});
    circuit.append(Gate::kBarrier, {0, 1});
    circuit.append(Gate::kCX, {0, 1});
    circuit.append(Gate::kCX, {2, 3});
    for (const Partition& cut : all_partitions(circuit, 2)) {
        CHECK(count_blocks(cut) == 3);
    }
}

TEST_CASE("partition, correctness: equal blocks at different places are equal") {
    Circuit circuit = Circuit::with_qubits(6);
    for (const circuit::Qubit q : {0u, 3u}) {
        circuit.append(Gate::kCX, {q, q + 1});
        circuit.append(Gate::kRZ, {q + 1}, {0.25});
        circuit.append(Gate::kCX, {q + 1, q + 2});
    }
    const auto cut = partition::quick_partition(circuit, {});
    REQUIRE(cut);
    REQUIRE(cut->items.size() == 2);
    const auto& first = std::get<partition::Block>(cut->items[0]);
    const auto& second = std::get<partition::Block>(cut->items[1]);
    CHECK(first.circuit == second.circuit);
    CHECK(second.qubits == std::vector<circuit::Qubit>{3, 4, 5});
}

TEST_CASE("partition, correctness: a block never closes a cycle") {
    // 0-1, 1-2, 0-2 in blocks of two: the first and the third must not meet.
    Circuit circuit = Circuit::with_qubits(4);
    circuit.append(Gate::kCX, {0, 1});
    circuit.append(Gate::kCX, {1, 2});
    circuit.append(Gate::kCX, {2, 3});
    circuit.append(Gate::kCX, {3, 0});
    circuit.append(Gate::kCX, {0, 1});
    for (int size = 2; size <= 3; ++size) {
        for (const Partition& cut : all_partitions(circuit, size)) {
            check_valid(circuit, cut, static_cast<std::size_t>(size));
        }
    }
}

TEST_CASE("partition, correctness: the shared circuits keep every order") {
    for (const auto& [name, circuit] : test::shared_circuits()) {
        CAPTURE(name);
        for (int size = 2; size <= 3; ++size) {
            const auto quick = partition::quick_partition(circuit, {size});
            REQUIRE(quick);
            check_valid(circuit, *quick, static_cast<std::size_t>(size));
            const auto backward =
                partition::quick_partition(circuit, {size, true, Preference::kRecent, 0});
            REQUIRE(backward);
            check_valid(circuit, *backward, static_cast<std::size_t>(size));
            if (const auto scanned = partition::scan_partition(circuit, {size, false})) {
                check_valid(circuit, *scanned, static_cast<std::size_t>(size));
            }
        }
    }
}

TEST_CASE("partition, bad input: block sizes out of range and too many groups") {
    const Circuit circuit = Circuit::with_qubits(2);
    for (const int size : {-1, 0, 7}) {
        CHECK(partition::quick_partition(circuit, {size}).status().code() ==
              StatusCode::kInvalidArgument);
        CHECK(partition::scan_partition(circuit, {size}).status().code() ==
              StatusCode::kInvalidArgument);
    }
    Circuit wide = Circuit::with_qubits(100);
    for (circuit::Qubit a = 0; a < 100; ++a) {
        for (circuit::Qubit b = a + 1; b < 100; ++b) {
            wide.append(Gate::kCZ, {a, b});
        }
    }
    CHECK(partition::scan_partition(wide, {3}).status().code() == StatusCode::kResourceExhausted);
    CHECK(partition::quick_partition(wide, {3}));
}

TEST_CASE("partition, bad input: empty circuits and operations without qubits") {
    Circuit circuit = Circuit::with_qubits(2);
    CHECK(partition::quick_partition(circuit, {})->items.empty());
    CHECK(partition::scan_partition(circuit, {})->items.empty());
    circuit.append(Gate::kBarrier, {});
    circuit.append(Gate::kH, {0});
    for (const Partition& cut : all_partitions(circuit, 3)) {
        CHECK(partition::unfold(cut).operations.size() == 2);
    }
}
