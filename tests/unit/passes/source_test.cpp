// Every kind of source at every level to every native set: the result is in the set's gates and
// does what it shall, by naive dense computation.

#include "quantum/passes/source.hpp"

#include <algorithm>
#include <cmath>

#include "quantum/circuit/generate.hpp"
#include "quantum/passes/compile.hpp"
#include "tests/reference/dense.hpp"
#include "tests/support/catch.hpp"

using namespace quercus;
using circuit::Circuit;
using circuit::Gate;
using passes::CompileResult;
using passes::Source;
using passes::TargetSpec;
using reference::Complex;
using synthesis::StateMap;
using synthesis::StatePair;
using synthesis::StateVector;

namespace {

const std::vector<std::vector<std::string>> kSets{
    {"cx", "u3"}, {"cz", "rz", "sx"}, {"rzz", "u1q", "rz"}, {"sqrt_iswap", "rz", "sx"}};
// The IR's own names of what the sets may call otherwise.
const std::vector<std::vector<std::string>> kNames{
    {"cx", "u3"}, {"cz", "rz", "sx"}, {"rzz", "r", "rz"}, {"sqisw", "rz", "sx"}};

std::vector<StateVector> random_basis(int qubits, Philox& random) {
    const base::Matrix u = circuit::haar_unitary(std::size_t{1} << qubits, random);
    std::vector<StateVector> rows;
    for (std::size_t r = 0; r < u.rows(); ++r) {
        const auto begin = u.data().begin() + static_cast<std::ptrdiff_t>(r * u.cols());
        rows.emplace_back(begin, begin + static_cast<std::ptrdiff_t>(u.cols()));
    }
    return rows;
}

StateMap random_map(int qubits, std::size_t pairs, Philox& random) {
    const auto inputs = random_basis(qubits, random), outputs = random_basis(qubits, random);
    StateMap map;
    for (std::size_t k = 0; k < pairs; ++k) {
        map.push_back({inputs[k], outputs[k]});
    }
    return map;
}

// The pairs that a source prescribes.
StateMap pairs_of(const Source& source) {
    if (const auto* circuit = std::get_if<Circuit>(&source)) {
        const auto u = reference::unitary(*circuit);
        StateMap map(u.size());
        for (std::size_t k = 0; k < u.size(); ++k) {
            map[k].input.resize(u.size());
            map[k].input[k] = 1;
            for (const auto& row : u) {
                map[k].output.push_back(row[k]);
            }
        }
        return map;
    }
    const auto& target = std::get<synthesis::SynthesisTarget>(source);
    if (const auto* map = std::get_if<StateMap>(&target)) {
        return *map;
    }
    if (const auto* state = std::get_if<StateVector>(&target)) {
        StateVector zero(state->size());
        zero[0] = 1;
        return {{zero, *state}};
    }
    const auto& u = std::get<base::Matrix>(target);
    StateMap map(u.rows());
    for (std::size_t k = 0; k < u.rows(); ++k) {
        map[k].input.resize(u.rows());
        map[k].input[k] = 1;
        for (std::size_t r = 0; r < u.rows(); ++r) {
            map[k].output.push_back(u(r, k));
        }
    }
    return map;
}

// Root mean square over the pairs of ||V in - e^{i phi} out|| with one best phi for all.
double distance(const StateMap& pairs, const Circuit& circuit) {
    const auto v = reference::unitary(circuit);
    Complex overlap = 0;
    std::vector<StateVector> got;
    for (const StatePair& pair : pairs) {
        got.push_back(reference::multiply(v, pair.input));
        for (std::size_t i = 0; i < pair.output.size(); ++i) {
            overlap += std::conj(pair.output[i]) * got.back()[i];
        }
    }
    const Complex phase = std::abs(overlap) > 0 ? overlap / std::abs(overlap) : Complex(1);
    double sum = 0;
    for (std::size_t k = 0; k < pairs.size(); ++k) {
        for (std::size_t i = 0; i < got[k].size(); ++i) {
            sum += std::norm(got[k][i] - phase * pairs[k].output[i]);
        }
    }
    return std::sqrt(sum / static_cast<double>(pairs.size()));
}

Result<CompileResult> compile(const Source& source, int level, const TargetSpec& target) {
    passes::LevelOptions options;
    options.iterations = 10;
    options.islands = 1;
    const auto pipeline = passes::level_pipeline(level, options);
    REQUIRE(pipeline);
    return passes::compile_locally(source, *pipeline, 3, {}, target);
}

CompileResult check_compiled(const Source& source, int level, const TargetSpec& target = {}) {
    auto result = compile(source, level, target);
    INFO(result.status().to_string());
    REQUIRE(result);
    const double reached = distance(pairs_of(source), result->circuit);
    CAPTURE(result->delta_bound);
    CHECK(reached <= result->delta_bound + 1e-12);
    CHECK(result->delta_bound < 1e-6);
    CHECK(result->distance_bound <= 1e-12);
    return *std::move(result);
}

void check_set(const Source& source, int level, std::size_t s) {
    CAPTURE(level, kSets[s].front());
    const CompileResult result = check_compiled(source, level, {"", kSets[s]});
    for (const auto& [name, count] : circuit::count_gates(result.circuit)) {
        CAPTURE(name);
        CHECK(std::find(kNames[s].begin(), kNames[s].end(), name) != kNames[s].end());
    }
}

void check_every_set(const Source& source) {
    for (int level = 0; level <= passes::kHighestLevel; ++level) {
        for (std::size_t s = 0; s < kSets.size(); ++s) {
            check_set(source, level, s);
        }
    }
}

// On a line of four; the state is looked for on the qubits of the final mapping.
CompileResult check_on_line(const StateVector& state) {
    auto result = compile(state, 1, {"line-4", {}});
    INFO(result.status().to_string());
    REQUIRE(result);
    StateVector expected(std::size_t{1} << result->circuit.num_qubits());
    for (std::size_t i = 0; i < state.size(); ++i) {
        std::size_t place = 0;
        for (std::size_t q = 0; q < result->final_mapping.size(); ++q) {
            place |= ((i >> q) & 1U) << result->final_mapping[q];
        }
        expected[place] = state[i];
    }
    CHECK(distance(synthesis::preparation_of(expected), result->circuit) < 1e-6);
    return *std::move(result);
}

Circuit small_circuit() {
    Circuit c = Circuit::with_qubits(3);
    c.append(Gate::kH, {0});
    c.append(Gate::kCX, {0, 2});
    c.append(Gate::kCP, {2, 1}, {0.7});
    c.append(Gate::kRY, {1}, {0.4});
    c.append(Gate::kCX, {2, 1});
    return c;
}

StateVector uniform_over(int qubits, const std::vector<std::size_t>& indices) {
    StateVector out(std::size_t{1} << qubits);
    for (const std::size_t index : indices) {
        out[index] = 1 / std::sqrt(static_cast<double>(indices.size()));
    }
    return out;
}

std::vector<std::pair<std::string, StateVector>> special_states() {
    Philox random(11);
    StateVector product{1};
    for (int q = 0; q < 3; ++q) {
        const StateVector one = random_basis(1, random)[0];
        StateVector next;
        for (const Complex& high : one) {
            for (const Complex& low : product) {
                next.push_back(high * low);
            }
        }
        product = next;
    }
    StateVector real(8);
    for (std::size_t i = 0; i < 8; ++i) {
        real[i] = (static_cast<double>(i) - 3) / std::sqrt(44.0);
    }
    return {{"|0>", {1, 0}},
            {"|1>", {0, 1}},
            {"one qubit", random_basis(1, random)[0]},
            {"i|01>", {0, {0, 1}, 0, 0}},
            {"|000>", uniform_over(3, {0})},
            {"|101>", uniform_over(3, {5})},
            {"product", product},
            {"Bell", uniform_over(2, {0, 3})},
            {"GHZ", uniform_over(3, {0, 7})},
            {"W", uniform_over(3, {1, 2, 4})},
            {"zeros", {0, {0.6, 0}, 0, 0, {0, 0.8}, 0, 0, 0}},
            {"real", real},
            {"real, two qubits", {0.5, -0.5, 0.5, 0.5}}};
}

}  // namespace

TEST_CASE("source, correctness: circuits at every level in every set") {
    check_every_set(small_circuit());
}

TEST_CASE("source, correctness: unitaries at every level in every set") {
    Philox random(1);
    check_every_set(circuit::haar_unitary(2, random));
    check_every_set(circuit::haar_unitary(4, random));
    check_compiled(circuit::haar_unitary(8, random), 2, {"", kSets[3]});
}

TEST_CASE("source, correctness: states at every level in every set") {
    Philox random(2);
    check_every_set(StateVector{0, 1, 0, 0});
    check_every_set(random_basis(1, random)[0]);
    check_every_set(random_basis(2, random)[0]);
    check_every_set(random_basis(3, random)[0]);
    std::size_t turn = 0;
    for (const auto& [name, state] : special_states()) {
        CAPTURE(name);
        for (int level = 0; level <= passes::kHighestLevel; ++level) {
            check_set(state, level, turn++ % kSets.size());
        }
    }
}

TEST_CASE("source, correctness: state maps at every level in every set") {
    Philox random(3);
    check_every_set(random_map(1, 2, random));
    check_every_set(random_map(2, 1, random));
    check_every_set(random_map(2, 3, random));
    check_compiled(random_map(3, 2, random), 1, {"", kSets[1]});
    check_compiled(random_map(3, 3, random), 0, {"", kSets[2]});
}

TEST_CASE("source, correctness: five and six qubits, by exact methods") {
    Philox random(4);
    const base::Matrix unitary = circuit::haar_unitary(32, random);
    check_compiled(unitary, 0);
    CHECK(check_compiled(random_basis(5, random)[0], 1).after.two_qubit <= 20);
    CHECK(check_compiled(random_basis(6, random)[0], 0).after.two_qubit <= 36);
    CHECK(check_compiled(uniform_over(6, {0, 63}), 1).after.two_qubit == 5);
    CHECK(check_compiled(uniform_over(5, {19}), 1).after.two_qubit == 0);
    CHECK(check_compiled(random_map(5, 1, random), 0).after.two_qubit <= 40);
    check_compiled(random_map(5, 2, random), 0);
}

TEST_CASE("source, correctness: on a machine, the state ends where the mapping says") {
    const CompileResult result = check_on_line(uniform_over(3, {1, 2, 4}));
    CHECK(result.circuit.num_qubits() == 4);
}

TEST_CASE("source, correctness: a threshold buys gates") {
    // Almost a product state.
    const StateVector state{std::sqrt(1 - 1e-6), 0, 0, 1e-3};
    passes::LevelOptions options;
    options.threshold = 1e-3;
    for (const bool loose : {false, true}) {
        const auto pipeline = passes::level_pipeline(1, loose ? options : passes::LevelOptions{});
        REQUIRE(pipeline);
        const auto result = passes::compile_locally(state, *pipeline);
        REQUIRE(result);
        CHECK(result->after.two_qubit == (loose ? 0 : 1));
        CHECK(distance(pairs_of(state), result->circuit) <= result->delta_bound + 1e-12);
        CHECK(result->distance_bound < (loose ? 1e-3 : 1e-12));
    }
}

TEST_CASE("source, correctness: slightly off targets mean the closest exact ones") {
    StateVector state = uniform_over(3, {0, 7});
    state[3] = 4e-7;
    state[7] *= 1 + 5e-7;
    for (const Source& source :
         {Source(state), Source(StateMap{{{1, 4e-7}, {0, 1}}, {{0, 1}, {1, 0}}})}) {
        const auto result = compile(source, 1, {});
        REQUIRE(result);
        CHECK(distance(pairs_of(source), result->circuit) < 1e-6);
        CHECK(result->delta_bound < 1e-6);
    }
}

TEST_CASE("source, correctness: the byte form comes back") {
    Philox random(5);
    const std::vector<Source> sources{small_circuit(), circuit::haar_unitary(4, random),
                                      random_basis(3, random)[0], random_map(2, 3, random)};
    for (const Source& source : sources) {
        Encoder encoder;
        passes::encode(encoder, source);
        const Bytes bytes = encoder.take();
        Decoder decoder(bytes);
        const auto again = passes::decode_source(decoder);
        REQUIRE(again);
        CHECK(decoder.finished());
        CHECK(*again == source);
        for (std::size_t size = 0; size < bytes.size(); size += 7) {
            Decoder cut(BytesView(bytes).substr(0, size));
            const auto nothing = passes::decode_source(cut);
            CHECK((!nothing || !cut.ok()));
        }
    }
}

TEST_CASE("source, correctness: a stop token ends the synthesis") {
    Philox random(6);
    const auto pipeline = passes::level_pipeline(1);
    REQUIRE(pipeline);
    for (const Source& source :
         {Source(circuit::haar_unitary(16, random)), Source(random_basis(4, random)[0]),
          Source(random_basis(7, random)[0])}) {
        int asked = 0;
        const auto result =
            passes::compile_locally(source, *pipeline, 0, [&] { return ++asked > 3; });
        CHECK(result.status().code() == StatusCode::kCancelled);
        CHECK(asked < 100);
    }
}

TEST_CASE("source, bad input: a kernel's answer to another question is found out") {
    const auto pipeline = passes::level_pipeline(0);
    REQUIRE(pipeline);
    auto asked = passes::Compilation::start(uniform_over(2, {0, 3}), *pipeline);
    const auto other = passes::Compilation::start(uniform_over(2, {1, 2}), *pipeline);
    const auto wider = passes::Compilation::start(uniform_over(3, {0}), *pipeline);
    REQUIRE((asked && other && wider));
    for (const auto* wrong : {&*other, &*wider}) {
        const auto output = passes::run_compile_kernel(wrong->wanted().front(), 0);
        REQUIRE(output);
        auto run = passes::Compilation::start(uniform_over(2, {0, 3}), *pipeline);
        REQUIRE(run);
        CHECK(run->answer({*output}).is_ok());
        REQUIRE(run->finished());
        CHECK(run->result().status().code() == StatusCode::kDataLoss);
    }
    CHECK(asked->answer({Bytes("nonsense")}).is_ok());
    CHECK(asked->result().status().code() == StatusCode::kDataLoss);
}

TEST_CASE("source, bad input: refused before any work, with the reason") {
    const double nan = std::nan("");
    const std::vector<std::pair<Source, std::string>> cases{
        {base::Matrix(2, 2), "not unitary"},
        {base::Matrix(4, 2), "4 x 2"},
        {base::Matrix::identity(3), "2^n"},
        {base::Matrix::identity(512), "n = 1 to 8"},
        {base::Matrix(2, 2, {1, 0, 0, nan}), "not finite"},
        {StateVector{}, "0 amplitudes"},
        {StateVector{1}, "1 amplitudes"},
        {StateVector{1, 0, 0}, "3 amplitudes"},
        {StateVector(512), "512 amplitudes"},
        {StateVector{0, 0}, "norm 0"},
        {StateVector{1, 1}, "norm 1.414"},
        {StateVector{1 + 3e-6, 0}, "norm 1.000003"},
        {StateVector{nan, 0}, "amplitude 0 is not finite"},
        {StateVector{0, {1, HUGE_VAL}}, "amplitude 1 is not finite"},
        {StateMap{}, "no pairs"},
        {StateMap{{{1, 0}, {1, 0, 0, 0}}}, "output 0 of the map has 4 amplitudes, input 0 has 2"},
        {StateMap{{{1, 0}, {1, 0}}, {{1, 0}, {0, 1}}}, "input 1 of the map is not orthogonal"},
        {StateMap{{{1, 0}, {1, 0}}, {{0, 1}, {1, 0}}}, "output 1 of the map is not orthogonal"},
        {StateMap{{{1, 0}, {1, 0}}, {{0, 1}, {0, 2}}}, "output 1 of the map has the norm 2"},
        {StateMap{{{1, 0}, {1, nan}}}, "not finite"}};
    const auto pipeline = passes::level_pipeline(1);
    REQUIRE(pipeline);
    for (const auto& [source, reason] : cases) {
        CAPTURE(reason);
        const Status status = passes::Compilation::start(source, *pipeline).status();
        CHECK(status.code() == StatusCode::kInvalidArgument);
        CHECK_THAT(status.message(), Catch::Contains(reason));
    }
    const StateVector wide = uniform_over(3, {0});
    CHECK(passes::Compilation::start(wide, *pipeline, {"line-2", {}}).status().code() ==
          StatusCode::kInvalidArgument);
}
