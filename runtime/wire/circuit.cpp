#include "runtime/wire/circuit.hpp"

#include <array>
#include <cmath>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "quercus/v1/circuit.pb.h"
#include "runtime/wire/limits.hpp"
#include "runtime/wire/values.hpp"

namespace quercus::wire {
namespace {

using circuit::Gate;

// The proto's numbers are frozen, the domain's order is not.
constexpr std::pair<Gate, v1::Gate> kGates[] = {
    {Gate::kId, v1::GATE_ID},
    {Gate::kX, v1::GATE_X},
    {Gate::kY, v1::GATE_Y},
    {Gate::kZ, v1::GATE_Z},
    {Gate::kH, v1::GATE_H},
    {Gate::kS, v1::GATE_S},
    {Gate::kSdg, v1::GATE_SDG},
    {Gate::kT, v1::GATE_T},
    {Gate::kTdg, v1::GATE_TDG},
    {Gate::kSX, v1::GATE_SX},
    {Gate::kSXdg, v1::GATE_SXDG},
    {Gate::kRX, v1::GATE_RX},
    {Gate::kRY, v1::GATE_RY},
    {Gate::kRZ, v1::GATE_RZ},
    {Gate::kP, v1::GATE_P},
    {Gate::kU1, v1::GATE_U1},
    {Gate::kU2, v1::GATE_U2},
    {Gate::kU3, v1::GATE_U3},
    {Gate::kU, v1::GATE_U},
    {Gate::kR, v1::GATE_R},
    {Gate::kPhasedXZ, v1::GATE_PHASED_XZ},
    {Gate::kU0, v1::GATE_U0},
    {Gate::kDelay, v1::GATE_DELAY},
    {Gate::kCX, v1::GATE_CX},
    {Gate::kCY, v1::GATE_CY},
    {Gate::kCZ, v1::GATE_CZ},
    {Gate::kCH, v1::GATE_CH},
    {Gate::kCS, v1::GATE_CS},
    {Gate::kCSdg, v1::GATE_CSDG},
    {Gate::kCT, v1::GATE_CT},
    {Gate::kCSX, v1::GATE_CSX},
    {Gate::kSwap, v1::GATE_SWAP},
    {Gate::kISwap, v1::GATE_ISWAP},
    {Gate::kSqrtISwap, v1::GATE_SQRT_ISWAP},
    {Gate::kECR, v1::GATE_ECR},
    {Gate::kSycamore, v1::GATE_SYCAMORE},
    {Gate::kB, v1::GATE_B},
    {Gate::kDCX, v1::GATE_DCX},
    {Gate::kCRX, v1::GATE_CRX},
    {Gate::kCRY, v1::GATE_CRY},
    {Gate::kCRZ, v1::GATE_CRZ},
    {Gate::kCP, v1::GATE_CP},
    {Gate::kCU1, v1::GATE_CU1},
    {Gate::kCU3, v1::GATE_CU3},
    {Gate::kCU, v1::GATE_CU},
    {Gate::kRXX, v1::GATE_RXX},
    {Gate::kRYY, v1::GATE_RYY},
    {Gate::kRZZ, v1::GATE_RZZ},
    {Gate::kRZX, v1::GATE_RZX},
    {Gate::kFSim, v1::GATE_FSIM},
    {Gate::kCCX, v1::GATE_CCX},
    {Gate::kCCZ, v1::GATE_CCZ},
    {Gate::kCSwap, v1::GATE_CSWAP},
    {Gate::kRCCX, v1::GATE_RCCX},
    {Gate::kCCP, v1::GATE_CCP},
    {Gate::kC3X, v1::GATE_C3X},
    {Gate::kC3SqrtX, v1::GATE_C3SQRTX},
    {Gate::kRC3X, v1::GATE_RC3X},
    {Gate::kC4X, v1::GATE_C4X},
    {Gate::kICCX, v1::GATE_ICCX},
    {Gate::kUnitary, v1::GATE_UNITARY},
    {Gate::kOpaque, v1::GATE_OPAQUE},
    {Gate::kMeasure, v1::GATE_MEASURE},
    {Gate::kReset, v1::GATE_RESET},
    {Gate::kBarrier, v1::GATE_BARRIER},
};
static_assert(std::size(kGates) == circuit::kGateCount && v1::Gate_MAX == circuit::kGateCount);

v1::Gate to_proto(Gate gate) {
    static const auto table = [] {
        std::array<v1::Gate, circuit::kGateCount> out{};
        for (const auto& [domain, proto] : kGates) {
            out[static_cast<std::size_t>(domain)] = proto;
        }
        return out;
    }();
    return table[static_cast<std::size_t>(gate)];
}

Gate from_proto(int gate, Intake& intake) {
    static const auto table = [] {
        std::array<Gate, circuit::kGateCount + 1> out{};
        for (const auto& [domain, proto] : kGates) {
            out[static_cast<std::size_t>(proto)] = domain;
        }
        return out;
    }();
    if (gate < 1 || gate > circuit::kGateCount) {
        intake.fail("circuit: unknown gate " + std::to_string(gate));
        return Gate::kId;
    }
    return table[static_cast<std::size_t>(gate)];
}

template <class Protos>
std::vector<circuit::Register> from_registers(const Protos& registers, Intake& intake) {
    std::vector<circuit::Register> out;
    if (!intake.require(static_cast<std::size_t>(registers.size()) <= kMaxCircuitRegisters,
                        "circuit: more than 10000 registers")) {
        return out;
    }
    std::uint64_t total = 0;
    for (const auto& r : registers) {
        out.push_back({from_text(r.name(), kMaxNameBytes, "register name", intake), r.size()});
        total += r.size();
    }
    intake.require(total <= kMaxCircuitQubits, "circuit: more than 1000000 qubits or bits");
    return out;
}

circuit::Operation from_proto(const v1::Operation& in, Intake& intake) {
    circuit::Operation out;
    out.gate = from_proto(static_cast<int>(in.gate()), intake);
    out.qubits.assign(in.qubits().begin(), in.qubits().end());
    out.params.assign(in.params().begin(), in.params().end());
    if (in.has_clbit()) {
        out.clbit = in.clbit();
    }
    if (in.has_condition()) {
        out.condition = circuit::Condition{in.condition().creg(), in.condition().value()};
    }
    if (in.has_matrix()) {
        out.matrix = std::make_shared<const base::Matrix>(from_proto(in.matrix(), intake));
    }
    intake.require(in.has_matrix() == (out.gate == Gate::kUnitary),
                   "circuit: a matrix belongs to a unitary operation and to no other");
    out.opaque_name = from_text(in.opaque_name(), kMaxNameBytes, "opaque gate name", intake);
    intake.require(out.gate == Gate::kOpaque || out.opaque_name.empty(),
                   "circuit: an opaque name on a known gate");
    return out;
}

void to_proto(const circuit::Operation& operation, v1::Operation& out) {
    out.set_gate(to_proto(operation.gate));
    out.mutable_qubits()->Add(operation.qubits.begin(), operation.qubits.end());
    out.mutable_params()->Add(operation.params.begin(), operation.params.end());
    if (operation.clbit) {
        out.set_clbit(*operation.clbit);
    }
    if (operation.condition) {
        out.mutable_condition()->set_creg(operation.condition->creg);
        out.mutable_condition()->set_value(operation.condition->value);
    }
    if (operation.matrix != nullptr) {
        wire::to_proto(*operation.matrix, *out.mutable_matrix());
    }
    out.set_opaque_name(operation.opaque_name);
}

}  // namespace

void to_proto(const base::Matrix& matrix, v1::Matrix& out) {
    std::uint32_t qubits = 0;
    while ((std::size_t{1} << qubits) < matrix.rows()) {
        ++qubits;
    }
    out.set_num_qubits(qubits);
    out.mutable_entries()->Reserve(static_cast<int>(2 * matrix.data().size()));
    for (const auto& entry : matrix.data()) {
        out.add_entries(entry.real());
        out.add_entries(entry.imag());
    }
}

base::Matrix from_proto(const v1::Matrix& matrix, Intake& intake, std::uint32_t most_qubits) {
    const std::uint32_t qubits = matrix.num_qubits();
    if (qubits < 1 || qubits > most_qubits) {
        intake.fail("matrix: " + std::to_string(qubits) + " qubits, limit is " +
                    std::to_string(most_qubits));
        return {};
    }
    const std::size_t n = std::size_t{1} << qubits;
    if (!intake.require(static_cast<std::size_t>(matrix.entries_size()) == 2 * n * n,
                        "matrix: needs 2 * 4^num_qubits numbers")) {
        return {};
    }
    base::Matrix out(n, n);
    for (std::size_t i = 0; i < n * n; ++i) {
        const base::Complex entry{matrix.entries(static_cast<int>(2 * i)),
                                  matrix.entries(static_cast<int>(2 * i + 1))};
        if (!intake.require(std::isfinite(entry.real()) && std::isfinite(entry.imag()),
                            "matrix: an entry is not finite")) {
            return {};
        }
        out.data()[i] = entry;
    }
    return out;
}

void to_proto(const circuit::Circuit& circuit, v1::Circuit& out) {
    for (const auto& r : circuit.qregs) {
        auto* added = out.add_qregs();
        added->set_name(r.name);
        added->set_size(r.size);
    }
    for (const auto& r : circuit.cregs) {
        auto* added = out.add_cregs();
        added->set_name(r.name);
        added->set_size(r.size);
    }
    out.mutable_operations()->Reserve(static_cast<int>(circuit.operations.size()));
    for (const auto& operation : circuit.operations) {
        to_proto(operation, *out.add_operations());
    }
}

circuit::Circuit from_proto(const v1::Circuit& circuit, Intake& intake) {
    circuit::Circuit out;
    out.qregs = from_registers(circuit.qregs(), intake);
    out.cregs = from_registers(circuit.cregs(), intake);
    // An operation takes more memory than the few bytes of its message; the budget bounds it.
    if (!intake.spend(static_cast<std::size_t>(circuit.operations_size()) *
                      sizeof(circuit::Operation))) {
        return {};
    }
    out.operations.reserve(static_cast<std::size_t>(circuit.operations_size()));
    for (const auto& operation : circuit.operations()) {
        out.operations.push_back(from_proto(operation, intake));
        if (!intake.ok()) {
            return {};
        }
    }
    if (const Status status = circuit::validate(out); intake.ok() && !status.is_ok()) {
        intake.fail("circuit: " + status.message());
    }
    return out;
}

}  // namespace quercus::wire
