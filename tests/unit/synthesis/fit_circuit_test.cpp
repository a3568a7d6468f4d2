#include "quantum/synthesis/fit_circuit.hpp"

#include "quantum/synthesis/fit_problem.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/synthesis/random_unitary.hpp"

using namespace quercus;
using namespace quercus::synthesis;
using namespace quercus::synthesis::test;

namespace {

std::vector<Gate> gates_with_angles() {
    std::vector<Gate> out;
    for (int g = 0; g < circuit::kGateCount; ++g) {
        if (detail::has_angles(static_cast<Gate>(g))) {
            out.push_back(static_cast<Gate>(g));
        }
    }
    return out;
}

void append(Circuit& c, Gate gate, const std::vector<circuit::Qubit>& qubits, Philox& random) {
    circuit::Operation op;
    op.gate = gate;
    op.qubits.assign(qubits.begin(), qubits.end());
    for (int i = 0; i < circuit::info(gate).num_params; ++i) {
        op.params.push_back(random_angle(random));
    }
    c.operations.push_back(op);
}

void append_unknown(Circuit& c, const std::vector<circuit::Qubit>& qubits) {
    circuit::Operation op;
    op.gate = Gate::kOpaque;
    op.opaque_name = "unknown";
    op.qubits.assign(qubits.begin(), qubits.end());
    c.operations.push_back(op);
}

// Gates of many kinds on three qubits, two of them unknown where asked for.
Circuit mixed(Philox& random, bool with_unknown) {
    Circuit c = Circuit::with_qubits(3);
    append(c, Gate::kU3, {0}, random);
    append(c, Gate::kPhasedXZ, {1}, random);
    append(c, Gate::kFSim, {0, 2}, random);
    append(c, Gate::kCU3, {1, 0}, random);
    c.append(Gate::kBarrier, {0, 1, 2});
    c.append(Gate::kSqrtISwap, {2, 1});
    append(c, Gate::kRXX, {0, 1}, random);
    append(c, Gate::kCCP, {2, 0, 1}, random);
    if (with_unknown) {
        append_unknown(c, {2, 0});
        append_unknown(c, {1});
    }
    append(c, Gate::kCRY, {1, 2}, random);
    return c;
}

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

TEST_CASE("fit: derivatives of every gate with angles equal central differences") {
    constexpr double kStep = 1e-5;
    CHECK(gates_with_angles().size() >= 20);
    Philox random(4);
    for (const Gate gate : gates_with_angles()) {
        CAPTURE(circuit::info(gate).name);
        std::vector<double> params(static_cast<std::size_t>(circuit::info(gate).num_params));
        for (double& p : params) {
            p = random_angle(random);
        }
        for (std::size_t i = 0; i < params.size(); ++i) {
            std::vector<double> up = params, down = params;
            up[i] += kStep;
            down[i] -= kStep;
            const Matrix high = circuit::gate_matrix(gate, up),
                         low = circuit::gate_matrix(gate, down);
            const Matrix exact = detail::gate_derivative(gate, params, i);
            for (std::size_t k = 0; k < exact.data().size(); ++k) {
                const Complex difference = (high.data()[k] - low.data()[k]) / (2 * kStep);
                CHECK(std::abs(difference - exact.data()[k]) < 2e-9);
            }
        }
    }
}

TEST_CASE("fit: gradient and Jacobian equal differences of the cost") {
    Philox random(5);
    const Circuit shape = mixed(random, true);
    const SynthesisTarget target = random_unitary(8, random);
    detail::FitProblem problem(shape, detail::columns_of(target), {});
    problem.randomise_unknown(random);
    Eigen::VectorXd gradient, residual;
    Eigen::MatrixXd jacobian;
    const double cost = problem.gradient(gradient);
    CHECK(cost == Approx(problem.cost()).epsilon(1e-12));
    CHECK(problem.linearise(residual, jacobian) == Approx(cost).epsilon(1e-12));
    const Eigen::VectorXd slope =
        jacobian.transpose() * residual / static_cast<double>(problem.num_columns());
    for (std::size_t i = 0; i < problem.num_coordinates(); ++i) {
        CAPTURE(i);
        const auto at = static_cast<Eigen::Index>(i);
        Eigen::VectorXd step = Eigen::VectorXd::Zero(gradient.size());
        step[at] = 1e-5;
        detail::FitProblem up = problem, down = problem;
        up.move(step);
        down.move(-step);
        CHECK(gradient[at] == Approx((up.cost() - down.cost()) / 2e-5).margin(1e-9));
        CHECK(slope[at] == Approx(gradient[at]).margin(1e-12));
    }
}

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
    options.method = FitMethod::kQFactor;
    CHECK(best_of(unknown, random_unitary(8, random), 10, options).success);
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
    options.method = FitMethod::kLbfgs;
    CHECK(refusal(c, options).find("lbfgs") != std::string::npos);
    options = {};
    options.frozen = {0, 1};
    CHECK(refusal(c, options).find("operation 1") != std::string::npos);
    circuit::Operation reset;
    reset.gate = Gate::kReset;
    reset.qubits = {0};
    c.operations.push_back(reset);
    CHECK(refusal(c).find("operation 2 (reset)") != std::string::npos);
    Circuit wide = Circuit::with_qubits(3);
    append(wide, Gate::kRX, {0}, random);
    CHECK(refusal(wide).find("has 3 qubits, the target 2") != std::string::npos);
    Philox any(1);
    CHECK_FALSE(fit_circuit(c, Matrix(4, 4), any, false));
    CHECK_FALSE(fit_method_from_text("newton"));
}
