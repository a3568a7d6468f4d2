#include "quantum/circuit/gate.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <numbers>
#include <string>
#include <unordered_map>

#include "quantum/base/sincos.hpp"

namespace quercus::circuit {
namespace {

using base::Complex;
using base::Matrix;
using base::Matrix2;

constexpr double kPi = std::numbers::pi;
constexpr Complex kI{0.0, 1.0};

constexpr std::array<GateInfo, kGateCount> kInfo = {{
    {"id", 1, 0, true},       {"x", 1, 0, true},         {"y", 1, 0, true},
    {"z", 1, 0, true},        {"h", 1, 0, true},         {"s", 1, 0, true},
    {"sdg", 1, 0, true},      {"t", 1, 0, true},         {"tdg", 1, 0, true},
    {"sx", 1, 0, true},       {"sxdg", 1, 0, true},      {"rx", 1, 1, true},
    {"ry", 1, 1, true},       {"rz", 1, 1, true},        {"p", 1, 1, true},
    {"u1", 1, 1, true},       {"u2", 1, 2, true},        {"u3", 1, 3, true},
    {"u", 1, 3, true},        {"r", 1, 2, true},         {"pxz", 1, 3, true},
    {"u0", 1, 1, true},       {"delay", 1, 1, true},     {"cx", 2, 0, true},
    {"cy", 2, 0, true},       {"cz", 2, 0, true},        {"ch", 2, 0, true},
    {"cs", 2, 0, true},       {"csdg", 2, 0, true},      {"ct", 2, 0, true},
    {"csx", 2, 0, true},      {"swap", 2, 0, true},      {"iswap", 2, 0, true},
    {"sqisw", 2, 0, true},    {"ecr", 2, 0, true},       {"syc", 2, 0, true},
    {"b", 2, 0, true},        {"dcx", 2, 0, true},       {"crx", 2, 1, true},
    {"cry", 2, 1, true},      {"crz", 2, 1, true},       {"cp", 2, 1, true},
    {"cu1", 2, 1, true},      {"cu3", 2, 3, true},       {"cu", 2, 4, true},
    {"rxx", 2, 1, true},      {"ryy", 2, 1, true},       {"rzz", 2, 1, true},
    {"rzx", 2, 1, true},      {"fsim", 2, 2, true},      {"ccx", 3, 0, true},
    {"ccz", 3, 0, true},      {"cswap", 3, 0, true},     {"rccx", 3, 0, true},
    {"ccp", 3, 1, true},      {"c3x", 4, 0, true},       {"c3sqrtx", 4, 0, true},
    {"rc3x", 4, 0, true},     {"c4x", 5, 0, true},       {"iccx", 3, 0, true},
    {"unitary", -1, 0, true}, {"opaque", -1, -1, false}, {"measure", 1, 0, false},
    {"reset", 1, 0, false},   {"barrier", -1, 0, false},
}};

// The compiler counts the rows; these pin the order against the enumeration.
static_assert(kInfo[static_cast<int>(Gate::kSXdg)].name == "sxdg");
static_assert(kInfo[static_cast<int>(Gate::kDelay)].name == "delay");
static_assert(kInfo[static_cast<int>(Gate::kDCX)].name == "dcx");
static_assert(kInfo[static_cast<int>(Gate::kFSim)].name == "fsim");
static_assert(kInfo[static_cast<int>(Gate::kICCX)].name == "iccx");
static_assert(kInfo[static_cast<int>(Gate::kBarrier)].name == "barrier");

// Not the C library's, whose last bit depends on the machine.
using base::sincos;
using base::SinCos;

Complex cis(double angle) {
    const SinCos value = sincos(angle);
    return {value.cos, value.sin};
}

constexpr Matrix2 kIdentity = {1, 0, 0, 1};
constexpr Matrix2 kPauliX = {0, 1, 1, 0};
constexpr Matrix2 kPauliY = {0, -kI, kI, 0};
constexpr Matrix2 kPauliZ = {1, 0, 0, -1};
constexpr Matrix2 kSqrtX = {Complex{0.5, 0.5}, {0.5, -0.5}, {0.5, -0.5}, {0.5, 0.5}};
constexpr double kRootHalf = 1 / std::numbers::sqrt2;
constexpr Matrix2 kHadamard = {kRootHalf, kRootHalf, kRootHalf, -kRootHalf};

Matrix diagonal(std::initializer_list<Complex> entries) {
    Matrix m(entries.size(), entries.size());
    std::size_t i = 0;
    for (const Complex entry : entries) {
        m(i, i) = entry;
        ++i;
    }
    return m;
}

Matrix2 u3(double theta, double phi, double lambda) {
    const auto [s, c] = sincos(theta / 2);
    return {c, -cis(lambda) * s, cis(phi) * s, cis(phi + lambda) * c};
}

// exp(-i theta/2 (cos(phi) X + sin(phi) Y)).
Matrix2 rotation_xy(double theta, double phi) {
    const auto [s, c] = sincos(theta / 2);
    return {c, -kI * cis(-phi) * s, -kI * cis(phi) * s, c};
}

Matrix2 rx(double theta) {
    const SinCos half = sincos(theta / 2);
    const Complex s = -kI * half.sin;
    return {half.cos, s, s, half.cos};
}

Matrix2 ry(double theta) {
    const auto [s, c] = sincos(theta / 2);
    return {c, -s, s, c};
}

Matrix2 rz(double angle) {
    return {cis(-angle / 2), 0, 0, cis(angle / 2)};
}
Matrix2 phase(double angle) {
    return {1, 0, 0, cis(angle)};
}

// Z^z Z^a X^x Z^-a with exponents in half turns (Cirq's PhasedXZGate).
Matrix2 phased_xz(double x, double z, double a) {
    const Complex g = cis(kPi * x / 2);
    const SinCos half = sincos(kPi * x / 2);
    const double c = half.cos;
    const Complex s = -kI * half.sin;
    return {g * c, g * s * cis(-kPi * a), g * s * cis(kPi * (z + a)), g * c * cis(kPi * z)};
}

// `num_controls` controls on the low bits, u on the bits above them.
Matrix controlled(int num_controls, const Matrix& u) {
    const std::size_t step = std::size_t{1} << num_controls;
    Matrix m = Matrix::identity(u.rows() * step);
    for (std::size_t r = 0; r < u.rows(); ++r) {
        for (std::size_t c = 0; c < u.cols(); ++c) {
            m(r * step + step - 1, c * step + step - 1) = u(r, c);
        }
    }
    return m;
}

Matrix controlled(int num_controls, const Matrix2& u) {
    return controlled(num_controls, base::to_matrix(u));
}

// Entries a, d on |00>, |11>, their coupling b; entries e on |01>, |10>, their coupling f.
Matrix exchange(Complex a, Complex b, Complex d, Complex e, Complex f) {
    return Matrix(4, 4, {a, 0, 0, b, 0, e, f, 0, 0, f, e, 0, b, 0, 0, d});
}

Matrix fsim(double theta, double phi) {
    const auto [s, c] = sincos(theta);
    return exchange(1, 0, cis(-phi), c, -kI * s);
}

Matrix rxx(double theta) {
    const SinCos half = sincos(theta / 2);
    const double c = half.cos;
    const Complex s = -kI * half.sin;
    return exchange(c, s, c, c, s);
}

Matrix ryy(double theta) {
    const SinCos half = sincos(theta / 2);
    const double c = half.cos;
    const Complex s = kI * half.sin;
    return exchange(c, s, c, c, -s);
}

Matrix rzz(double theta) {
    const Complex even = cis(-theta / 2);
    const Complex odd = cis(theta / 2);
    return diagonal({even, odd, odd, even});
}

// exp(-i theta/2 X (x) Z): Z on the first qubit, X on the second.
Matrix rzx(double theta) {
    const SinCos half = sincos(theta / 2);
    const double c = half.cos;
    const Complex s = kI * half.sin;
    return Matrix(4, 4, {c, 0, -s, 0, 0, c, 0, s, -s, 0, c, 0, 0, s, 0, c});
}

Matrix swap() {
    return exchange(1, 0, 1, 0, 1);
}

Matrix ecr() {
    const double r = kRootHalf;
    const Complex i = kI * r;
    return Matrix(4, 4, {0, r, 0, i, r, 0, -i, 0, 0, i, 0, r, -i, 0, r, 0});
}

// cx a,b; cx b,a.
Matrix dcx() {
    return Matrix(4, 4, {1, 0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 1, 0});
}

Matrix b_gate() {
    const auto [s, c] = sincos(kPi / 8);
    return exchange(c, kI * s, c, s, kI * c);
}

// Margolus gate: a Toffoli up to relative phases.
Matrix rccx() {
    Matrix m = Matrix::identity(8);
    m(5, 5) = -1.0;
    m(3, 3) = m(7, 7) = 0.0;
    m(3, 7) = -kI;
    m(7, 3) = kI;
    return m;
}

Matrix rc3x() {
    Matrix m = Matrix::identity(16);
    m(3, 3) = kI;
    m(11, 11) = -kI;
    m(7, 7) = m(15, 15) = 0.0;
    m(7, 15) = 1.0;
    m(15, 7) = -1.0;
    return m;
}

Matrix cu(double theta, double phi, double lambda, double gamma) {
    Matrix2 u = u3(theta, phi, lambda);
    for (Complex& entry : u) {
        entry *= cis(gamma);
    }
    return controlled(1, u);
}

Matrix2 one_qubit_matrix(Gate gate, std::span<const double> p) {
    switch (gate) {
        case Gate::kX:
            return kPauliX;
        case Gate::kY:
            return kPauliY;
        case Gate::kZ:
            return kPauliZ;
        case Gate::kH:
            return kHadamard;
        case Gate::kS:
            return {1, 0, 0, kI};
        case Gate::kSdg:
            return {1, 0, 0, -kI};
        case Gate::kT:
            return phase(kPi / 4);
        case Gate::kTdg:
            return phase(-kPi / 4);
        case Gate::kSX:
            return kSqrtX;
        case Gate::kSXdg:
            return {std::conj(kSqrtX[0]), std::conj(kSqrtX[2]), std::conj(kSqrtX[1]),
                    std::conj(kSqrtX[3])};
        case Gate::kRX:
            return rx(p[0]);
        case Gate::kRY:
            return ry(p[0]);
        case Gate::kRZ:
            return rz(p[0]);
        case Gate::kP:
        case Gate::kU1:
            return phase(p[0]);
        case Gate::kU2:
            return u3(kPi / 2, p[0], p[1]);
        case Gate::kU3:
        case Gate::kU:
            return u3(p[0], p[1], p[2]);
        case Gate::kR:
            return rotation_xy(p[0], p[1]);
        case Gate::kPhasedXZ:
            return phased_xz(p[0], p[1], p[2]);
        default:
            return kIdentity;  // id, u0, delay
    }
}

Matrix two_qubit_matrix(Gate gate, std::span<const double> p) {
    switch (gate) {
        case Gate::kCX:
            return controlled(1, kPauliX);
        case Gate::kCY:
            return controlled(1, kPauliY);
        case Gate::kCZ:
            return diagonal({1.0, 1.0, 1.0, -1.0});
        case Gate::kCH:
            return controlled(1, kHadamard);
        case Gate::kCS:
            return diagonal({1.0, 1.0, 1.0, kI});
        case Gate::kCSdg:
            return diagonal({1.0, 1.0, 1.0, -kI});
        case Gate::kCT:
            return controlled(1, phase(kPi / 4));
        case Gate::kCSX:
            return controlled(1, kSqrtX);
        case Gate::kSwap:
            return swap();
        case Gate::kISwap:
            return exchange(1, 0, 1, 0, kI);
        case Gate::kSqrtISwap:
            return exchange(1, 0, 1, kRootHalf, kI * kRootHalf);
        case Gate::kECR:
            return ecr();
        case Gate::kSycamore:
            return exchange(1, 0, cis(-kPi / 6), 0, -kI);
        case Gate::kB:
            return b_gate();
        case Gate::kDCX:
            return dcx();
        case Gate::kCRX:
            return controlled(1, rx(p[0]));
        case Gate::kCRY:
            return controlled(1, ry(p[0]));
        case Gate::kCRZ:
            return controlled(1, rz(p[0]));
        case Gate::kCP:
        case Gate::kCU1:
            return controlled(1, phase(p[0]));
        case Gate::kCU3:
            return controlled(1, u3(p[0], p[1], p[2]));
        case Gate::kCU:
            return cu(p[0], p[1], p[2], p[3]);
        case Gate::kRXX:
            return rxx(p[0]);
        case Gate::kRYY:
            return ryy(p[0]);
        case Gate::kRZZ:
            return rzz(p[0]);
        case Gate::kRZX:
            return rzx(p[0]);
        default:
            return fsim(p[0], p[1]);
    }
}

Matrix many_qubit_matrix(Gate gate, std::span<const double> p) {
    switch (gate) {
        case Gate::kCCX:
            return controlled(2, kPauliX);
        case Gate::kCCZ:
            return controlled(2, kPauliZ);
        case Gate::kCSwap:
            return controlled(1, swap());
        case Gate::kRCCX:
            return rccx();
        case Gate::kCCP:
            return controlled(2, phase(p[0]));
        case Gate::kC3X:
            return controlled(3, kPauliX);
        case Gate::kC3SqrtX:
            return controlled(3, kSqrtX);
        case Gate::kRC3X:
            return rc3x();
        case Gate::kC4X:
            return controlled(4, kPauliX);
        default:
            return controlled(2, Matrix2{0, kI, kI, 0});  // iccx
    }
}

const std::unordered_map<std::string_view, Gate>& gates_by_name() {
    static const auto* const table = [] {
        auto* names = new std::unordered_map<std::string_view, Gate>();
        for (int i = 0; i < kGateCount; ++i) {
            names->emplace(kInfo[static_cast<std::size_t>(i)].name, static_cast<Gate>(i));
        }
        for (const auto& [alias, gate] : std::initializer_list<std::pair<std::string_view, Gate>>{
                 {"CX", Gate::kCX},
                 {"cnot", Gate::kCX},
                 {"U", Gate::kU},
                 {"i", Gate::kId},
                 {"v", Gate::kSX},
                 {"vdg", Gate::kSXdg},
                 {"cv", Gate::kCSX},
                 {"u1q", Gate::kR},
                 {"U1q", Gate::kR},
                 {"Rz", Gate::kRZ},
                 {"RZZ", Gate::kRZZ},
                 {"toffoli", Gate::kCCX},
                 {"fredkin", Gate::kCSwap},
                 {"siswap", Gate::kSqrtISwap},
                 {"cphase", Gate::kCP},
                 {"c3sx", Gate::kC3SqrtX},
                 {"sycamore", Gate::kSycamore},
                 {"phase", Gate::kP},
             }) {
            names->emplace(alias, gate);
        }
        return names;
    }();
    return *table;
}

}  // namespace

const GateInfo& info(Gate gate) {
    return kInfo[static_cast<std::size_t>(gate)];
}

std::optional<Gate> gate_by_name(std::string_view name) {
    const auto& table = gates_by_name();
    const auto found = table.find(name);
    return found == table.end() ? std::nullopt : std::optional(found->second);
}

Matrix gate_matrix(Gate gate, std::span<const double> params) {
    const GateInfo& gate_info = info(gate);
    assert(gate_info.is_unitary && gate != Gate::kUnitary && "gate_matrix: gate has no matrix");
    assert(params.size() == static_cast<std::size_t>(gate_info.num_params));
    switch (gate_info.num_qubits) {
        case 1:
            return base::to_matrix(one_qubit_matrix(gate, params));
        case 2:
            return two_qubit_matrix(gate, params);
        default:
            return many_qubit_matrix(gate, params);
    }
}

Matrix2 gate_matrix2(Gate gate, std::span<const double> params) {
    assert(info(gate).num_qubits == 1 && info(gate).is_unitary && "gate_matrix2: no such matrix");
    return one_qubit_matrix(gate, params);
}

}  // namespace quercus::circuit
