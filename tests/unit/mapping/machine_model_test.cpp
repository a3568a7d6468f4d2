#include "quantum/mapping/machine_model.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>

#include "quantum/mapping/coupling.hpp"
#include "quantum/mapping/presets.hpp"
#include "tests/support/catch.hpp"

using namespace quercus;
using namespace quercus::mapping;

namespace {

MachineModel calibrated() {
    MachineModel model;
    model.name = "three \"qubits\"";
    model.num_qubits = 3;
    model.one_qubit_gates = {Gate::kRZ, Gate::kSX, Gate::kX};
    model.two_qubit_gates = {Gate::kCZ};
    model.edges = {{0, 1, true, {{Gate::kECR, {0.01, 300.5}}}}, {2, 1, false, {}}};
    model.qubits = {{{1e-4, 35.0}, 0.02}, {}, {{}, 0.5}};
    return model;
}

std::string error_of(const std::string& text) {
    const auto model = machine_model_from_json(text);
    REQUIRE(!model);
    CHECK(model.error().code() == StatusCode::kInvalidArgument);
    return model.error().message();
}

void check_names(const std::string& message, const std::string& part) {
    CAPTURE(message, part);
    CHECK(message.find(part) != std::string::npos);
}

std::size_t max_degree(const Coupling& graph) {
    std::size_t degree = 0;
    for (const auto& list : graph.neighbours) {
        degree = std::max(degree, list.size());
    }
    return degree;
}

}  // namespace

TEST_CASE("machine model: JSON is exact in both directions") {
    const MachineModel model = calibrated();
    const auto again = machine_model_from_json(to_json(model));
    REQUIRE(again.status().to_string() == "OK");
    CHECK(*again == model);
    const auto brief = machine_model_from_json(
        R"({"num_qubits": 2, "two_qubit_gates": ["cnot"], "edges": [[1, 0]]})");
    REQUIRE(brief.status().to_string() == "OK");
    CHECK(brief->edges == std::vector<ModelEdge>{{1, 0, false, {}}});
    CHECK(brief->two_qubit_gates == std::vector<Gate>{Gate::kCX});
}

TEST_CASE("machine model: bad input names the entry") {
    check_names(error_of(R"({"num_qubits": 3, "two_qubit_gates": ["cz"], "edges": [[0,1],[1,3]]})"),
                "edge 1 (1, 3) names qubit 3");
    check_names(error_of(R"({"num_qubits": 3, "two_qubit_gates": ["cz"], "edges": [[1,1]]})"),
                "edge 0 (1, 1) joins a qubit with itself");
    check_names(error_of(R"({"num_qubits": 3, "two_qubit_gates": ["cz"], "edges": [[0,1],[1,0]]})"),
                "edge 1 (1, 0) is listed twice");
    check_names(error_of(R"({"num_qubits": 3, "edges": [[0,1]]})"), "edge 0 (0, 1) has no gates");
    check_names(error_of(R"({"num_qubits": 2, "two_qubit_gates": ["czz"]})"), "unknown gate 'czz'");
    check_names(error_of(R"({"num_qubits": 2, "two_qubit_gates": ["x"]})"), "gate 'x'");
    check_names(error_of(R"({"num_qubits": 0})"), "no qubits");
    check_names(error_of(R"({"num_qubits": -1})"), "num_qubits");
    check_names(error_of(R"({"num_qubits": 2, "qbits": []})"), "unknown member 'qbits'");
    check_names(error_of(R"({"num_qubits": 2, "qubits": [{"qubit": 2}]})"), "names qubit 2");
    check_names(error_of(R"({"num_qubits": 2, "qubits": [{"qubit": 1, "error": 1.5}]})"),
                "qubit 1: error rate 1.5");
    check_names(error_of(R"({"num_qubits": 2, "edges": [{"qubits": [0,1],
                             "gates": [{"gate": "cz", "duration_ns": -1}]}]})"),
                "edge 0 (0, 1)");
    check_names(error_of("[1, 2"), "not JSON");
    check_names(error_of("[1, 2]"), "must be an object");
}

TEST_CASE("machine model: presets have the makers' shapes") {
    struct Shape {
        const char* name;
        std::uint32_t qubits;
        std::size_t edges, degree;
    };
    for (const Shape& shape : std::initializer_list<Shape>{{"all-to-all-5", 5, 10, 4},
                                                           {"line-16", 16, 15, 2},
                                                           {"line-1", 1, 0, 0},
                                                           {"ring-7", 7, 7, 2},
                                                           {"ring-2", 2, 1, 1},
                                                           {"grid-5x5", 25, 40, 4},
                                                           {"grid-2x3", 6, 7, 3},
                                                           {"heavy-hex-27", 27, 28, 3},
                                                           {"heavy-hex-65", 65, 72, 3},
                                                           {"heavy-hex-127", 127, 144, 3},
                                                           {"heavy-hex-133", 133, 150, 3},
                                                           {"heavy-hex-156", 156, 176, 3},
                                                           {"sycamore-54", 54, 88, 4},
                                                           {"sycamore-23", 23, 32, 4},
                                                           {"aspen", 80, 106, 3},
                                                           {"ankaa", 84, 149, 4},
                                                           {"h1", 20, 190, 19},
                                                           {"h2", 56, 1540, 55},
                                                           {"iqm-20", 20, 30, 4}}) {
        CAPTURE(shape.name);
        const auto model = preset(shape.name);
        REQUIRE(model.status().to_string() == "OK");
        CHECK(validate(*model).to_string() == "OK");
        CHECK(is_connected(*model));
        CHECK(model->num_qubits == shape.qubits);
        CHECK(model->edges.size() == shape.edges);
        CHECK(max_degree(coupling_of(*model, false)) == shape.degree);
    }
    // Places in the numbering that differ between IBM's lattices.
    CHECK(find_edge(*preset("heavy-hex-127"), 96, 109) != nullptr);
    CHECK(find_edge(*preset("heavy-hex-127"), 109, 114) != nullptr);
    CHECK(find_edge(*preset("heavy-hex-65"), 53, 60) != nullptr);
    CHECK(find_edge(*preset("heavy-hex-156"), 36, 41) != nullptr);
    CHECK(find_edge(*preset("heavy-hex-133"), 126, 132) != nullptr);
}

TEST_CASE("machine model: unknown presets and sizes out of range") {
    CHECK(preset("heavy-hex-28").error().code() == StatusCode::kInvalidArgument);
    check_names(preset("nonsense").error().message(), "sycamore-54");
    for (const char* name : {"line-0", "grid-0x4", "grid-5", "ring-x", "all-to-all-201",
                             "line-10001", "grid-101x100", "line-99999999999999999999"}) {
        CAPTURE(name);
        REQUIRE(!preset(name));
        CHECK(preset(name).error().code() == StatusCode::kInvalidArgument);
    }
}

TEST_CASE("machine model: distances and error weights") {
    MachineModel model = *preset("line-3");
    model.edges[0].gates = {{Gate::kCZ, {0.01, {}}}};
    const Coupling plain = coupling_of(model, true);
    CHECK(plain.weight(0, 1) == 1);  // one edge is unknown
    model.edges[1].gates = {{Gate::kCZ, {0.03, {}}}};
    const Coupling weighted = coupling_of(model, true);
    CHECK(weighted.weight(0, 1) < 1);
    CHECK(weighted.weight(2, 1) > 1);
    CHECK(weighted.distance(0, 2) == 2);
    model.edges.pop_back();
    CHECK(coupling_of(model, true).distance(0, 2) == Coupling::kFar);
    CHECK(!is_connected(model));
}

// Needs a Python with qiskit: $QUERCUS_PEERS, a virtual environment.
TEST_CASE("machine model: import of a Qiskit Target") {
    const char* peers = std::getenv("QUERCUS_PEERS");
    const std::string python = peers != nullptr ? std::string(peers) + "/bin/python" : "python3";
    if (std::system((python + " -c 'import qiskit' 2>/dev/null").c_str()) != 0) {
        WARN("skipped: no qiskit in " << python << " (set QUERCUS_PEERS)");
        return;
    }
    const std::string command = python + " " QUERCUS_SOURCE_DIR
                                         "/tools/qiskit_target.py "
                                         "'qiskit.providers.fake_provider:GenericBackendV2("
                                         "4, basis_gates=[\"cz\", \"rz\", \"sx\", \"x\"], "
                                         "coupling_map=[[0,1],[1,0],[2,1],[2,3]], seed=1)'";
    std::FILE* pipe = popen(command.c_str(), "r");
    REQUIRE(pipe != nullptr);
    std::string text;
    std::array<char, 4096> buffer{};
    while (const std::size_t n = std::fread(buffer.data(), 1, buffer.size(), pipe)) {
        text.append(buffer.data(), n);
    }
    REQUIRE(pclose(pipe) == 0);
    const auto model = machine_model_from_json(text);
    REQUIRE(model.status().to_string() == "OK");
    CHECK(model->num_qubits == 4);
    CHECK(find_edge(*model, 2, 3) != nullptr);
    CHECK(find_edge(*model, 0, 3) == nullptr);
    CHECK(gates_of(*model, *find_edge(*model, 1, 2)) == std::vector<Gate>{Gate::kCZ});
    CHECK(model->qubits.size() == 4);
}
