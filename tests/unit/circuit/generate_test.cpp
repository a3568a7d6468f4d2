#include "quantum/circuit/generate.hpp"

#include "quantum/circuit/unitary.hpp"
#include "tests/support/catch.hpp"

namespace quercus::circuit {
namespace {

TEST_CASE("generated circuits are valid, deterministic per seed and unitary") {
    for (const Family family :
         {Family::kRandom, Family::kTrotter, Family::kVariational, Family::kArithmetic}) {
        for (std::uint32_t n = 2; n <= 10; ++n) {
            CAPTURE(static_cast<int>(family), n);
            const Circuit circuit = generate(family, n, 20, 42);
            CHECK(validate(circuit).is_ok());
            CHECK(check_unitary(circuit).is_ok());
            CHECK(circuit.num_qubits() == n);
            CHECK(circuit == generate(family, n, 20, 42));
            CHECK_FALSE(circuit.operations.empty());
        }
        CHECK_FALSE(generate(family, 6, 20, 42) == generate(family, 6, 20, 43));
    }
}

TEST_CASE("each family has its gates") {
    CHECK(generate(Family::kRandom, 5, 100, 1).operations.size() == 100);
    const auto random = count_gates(generate(Family::kRandom, 5, 400, 1));
    for (const char* name : {"u3", "cx", "rzz", "swap", "ccx"}) {
        CHECK(random.contains(name));
    }
    const auto trotter = count_gates(generate(Family::kTrotter, 5, 3, 1));
    CHECK(trotter.at("rzz") == 12);
    CHECK(trotter.at("rx") == 15);
    const auto variational = count_gates(generate(Family::kVariational, 5, 3, 1));
    CHECK(variational.at("cx") == 12);
    CHECK(variational.at("ry") == 20);
    CHECK(count_gates(generate(Family::kArithmetic, 5, 3, 1)).at("ccx") == 12);
}

// Every arithmetic circuit permutes basis states.
TEST_CASE("arithmetic circuits are classical") {
    const base::Matrix unitary = *unitary_of(generate(Family::kArithmetic, 6, 4, 9));
    for (std::size_t column = 0; column < unitary.cols(); ++column) {
        int ones = 0;
        for (std::size_t row = 0; row < unitary.rows(); ++row) {
            ones += std::abs(unitary(row, column)) > 0.5 ? 1 : 0;
        }
        CHECK(ones == 1);
    }
}

}  // namespace
}  // namespace quercus::circuit
