#include "runtime/tasks/requests.hpp"

#include <algorithm>
#include <string>
#include <type_traits>
#include <utility>

#include "quantum/base/codec.hpp"
#include "quantum/circuit/circuit.hpp"
#include "quantum/passes/pipeline_codec.hpp"
#include "runtime/tasks/registry.hpp"
#include "runtime/tasks/request_codec.hpp"

namespace quercus::tasks {

namespace {

Result<passes::Pipeline> given_pipeline(const CompileRequest& request, passes::Optimize optimize) {
    auto pipeline = passes::pipeline_from_json(request.pipeline);
    if (!pipeline) {
        return pipeline.error();
    }
    if (request.error_budget != 0) {
        pipeline->error_budget = request.error_budget;
    }
    if (!request.optimize.empty()) {
        pipeline->optimize = optimize;
    }
    return pipeline;
}

}  // namespace

Result<passes::Pipeline> pipeline_of(const CompileRequest& request) {
    const auto optimize =
        passes::optimize_from_text(request.optimize.empty() ? "two_qubit" : request.optimize);
    if (!optimize) {
        return optimize.error();
    }
    if (Status valid = passes::check_error_budget(request.error_budget); !valid.is_ok()) {
        return valid;
    }
    const bool is_anytime =
        request.time_budget_s > 0 || request.iterations > 0 || request.islands > 0;
    if (is_anytime && (request.level != 4 || !request.pipeline.empty())) {
        return invalid_argument(
            "a time budget, iterations and islands belong to --level 4 (--time-budget, "
            "--iterations, --islands)");
    }
    if (!request.pipeline.empty()) {
        return given_pipeline(request, *optimize);
    }
    if (request.level > static_cast<std::uint32_t>(passes::kHighestLevel)) {
        return invalid_argument("level " + std::to_string(request.level) +
                                " does not exist: 0 to " + std::to_string(passes::kHighestLevel) +
                                " (--level)");
    }
    passes::LevelOptions options;
    options.error_budget = request.error_budget;
    options.optimize = *optimize;
    const auto set = [](auto& option, auto value) {
        if (value != 0) {
            option = static_cast<std::remove_reference_t<decltype(option)>>(value);
        }
    };
    set(options.block_size, std::min(request.block_size, 1000U));
    set(options.threshold, request.threshold);
    set(options.time_budget_s, request.time_budget_s);
    set(options.iterations, std::min(request.iterations, 1'000'000'000U));
    set(options.islands, std::min(request.islands, 1'000'000U));
    return passes::level_pipeline(static_cast<int>(request.level), options);
}

namespace {

Result<RootTask> root_task(const CompileRequest& request) {
    const auto pipeline = pipeline_of(request);
    if (!pipeline) {
        return pipeline.error();
    }
    if (Status valid = passes::check(request.source); !valid.is_ok()) {
        return valid;
    }
    const auto target = passes::resolve_target(request.target);
    if (!target) {
        return target.error();
    }
    if (Status valid = passes::check_target(request.source, *target); !valid.is_ok()) {
        return valid;
    }
    const auto* given = std::get_if<circuit::Circuit>(&request.source);
    if (!request.target.empty() && given != nullptr && circuit::count_multi_qubit(*given) > 0 &&
        !passes::ends_in_cx_u3(*pipeline)) {
        return invalid_argument(
            "the circuit has gates on three or more qubits: a pipeline for a machine or a set of "
            "gates needs rebase_cx_u3 (--pipeline)");
    }
    // One workflow under two names: people see what a job is about.
    const bool is_circuit = std::holds_alternative<circuit::Circuit>(request.source);
    return RootTask{is_circuit ? "compile" : "synthesize",
                    to_bytes(CompileInput{*pipeline, request.source, request.target})};
}

Result<RootTask> root_task(const passes::InstantiateInput& request) {
    if (Status valid = passes::check(request); !valid.is_ok()) {
        return valid;
    }
    return RootTask{"instantiate", passes::to_bytes(request)};
}

Result<RootTask> root_task(const TaskRequest& request) {
    if (builtin_registry().find(request.kind) == nullptr) {
        return invalid_argument("kind \"" + request.kind.substr(0, 100) + "\" is not registered");
    }
    return RootTask{request.kind, request.input};
}

}  // namespace

Bytes to_bytes(const CompileInput& input) {
    Encoder out;
    passes::encode(out, input.pipeline);
    passes::encode(out, input.target);
    passes::encode(out, input.source);
    return out.take();
}

Result<CompileInput> compile_input_from_bytes(BytesView bytes) {
    Decoder in(bytes);
    auto pipeline = passes::decode_pipeline(in);
    if (!pipeline) {
        return pipeline.error();
    }
    passes::TargetSpec target = passes::decode_target(in);
    auto source = passes::decode_source(in);
    if (!source) {
        return source.error();
    }
    if (!in.finished()) {
        return data_loss("compile: bytes left over after the source");
    }
    return CompileInput{std::move(*pipeline), std::move(*source), std::move(target)};
}

Result<RootTask> to_root_task(const Request& request) {
    return std::visit([](const auto& one) { return root_task(one); }, request);
}

}  // namespace quercus::tasks
