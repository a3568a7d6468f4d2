#include "quantum/passes/compile.hpp"

#include "quantum/passes/block_codec.hpp"
#include "quantum/synthesis/synthesize_block.hpp"

namespace quercus::passes {

Result<Bytes> run_block_kernel(BytesView input, Seed seed, const synthesis::StopCheck& stop) {
    const auto block = block_input_from_bytes(input);
    if (!block) {
        return block.error();
    }
    synthesis::BlockOptions options;
    options.seed = seed;
    options.threshold = block->threshold;
    options.effort = block->effort;
    options.stop = stop;
    auto found = synthesis::synthesize_block(block->block, options);
    if (!found) {
        return found.error();
    }
    if (found->stopped) {
        return Status(StatusCode::kCancelled, "block synthesis was stopped");
    }
    BlockOutput output;
    output.improved = found->improved;
    output.delta = found->delta;
    output.circuit = std::move(found->circuit);
    return to_bytes(output);
}

Result<CompileResult> compile_locally(const Circuit& circuit, const CompileOptions& options,
                                      const synthesis::StopCheck& stop) {
    auto plan = plan_level1(circuit, options);
    while (plan && !plan->finished()) {
        std::vector<Bytes> outputs;
        for (const Bytes& block : plan->blocks) {
            const Seed seed = derive_seed(options.seed, digest_of(block));
            auto output = run_block_kernel(block, seed, stop);
            if (!output) {
                return output.error();
            }
            outputs.push_back(std::move(*output));
        }
        const std::vector<BytesView> views(outputs.begin(), outputs.end());
        plan = next_round(std::move(*plan), views);
    }
    if (!plan) {
        return plan.error();
    }
    return assemble(*plan);
}

}  // namespace quercus::passes
