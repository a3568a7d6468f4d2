#include "runtime/wire/jobs.hpp"

#include <cmath>
#include <functional>

#include "quercus/v1/jobs.pb.h"
#include "runtime/wire/circuit.hpp"
#include "runtime/wire/limits.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/wire/frame_samples.hpp"

namespace quercus::wire::test {
namespace {

using circuit::Circuit;
using circuit::Gate;

// Not symmetric under exchange of qubits, with everything an operation can have.
Circuit sample_circuit() {
    Circuit c;
    c.qregs = {{"q", 2}, {"r", 1}};
    c.cregs = {{"c", 2}};
    c.append(Gate::kH, {0});
    c.append(Gate::kCX, {2, 0});
    c.append(Gate::kU3, {1}, {0.1, -0.2, 0.3});
    base::Matrix swap_like(4, 4);
    swap_like(0, 1) = {0, 1};
    swap_like(1, 0) = 1;
    swap_like(2, 3) = 1;
    swap_like(3, 2) = {-1, 0};
    circuit::Operation unitary;
    unitary.gate = Gate::kUnitary;
    unitary.qubits = {2, 1};
    unitary.matrix = std::make_shared<const base::Matrix>(swap_like);
    c.operations.push_back(unitary);
    circuit::Operation measure;
    measure.gate = Gate::kMeasure;
    measure.qubits = {0};
    measure.clbit = 1;
    c.operations.push_back(measure);
    circuit::Operation conditional;
    conditional.gate = Gate::kX;
    conditional.qubits = {1};
    conditional.condition = circuit::Condition{0, 3};
    c.operations.push_back(conditional);
    return c;
}

JobSpec sample_spec(tasks::Request request) {
    return {job(3), "bell.qasm", ~Seed{0}, 1u << 30, true, std::move(request)};
}

Result<JobSpec> round_trip(const JobSpec& spec) {
    v1::SubmitJobRequest request;
    to_proto(spec, request);
    v1::SubmitJobRequest copy;
    REQUIRE(copy.ParseFromString(request.SerializeAsString()));
    return from_proto(copy);
}

Status decode_spoilt(const std::function<void(v1::SubmitJobRequest&)>& spoil) {
    v1::SubmitJobRequest request;
    to_proto(sample_spec(tasks::CompileRequest{sample_circuit(), 1, 3}), request);
    spoil(request);
    return from_proto(request).status();
}

}  // namespace

TEST_CASE("jobs: budget and cost of a compile request come back") {
    tasks::CompileRequest request{sample_circuit()};
    request.error_budget = 1e-3;
    request.optimize = "depth";
    const auto out = round_trip(sample_spec(request));
    REQUIRE(out.has_value());
    const auto& compile = std::get<tasks::CompileRequest>(out->request);
    CHECK(compile.error_budget == 1e-3);
    CHECK(compile.optimize == "depth");
    // Whether they make sense is said by the server's check, not by the form.
    CHECK(decode_spoilt([](auto& spoilt) {
              spoilt.mutable_compile()->set_optimize(std::string(10'000, 'x'));
          }).code() == StatusCode::kInvalidArgument);
}

TEST_CASE("jobs: a compile request comes back") {
    const auto out = round_trip(sample_spec(tasks::CompileRequest{sample_circuit(), 2, 4}));
    INFO(out.status().to_string());
    REQUIRE(out.has_value());
    CHECK(out->id == job(3));
    CHECK(out->name == "bell.qasm");
    CHECK(out->seed == ~Seed{0});
    CHECK(out->memory_per_task_bytes == 1u << 30);
    CHECK(out->cancel_on_disconnect);
    const auto& compile = std::get<tasks::CompileRequest>(out->request);
    CHECK(compile.level == 2);
    CHECK(compile.block_size == 4);
    CHECK(compile.source == passes::Source(sample_circuit()));
}

TEST_CASE("jobs: synthesis and task requests come back") {
    base::Matrix asymmetric(2, 2);
    asymmetric(0, 1) = {0, 1};
    asymmetric(1, 0) = 1;
    const synthesis::StateVector state{0, {0.6, 0}, 0, {0, -0.8}};
    const synthesis::StateMap map{{{1, 0}, {0, {0, 1}}}, {{0, 1}, {1, 0}}};
    const std::vector<synthesis::SynthesisTarget> targets{asymmetric, base::Matrix::identity(256),
                                                          state, map};
    for (const synthesis::SynthesisTarget& target : targets) {
        tasks::CompileRequest request{
            target, 4, 2, "{}", 1e-6, 60, 70, 8, {"line-4", {"cz", "u3"}}};
        const auto out = round_trip(sample_spec(request));
        INFO(out.status().to_string());
        REQUIRE(out.has_value());
        const auto& compile = std::get<tasks::CompileRequest>(out->request);
        CHECK(compile.source == passes::Source(target));
        CHECK(compile.level == 4);
        CHECK(compile.block_size == 2);
        CHECK(compile.pipeline == "{}");
        CHECK(compile.threshold == 1e-6);
        CHECK(compile.time_budget_s == 60);
        CHECK(compile.iterations == 70);
        CHECK(compile.islands == 8);
        CHECK(compile.target == request.target);
    }
    const auto task = round_trip(sample_spec(tasks::TaskRequest{"hash", Bytes("a\0b", 3)}));
    REQUIRE(task.has_value());
    CHECK(std::get<tasks::TaskRequest>(task->request).kind == "hash");
    CHECK(std::get<tasks::TaskRequest>(task->request).input == Bytes("a\0b", 3));
}

TEST_CASE("jobs: instantiation requests come back, spoilt ones are refused") {
    passes::InstantiateInput input{sample_circuit(), synthesis::StateVector{0, {0, 1}, 0, 0}};
    input.method = synthesis::FitMethod::kLbfgs;
    input.threshold = 1e-5;
    input.starts = 70'000;
    input.frozen = {1, 0};
    const auto out = round_trip(sample_spec(input));
    INFO(out.status().to_string());
    REQUIRE(out.has_value());
    CHECK(std::get<passes::InstantiateInput>(out->request) == input);

    const auto spoilt = [&](const std::function<void(v1::InstantiateSpec&)>& spoil) {
        v1::SubmitJobRequest request;
        to_proto(sample_spec(input), request);
        spoil(*request.mutable_instantiate());
        return from_proto(request).status().code();
    };
    const auto bad = StatusCode::kInvalidArgument;
    CHECK(spoilt([](auto& spec) { spec.set_method(""); }) == StatusCode::kOk);
    CHECK(spoilt([](auto& spec) { spec.set_method("newton"); }) == bad);
    CHECK(spoilt([](auto& spec) { spec.clear_target(); }) == bad);
}

TEST_CASE("jobs: spoilt synthesis requests are refused") {
    const auto spoilt = [](const std::function<void(v1::SynthesizeSpec&)>& spoil) {
        v1::SubmitJobRequest request;
        to_proto(sample_spec(tasks::CompileRequest{synthesis::StateVector{0, 1}}), request);
        spoil(*request.mutable_synthesize());
        return from_proto(request).status().code();
    };
    const auto bad = StatusCode::kInvalidArgument;
    CHECK(spoilt([](auto&) {}) == StatusCode::kOk);
    // What older clients send: a unitary, no level.
    const auto old = [](v1::SynthesizeSpec& spec) {
        spec.Clear();
        wire::to_proto(base::Matrix::identity(2), *spec.mutable_unitary());
    };
    CHECK(spoilt(old) == StatusCode::kOk);
    CHECK(spoilt([](auto& spec) { spec.clear_target(); }) == bad);
    CHECK(spoilt([](auto& spec) { spec.mutable_state()->add_amplitudes(1); }) == bad);
    CHECK(spoilt([](auto& spec) { spec.mutable_state()->set_amplitudes(0, std::nan("")); }) == bad);
    CHECK(spoilt([](auto& spec) {
              for (int i = 0; i < 600; ++i) {
                  spec.mutable_state()->add_amplitudes(0);
              }
          }) == bad);
    CHECK(spoilt([](auto& spec) { spec.mutable_unitary()->set_num_qubits(9); }) == bad);
    CHECK(spoilt([](auto& spec) {
              for (int i = 0; i < 257; ++i) {
                  spec.mutable_state_map()->add_pairs();
              }
          }) == bad);
    CHECK(spoilt([](auto& spec) {
              for (int i = 0; i < 65; ++i) {
                  spec.add_gates("cx");
              }
          }) == bad);
}

TEST_CASE("jobs: every gate has its number") {
    for (int i = 0; i < circuit::kGateCount; ++i) {
        const auto gate = static_cast<Gate>(i);
        Circuit c = Circuit::with_qubits(6);
        c.cregs = {{"c", 1}};
        circuit::Operation operation;
        operation.gate = gate;
        const auto& info = circuit::info(gate);
        const int qubits = info.num_qubits < 0 ? 1 : info.num_qubits;
        for (int q = 0; q < qubits; ++q) {
            operation.qubits.push_back(static_cast<circuit::Qubit>(q));
        }
        for (int p = 0; p < std::max(info.num_params, 0); ++p) {
            operation.params.push_back(0.5 + p);
        }
        if (gate == Gate::kMeasure) {
            operation.clbit = 0;
        } else if (gate == Gate::kUnitary) {
            operation.matrix = std::make_shared<const base::Matrix>(base::Matrix::identity(2));
        } else if (gate == Gate::kOpaque) {
            operation.opaque_name = "mystery";
        }
        c.operations.push_back(operation);
        v1::Circuit proto;
        to_proto(c, proto);
        Intake intake(1 << 20);
        const Circuit out = from_proto(proto, intake);
        INFO(info.name);
        INFO(intake.status().to_string());
        CHECK(out == c);
    }
}

TEST_CASE("jobs: status, events, tree come back") {
    JobStatus status;
    status.id = job(1);
    status.name = "n";
    status.kind = "compile";
    status.state = JobState::kFailed;
    status.progress = 0.5;
    status.progress_text = "half";
    status.submitted_at = WallTime(std::chrono::milliseconds(1'700'000'000'123));
    status.started_at = status.submitted_at + std::chrono::microseconds(1);
    status.finished_at = status.submitted_at + std::chrono::seconds(1);
    status.error = {StatusCode::kInternal, "boom"};
    status.result_size_bytes = 5;
    status.result_sha256 = std::string(64, 'a');
    status.report = {10, 2, {{node(1), 3, 10, 99}}};
    status.last_sequence = 17;
    v1::Job proto;
    to_proto(status, proto);
    const auto out = from_proto(proto);
    REQUIRE(out.has_value());
    CHECK(out->id == status.id);
    CHECK(out->state == status.state);
    CHECK(out->submitted_at == status.submitted_at);
    CHECK(out->started_at == status.started_at);
    CHECK(out->finished_at == status.finished_at);
    CHECK(out->error == status.error);
    CHECK(out->result_sha256 == status.result_sha256);
    CHECK(out->report.tasks == 10);
    CHECK(out->report.workers.at(0).cpu_us == 99);
    CHECK(out->last_sequence == 17);
    CHECK(out->progress_text == "half");

    JobEvent event{4, JobState::kRunning, Progress{job(1), 0.5, "p"},
                   Log{job(1), Severity::kError, "l"}};
    v1::JobEvent event_proto;
    to_proto(event, event_proto);
    const auto event_out = from_proto(event_proto, job(1));
    REQUIRE(event_out.has_value());
    CHECK(event_out->sequence == 4);
    CHECK(event_out->progress->fraction == 0.5);
    CHECK(event_out->log->severity == Severity::kError);
    CHECK(event_out->log->job == job(1));
}

TEST_CASE("jobs: bad input is refused with a reason") {
    REQUIRE(decode_spoilt([](v1::SubmitJobRequest&) {}).is_ok());
    using R = v1::SubmitJobRequest;
    const auto op = [](R& r, int i) -> v1::Operation& {
        return *r.mutable_compile()->mutable_circuit()->mutable_operations(i);
    };
    const std::vector<std::pair<const char*, std::function<void(R&)>>> cases = {
        {"id", [](R& r) { r.set_job_id("me"); }},
        {"nil id", [](R& r) { r.set_job_id("00000000-0000-0000-0000-000000000000"); }},
        {"long name", [](R& r) { r.set_name(std::string(257, 'n')); }},
        {"no work", [](R& r) { r.clear_work(); }},
        {"no gate", [&](R& r) { op(r, 0).set_gate(v1::GATE_UNSPECIFIED); }},
        {"unknown gate", [&](R& r) { op(r, 0).set_gate(static_cast<v1::Gate>(1000)); }},
        {"qubit out of range", [&](R& r) { op(r, 0).set_qubits(0, 3); }},
        {"same qubit twice", [&](R& r) { op(r, 1).set_qubits(0, 0); }},
        {"qubit missing", [&](R& r) { op(r, 1).mutable_qubits()->RemoveLast(); }},
        {"parameter missing", [&](R& r) { op(r, 2).mutable_params()->RemoveLast(); }},
        {"parameter NaN", [&](R& r) { op(r, 2).set_params(0, std::nan("")); }},
        {"matrix missing", [&](R& r) { op(r, 3).clear_matrix(); }},
        {"matrix on another gate", [&](R& r) { *op(r, 0).mutable_matrix() = op(r, 3).matrix(); }},
        {"matrix too small",
         [&](R& r) { op(r, 3).mutable_matrix()->mutable_entries()->RemoveLast(); }},
        {"matrix of 31 qubits", [&](R& r) { op(r, 3).mutable_matrix()->set_num_qubits(31); }},
        {"matrix of 0 qubits", [&](R& r) { op(r, 3).mutable_matrix()->set_num_qubits(0); }},
        {"matrix not unitary", [&](R& r) { op(r, 3).mutable_matrix()->set_entries(0, 7); }},
        {"matrix infinite", [&](R& r) { op(r, 3).mutable_matrix()->set_entries(0, HUGE_VAL); }},
        {"clbit out of range", [&](R& r) { op(r, 4).set_clbit(2); }},
        {"condition out of range", [&](R& r) { op(r, 5).mutable_condition()->set_creg(1); }},
        {"too many qubits",
         [](R& r) {
             r.mutable_compile()->mutable_circuit()->mutable_qregs(0)->set_size(4'000'000'000u);
         }},
    };
    for (const auto& [name, spoil] : cases) {
        INFO(name);
        const Status status = decode_spoilt(spoil);
        CHECK(status.code() == StatusCode::kInvalidArgument);
        CHECK_FALSE(status.message().empty());
    }
}

}  // namespace quercus::wire::test
