#include "quantum/qasm/writer.hpp"

#include <array>
#include <charconv>
#include <map>
#include <string_view>
#include <vector>

#include "quantum/qasm/library.hpp"

namespace quercus::qasm {
namespace {

using circuit::Circuit;
using circuit::Gate;
using circuit::Operation;

void put(std::string& out, double value) {
    char buffer[32];
    out.append(buffer, std::to_chars(std::begin(buffer), std::end(buffer), value).ptr);
}

void put(std::string& out, std::uint64_t value) {
    char buffer[24];
    out.append(buffer, std::to_chars(std::begin(buffer), std::end(buffer), value).ptr);
}

// "name[i]" for each bit of the registers.
class BitNames {
 public:
    explicit BitNames(const std::vector<circuit::Register>& registers) : registers_(registers) {
        for (std::uint32_t r = 0; r < registers.size(); ++r) {
            first_.push_back(static_cast<std::uint32_t>(owner_.size()));
            owner_.insert(owner_.end(), registers[r].size, r);
        }
    }

    void put_bit(std::string& out, std::uint32_t bit) const {
        const std::uint32_t r = owner_[bit];
        out += registers_[r].name;
        out += '[';
        put(out, std::uint64_t{bit - first_[r]});
        out += ']';
    }

 private:
    const std::vector<circuit::Register>& registers_;
    std::vector<std::uint32_t> first_;
    std::vector<std::uint32_t> owner_;
};

std::string_view name_of(const Operation& op) {
    return op.gate == Gate::kOpaque ? std::string_view(op.opaque_name)
                                    : circuit::info(op.gate).name;
}

// Name -> (parameters, qubits) of the opaque gates.
using Opaques = std::map<std::string_view, std::pair<std::size_t, std::size_t>>;

Status collect(const Circuit& circuit, std::array<bool, circuit::kGateCount>& used,
               Opaques& opaques) {
    for (std::size_t i = 0; i < circuit.operations.size(); ++i) {
        const Operation& op = circuit.operations[i];
        if (op.gate == Gate::kUnitary) {
            return failed_precondition("operation " + std::to_string(i) +
                                       " is an arbitrary matrix, which OpenQASM 2 cannot express: "
                                       "synthesise it first");
        }
        used[static_cast<std::size_t>(op.gate)] = true;
        if (op.gate == Gate::kOpaque) {
            const std::pair shape(op.params.size(), op.qubits.size());
            if (opaques.emplace(op.opaque_name, shape).first->second != shape) {
                return invalid_argument("operation " + std::to_string(i) + ": opaque gate '" +
                                        op.opaque_name + "' is used in two shapes");
            }
        }
    }
    return {};
}

// The library gates whose definitions the file needs, with those their definitions use.
std::array<bool, circuit::kGateCount> needed_definitions(
    std::array<bool, circuit::kGateCount> used) {
    const auto uses = [&](Gate gate) -> bool& { return used[static_cast<std::size_t>(gate)]; };
    uses(Gate::kFSim) |= uses(Gate::kSycamore);
    uses(Gate::kRYY) |= uses(Gate::kFSim) || uses(Gate::kB) || uses(Gate::kSqrtISwap);
    uses(Gate::kRXX) |= uses(Gate::kFSim) || uses(Gate::kB) || uses(Gate::kSqrtISwap);
    uses(Gate::kC3X) |= uses(Gate::kC4X);
    uses(Gate::kC3SqrtX) |= uses(Gate::kC4X);
    return used;
}

Status check_names(const std::array<bool, circuit::kGateCount>& needed, const Opaques& opaques) {
    for (const auto& [name, shape] : opaques) {
        const std::optional<Gate> gate = circuit::gate_by_name(name);
        if (gate && needed[static_cast<std::size_t>(*gate)] && circuit::info(*gate).name == name) {
            return invalid_argument("opaque gate '" + std::string(name) +
                                    "' has the name of another gate in the circuit");
        }
    }
    return {};
}

void put_opaque(std::string& out, std::string_view name,
                const std::pair<std::size_t, std::size_t>& shape) {
    out += "opaque ";
    out += name;
    for (std::size_t i = 0; i < shape.first; ++i) {
        out += i == 0 ? "(p" : ",p";
        put(out, std::uint64_t{i});
    }
    out += shape.first > 0 ? ")" : "";
    for (std::size_t i = 0; i < shape.second; ++i) {
        out += i == 0 ? " q" : ",q";
        put(out, std::uint64_t{i});
    }
    out += ";\n";
}

void put_header(std::string& out, const Circuit& circuit, const WriteOptions& options,
                const std::array<bool, circuit::kGateCount>& needed, const Opaques& opaques) {
    out += "OPENQASM 2.0;\ninclude \"qelib1.inc\";\n";
    for (const KnownDefinition& known : known_definitions()) {
        const std::optional<Gate> gate = circuit::gate_by_name(known.name);
        // Aliases have definitions too, but are never written.
        if (gate && circuit::info(*gate).name == known.name &&
            needed[static_cast<std::size_t>(*gate)] && (!known.in_qelib1 || options.define_all)) {
            out += known.text;
            out += '\n';
        }
    }
    for (const auto& [name, shape] : opaques) {
        put_opaque(out, name, shape);
    }
    for (const circuit::Register& reg : circuit.qregs) {
        out += "qreg " + reg.name + "[" + std::to_string(reg.size) + "];\n";
    }
    for (const circuit::Register& reg : circuit.cregs) {
        out += "creg " + reg.name + "[" + std::to_string(reg.size) + "];\n";
    }
}

void put_operation(std::string& out, const Operation& op, const Circuit& circuit,
                   const BitNames& qubits, const BitNames& clbits) {
    if (op.condition) {
        out += "if(" + circuit.cregs[op.condition->creg].name + "==";
        put(out, op.condition->value);
        out += ") ";
    }
    out += name_of(op);
    for (std::size_t i = 0; i < op.params.size(); ++i) {
        out += i == 0 ? '(' : ',';
        put(out, op.params[i]);
    }
    out += op.params.empty() ? "" : ")";
    for (std::size_t i = 0; i < op.qubits.size(); ++i) {
        out += i == 0 ? ' ' : ',';
        qubits.put_bit(out, op.qubits[i]);
    }
    if (op.clbit) {
        out += " -> ";
        clbits.put_bit(out, *op.clbit);
    }
    out += ";\n";
}

}  // namespace

Result<std::string> write(const Circuit& circuit, const WriteOptions& options) {
    if (Status status = circuit::validate(circuit); !status.is_ok()) {
        return status;
    }
    std::array<bool, circuit::kGateCount> used{};
    Opaques opaques;
    if (Status status = collect(circuit, used, opaques); !status.is_ok()) {
        return status;
    }
    const auto needed = needed_definitions(used);
    if (Status status = check_names(needed, opaques); !status.is_ok()) {
        return status;
    }
    std::string out;
    put_header(out, circuit, options, needed, opaques);
    const BitNames qubits(circuit.qregs);
    const BitNames clbits(circuit.cregs);
    for (const Operation& op : circuit.operations) {
        put_operation(out, op, circuit, qubits, clbits);
    }
    return out;
}

}  // namespace quercus::qasm
