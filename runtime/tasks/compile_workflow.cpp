#include <algorithm>
#include <bit>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "quantum/base/codec.hpp"
#include "quantum/circuit/codec.hpp"
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

Batch blocks_of(const passes::CompilePlan& plan) {
    Batch batch;
    batch.kind = "synthesize_block";
    for (const Bytes& block : plan.blocks) {
        batch.inputs.push_back(block);
    }
    return batch;
}

Result<passes::CompilePlan> plan_of_compile(BytesView input) {
    auto request = compile_request_from_bytes(input);
    if (!request) {
        return request.error();
    }
    passes::CompileOptions options;
    options.block_size = static_cast<int>(request->block_size);
    return passes::plan_level1(request->circuit, options);
}

// One gate, the whole unitary, compiled in blocks as wide as itself where that is possible.
Result<passes::CompilePlan> plan_of_synthesis(BytesView input) {
    auto request = synthesize_request_from_bytes(input);
    if (!request) {
        return request.error();
    }
    const auto qubits = static_cast<std::uint32_t>(std::countr_zero(request->unitary.rows()));
    circuit::Operation whole;
    whole.gate = circuit::Gate::kUnitary;
    for (circuit::Qubit q = 0; q < qubits; ++q) {
        whole.qubits.push_back(q);
    }
    whole.matrix = std::make_shared<const base::Matrix>(std::move(request->unitary));
    circuit::Circuit circuit = circuit::Circuit::with_qubits(qubits);
    circuit.operations.push_back(std::move(whole));
    passes::CompileOptions options;
    options.block_size = std::clamp(static_cast<int>(qubits), 2, 4);
    return passes::plan_level1(circuit, options);
}

Result<passes::CompilePlan> plan_after(passes::CompilePlan plan, const Results& results) {
    std::vector<BytesView> outputs;
    for (const ChildResult& child : results) {
        if (!child.status.is_ok()) {
            return Status(child.status.code(),
                          "block " + std::to_string(child.key) + ": " + child.status.message());
        }
        outputs.push_back(child.output.view());
    }
    return passes::next_round(std::move(plan), outputs);
}

Flow run_rounds(Runtime& runtime, Result<passes::CompilePlan> plan) {
    while (plan && !plan->finished()) {
        runtime.progress(static_cast<double>(plan->result.rounds) / plan->options.max_rounds,
                         "round " + std::to_string(plan->result.rounds + 1) + ": " +
                             std::to_string(plan->blocks.size()) + " blocks");
        Batch batch = blocks_of(*plan);
        const Result<Results> results = co_await runtime.map(std::move(batch));
        if (!results) {
            co_return results.error();
        }
        plan = plan_after(std::move(*plan), *results);
    }
    if (!plan) {
        co_return plan.error();
    }
    const Result<passes::CompileResult> result = passes::assemble(*plan);
    if (!result) {
        co_return result.error();
    }
    Done done;
    done.output = passes::to_bytes(*result);
    co_return done;
}

}  // namespace

Result<Bytes> run_synthesize_block(BytesView input, const workflow::KernelContext& context) {
    return passes::run_block_kernel(input, context.seed,
                                    [&context] { return context.stop.stop_requested(); });
}

Flow run_compile(Runtime& runtime, Bytes input, std::uint32_t, Bytes) {
    return run_rounds(runtime, plan_of_compile(input));
}

Flow run_synthesize(Runtime& runtime, Bytes input, std::uint32_t, Bytes) {
    return run_rounds(runtime, plan_of_synthesis(input));
}

}  // namespace quercus::tasks
