#include "quantum/circuit/gate.hpp"

#include <set>

#include "tests/reference/dense.hpp"
#include "tests/support/catch.hpp"

namespace quercus::circuit {
namespace {

std::vector<Gate> matrix_gates() {
    std::vector<Gate> gates;
    for (int i = 0; i < kGateCount; ++i) {
        const auto gate = static_cast<Gate>(i);
        if (info(gate).is_unitary && gate != Gate::kUnitary) {
            gates.push_back(gate);
        }
    }
    return gates;
}

TEST_CASE("gate matrices equal their textbook definitions, with their global phase") {
    const std::vector<std::vector<double>> angle_sets = {
        {0.3, -1.1, 2.7, 0.9}, {0, 0, 0, 0}, {3.2, 5.5, -6.1, 4.4}};
    for (const Gate gate : matrix_gates()) {
        for (std::vector<double> params : angle_sets) {
            params.resize(static_cast<std::size_t>(info(gate).num_params));
            const std::string name(info(gate).name);
            CAPTURE(name, params);
            const auto expected = reference::gate(name, params);
            const auto actual = reference::from(gate_matrix(gate, params));
            CHECK(reference::difference(actual, expected) < 1e-13);
        }
    }
}

TEST_CASE("controls come first and qubit 0 of a gate is the least significant bit") {
    const base::Matrix cx = gate_matrix(Gate::kCX, {});
    CHECK(cx(3, 1) == base::Complex(1.0));  // |q1 q0> = |01> -> |11>
    CHECK(cx(1, 3) == base::Complex(1.0));
    CHECK(cx(2, 2) == base::Complex(1.0));
}

TEST_CASE("u3 has a real, non-negative upper left entry and rz is symmetric") {
    const std::vector<double> angles = {1.2, 0.4, -0.9};
    const base::Matrix u3 = gate_matrix(Gate::kU3, angles);
    CHECK(u3(0, 0).imag() == 0.0);
    CHECK(u3(0, 0).real() > 0.0);
    const std::vector<double> angle = {0.8};
    const base::Matrix rz = gate_matrix(Gate::kRZ, angle);
    CHECK(rz(0, 0) == std::conj(rz(1, 1)));
}

TEST_CASE("matrices stay unitary for huge angles") {
    for (const double angle : {1e9, 1e15, 1e16, 1e300, 1.7e308}) {
        CAPTURE(angle);
        const std::vector<double> params = {angle, -angle, angle};
        CHECK(unitarity_defect(gate_matrix(Gate::kU3, params)) < 1e-12);
    }
}

TEST_CASE("gate names are unique, found, and have aliases") {
    std::set<std::string_view> names;
    for (int i = 0; i < kGateCount; ++i) {
        const auto gate = static_cast<Gate>(i);
        CHECK(names.insert(info(gate).name).second);
        CHECK(gate_by_name(info(gate).name) == gate);
    }
    CHECK(gate_by_name("CX") == Gate::kCX);
    CHECK(gate_by_name("U") == Gate::kU);
    CHECK(gate_by_name("v") == Gate::kSX);
    CHECK(gate_by_name("u1q") == Gate::kR);
    CHECK_FALSE(gate_by_name("nonsense"));
    CHECK_FALSE(gate_by_name(""));
}

}  // namespace
}  // namespace quercus::circuit
