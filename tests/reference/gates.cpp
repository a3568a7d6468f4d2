// Gates from their textbook definitions: exponentials of Pauli operators, projectors for controls,
// and products of other gates; nothing is copied from quantum/circuit.

#include <functional>
#include <map>
#include <numbers>
#include <stdexcept>

#include "tests/reference/dense.hpp"

namespace quercus::reference {
namespace {

constexpr double kPi = std::numbers::pi;
constexpr Complex kI{0.0, 1.0};

const Matrix kOne = {{1, 0}, {0, 1}};
const Matrix kX = {{0, 1}, {1, 0}};
const Matrix kY = {{0, -kI}, {kI, 0}};
const Matrix kZ = {{1, 0}, {0, -1}};
const Matrix kProject0 = {{1, 0}, {0, 0}};
const Matrix kProject1 = {{0, 0}, {0, 1}};

// e^{-i angle/2 generator}.
Matrix rotation(double angle, const Matrix& generator) {
    return exponential(scale(-kI * (angle / 2), generator));
}

Matrix phased(double angle, const Matrix& m) {
    return scale(std::exp(kI * angle), m);
}

// A new control as the least significant qubit.
Matrix controlled(const Matrix& u) {
    return add(kron(identity(u.size()), kProject0), kron(u, kProject1));
}

Matrix u3(double theta, double phi, double lambda) {
    return phased((phi + lambda) / 2,
                  multiply(rotation(phi, kZ), multiply(rotation(theta, kY), rotation(lambda, kZ))));
}

Matrix phase(double angle) {
    return phased(angle / 2, rotation(angle, kZ));
}
Matrix hadamard() {
    return scale(1 / std::numbers::sqrt2, add(kX, kZ));
}
Matrix sqrt_x() {
    return phased(kPi / 4, rotation(kPi / 2, kX));
}

// e^{i (x XX + y YY)}.
Matrix interaction(double x, double y) {
    return exponential(add(scale(kI * x, kron(kX, kX)), scale(kI * y, kron(kY, kY))));
}

Matrix swap() {
    const Matrix sum = add(add(kron(kOne, kOne), kron(kX, kX)), add(kron(kY, kY), kron(kZ, kZ)));
    return scale(0.5, sum);
}

Matrix fsim(double theta, double phi) {
    return multiply(controlled(phase(-phi)), interaction(-theta / 2, -theta / 2));
}

// A product of one-qubit gates and cx on n qubits, first gate first.
struct Step {
    Matrix gate;
    std::vector<std::uint32_t> qubits;
};

Matrix product(const std::vector<Step>& steps, std::uint32_t n) {
    Matrix out = identity(std::size_t{1} << n);
    for (const Step& step : steps) {
        out = multiply(embed(step.gate, step.qubits, n), out);
    }
    return out;
}

Matrix rccx() {
    const Matrix h = hadamard(), t = phase(kPi / 4), tdg = phase(-kPi / 4), cx = controlled(kX);
    return product({{h, {2}},
                    {t, {2}},
                    {cx, {1, 2}},
                    {tdg, {2}},
                    {cx, {0, 2}},
                    {t, {2}},
                    {cx, {1, 2}},
                    {tdg, {2}},
                    {h, {2}}},
                   3);
}

Matrix rc3x() {
    const Matrix h = hadamard(), t = phase(kPi / 4), tdg = phase(-kPi / 4), cx = controlled(kX);
    return product({{h, {3}},
                    {t, {3}},
                    {cx, {2, 3}},
                    {tdg, {3}},
                    {h, {3}},
                    {cx, {0, 3}},
                    {t, {3}},
                    {cx, {1, 3}},
                    {tdg, {3}},
                    {cx, {0, 3}},
                    {t, {3}},
                    {cx, {1, 3}},
                    {tdg, {3}},
                    {h, {3}},
                    {t, {3}},
                    {cx, {2, 3}},
                    {tdg, {3}},
                    {h, {3}}},
                   4);
}

Matrix phased_xz(double x, double z, double a) {
    const Matrix x_power = phased(kPi * x / 2, rotation(kPi * x, kX));
    return multiply(phase(kPi * (z + a)), multiply(x_power, phase(-kPi * a)));
}

Matrix xy_rotation(double theta, double phi) {
    return rotation(theta, add(scale(std::cos(phi), kX), scale(std::sin(phi), kY)));
}

using Params = std::vector<double>;

const std::map<std::string, std::function<Matrix(const Params&)>>& table() {
    static const std::map<std::string, std::function<Matrix(const Params&)>> gates = {
        {"id", [](const Params&) { return kOne; }},
        {"u0", [](const Params&) { return kOne; }},
        {"delay", [](const Params&) { return kOne; }},
        {"x", [](const Params&) { return kX; }},
        {"y", [](const Params&) { return kY; }},
        {"z", [](const Params&) { return kZ; }},
        {"h", [](const Params&) { return hadamard(); }},
        {"s", [](const Params&) { return phase(kPi / 2); }},
        {"sdg", [](const Params&) { return phase(-kPi / 2); }},
        {"t", [](const Params&) { return phase(kPi / 4); }},
        {"tdg", [](const Params&) { return phase(-kPi / 4); }},
        {"sx", [](const Params&) { return sqrt_x(); }},
        {"sxdg", [](const Params&) { return dagger(sqrt_x()); }},
        {"rx", [](const Params& p) { return rotation(p[0], kX); }},
        {"ry", [](const Params& p) { return rotation(p[0], kY); }},
        {"rz", [](const Params& p) { return rotation(p[0], kZ); }},
        {"p", [](const Params& p) { return phase(p[0]); }},
        {"u1", [](const Params& p) { return phase(p[0]); }},
        {"u2", [](const Params& p) { return u3(kPi / 2, p[0], p[1]); }},
        {"u3", [](const Params& p) { return u3(p[0], p[1], p[2]); }},
        {"u", [](const Params& p) { return u3(p[0], p[1], p[2]); }},
        {"r", [](const Params& p) { return xy_rotation(p[0], p[1]); }},
        {"pxz", [](const Params& p) { return phased_xz(p[0], p[1], p[2]); }},
        {"cx", [](const Params&) { return controlled(kX); }},
        {"cy", [](const Params&) { return controlled(kY); }},
        {"cz", [](const Params&) { return controlled(kZ); }},
        {"ch", [](const Params&) { return controlled(hadamard()); }},
        {"cs", [](const Params&) { return controlled(phase(kPi / 2)); }},
        {"csdg", [](const Params&) { return controlled(phase(-kPi / 2)); }},
        {"ct", [](const Params&) { return controlled(phase(kPi / 4)); }},
        {"csx", [](const Params&) { return controlled(sqrt_x()); }},
        {"swap", [](const Params&) { return swap(); }},
        {"iswap", [](const Params&) { return interaction(kPi / 4, kPi / 4); }},
        {"sqisw", [](const Params&) { return interaction(kPi / 8, kPi / 8); }},
        {"b", [](const Params&) { return interaction(kPi / 4, kPi / 8); }},
        {"syc", [](const Params&) { return fsim(kPi / 2, kPi / 6); }},
        {"fsim", [](const Params& p) { return fsim(p[0], p[1]); }},
        {"ecr",
         [](const Params&) {
             return scale(1 / std::numbers::sqrt2, add(kron(kOne, kX), scale(-1.0, kron(kX, kY))));
         }},
        {"dcx",
         [](const Params&) {
             const Matrix cx = controlled(kX);
             return product({{cx, {0, 1}}, {cx, {1, 0}}}, 2);
         }},
        {"crx", [](const Params& p) { return controlled(rotation(p[0], kX)); }},
        {"cry", [](const Params& p) { return controlled(rotation(p[0], kY)); }},
        {"crz", [](const Params& p) { return controlled(rotation(p[0], kZ)); }},
        {"cp", [](const Params& p) { return controlled(phase(p[0])); }},
        {"cu1", [](const Params& p) { return controlled(phase(p[0])); }},
        {"cu3", [](const Params& p) { return controlled(u3(p[0], p[1], p[2])); }},
        {"cu", [](const Params& p) { return controlled(phased(p[3], u3(p[0], p[1], p[2]))); }},
        {"rxx", [](const Params& p) { return rotation(p[0], kron(kX, kX)); }},
        {"ryy", [](const Params& p) { return rotation(p[0], kron(kY, kY)); }},
        {"rzz", [](const Params& p) { return rotation(p[0], kron(kZ, kZ)); }},
        {"rzx", [](const Params& p) { return rotation(p[0], kron(kX, kZ)); }},
        {"ccx", [](const Params&) { return controlled(controlled(kX)); }},
        {"ccz", [](const Params&) { return controlled(controlled(kZ)); }},
        {"cswap", [](const Params&) { return controlled(swap()); }},
        {"rccx", [](const Params&) { return rccx(); }},
        {"ccp", [](const Params& p) { return controlled(controlled(phase(p[0]))); }},
        {"c3x", [](const Params&) { return controlled(controlled(controlled(kX))); }},
        {"c3sqrtx", [](const Params&) { return controlled(controlled(controlled(sqrt_x()))); }},
        {"rc3x", [](const Params&) { return rc3x(); }},
        {"c4x", [](const Params&) { return controlled(controlled(controlled(controlled(kX)))); }},
        {"iccx", [](const Params&) { return controlled(controlled(scale(kI, kX))); }},
    };
    return gates;
}

}  // namespace

Matrix gate(const std::string& name, const std::vector<double>& params) {
    const auto found = table().find(name);
    if (found == table().end()) {
        throw std::invalid_argument("the reference does not know the gate " + name);
    }
    return found->second(params);
}

}  // namespace quercus::reference
