#include "runtime/wire/jobs.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "quercus/v1/jobs.pb.h"
#include "runtime/wire/circuit.hpp"
#include "runtime/wire/limits.hpp"
#include "runtime/wire/nodes.hpp"
#include "runtime/wire/synthesis_target.hpp"
#include "runtime/wire/values.hpp"

namespace quercus::wire {
namespace {

static_assert(static_cast<int>(JobState::kQueued) + 1 == v1::JOB_STATE_QUEUED);
static_assert(static_cast<int>(JobState::kCancelled) + 1 == v1::JOB_STATE_CANCELLED);

// Requests may take more memory than bytes; ten times the message limit is plenty.
constexpr std::size_t kRequestBudget = 10 * kMaxRequestBytes;
constexpr std::uint64_t kMaxShares = 1'000'000;

using Timestamp = google::protobuf::Timestamp;

void to_proto(WallTime time, Timestamp& out) {
    const auto since = time.time_since_epoch();
    const auto seconds = std::chrono::floor<std::chrono::seconds>(since);
    out.set_seconds(seconds.count());
    out.set_nanos(static_cast<int>(
        std::chrono::duration_cast<std::chrono::nanoseconds>(since - seconds).count()));
}

WallTime from_proto(const Timestamp& time, Intake& intake) {
    // Years 1970 ... 2199: what system_clock can hold.
    if (!intake.require(time.seconds() >= 0 && time.seconds() < 7'258'118'400 &&
                            time.nanos() >= 0 && time.nanos() < 1'000'000'000,
                        "time: out of range")) {
        return {};
    }
    return WallTime(std::chrono::duration_cast<WallTime::duration>(
        std::chrono::seconds(time.seconds()) + std::chrono::nanoseconds(time.nanos())));
}

double fraction(double value, Intake& intake) {
    return intake.require(value >= 0 && value <= 1, "progress: not in 0 ... 1") ? value : 0;
}
double to_fraction(double value) {
    return std::isfinite(value) ? std::clamp(value, 0.0, 1.0) : 0.0;
}

JobId from_text_id(const std::string& text, Intake& intake) {
    const auto id = from_job_text(text);
    if (!id) {
        intake.fail(id.error().message());
        return {};
    }
    return *id;
}

// CompileSpec and SynthesizeSpec differ in their source only.
template <class Spec>
void options_to_proto(const tasks::CompileRequest& request, Spec& out) {
    out.set_level(request.level);
    out.set_block_size(request.block_size);
    out.set_pipeline(request.pipeline);
    out.set_threshold(request.threshold);
    out.set_time_budget_s(request.time_budget_s);
    out.set_iterations(request.iterations);
    out.set_islands(request.islands);
    out.set_machine(request.target.machine);
    out.set_error_budget(request.error_budget);
    out.set_optimize(clean_text(request.optimize, kMaxNameBytes));
    for (const std::string& gate : request.target.gates) {
        out.add_gates(clean_text(gate, kMaxNameBytes));
    }
}

template <class Spec>
tasks::CompileRequest options_from_proto(const Spec& in, Intake& intake) {
    tasks::CompileRequest out;
    if (in.has_level()) {
        out.level = in.level();
    }
    out.block_size = in.block_size();
    out.pipeline = from_text(in.pipeline(), kMaxPipelineBytes, "pipeline", intake);
    out.threshold = in.threshold();
    out.time_budget_s = in.time_budget_s();
    out.iterations = in.iterations();
    out.islands = in.islands();
    out.target.machine = from_text(in.machine(), kMaxMachineBytes, "machine", intake);
    out.error_budget = in.error_budget();
    out.optimize = from_text(in.optimize(), kMaxNameBytes, "optimize", intake);
    constexpr int kMostGates = 64;
    intake.require(in.gates_size() <= kMostGates, "gates: more than 64");
    for (int i = 0; i < std::min(in.gates_size(), kMostGates); ++i) {
        out.target.gates.push_back(from_text(in.gates(i), kMaxNameBytes, "gate", intake));
    }
    return out;
}

void to_proto(const tasks::CompileRequest& request, v1::SubmitJobRequest& out) {
    if (const auto* circuit = std::get_if<circuit::Circuit>(&request.source)) {
        wire::to_proto(*circuit, *out.mutable_compile()->mutable_circuit());
        options_to_proto(request, *out.mutable_compile());
        return;
    }
    wire::to_proto(std::get<synthesis::SynthesisTarget>(request.source), *out.mutable_synthesize());
    options_to_proto(request, *out.mutable_synthesize());
}

void to_proto(const passes::InstantiateInput& request, v1::InstantiateSpec& out) {
    wire::to_proto(request.shape, *out.mutable_circuit());
    wire::to_proto(request.target, out);
    out.set_method(std::string(synthesis::to_text(request.method)));
    out.set_threshold(request.threshold);
    out.set_starts(request.starts);
    out.mutable_frozen()->Add(request.frozen.begin(), request.frozen.end());
}

passes::InstantiateInput instantiation_from_proto(const v1::InstantiateSpec& in, Intake& intake) {
    passes::InstantiateInput out;
    out.shape = wire::from_proto(in.circuit(), intake);
    out.target = wire::from_proto(in, intake);
    const std::string method = from_text(in.method(), kMaxNameBytes, "method", intake);
    const auto known = synthesis::fit_method_from_text(method.empty() ? "auto" : method);
    if (known) {
        out.method = *known;
    } else {
        intake.fail(known.error().message());
    }
    // Zeros mean the defaults.
    out.threshold = in.threshold() != 0 ? in.threshold() : out.threshold;
    out.starts = in.starts() != 0 ? in.starts() : out.starts;
    out.frozen.assign(in.frozen().begin(), in.frozen().end());
    return out;
}

void to_proto(const tasks::Request& request, v1::SubmitJobRequest& out) {
    if (const auto* compile = std::get_if<tasks::CompileRequest>(&request)) {
        to_proto(*compile, out);
    } else if (const auto* task = std::get_if<tasks::TaskRequest>(&request)) {
        out.mutable_task()->set_kind(clean_text(task->kind, kMaxNameBytes));
        out.mutable_task()->set_input(task->input);
    } else if (const auto* fit = std::get_if<passes::InstantiateInput>(&request)) {
        to_proto(*fit, *out.mutable_instantiate());
    }
}

tasks::Request from_work(const v1::SubmitJobRequest& in, Intake& intake) {
    switch (in.work_case()) {
        case v1::SubmitJobRequest::kCompile: {
            tasks::CompileRequest out = options_from_proto(in.compile(), intake);
            out.source = from_proto(in.compile().circuit(), intake);
            return out;
        }
        case v1::SubmitJobRequest::kSynthesize: {
            tasks::CompileRequest out = options_from_proto(in.synthesize(), intake);
            out.source = from_proto(in.synthesize(), intake);
            return out;
        }
        case v1::SubmitJobRequest::kTask: {
            tasks::TaskRequest out;
            out.kind = from_text(in.task().kind(), kMaxNameBytes, "task kind", intake);
            intake.require(!out.kind.empty(), "task kind: empty");
            out.input = in.task().input();
            return out;
        }
        case v1::SubmitJobRequest::kInstantiate:
            return instantiation_from_proto(in.instantiate(), intake);
        case v1::SubmitJobRequest::WORK_NOT_SET:
            break;
    }
    intake.fail("job: none of compile, synthesize, task, instantiate is set");
    return {};
}

void to_proto(const scheduling::Report& report, v1::Report& out) {
    out.set_tasks(report.tasks);
    out.set_reissued(report.reissued);
    out.set_cached(report.cached);
    for (const auto& share : report.workers) {
        auto* added = out.add_workers();
        added->set_rank(to_bytes(share.rank.bytes));
        added->set_place(share.place);
        added->set_tasks(share.tasks);
        added->set_cpu_us(share.cpu_us);
    }
}

scheduling::Report from_proto(const v1::Report& in, Intake& intake) {
    scheduling::Report out;
    out.tasks = in.tasks();
    out.reissued = in.reissued();
    out.cached = in.cached();
    if (!intake.require(static_cast<std::uint64_t>(in.workers_size()) <= kMaxShares,
                        "report: too many workers")) {
        return out;
    }
    for (const auto& share : in.workers()) {
        out.workers.push_back({{from_bytes16(share.rank(), "report rank", intake)},
                               share.place(),
                               share.tasks(),
                               share.cpu_us()});
    }
    return out;
}

template <class T>
Result<T> checked(T value, const Intake& intake) {
    if (!intake.ok()) {
        return intake.status();
    }
    return value;
}

bool is_hex(std::string_view text) {
    return text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

}  // namespace

Result<JobId> from_job_text(std::string_view text) {
    const auto id = JobId::parse(text);
    if (!id || id->is_nil()) {
        return invalid_argument("job id '" + clean_text(text, 64) +
                                "' is not a UUID (8-4-4-4-12 hex digits, not all zero)");
    }
    return *id;
}

void to_proto(const JobSpec& spec, v1::SubmitJobRequest& out) {
    out.set_job_id(spec.id.to_string());
    out.set_name(clean_text(spec.name, kMaxNameBytes));
    out.set_seed(spec.seed);
    out.set_memory_per_task_bytes(spec.memory_per_task_bytes);
    out.set_cancel_on_disconnect(spec.cancel_on_disconnect);
    to_proto(spec.request, out);
}

Result<JobSpec> from_proto(const v1::SubmitJobRequest& request) {
    Intake intake(kRequestBudget);
    JobSpec out;
    out.id = from_text_id(request.job_id(), intake);
    out.name = from_text(request.name(), kMaxNameBytes, "job name", intake);
    out.seed = request.seed();
    out.memory_per_task_bytes = request.memory_per_task_bytes();
    out.cancel_on_disconnect = request.cancel_on_disconnect();
    out.request = from_work(request, intake);
    return checked(std::move(out), intake);
}

void to_proto(const JobStatus& job, v1::Job& out) {
    out.set_job_id(job.id.to_string());
    out.set_name(clean_text(job.name, kMaxNameBytes));
    out.set_kind(clean_text(job.kind, kMaxNameBytes));
    out.set_state(to_enum<v1::JobState>(job.state));
    out.set_progress(to_fraction(job.progress));
    out.set_progress_text(clean_text(job.progress_text, kMaxProgressTextBytes));
    to_proto(job.submitted_at, *out.mutable_submit_time());
    if (job.started_at) {
        to_proto(*job.started_at, *out.mutable_start_time());
    }
    if (job.finished_at) {
        to_proto(*job.finished_at, *out.mutable_finish_time());
    }
    if (!job.error.is_ok()) {
        to_proto(job.error, *out.mutable_error());
    }
    out.set_result_size_bytes(job.result_size_bytes);
    out.set_result_sha256(clean_text(job.result_sha256, 64));
    out.set_last_sequence(job.last_sequence);
    if (is_final(job.state)) {
        to_proto(job.report, *out.mutable_report());
    }
}

Result<JobStatus> from_proto(const v1::Job& job) {
    Intake intake(kRequestBudget);
    JobStatus out;
    out.id = from_text_id(job.job_id(), intake);
    out.name = from_text(job.name(), kMaxNameBytes, "job name", intake);
    out.kind = from_text(job.kind(), kMaxNameBytes, "job kind", intake);
    out.state = from_enum(job.state(), JobState::kCancelled, "job state", intake);
    out.progress = fraction(job.progress(), intake);
    out.progress_text =
        from_text(job.progress_text(), kMaxProgressTextBytes, "progress text", intake);
    out.submitted_at = from_proto(job.submit_time(), intake);
    if (job.has_start_time()) {
        out.started_at = from_proto(job.start_time(), intake);
    }
    if (job.has_finish_time()) {
        out.finished_at = from_proto(job.finish_time(), intake);
    }
    out.error = from_proto(job.error(), intake);
    out.result_size_bytes = job.result_size_bytes();
    out.result_sha256 = from_text(job.result_sha256(), 64, "result sha256", intake);
    intake.require(is_hex(out.result_sha256), "result sha256: not hex");
    out.report = from_proto(job.report(), intake);
    out.last_sequence = job.last_sequence();
    return checked(std::move(out), intake);
}

void to_proto(const JobEvent& event, v1::JobEvent& out) {
    out.set_sequence(event.sequence);
    out.set_state(to_enum<v1::JobState>(event.state));
    if (event.progress) {
        out.mutable_progress()->set_fraction(to_fraction(event.progress->fraction));
        out.mutable_progress()->set_text(clean_text(event.progress->text, kMaxProgressTextBytes));
    }
    if (event.log) {
        out.mutable_log()->set_severity(to_enum<v1::Severity>(event.log->severity));
        out.mutable_log()->set_text(clean_text(event.log->text, kMaxTextBytes));
    }
}

Result<JobEvent> from_proto(const v1::JobEvent& event, JobId job) {
    Intake intake(kRequestBudget);
    JobEvent out;
    out.sequence = event.sequence();
    intake.require(out.sequence > 0, "job event: sequence is 0");
    out.state = from_enum(event.state(), JobState::kCancelled, "job state", intake);
    if (event.has_progress()) {
        out.progress = scheduling::Progress{
            job, fraction(event.progress().fraction(), intake),
            from_text(event.progress().text(), kMaxProgressTextBytes, "progress text", intake)};
    }
    if (event.has_log()) {
        out.log = scheduling::Log{
            job,
            from_enum(event.log().severity(), scheduling::Severity::kError, "severity", intake),
            from_text(event.log().text(), kMaxTextBytes, "log text", intake)};
    }
    return checked(std::move(out), intake);
}

void to_proto(const scheduling::Subtree& tree, v1::GetTreeResponse& out) {
    for (const auto& node : tree.nodes) {
        to_proto(node, *out.add_nodes());
    }
}

Result<scheduling::Subtree> from_proto(const v1::GetTreeResponse& response) {
    Intake intake(kRequestBudget);
    scheduling::Subtree out;
    for (const auto& node : response.nodes()) {
        out.nodes.push_back(from_proto(node, intake));
        if (!intake.ok()) {
            break;
        }
    }
    return checked(std::move(out), intake);
}

void to_proto(const scheduling::CacheStats& stats, v1::GetCacheResponse& out) {
    out.set_entries(stats.entries);
    out.set_bytes(stats.bytes);
    out.set_limit_bytes(stats.limit_bytes);
    out.set_hits(stats.hits);
    out.set_misses(stats.misses);
}

scheduling::CacheStats from_proto(const v1::GetCacheResponse& response) {
    return {response.entries(), response.bytes(), response.limit_bytes(), response.hits(),
            response.misses()};
}

}  // namespace quercus::wire
