#include <algorithm>
#include <iterator>
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
using workflow::MapAwaitable;
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

// All that is wanted but segments with kernels of their own. Keys: places in wanted().
Batch parts_of(const passes::Compilation& compilation) {
    Batch batch;
    batch.kind = "compile_part";
    batch.cacheable = compilation.is_repeatable();
    const std::vector<Bytes>& wanted = compilation.wanted();
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        if (!passes::is_spread_segment(wanted[i])) {
            batch.inputs.push_back(wanted[i]);
            batch.keys.push_back(i);
        }
    }
    return batch;
}

// The other ones from place `begin` on, so many that all can be held in memory at once.
Batch segments_of(const passes::Compilation& compilation, std::size_t begin) {
    constexpr std::size_t kMost = 256;
    Batch batch;
    batch.kind = "compile_segment";
    batch.cacheable = compilation.is_repeatable();
    const std::vector<Bytes>& wanted = compilation.wanted();
    for (std::size_t i = begin; i < wanted.size() && batch.keys.size() < kMost; ++i) {
        if (passes::is_spread_segment(wanted[i])) {
            batch.inputs.push_back(wanted[i]);
            batch.keys.push_back(i);
        }
    }
    return batch;
}

Status answer(passes::Compilation& compilation, const Results& results) {
    std::vector<Bytes> outputs(compilation.wanted().size());
    for (const ChildResult& child : results) {
        if (!child.status.is_ok()) {
            return {child.status.code(),
                    "part " + std::to_string(child.key) + ": " + child.status.message()};
        }
        outputs[child.key] = Bytes(child.output.view());
    }
    return compilation.answer(std::move(outputs));
}

// How many rounds there will be is not known: ever closer to the end.
void tell_progress(Runtime& runtime, passes::Compilation& compilation) {
    const double rounds = compilation.rounds();
    const auto improved = compilation.take_improvement();
    runtime.progress(rounds / (rounds + 4), compilation.stage(),
                     improved ? passes::to_bytes(*improved) : Bytes());
}

Result<Bytes> output_of(const passes::Compilation& compilation, bool is_segment) {
    if (is_segment) {
        return compilation.segment_output();
    }
    const Result<passes::CompileResult> result = compilation.result();
    return result ? Result<Bytes>(passes::to_bytes(*result)) : Result<Bytes>(result.error());
}

// A segment's progress is a part of its compilation's, which counts rounds.
Flow run_rounds(Runtime& runtime, Result<passes::Compilation> compilation, bool is_segment) {
    if (!compilation) {
        co_return compilation.error();
    }
    while (!compilation->finished()) {
        Batch parts = parts_of(*compilation);
        MapAwaitable of_parts = runtime.map(std::move(parts));
        if (!is_segment) {
            tell_progress(runtime, *compilation);  // while the parts are on their way
        }
        Results all;
        for (std::size_t next = 0; next < compilation->wanted().size();) {
            Batch segments = segments_of(*compilation, next);
            next = segments.keys.empty() ? compilation->wanted().size() : segments.keys.back() + 1;
            Result<Results> results = co_await runtime.map(std::move(segments));
            if (!results) {
                co_return results.error();
            }
            std::move(results->begin(), results->end(), std::back_inserter(all));
        }
        Result<Results> results = co_await of_parts;
        if (!results) {
            co_return results.error();
        }
        std::move(results->begin(), results->end(), std::back_inserter(all));
        const Status status = answer(*compilation, all);
        if (!status.is_ok()) {
            co_return status;
        }
    }
    Result<Bytes> output = output_of(*compilation, is_segment);
    if (!output) {
        co_return output.error();
    }
    Done done;
    done.output = std::move(*output);
    co_return done;
}

}  // namespace

Result<Bytes> run_compile_part(BytesView input, const workflow::KernelContext& context) {
    return passes::run_compile_kernel(input, context.seed,
                                      [&context] { return context.stop.stop_requested(); });
}

Flow run_compile(Runtime& runtime, Bytes input, std::uint32_t, Bytes) {
    return run_rounds(runtime, start_compile(input), false);
}

Flow run_compile_segment(Runtime& runtime, Bytes input, std::uint32_t, Bytes) {
    return run_rounds(runtime, passes::Compilation::start_segment(input), true);
}

}  // namespace quercus::tasks
