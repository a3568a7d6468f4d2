#include "quantum/partition/segments.hpp"

#include <set>

#include "tests/support/catch.hpp"
#include "tests/unit/passes/random_circuit.hpp"

using namespace quercus;
using partition::SegmentOptions;
using test::Circuit;
using test::Gate;

namespace {

Circuit random_native(Seed seed, int operations, std::uint32_t qubits = 9) {
    Philox random(seed);
    test::RandomOptions options;
    options.qubits = qubits;
    options.operations = operations;
    options.native = true;
    return test::random_circuit(options, random);
}

std::vector<Circuit> segments_of(const Circuit& circuit, const SegmentOptions& options) {
    std::vector<Circuit> out;
    std::uint32_t first = 0;
    for (const std::uint32_t end : partition::segment_ends(circuit, options)) {
        out.push_back(partition::segment_of(circuit, first, end).circuit);
        first = end;
    }
    return out;
}

std::size_t found_again(const std::vector<Circuit>& before, const std::vector<Circuit>& after) {
    return static_cast<std::size_t>(
        std::count_if(before.begin(), before.end(), [&](const Circuit& one) {
            return std::find(after.begin(), after.end(), one) != after.end();
        }));
}

}  // namespace

TEST_CASE("segments, correctness: one after the other they are the circuit") {
    const Seed seed = GENERATE(1, 2, 3);
    CAPTURE(seed);
    const Circuit circuit = random_native(seed, 3000);
    for (const std::uint64_t salt : {0, 1}) {
        const SegmentOptions options{salt, 20, 12};
        Circuit back = circuit;
        back.operations.clear();
        std::uint32_t first = 0;
        const auto ends = partition::segment_ends(circuit, options);
        REQUIRE(ends.size() > 5);
        for (const std::uint32_t end : ends) {
            const partition::Block block = partition::segment_of(circuit, first, end);
            CHECK(std::is_sorted(block.qubits.begin(), block.qubits.end()));
            if (end != ends.back()) {
                CHECK(circuit::count_two_qubit(block.circuit) >= options.least);
            }
            for (test::Operation op : block.circuit.operations) {
                for (auto& q : op.qubits) {
                    q = block.qubits[q];
                }
                back.operations.push_back(op);
            }
            first = end;
        }
        CHECK(back == circuit);
    }
    CHECK(partition::segment_ends(circuit, {0, 20, 12}) !=
          partition::segment_ends(circuit, {1, 20, 12}));
    CHECK(partition::segment_ends(circuit, {0, 1, 1'000'000}) ==
          std::vector<std::uint32_t>{static_cast<std::uint32_t>(circuit.operations.size())});
    CHECK(partition::segment_ends(Circuit::with_qubits(2), {}).empty());
}

TEST_CASE("segments, correctness: an edit changes those that it touches") {
    const Seed seed = GENERATE(4, 5, 6, 7);
    CAPTURE(seed);
    const SegmentOptions options{0, 20, 12};
    const Circuit circuit = random_native(seed, 4000);
    const auto before = segments_of(circuit, options);
    REQUIRE(before.size() > 30);
    Circuit longer = circuit;
    const Circuit more = random_native(seed + 100, 300);
    longer.operations.insert(longer.operations.end(), more.operations.begin(),
                             more.operations.end());
    CHECK(found_again(before, segments_of(longer, options)) >= before.size() - 1);
    Circuit without = circuit;
    const auto middle = std::find_if(without.operations.begin() + 2000, without.operations.end(),
                                     [](const auto& op) { return op.gate == Gate::kCX; });
    without.operations.erase(middle);
    // Its own one and, where a border moves by the least length, some until borders meet again.
    CHECK(found_again(before, segments_of(without, options)) >= before.size() - 5);
}

TEST_CASE("segments, correctness: a repeated pattern is cut too") {
    Circuit circuit = Circuit::with_qubits(3);
    for (int i = 0; i < 5000; ++i) {
        circuit.append(Gate::kCX, {0, 1});
        circuit.append(Gate::kCX, {1, 2});
    }
    for (const std::uint64_t salt : {0, 1, 2, 3}) {
        std::uint32_t first = 0;
        for (const std::uint32_t end : partition::segment_ends(circuit, {salt, 20, 12})) {
            CHECK(end - first <= partition::kLongestSegment * 32);
            first = end;
        }
    }
}
