#include "quantum/synthesis/fit_circuit.hpp"

#include "tests/support/catch.hpp"
#include "tests/unit/synthesis/mixed_circuit.hpp"

using namespace quercus;
using namespace quercus::synthesis;
using namespace quercus::synthesis::test;

namespace {

// A target that the shape reaches: its unknown gates as Haar unitaries, other angles.
Matrix reachable(Circuit shape, Philox& random) {
    for (circuit::Operation& op : shape.operations) {
        if (op.gate == Gate::kOpaque) {
            op.gate = Gate::kUnitary;
            op.opaque_name.clear();
            op.matrix = std::make_shared<Matrix>(
                random_unitary(std::size_t{1} << op.qubits.size(), random));
        }
        for (double& angle : op.params) {
            angle = random_angle(random);
        }
    }
    return *circuit::unitary_of(shape);
}

// The best of so many descents, the first from the circuit's own angles.
CircuitFit best_of(const Circuit& shape, const SynthesisTarget& target, int starts,
                   const FitOptions& options = {}) {
    Philox random(11);
    CircuitFit best;
    for (int i = 0; i < starts && !best.success; ++i) {
        auto fit = fit_circuit(shape, target, random, i > 0, options);
        INFO(fit.status().to_string());
        REQUIRE(fit);
        if (fit->d < best.d) {
            best = std::move(*fit);
        }
    }
    const auto delta = distance_to(target, best.circuit);
    REQUIRE(delta);
    CHECK(*delta == Approx(std::sqrt(2 * best.d)).epsilon(1e-6).margin(1e-12));
    return best;
}

}  // namespace

TEST_CASE("fit: gates of all kinds are fitted to a unitary they reach") {
    for (Seed seed = 0; seed < 4; ++seed) {
        for (const bool with_unknown : {false, true}) {
            CAPTURE(seed, with_unknown);
            Philox random(seed);
            const Circuit shape = mixed(random, with_unknown);
            const CircuitFit fit = best_of(shape, reachable(shape, random), 40);
            CHECK(fit.success);
            CHECK(fit.d < 1e-14);
            CHECK(circuit::count_two_qubit(fit.circuit) ==
                  circuit::count_two_qubit(shape) + (with_unknown ? 1 : 0));
        }
    }
}

TEST_CASE("fit: L-BFGS and QFactor reach what they are for") {
    Philox random(6);
    const Circuit angles = mixed(random, false);
    FitOptions options;
    options.method = FitMethod::kLbfgs;
    CHECK(best_of(angles, reachable(angles, random), 40, options).success);

    Circuit unknown = Circuit::with_qubits(3);
    for (int i = 0; i < 3; ++i) {
        append_unknown(unknown, {0, 1});
        append_unknown(unknown, {2, 1});
    }
    const Matrix haar = random_unitary(8, random);
    options.method = FitMethod::kQFactor;
    CHECK(best_of(unknown, haar, 10, options).success);
    options.method = FitMethod::kLbfgs;
    CHECK(best_of(unknown, haar, 10, options).success);

    const Circuit both = mixed(random, true);
    options.method = FitMethod::kQFactor;
    const auto swept = fit_circuit(both, haar, random, true, options);
    REQUIRE(swept);
    CHECK(swept->circuit.operations[0] == both.operations[0]);  // angles stay
}

TEST_CASE("fit: what is too large for Levenberg-Marquardt is fitted with its unknown gates") {
    Philox random(14);
    Circuit shape = Circuit::with_qubits(3);
    append_unknown(shape, {0, 2});
    for (circuit::Qubit i = 0; i < 2100; ++i) {
        append(shape, i % 2 == 0 ? Gate::kRX : Gate::kRZ, {i % 3}, random);
        if (i % 50 == 0) {
            shape.append(Gate::kCZ, {i % 3, (i + 1) % 3});
        }
    }
    const Matrix target = random_unitary(8, random);
    FitOptions options;
    options.method = FitMethod::kLevenbergMarquardt;
    CHECK_FALSE(check_fit(shape, target, options).has_value());
    CHECK(best_of(shape, target, 3).success);
}

TEST_CASE("fit: states and state maps") {
    Philox random(7);
    const Circuit shape = mixed(random, true);
    const Matrix u = reachable(shape, random);
    StateMap map(2);
    for (std::size_t j = 0; j < map.size(); ++j) {
        map[j].input.assign(8, 0);
        map[j].input[j + 3] = 1;
        for (std::size_t r = 0; r < 8; ++r) {
            map[j].output.push_back(u(r, j + 3));
        }
    }
    CHECK(best_of(shape, map, 40).d < 1e-14);
    StateVector state;
    for (std::size_t r = 0; r < 8; ++r) {
        state.push_back(u(r, 0));
    }
    CHECK(best_of(shape, state, 40).d < 1e-14);
}

TEST_CASE("fit: what is frozen stays; same random numbers, same bits; a stop is obeyed") {
    Philox random(8);
    const Circuit shape = mixed(random, true);
    const SynthesisTarget target = random_unitary(8, random);
    FitOptions options;
    options.frozen.assign(shape.operations.size(), 0);
    options.frozen[0] = options.frozen[2] = 1;
    Philox first(3), second(3), third(3);
    const auto a = fit_circuit(shape, target, first, true, options);
    const auto b = fit_circuit(shape, target, second, true, options);
    REQUIRE(a);
    REQUIRE(b);
    CHECK(a->circuit == b->circuit);
    CHECK(a->circuit.operations[0] == shape.operations[0]);
    CHECK(a->circuit.operations[2] == shape.operations[2]);
    CHECK_FALSE(a->circuit.operations[1] == shape.operations[1]);
    CHECK_FALSE(a->success);  // far fewer parameters than dimensions
    options.stop = [] { return true; };
    CHECK(fit_circuit(shape, target, third, true, options)->iterations == 0);
}

TEST_CASE("fit: bad input is refused with the operation named") {
    Philox random(9);
    const Matrix target = Matrix::identity(4);
    const auto refusal = [&](const Circuit& c, FitOptions options = {}) {
        const auto checked = check_fit(c, target, options);
        return checked ? std::string() : checked.error().message();
    };
    Circuit c = Circuit::with_qubits(2);
    CHECK(refusal(c).find("neither a free angle") != std::string::npos);
    append(c, Gate::kRX, {0}, random);
    CHECK(refusal(c).empty());
    FitOptions options;
    options.frozen = {1};
    CHECK(refusal(c, options).find("neither a free angle") != std::string::npos);
    options.frozen = {0, 0};
    CHECK(refusal(c, options).find("frozen: 2 marks for 1") != std::string::npos);
    options = {};
    options.method = FitMethod::kQFactor;
    CHECK(refusal(c, options).find("qfactor") != std::string::npos);
    append_unknown(c, {0, 1});
    options = {};
    options.frozen = {0, 1};
    CHECK(refusal(c, options).find("operation 1") != std::string::npos);
    circuit::Operation reset;
    reset.gate = Gate::kReset;
    reset.qubits = {0};
    c.operations.push_back(reset);
    CHECK(refusal(c).find("operation 2 (reset)") != std::string::npos);
    Circuit large = Circuit::with_qubits(2);
    for (int i = 0; i < 10'000; ++i) {
        append(large, Gate::kRX, {0}, random);
    }
    CHECK(refusal(large).empty());
    options = {};
    options.method = FitMethod::kLevenbergMarquardt;
    CHECK(refusal(large, options).find("too much memory") != std::string::npos);
    Circuit wide = Circuit::with_qubits(3);
    append(wide, Gate::kRX, {0}, random);
    CHECK(refusal(wide).find("has 3 qubits, the target 2") != std::string::npos);
    Philox any(1);
    CHECK_FALSE(fit_circuit(c, Matrix(4, 4), any, false));
    CHECK_FALSE(fit_method_from_text("newton"));
}
