// Values and derivatives of fit_circuit, without what descends along them.

#include "quantum/synthesis/fit_problem.hpp"

#include "tests/support/catch.hpp"
#include "tests/unit/synthesis/mixed_circuit.hpp"

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

TEST_CASE("fit: sweeps never raise the cost and reach a generic target") {
    Circuit shape = Circuit::with_qubits(2);
    append_unknown(shape, {0});
    append_unknown(shape, {1});
    for (int i = 0; i < 3; ++i) {
        shape.append(Gate::kCX, {0, 1});
        append_unknown(shape, {0});
        append_unknown(shape, {1});
    }
    Philox random(12);
    detail::FitProblem problem(shape, detail::columns_of(random_unitary(4, random)), {});
    problem.randomise_unknown(random);
    double cost = problem.cost();
    for (int i = 0; i < 2000 && cost > 1e-10; ++i) {
        const double next = problem.sweep();
        CHECK(next <= cost + 1e-14);
        cost = next;
    }
    CHECK(cost == Approx(problem.cost()).margin(1e-14));
    CHECK(cost < 1e-8);
}

TEST_CASE("fit: frozen gates have no coordinates") {
    Philox random(13);
    const Circuit shape = mixed(random, false);
    const auto target = detail::columns_of(random_unitary(8, random));
    const detail::FitProblem all(shape, target, {});
    std::vector<std::uint8_t> frozen(shape.operations.size(), 0);
    frozen[0] = 1;  // a u3
    detail::FitProblem some(shape, target, frozen);
    CHECK(all.num_coordinates() == some.num_coordinates() + 3);
    some.move(Eigen::VectorXd::Constant(static_cast<Eigen::Index>(some.num_coordinates()), 0.1));
    CHECK(some.circuit().operations[0] == shape.operations[0]);
}
