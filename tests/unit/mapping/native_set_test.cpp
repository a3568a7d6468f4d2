#include "quantum/mapping/native_set.hpp"

#include <algorithm>
#include <numbers>

#include "quantum/circuit/equivalence.hpp"
#include "quantum/mapping/check_mapped.hpp"
#include "quantum/mapping/presets.hpp"
#include "tests/support/catch.hpp"

using namespace quercus;
using namespace quercus::mapping;

namespace {

constexpr double kPi = std::numbers::pi;

Circuit random_circuit(std::uint32_t n, int gates, Seed seed) {
    Philox random(seed);
    Circuit out = Circuit::with_qubits(n);
    for (int i = 0; i < gates; ++i) {
        const auto a = static_cast<Qubit>(random.below(n));
        const auto b = static_cast<Qubit>((a + 1 + random.below(n - 1)) % n);
        const double t = random.uniform(-kPi, kPi), u = random.uniform(-kPi, kPi);
        switch (random.below(9)) {
            case 0:
                out.append(Gate::kU3, {a}, {t, u, t * u});
                break;
            case 1:
                out.append(Gate::kH, {a});
                break;
            case 2:
                out.append(Gate::kRZ, {a}, {t});
                break;
            case 3:
                out.append(Gate::kX, {a});
                break;
            case 4:
                out.append(Gate::kSwap, {a, b});
                break;
            case 5:
                out.append(Gate::kRZZ, {a, b}, {t});
                break;
            case 6:
                out.append(Gate::kCP, {a, b}, {u});
                break;
            default:
                out.append(Gate::kCX, {a, b});
                break;
        }
    }
    return out;
}

void check_equal(const Circuit& a, const Circuit& b, double tolerance = 1e-9) {
    const auto same = circuit::check_equivalence(a, b, {.tolerance = tolerance});
    REQUIRE(same.status().to_string() == "OK");
    CAPTURE(same->distance);
    CHECK(same->equivalent);
}

std::uint64_t count(const Circuit& circuit, const char* gate) {
    const auto counts = circuit::count_gates(circuit);
    const auto found = counts.find(gate);
    return found == counts.end() ? 0 : found->second;
}

NativeSet set_of(const std::vector<std::string>& names) {
    const auto set = native_set(names);
    REQUIRE(set.status().to_string() == "OK");
    return *set;
}

Circuit rebased(const Circuit& circuit, const std::vector<std::string>& names) {
    const auto out = rebase_to_native(circuit, set_of(names));
    REQUIRE(out.status().to_string() == "OK");
    return out->circuit;
}

const std::vector<std::string> kIbm = {"cz", "rz", "sx", "x"};

}  // namespace

TEST_CASE("native set: every supported set gives equal circuits within the set") {
    const std::vector<std::vector<std::string>> sets = {{"cx", "u3"},
                                                        {"cx", "u"},
                                                        {"cz", "rz", "sx", "x"},
                                                        {"cz", "rz", "sx"},
                                                        {"rzz", "u1q", "rz"},
                                                        {"ecr", "rz", "sx", "x"},
                                                        {"cz", "prx"},
                                                        {"cz", "pxz"},
                                                        {"cz", "rz", "rx"},
                                                        {"rxx", "rz", "ry"},
                                                        {"rzx", "p", "sx"},
                                                        {"cp", "u1", "rx"},
                                                        {"crz", "u3"},
                                                        {"ryy", "u3"},
                                                        {"cy", "u3"},
                                                        {"iswap", "rz", "sx"},
                                                        {"sqrt_iswap", "rz", "sx"},
                                                        {"fsim", "rz", "sx"},
                                                        {"b", "u3"},
                                                        {"syc", "rz", "sx"}};
    const MachineModel all = *preset("all-to-all-4");
    for (const auto& names : sets) {
        for (Seed seed = 1; seed <= 6; ++seed) {
            CAPTURE(names, seed);
            const Circuit input = random_circuit(4, 30, seed);
            const Circuit out = rebased(input, names);
            check_equal(input, out, names[0] == "sqrt_iswap" ? 1e-6 : 1e-9);
            const NativeSet set = set_of(names);
            for (const Operation& op : out.operations) {
                CAPTURE(circuit::info(op.gate).name);
                CHECK(std::find(set.gates.begin(), set.gates.end(), op.gate) != set.gates.end());
            }
        }
    }
}

TEST_CASE("native set: of several two-qubit gates a pair takes the fewest, or the surest") {
    Circuit c = Circuit::with_qubits(2);
    c.append(Gate::kCX, {0, 1});
    const Circuit cz = rebased(c, {"cz", "sqisw", "u3"});
    CHECK(count(cz, "cz") == 1);
    check_equal(c, cz);
    Circuit half = Circuit::with_qubits(2);
    half.append(Gate::kSqrtISwap, {0, 1});
    half.append(Gate::kH, {0});
    const Circuit root = rebased(half, {"cz", "sqisw", "u3"});
    CHECK(count(root, "sqisw") == 1);
    CHECK(count(root, "cz") == 0);
    check_equal(half, root, 1e-6);

    MachineModel model = *preset("line-2");
    model.two_qubit_gates = {Gate::kCZ, Gate::kSqrtISwap};
    const auto chosen = [&](double cz_error, double root_error) {
        model.edges[0].gates = {{Gate::kCZ, {cz_error, {}}}, {Gate::kSqrtISwap, {root_error, {}}}};
        const auto out = rebase_to_native(c, *native_set_of(model), &model);
        REQUIRE(out.status().to_string() == "OK");
        check_equal(c, out->circuit, 1e-6);
        return std::pair(count(out->circuit, "cz"), count(out->circuit, "sqisw"));
    };
    CHECK(chosen(0.01, 0.008) == std::pair<std::uint64_t, std::uint64_t>(1, 0));
    CHECK(chosen(0.01, 0.004) == std::pair<std::uint64_t, std::uint64_t>(0, 2));
}

TEST_CASE("native set: fewest pulses") {
    const auto pulses = [](Gate gate, std::initializer_list<double> params) {
        Circuit one = Circuit::with_qubits(1);
        one.append(gate, {0}, params);
        const auto out = rebase_to_native(one, set_of(kIbm));
        REQUIRE(out.status().to_string() == "OK");
        check_equal(one, out->circuit);
        return out->pulses;
    };
    CHECK(pulses(Gate::kU3, {0.3, 0.4, 0.5}) == 2);
    CHECK(pulses(Gate::kH, {}) == 1);
    CHECK(pulses(Gate::kY, {}) == 1);
    CHECK(pulses(Gate::kX, {}) == 1);
    CHECK(pulses(Gate::kT, {}) == 0);
    CHECK(pulses(Gate::kSXdg, {}) == 1);
    CHECK(pulses(Gate::kU3, {kPi, 0.2, 0.7}) == 1);
}

TEST_CASE("native set: fewest two-qubit gates on a pair") {
    Circuit pair = Circuit::with_qubits(2);
    pair.append(Gate::kCX, {0, 1});
    pair.append(Gate::kSwap, {0, 1});
    CHECK(count(rebased(pair, kIbm), "cz") == 2);
    const auto iswaps = [](const Circuit& circuit) {
        const Circuit out = rebased(circuit, {"iswap", "u3"});
        check_equal(circuit, out);
        return count(out, "iswap");
    };
    CHECK(iswaps(pair) == 1);
    pair.append(Gate::kU3, {0}, {0.3, 0.2, 0.1});
    pair.append(Gate::kRXX, {0, 1}, {0.3});
    CHECK(iswaps(pair) <= 3);
    Circuit one = Circuit::with_qubits(2);
    one.append(Gate::kCX, {0, 1});
    CHECK(iswaps(one) == 2);
    one.append(Gate::kISwap, {0, 1});
    CHECK(iswaps(one) <= 2);
    Circuit swap = Circuit::with_qubits(2);
    swap.append(Gate::kSwap, {0, 1});
    CHECK(iswaps(swap) == 3);
    Circuit generic = Circuit::with_qubits(2);
    generic.append(Gate::kRXX, {0, 1}, {0.3});
    generic.append(Gate::kRYY, {0, 1}, {0.4});
    CHECK(iswaps(generic) == 2);
    generic.append(Gate::kRZZ, {0, 1}, {0.5});
    CHECK(iswaps(generic) == 3);
    generic.append(Gate::kRZZ, {0, 1}, {-0.5});
    generic.append(Gate::kSwap, {0, 1});  // two CX up to a SWAP, but three iSWAP
    CHECK(iswaps(generic) == 3);
    Circuit rotation = Circuit::with_qubits(2);
    rotation.append(Gate::kCX, {0, 1});
    rotation.append(Gate::kRZ, {1}, {0.3});
    rotation.append(Gate::kCX, {0, 1});
    CHECK(count(rebased(rotation, kIbm), "cz") == 2);
    const Circuit trapped = rebased(rotation, {"rzz", "r", "rz"});
    CHECK(count(trapped, "rzz") == 1);
    check_equal(rotation, trapped);
}

TEST_CASE("native set: rz moves through diagonal gates and vanishes before a measurement") {
    Circuit input = Circuit::with_qubits(2);
    input.cregs = {{"c", 2}};
    input.append(Gate::kH, {0});
    input.append(Gate::kRZ, {0}, {0.3});
    input.append(Gate::kCZ, {0, 1});
    input.append(Gate::kRZ, {0}, {0.4});
    Operation measure;
    measure.gate = Gate::kMeasure;
    measure.qubits = {0};
    measure.clbit = 1;
    input.operations.push_back(measure);
    const Circuit out = rebased(input, kIbm);
    check_equal(input, out);
    CHECK(count(out, "rz") <= 1);
    CHECK(count(out, "sx") == 1);
    // The same for a machine whose only one-qubit gate is r.
    const Circuit r = rebased(input, {"cz", "r"});
    check_equal(input, r);
    CHECK(count(r, "r") == 1);
}

TEST_CASE("native set: conditions, barriers and resets stay where they are") {
    Circuit input = Circuit::with_qubits(2);
    input.cregs = {{"c", 1}};
    Operation measure;
    measure.gate = Gate::kMeasure;
    measure.qubits = {0};
    measure.clbit = 0;
    Operation conditional;
    conditional.gate = Gate::kSwap;
    conditional.qubits = {0, 1};
    conditional.condition = circuit::Condition{0, 1};
    Operation reset;
    reset.gate = Gate::kReset;
    reset.qubits = {1};
    input.append(Gate::kH, {0});
    input.append(Gate::kU3, {1}, {0.1, 0.2, 0.3});
    input.operations.push_back(measure);
    input.operations.push_back(conditional);
    input.append(Gate::kBarrier, {0, 1});
    input.append(Gate::kT, {0});
    input.operations.push_back(reset);
    for (const auto& names : std::vector<std::vector<std::string>>{kIbm, {"ecr", "u3"}}) {
        const Circuit out = rebased(input, names);
        check_equal(input, out);
        CHECK(count(out, "barrier") == 1);
        CHECK(count(out, "swap") == 0);
    }
}

TEST_CASE("native set: gates in a row under one condition are merged, others are not") {
    Circuit input = Circuit::with_qubits(2);
    input.cregs = {{"c", 2}};
    Operation measure;
    measure.gate = Gate::kMeasure;
    measure.qubits = {0};
    measure.clbit = 0;
    input.append(Gate::kH, {0});
    input.operations.push_back(measure);
    input.append(Gate::kRX, {1}, {0.4});  // before the condition: merged with none of them
    const auto conditional = [&input](Gate gate, std::initializer_list<Qubit> qubits,
                                      std::initializer_list<double> params, std::uint64_t value) {
        input.append(gate, qubits, params);
        input.operations.back().condition = circuit::Condition{0, value};
    };
    conditional(Gate::kRX, {1}, {0.3}, 1);
    conditional(Gate::kRY, {1}, {0.2}, 1);
    conditional(Gate::kCX, {0, 1}, {}, 1);
    conditional(Gate::kRZ, {1}, {0.5}, 1);
    conditional(Gate::kRX, {1}, {0.7}, 2);
    const Circuit out = rebased(input, {"cz", "u3"});
    check_equal(input, out);
    std::map<std::uint64_t, int> single;  // u3 by the value of their condition, 0 without one
    for (const Operation& op : out.operations) {
        if (op.gate == Gate::kU3) {
            ++single[op.condition ? op.condition->value : 0];
        }
    }
    CHECK(single[0] == 2);
    CHECK(single[1] == 2);
    CHECK(single[2] == 1);
}

TEST_CASE("native set: directed edges and gates of their own") {
    MachineModel model = *preset("line-3");
    model.two_qubit_gates = {Gate::kECR};
    model.edges[0].directed = true;
    model.edges[1] = {2, 1, true, {{Gate::kCX, {}}}};
    Circuit input = Circuit::with_qubits(3);
    for (const auto& [a, b] : {std::pair<Qubit, Qubit>{0, 1}, {1, 0}, {1, 2}, {2, 1}}) {
        input.append(Gate::kCX, {a, b});
        input.append(Gate::kU3, {a}, {0.3, 0.4, 0.5});
        input.append(Gate::kU3, {b}, {0.6, 0.4, 0.5});
    }
    const auto set = native_set({"cx", "ecr", "rz", "sx"});
    REQUIRE(set);
    const auto out = rebase_to_native(input, *set, &model);
    REQUIRE(out.status().to_string() == "OK");
    check_equal(input, out->circuit);
    CHECK(check_mapped(out->circuit, model, &*set).to_string() == "OK");
    CHECK(count(out->circuit, "ecr") == 2);
    CHECK(count(out->circuit, "cx") == 2);
    Circuit wrong = Circuit::with_qubits(3);
    wrong.append(Gate::kECR, {1, 0});
    const Status refused = check_mapped(wrong, model, &*set);
    CHECK(refused.message().find("direction") != std::string::npos);
    Circuit apart = Circuit::with_qubits(3);
    apart.append(Gate::kCX, {0, 2});
    CHECK(rebase_to_native(apart, *set, &model).status().message().find("not coupled") !=
          std::string::npos);
}

TEST_CASE("native set: bad sets are refused") {
    const auto message = [](const std::vector<std::string>& names) {
        const auto set = native_set(names);
        REQUIRE(!set);
        CHECK(set.error().code() == StatusCode::kInvalidArgument);
        return set.error().message();
    };
    CHECK(message({"cx", "u9"}).find("unknown gate 'u9'") != std::string::npos);
    CHECK(message({"cx", "rz"}).find("one-qubit") != std::string::npos);
    CHECK(message({"u3"}).find("two-qubit") != std::string::npos);
    CHECK(message({"u3", "ccx"}).find("'ccx'") != std::string::npos);
    CHECK(message({"u3", "measure"}).find("'measure'") != std::string::npos);
    Circuit wide = Circuit::with_qubits(3);
    wide.append(Gate::kCCX, {0, 1, 2});
    CHECK(rebase_to_native(wide, set_of(kIbm)).status().code() == StatusCode::kFailedPrecondition);
}
