#include "quantum/qasm/library.hpp"

#include <algorithm>
#include <array>
#include <numbers>
#include <string>
#include <unordered_map>
#include <vector>

#include "quantum/qasm/parser.hpp"

namespace quercus::qasm {
namespace {

using circuit::Gate;

constexpr double kHalfPi = std::numbers::pi / 2;

// clang-format off
constexpr std::array<KnownDefinition, 44> kDefinitions = {{
    {"u0", "gate u0(gamma) q { U(0,0,0) q; }", false},
    {"u", "gate u(theta,phi,lambda) q { U(theta,phi,lambda) q; }", true},
    {"p", "gate p(lambda) q { U(0,0,lambda) q; }", true},
    {"sx", "gate sx a { sdg a; h a; sdg a; }", true},
    {"sxdg", "gate sxdg a { s a; h a; s a; }", true},
    {"r", "gate r(theta,phi) a { u3(theta,phi-pi/2,pi/2-phi) a; }", false},
    {"pxz", "gate pxz(x,z,a) q { u1(-pi*a) q; rx(pi*x) q; u1(pi*(z+a)) q; }", false},
    {"delay", "opaque delay(t) q;", false},
    {"swap", "gate swap a,b { cx a,b; cx b,a; cx a,b; }", true},
    {"iswap", "gate iswap a,b { s a; s b; h a; cx a,b; cx b,a; h b; }", false},
    {"ecr", "gate ecr a,b { s a; rx(pi/2) b; cx a,b; x a; }", false},
    {"dcx", "gate dcx a,b { cx a,b; cx b,a; }", false},
    {"cs", "gate cs a,b { cu1(pi/2) a,b; }", false},
    {"csdg", "gate csdg a,b { cu1(-pi/2) a,b; }", false},
    {"ct", "gate ct a,b { cu1(pi/4) a,b; }", false},
    {"csx", "gate csx a,b { h b; cu1(pi/2) a,b; h b; }", true},
    {"crx", "gate crx(theta) a,b { u1(pi/2) b; cx a,b; u3(-theta/2,0,0) b; cx a,b; u3(theta/2,-pi/2,0) b; }", true},
    {"cry", "gate cry(theta) a,b { ry(theta/2) b; cx a,b; ry(-theta/2) b; cx a,b; }", true},
    {"cp", "gate cp(lambda) a,b { cu1(lambda) a,b; }", true},
    {"cu", "gate cu(theta,phi,lambda,gamma) c,t { u1(gamma) c; cu3(theta,phi,lambda) c,t; }", true},
    {"rxx", "gate rxx(theta) a,b { h a; h b; cx a,b; rz(theta) b; cx a,b; h a; h b; }", true},
    {"ryy", "gate ryy(theta) a,b { rx(pi/2) a; rx(pi/2) b; cx a,b; rz(theta) b; cx a,b; rx(-pi/2) a; rx(-pi/2) b; }", false},
    {"rzz", "gate rzz(theta) a,b { cx a,b; rz(theta) b; cx a,b; }", true},
    {"rzx", "gate rzx(theta) a,b { h b; cx a,b; rz(theta) b; cx a,b; h b; }", false},
    {"sqisw", "gate sqisw a,b { rxx(-pi/4) a,b; ryy(-pi/4) a,b; }", false},
    {"b", "gate b a,b { rxx(-pi/2) a,b; ryy(-pi/4) a,b; }", false},
    {"fsim", "gate fsim(theta,phi) a,b { rxx(theta) a,b; ryy(theta) a,b; cu1(-phi) a,b; }", false},
    {"syc", "gate syc a,b { fsim(pi/2,pi/6) a,b; }", false},
    {"ccz", "gate ccz a,b,c { h c; ccx a,b,c; h c; }", false},
    {"cswap", "gate cswap a,b,c { cx c,b; ccx a,b,c; cx c,b; }", true},
    {"rccx", "gate rccx a,b,c { u2(0,pi) c; u1(pi/4) c; cx b,c; u1(-pi/4) c; cx a,c; u1(pi/4) c; cx b,c; u1(-pi/4) c; u2(0,pi) c; }", true},
    {"ccp", "gate ccp(lambda) a,b,c { cu1(lambda/2) b,c; cx a,b; cu1(-lambda/2) b,c; cx a,b; cu1(lambda/2) a,c; }", false},
    {"iccx", "gate iccx a,b,c { ccx a,b,c; cu1(pi/2) a,b; }", false},
    {"c3x", "gate c3x a,b,c,d { h d; cu1(pi/2) c,d; ccx a,b,c; cu1(-pi/2) c,d; ccx a,b,c; cu1(pi/4) b,d; cx a,b; cu1(-pi/4) b,d; cx a,b; cu1(pi/4) a,d; h d; }", true},
    {"c3sqrtx", "gate c3sqrtx a,b,c,d { h d; cu1(pi/4) c,d; ccx a,b,c; cu1(-pi/4) c,d; ccx a,b,c; cu1(pi/8) b,d; cx a,b; cu1(-pi/8) b,d; cx a,b; cu1(pi/8) a,d; h d; }", true},
    {"rc3x", "gate rc3x a,b,c,d { u2(0,pi) d; u1(pi/4) d; cx c,d; u1(-pi/4) d; u2(0,pi) d; cx a,d; u1(pi/4) d; cx b,d; u1(-pi/4) d; cx a,d; u1(pi/4) d; cx b,d; u1(-pi/4) d; u2(0,pi) d; u1(pi/4) d; cx c,d; u1(-pi/4) d; u2(0,pi) d; }", true},
    {"c4x", "gate c4x a,b,c,d,e { h e; cu1(pi/2) d,e; h e; c3x a,b,c,d; h e; cu1(-pi/2) d,e; h e; c3x a,b,c,d; c3sqrtx a,b,c,e; }", true},
    {"v", "gate v a { sdg a; h a; sdg a; }", false},
    {"cv", "gate cv a,b { h b; cu1(pi/2) a,b; h b; }", false},
    {"xx", "gate xx a,b { rxx(pi/2) a,b; }", false},
    {"yy", "gate yy a,b { ryy(pi/2) a,b; }", false},
    {"zz", "gate zz a,b { rzz(pi/2) a,b; }", false},
    {"cu2", "gate cu2(phi,lambda) a,b { cu3(pi/2,phi,lambda) a,b; }", false},
    {"u1q", "gate u1q(theta,phi) a { u3(theta,phi-pi/2,pi/2-phi) a; }", false},
}};
// clang-format on

constexpr std::string_view kPeerDefinitions = R"(
gate u3(theta,phi,lambda) q { U(theta,phi,lambda) q; }
gate u2(phi,lambda) q { U(pi/2,phi,lambda) q; }
gate u1(lambda) q { U(0,0,lambda) q; }
gate cx c,t { CX c,t; }
gate id a { U(0,0,0) a; }
gate x a { u3(pi,0,pi) a; }
gate y a { u3(pi,pi/2,pi/2) a; }
gate z a { u1(pi) a; }
gate h a { u2(0,pi) a; }
gate s a { u1(pi/2) a; }
gate sdg a { u1(-pi/2) a; }
gate t a { u1(pi/4) a; }
gate tdg a { u1(-pi/4) a; }
gate rx(theta) a { u3(theta,-pi/2,pi/2) a; }
gate ry(theta) a { u3(theta,0,0) a; }
gate rz(phi) a { u1(phi) a; }
gate cz a,b { h b; cx a,b; h b; }
gate cy a,b { sdg b; cx a,b; s b; }
gate ccx a,b,c
{
  h c; cx b,c; tdg c; cx a,c; t c; cx b,c; tdg c; cx a,c;
  t b; t c; h c; cx a,b; t a; tdg b; cx a,b;
}
gate cswap a,b,c { ccx a,b,c; ccx a,c,b; ccx a,b,c; }
gate crz(lambda) a,b { u1(lambda/2) b; cx a,b; u1(-lambda/2) b; cx a,b; }
gate crz(lambda) a,b { rz(lambda/2) b; cx a,b; rz(-lambda/2) b; cx a,b; }
gate cu1(lambda) a,b { u1(lambda/2) a; cx a,b; u1(-lambda/2) b; cx a,b; u1(lambda/2) b; }
gate cp(lambda) a,b { p(lambda/2) a; cx a,b; p(-lambda/2) b; cx a,b; p(lambda/2) b; }
gate rzz(theta) a,b { cx a,b; u1(theta) b; cx a,b; }
gate ryy(t) a,b { sxdg a; sxdg b; cx a,b; rz(t) b; cx a,b; sx a; sx b; }
gate ecr a,b { s a; sx b; cx a,b; x a; }
gate ecr a,b { rzx(pi/4) a,b; x a; rzx(-pi/4) a,b; }
gate cs a,b { t a; cx a,b; tdg b; cx a,b; t b; }
gate csdg a,b { tdg a; cx a,b; t b; cx a,b; tdg b; }
gate cs a,b { p(pi/4) a; cx a,b; p(-pi/4) b; cx a,b; p(pi/4) b; }
gate csdg a,b { p(-pi/4) a; cx a,b; p(pi/4) b; cx a,b; p(-pi/4) b; }
gate r(t,p) a { u(t,-pi/2 + p,pi/2 - p) a; }
gate r(t,p) a { u3(t,p - pi/2,-p + pi/2) a; }
)";

std::vector<LibraryGate> make_library() {
    std::vector<LibraryGate> gates = {{"U", Gate::kU, 3, 1, {}}, {"CX", Gate::kCX, 0, 2, {}}};
    for (int i = 0; i < circuit::kGateCount; ++i) {
        const auto gate = static_cast<Gate>(i);
        const circuit::GateInfo& info = circuit::info(gate);
        if (info.is_unitary && gate != Gate::kUnitary) {
            gates.push_back({info.name,
                             gate,
                             static_cast<std::uint32_t>(info.num_params),
                             static_cast<std::uint32_t>(info.num_qubits),
                             {}});
        }
    }
    for (const std::string_view alias : {"v", "cv", "u1q", "U1q", "Rz", "RZZ"}) {
        const Gate gate = circuit::gate_by_name(alias).value();
        const circuit::GateInfo& info = circuit::info(gate);
        gates.push_back({alias,
                         gate,
                         static_cast<std::uint32_t>(info.num_params),
                         static_cast<std::uint32_t>(info.num_qubits),
                         {}});
    }
    gates.push_back({"xx", Gate::kRXX, 0, 2, kHalfPi});
    gates.push_back({"yy", Gate::kRYY, 0, 2, kHalfPi});
    gates.push_back({"zz", Gate::kRZZ, 0, 2, kHalfPi});
    gates.push_back({"ZZ", Gate::kRZZ, 0, 2, kHalfPi});
    gates.push_back({"cu2", Gate::kCU3, 2, 2, kHalfPi});
    return gates;
}

const std::vector<LibraryGate>& library() {
    static const std::vector<LibraryGate> gates = make_library();
    return gates;
}

using DefinitionsByName = std::unordered_map<std::string, std::vector<GateDefinition>>;

const DefinitionsByName& definitions_by_name() {
    static const DefinitionsByName table = [] {
        std::string text(kPeerDefinitions);
        for (const KnownDefinition& known : kDefinitions) {
            text += known.text;
            text += '\n';
        }
        DefinitionsByName by_name;
        for (GateDefinition& definition : parse_library_definitions(text)) {
            by_name[definition.name].push_back(std::move(definition));
        }
        return by_name;
    }();
    return table;
}

}  // namespace

std::span<const LibraryGate> library_gates() {
    return library();
}

const LibraryGate* find_library_gate(std::string_view name) {
    static const auto by_name = [] {
        std::unordered_map<std::string_view, const LibraryGate*> names;
        for (const LibraryGate& gate : library()) {
            names.emplace(gate.name, &gate);
        }
        return names;
    }();
    const auto found = by_name.find(name);
    return found == by_name.end() ? nullptr : found->second;
}

const LibraryGate& bare_u0() {
    static const LibraryGate gate = {"u0", Gate::kU0, 0, 1, 1.0};
    return gate;
}

bool is_builtin_include(std::string_view file_name) {
    return file_name == "qelib1.inc" || file_name == "hqslib1.inc";
}

std::span<const KnownDefinition> known_definitions() {
    return kDefinitions;
}

std::string_view peer_definitions() {
    return kPeerDefinitions;
}

bool is_known_definition(const GateDefinition& definition) {
    const auto found = definitions_by_name().find(definition.name);
    return found != definitions_by_name().end() &&
           std::any_of(
               found->second.begin(), found->second.end(),
               [&](const GateDefinition& known) { return same_meaning(known, definition); });
}

}  // namespace quercus::qasm
