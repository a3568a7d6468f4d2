#include "quantum/passes/gate_definitions.hpp"

#include <array>
#include <bit>
#include <numbers>
#include <span>

#include "quantum/synthesis/gray_code.hpp"

namespace quercus::passes {

using circuit::Gate;

namespace {

constexpr double kPi = std::numbers::pi;

class Writer {
 public:
    std::vector<Operation> operations;

    void gate(Gate gate, Qubit q, std::initializer_list<double> params = {}) {
        Operation op;
        op.gate = gate;
        op.qubits = {q};
        op.params.assign(params.begin(), params.end());
        operations.push_back(std::move(op));
    }
    void cx(Qubit control, Qubit target) {
        Operation op;
        op.gate = Gate::kCX;
        op.qubits = {control, target};
        operations.push_back(std::move(op));
    }
    void h(Qubit q) { gate(Gate::kH, q); }
    void p(double angle, Qubit q) { gate(Gate::kP, q, {angle}); }
    void rz(double angle, Qubit q) { gate(Gate::kRZ, q, {angle}); }

    void cz(Qubit a, Qubit b) {
        h(b);
        cx(a, b);
        h(b);
    }
    void crz(double angle, Qubit a, Qubit b) {
        rz(angle / 2, b);
        cx(a, b);
        rz(-angle / 2, b);
        cx(a, b);
    }
    void rzz(double angle, Qubit a, Qubit b) {
        cx(a, b);
        rz(angle, b);
        cx(a, b);
    }
    void swap(Qubit a, Qubit b) {
        cx(a, b);
        cx(b, a);
        cx(a, b);
    }
    void ccx(Qubit a, Qubit b, Qubit c) {
        h(c);
        cx(b, c);
        p(-kPi / 4, c);
        cx(a, c);
        p(kPi / 4, c);
        cx(b, c);
        p(-kPi / 4, c);
        cx(a, c);
        p(kPi / 4, b);
        p(kPi / 4, c);
        h(c);
        cx(a, b);
        p(kPi / 4, a);
        p(-kPi / 4, b);
        cx(a, b);
    }
    // Phase e^{i angle} where all qubits are 1: the product of n bits is 2^{1-n} times the signed
    // sum of all parities; each parity is formed on its last qubit, in Gray-code order.
    void phase_of_all(double angle, std::span<const Qubit> qubits) {
        const double unit = angle / static_cast<double>(1u << (qubits.size() - 1));
        for (std::size_t t = 0; t < qubits.size(); ++t) {
            synthesis::for_each_gray_code(t, [&](std::size_t code, std::size_t next) {
                p(std::popcount(code) % 2 == 0 ? unit : -unit, qubits[t]);
                if (t > 0) {
                    cx(qubits[next], qubits[t]);
                }
            });
        }
    }
    // `angle` on the last qubit under all the others: X^{angle / pi}.
    void controlled_root_x(double angle, std::span<const Qubit> qubits) {
        h(qubits.back());
        phase_of_all(angle, qubits);
        h(qubits.back());
    }
    void cu3(double theta, double phi, double lambda, Qubit c, Qubit t) {
        p((lambda + phi) / 2, c);
        p((lambda - phi) / 2, t);
        cx(c, t);
        gate(Gate::kU3, t, {-theta / 2, 0, -(phi + lambda) / 2});
        cx(c, t);
        gate(Gate::kU3, t, {theta / 2, phi, 0});
    }
    void rccx(Qubit a, Qubit b, Qubit c) {
        h(c);
        p(kPi / 4, c);
        cx(b, c);
        p(-kPi / 4, c);
        cx(a, c);
        p(kPi / 4, c);
        cx(b, c);
        p(-kPi / 4, c);
        h(c);
    }
    void rc3x(Qubit a, Qubit b, Qubit c, Qubit d) {
        h(d);
        p(kPi / 4, d);
        cx(c, d);
        p(-kPi / 4, d);
        h(d);
        for (int half = 0; half < 2; ++half) {
            cx(a, d);
            p(kPi / 4, d);
            cx(b, d);
            p(-kPi / 4, d);
        }
        h(d);
        p(kPi / 4, d);
        cx(c, d);
        p(-kPi / 4, d);
        h(d);
    }
    // Doubly controlled iX (Selinger, PRA 87, 042302): four cx.
    void iccx(Qubit a, Qubit b, Qubit c) {
        h(c);
        for (int half = 0; half < 2; ++half) {
            rz(-kPi / 4, c);
            cx(a, c);
            rz(kPi / 4, c);
            cx(b, c);
        }
        h(c);
    }
};

bool write_two_qubit(Writer& w, const Operation& op) {
    const Qubit a = op.qubits[0];
    const Qubit b = op.qubits[1];
    const auto angle = [&](std::size_t i) { return op.params[i]; };
    switch (op.gate) {
        case Gate::kCX:
            w.cx(a, b);
            return true;
        case Gate::kCY:
            w.gate(Gate::kSdg, b);
            w.cx(a, b);
            w.gate(Gate::kS, b);
            return true;
        case Gate::kCZ:
            w.cz(a, b);
            return true;
        case Gate::kCH:
            w.gate(Gate::kS, b);
            w.h(b);
            w.gate(Gate::kT, b);
            w.cx(a, b);
            w.gate(Gate::kTdg, b);
            w.h(b);
            w.gate(Gate::kSdg, b);
            return true;
        case Gate::kSwap:
            w.swap(a, b);
            return true;
        case Gate::kDCX:
            w.cx(a, b);
            w.cx(b, a);
            return true;
        case Gate::kCP:
        case Gate::kCU1:
            w.phase_of_all(angle(0), std::array{a, b});
            return true;
        case Gate::kCRZ:
            w.crz(angle(0), a, b);
            return true;
        case Gate::kCRX:
            w.h(b);
            w.crz(angle(0), a, b);
            w.h(b);
            return true;
        case Gate::kCRY:
            w.gate(Gate::kRY, b, {angle(0) / 2});
            w.cx(a, b);
            w.gate(Gate::kRY, b, {-angle(0) / 2});
            w.cx(a, b);
            return true;
        case Gate::kCU3:
            w.cu3(angle(0), angle(1), angle(2), a, b);
            return true;
        case Gate::kCU:
            w.p(angle(3), a);
            w.cu3(angle(0), angle(1), angle(2), a, b);
            return true;
        case Gate::kRZZ:
            w.rzz(angle(0), a, b);
            return true;
        case Gate::kRZX:
            w.h(b);
            w.rzz(angle(0), a, b);
            w.h(b);
            return true;
        case Gate::kRXX:
            w.h(a);
            w.h(b);
            w.rzz(angle(0), a, b);
            w.h(a);
            w.h(b);
            return true;
        default:
            return false;  // by KAK
    }
}

bool write_wide(Writer& w, const Operation& op) {
    const std::span<const Qubit> all(op.qubits.data(), op.qubits.size());
    switch (op.gate) {
        case Gate::kCCX:
            w.ccx(all[0], all[1], all[2]);
            return true;
        case Gate::kCCZ:
            w.h(all[2]);
            w.ccx(all[0], all[1], all[2]);
            w.h(all[2]);
            return true;
        case Gate::kCSwap:
            w.cx(all[2], all[1]);
            w.ccx(all[0], all[1], all[2]);
            w.cx(all[2], all[1]);
            return true;
        case Gate::kRCCX:
            w.rccx(all[0], all[1], all[2]);
            return true;
        case Gate::kRC3X:
            w.rc3x(all[0], all[1], all[2], all[3]);
            return true;
        case Gate::kICCX:
            w.iccx(all[0], all[1], all[2]);
            return true;
        case Gate::kCCP:
            w.phase_of_all(op.params[0], all);
            return true;
        case Gate::kC3X:
        case Gate::kC4X:
            w.controlled_root_x(kPi, all);
            return true;
        case Gate::kC3SqrtX:
            w.controlled_root_x(kPi / 2, all);
            return true;
        default:
            return false;
    }
}

}  // namespace

std::optional<std::vector<Operation>> gate_definition(const Operation& op) {
    Writer writer;
    const bool known = op.qubits.size() == 2 ? write_two_qubit(writer, op) : write_wide(writer, op);
    return known ? std::optional(std::move(writer.operations)) : std::nullopt;
}

}  // namespace quercus::passes
