#include "quantum/qasm/library.hpp"

#include <numbers>

#include "quantum/circuit/unitary.hpp"
#include "quantum/qasm/parser.hpp"
#include "tests/reference/dense.hpp"
#include "tests/unit/qasm/qasm_support.hpp"

namespace quercus::qasm {
namespace {

using namespace testing;

// The circuit of one definition's body, read under another name so that it is not recognised.
circuit::Circuit expanded(std::string text, const GateDefinition& definition,
                          const std::vector<double>& params) {
    const std::size_t at = text.find(" " + definition.name);
    text.replace(at, definition.name.size() + 1, " probe");
    std::string call = "probe(";
    std::string operands;
    for (std::uint32_t i = 0; i < definition.num_params; ++i) {
        call += (i > 0 ? "," : "") + std::to_string(params[i]);
    }
    for (std::uint32_t i = 0; i < definition.num_qubits; ++i) {
        operands += (i > 0 ? ",q[" : " q[") + std::to_string(i) + "]";
    }
    return must_read(kHead + text + "\nqreg q[" + std::to_string(definition.num_qubits) + "];\n" +
                     call + ")" + operands + ";");
}

// What the library says of the gate, by the oracle's matrices.
reference::Matrix meaning(const LibraryGate& gate, const std::vector<double>& params) {
    std::vector<double> all(params.begin(), params.begin() + gate.num_params);
    if (gate.leading) {
        all.insert(all.begin(), *gate.leading);
    }
    return reference::gate(std::string(circuit::info(gate.gate).name), all);
}

void check_definition(const std::string& text) {
    const std::vector<double> params = {0.3, -1.25, 2.5, 0.75};
    const auto definitions = parse_library_definitions(text);
    REQUIRE(definitions.size() == 1);
    const GateDefinition& definition = definitions.front();
    CAPTURE(text);
    REQUIRE(is_known_definition(definition));
    if (definition.is_opaque) {
        return;
    }
    const LibraryGate* gate = find_library_gate(definition.name);
    REQUIRE(gate != nullptr);
    const auto actual = reference::unitary(expanded(text, definition, params));
    CHECK(reference::distance_up_to_phase(actual, meaning(*gate, params)) < 1e-12);
}

TEST_CASE("known definitions equal the gates they stand for, up to a phase") {
    for (const KnownDefinition& known : known_definitions()) {
        check_definition(std::string(known.text));
    }
}

TEST_CASE("peers' spellings equal the gates they stand for, up to a phase") {
    std::string_view rest = peer_definitions();
    int count = 0;
    for (std::size_t end = rest.find('}'); end != std::string_view::npos; end = rest.find('}')) {
        check_definition(std::string(rest.substr(0, end + 1)));
        rest.remove_prefix(end + 1);
        ++count;
    }
    CHECK(count > 30);
}

TEST_CASE("every gate of the IR outside the paper's header has a definition") {
    const std::vector<std::string_view> in_paper = {
        "U",  "CX", "id", "x",  "y",  "z",  "h",  "s",  "sdg", "t",   "tdg", "rx", "ry",
        "rz", "u1", "u2", "u3", "cx", "cy", "cz", "ch", "ccx", "crz", "cu1", "cu3"};
    const std::vector<std::string_view> aliases = {"U1q", "Rz", "RZZ", "ZZ"};
    for (const LibraryGate& gate : library_gates()) {
        CAPTURE(gate.name);
        const auto is_listed = [&](const std::vector<std::string_view>& names) {
            return std::find(names.begin(), names.end(), gate.name) != names.end();
        };
        const auto known = known_definitions();
        const bool is_defined = std::any_of(
            known.begin(), known.end(), [&](const auto& entry) { return entry.name == gate.name; });
        CHECK((is_defined || is_listed(in_paper) || is_listed(aliases)));
    }
}

TEST_CASE("every name other compilers accept is read") {
    const char* names =
        "p cp ccp crx cry crz fsim rx rxx ry ryy rz rzz u1 u1q U1q u2 u3 U u cu1 cu2 cu3 cu b ccx "
        "ch cs ct cx CX cy cz ecr h id u0 iswap iccx s sdg csx cv sqisw swap cswap sx v syc t tdg "
        "x xx y yy z zz sxdg c3x c4x c3sqrtx rccx rc3x rzx delay pxz dcx ccz csdg r";
    std::istringstream stream(names);
    int count = 0;
    for (std::string name; stream >> name; ++count) {
        const LibraryGate* gate = find_library_gate(name);
        CAPTURE(name);
        REQUIRE(gate != nullptr);
        std::string call = name + "(";
        for (std::uint32_t i = 0; i < gate->num_params; ++i) {
            call += i > 0 ? ",0.5" : "0.5";
        }
        call += ")";
        for (std::uint32_t i = 0; i < gate->num_qubits; ++i) {
            call += (i > 0 ? ",q[" : " q[") + std::to_string(i) + "]";
        }
        const auto circuit = must_read(kHead + "qreg q[5]; " + call + ";");
        REQUIRE(circuit.operations.size() == 1);
        CHECK(circuit.operations[0].gate == gate->gate);
    }
    CHECK(count == 70);
}

TEST_CASE("names that imply a parameter") {
    const auto circuit = must_read(kHead +
                                   "qreg q[2]; u0 q[0]; u0(3) q[0]; zz q[0],q[1]; "
                                   "cu2(0.1,0.2) q[0],q[1];");
    CHECK(circuit.operations[0].params[0] == 1.0);
    CHECK(circuit.operations[1].params[0] == 3.0);
    CHECK(circuit.operations[2].gate == circuit::Gate::kRZZ);
    CHECK(circuit.operations[2].params[0] == std::numbers::pi / 2);
    CHECK(circuit.operations[3].gate == circuit::Gate::kCU3);
    CHECK(circuit.operations[3].params[2] == 0.2);
}

}  // namespace
}  // namespace quercus::qasm
