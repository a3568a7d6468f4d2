#include <string>
#include <utility>
#include <vector>

#include "quantum/passes/compile.hpp"
#include "runtime/tasks/kinds.hpp"
#include "runtime/tasks/request_codec.hpp"

namespace quercus::tasks {

using workflow::Batch;
using workflow::ChildResult;
using workflow::Done;
using workflow::Flow;
using workflow::Results;
using workflow::Runtime;

namespace {

Result<passes::Compilation> start_compile(BytesView input) {
    auto decoded = compile_input_from_bytes(input);
    if (!decoded) {
        return decoded.error();
    }
    return passes::Compilation::start(std::move(decoded->source), decoded->pipeline,
                                      decoded->target);
}

Batch batch_of(const passes::Compilation& compilation) {
    Batch batch;
    batch.kind = "compile_part";
    batch.cacheable = compilation.is_repeatable();
    for (const Bytes& input : compilation.wanted()) {
        batch.inputs.push_back(input);
    }
    return batch;
}

Status answer(passes::Compilation& compilation, const Results& results) {
    std::vector<Bytes> outputs;
    for (const ChildResult& child : results) {
        if (!child.status.is_ok()) {
            return {child.status.code(),
                    "part " + std::to_string(child.key) + ": " + child.status.message()};
        }
        outputs.emplace_back(child.output.view());
    }
    return compilation.answer(std::move(outputs));
}

Flow run_rounds(Runtime& runtime, Result<passes::Compilation> compilation) {
    if (!compilation) {
        co_return compilation.error();
    }
    while (!compilation->finished()) {
        // How many rounds there will be is not known: ever closer to the end.
        const double rounds = compilation->rounds();
        const auto improved = compilation->take_improvement();
        runtime.progress(rounds / (rounds + 4), compilation->stage(),
                         improved ? passes::to_bytes(*improved) : Bytes());
        Batch batch = batch_of(*compilation);
        const Result<Results> results = co_await runtime.map(std::move(batch));
        if (!results) {
            co_return results.error();
        }
        const Status status = answer(*compilation, *results);
        if (!status.is_ok()) {
            co_return status;
        }
    }
    const Result<passes::CompileResult> result = compilation->result();
    if (!result) {
        co_return result.error();
    }
    Done done;
    done.output = passes::to_bytes(*result);
    co_return done;
}

}  // namespace

Result<Bytes> run_compile_part(BytesView input, const workflow::KernelContext& context) {
    return passes::run_compile_kernel(input, context.seed,
                                      [&context] { return context.stop.stop_requested(); });
}

Flow run_compile(Runtime& runtime, Bytes input, std::uint32_t, Bytes) {
    return run_rounds(runtime, start_compile(input));
}

}  // namespace quercus::tasks
