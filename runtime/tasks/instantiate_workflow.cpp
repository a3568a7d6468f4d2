#include <algorithm>
#include <cstdio>
#include <optional>
#include <string>
#include <utility>

#include "quantum/passes/instantiate.hpp"
#include "runtime/tasks/kinds.hpp"

namespace quercus::tasks {

using workflow::Batch;
using workflow::ChildResult;
using workflow::Done;
using workflow::Flow;
using workflow::Results;
using workflow::Runtime;

namespace {

// Starts [begin, end) of a round: few at first, for most circuits need few. Never by the number of
// workers, so that the result does not depend on it.
std::uint32_t end_of_round(std::uint32_t begin, std::uint32_t starts, std::size_t bytes) {
    constexpr std::uint32_t kFirst = 2;
    constexpr std::size_t kMost = 64;
    constexpr std::size_t kMostBytes = std::size_t{16} << 20;  // each carries the whole job
    const std::size_t most = std::clamp(kMostBytes / bytes, std::size_t{1}, kMost);
    const std::size_t wanted = begin == 0 ? kFirst : std::size_t{3} * begin;
    return static_cast<std::uint32_t>(
        std::min<std::size_t>(starts, begin + std::min(wanted, most)));
}

Batch starts_of(const passes::StartInputs& inputs, std::uint32_t begin, std::uint32_t end) {
    Batch batch;
    batch.kind = "instantiate_start";
    batch.cacheable = true;
    for (std::uint32_t i = begin; i < end; ++i) {
        batch.inputs.push_back(inputs(i));
        batch.keys.push_back(i);
    }
    return batch;
}

// The first success, and the least d of all.
struct Found {
    std::optional<passes::StartOutput> success;
    std::uint64_t key = 0;
    double least = 2;
};

Status add(Found& found, const Results& results) {
    for (const ChildResult& child : results) {
        if (!child.status.is_ok()) {
            return {child.status.code(),
                    "start " + std::to_string(child.key) + ": " + child.status.message()};
        }
        auto output = passes::start_output_from_bytes(child.output.view());
        if (!output) {
            return output.error();
        }
        found.least = std::min(found.least, output->d);
        if (output->circuit && (!found.success || child.key < found.key)) {
            found.success = std::move(*output);
            found.key = child.key;
        }
    }
    return Status::ok();
}

std::string short_text(double d) {
    char text[32];
    std::snprintf(text, sizeof(text), "%.3g", d);
    return text;
}

Status not_reached(const passes::InstantiateInput& input, double least) {
    return {StatusCode::kFailedPrecondition,
            "none of " + std::to_string(input.starts) + " starts reached 1 - |Tr|/N < " +
                short_text(input.threshold) + ", the best came to " + short_text(least) +
                " (--starts, --threshold)"};
}

}  // namespace

Result<Bytes> run_instantiate_start(BytesView input, const workflow::KernelContext& context) {
    return passes::run_start(input, context.seed,
                             [&context] { return context.stop.stop_requested(); });
}

Flow run_instantiate(Runtime& runtime, Bytes input, std::uint32_t, Bytes) {
    const Result<passes::InstantiateInput> job = passes::instantiate_input_from_bytes(input);
    if (!job) {
        co_return job.error();
    }
    const passes::StartInputs inputs(*job);
    Found found;
    std::uint32_t begin = 0;
    while (!found.success && begin < job->starts) {
        const std::uint32_t end = end_of_round(begin, job->starts, inputs.bytes());
        Batch batch = starts_of(inputs, begin, end);
        Result<Results> results = co_await runtime.map(std::move(batch));
        if (!results) {
            co_return results.error();
        }
        const Status status = add(found, *results);
        if (!status.is_ok()) {
            co_return status;
        }
        begin = end;
        runtime.progress(static_cast<double>(begin) / job->starts,
                         std::to_string(begin) + " starts, best " + short_text(found.least));
    }
    if (!found.success) {
        co_return not_reached(*job, found.least);
    }
    Result<passes::CompileResult> result = passes::instantiated(*job, *found.success, begin);
    if (!result) {
        co_return result.error();
    }
    Done done;
    done.output = passes::to_bytes(*result);
    co_return done;
}

}  // namespace quercus::tasks
