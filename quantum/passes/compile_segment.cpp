// Compilations of one segment, whose kernels run inside of a task or as tasks of their own; and
// whole compilations on one thread.

#include <map>
#include <memory>

#include "quantum/passes/compilation_state.hpp"

namespace quercus::passes {

namespace {

std::unique_ptr<Compilation::State> started(SegmentInput input, const synthesis::StopCheck& stop) {
    auto state = std::make_unique<Compilation::State>();
    state->objective = input.objective;
    state->stop = stop;
    state->line.allowed = input.most_delta;
    state->line.circuit = input.circuit;
    state->segment = std::move(input);
    state->script.emplace(state->run(state->line, state->segment->body));
    state->script->start();
    state->ask();
    return state;
}

Result<KernelOutput> output_of(const Compilation::State& state) {
    if (Status status = state.script->get(); !status.is_ok()) {
        return status;
    }
    if (synthesis::should_stop(state.stop)) {
        return Status(StatusCode::kCancelled, "the kernel was stopped");
    }
    const SegmentInput& input = *state.segment;
    KernelOutput output;
    output.improved =
        state.line.circuit != input.circuit &&
        cost_of(state.line.circuit, input.objective) <= cost_of(input.circuit, input.objective);
    output.delta = state.line.delta;
    output.circuit = state.line.circuit;
    return output;
}

}  // namespace

Result<KernelOutput> compile_segment(SegmentInput input, const RunKernel& kernel,
                                     const synthesis::StopCheck& stop) {
    const auto state = started(std::move(input), stop);
    while (!state->script->finished()) {
        std::vector<Bytes> outputs;
        for (const Bytes& wanted : state->asked) {
            auto output = kernel(wanted);
            if (!output) {
                return output.error();
            }
            outputs.push_back(std::move(*output));
        }
        state->answer(std::move(outputs));
        state->ask();
    }
    return output_of(*state);
}

Result<Compilation> Compilation::start_segment(BytesView input, const synthesis::StopCheck& stop) {
    auto decoded = kernel_input_from_bytes(input);
    if (!decoded) {
        return decoded.error();
    }
    auto* segment = std::get_if<SegmentInput>(&*decoded);
    if (segment == nullptr) {
        return data_loss("the input of a kernel is no segment");
    }
    return Compilation(started(std::move(*segment), stop));
}

Result<Bytes> Compilation::segment_output() const {
    if (!state_->segment || !finished()) {
        return invalid_argument("no segment that has been compiled");
    }
    const auto output = output_of(*state_);
    return output ? Result<Bytes>(to_bytes(*output)) : Result<Bytes>(output.error());
}

namespace {

// What a tree does, on this thread. Kernels are remembered, as the tree's cache would: the same
// block comes up in several segments.
class LocalKernels {
 public:
    LocalKernels(Seed seed, const synthesis::StopCheck& stop) : seed_(seed), stop_(stop) {}

    Status finish(Compilation& run) {
        while (!run.finished()) {
            std::vector<Bytes> outputs;
            for (const Bytes& input : run.wanted()) {
                auto output = answer(input, run.is_repeatable());
                if (!output) {
                    return output.error();
                }
                outputs.push_back(std::move(*output));
            }
            if (Status status = run.answer(std::move(outputs)); !status.is_ok()) {
                return status;
            }
        }
        return Status::ok();
    }

 private:
    Result<Bytes> answer(const Bytes& input, bool is_repeatable) {
        if (const auto known = known_.find(input); known != known_.end()) {
            return known->second;
        }
        auto output = is_spread_segment(input)
                          ? run_segment(input)
                          : run_compile_kernel(input, derive_seed(seed_, digest_of(input)), stop_);
        if (output && is_repeatable && input.size() <= kRememberedBytes) {
            known_.emplace(input, *output);
        }
        return output;
    }

    Result<Bytes> run_segment(const Bytes& input) {
        auto part = Compilation::start_segment(input, stop_);
        if (!part) {
            return part.error();
        }
        Status status = finish(*part);
        return status.is_ok() ? part->segment_output() : Result<Bytes>(std::move(status));
    }

    Seed seed_;
    const synthesis::StopCheck& stop_;
    std::map<Bytes, Bytes> known_;
};

}  // namespace

Result<CompileResult> compile_locally(const Source& source, const Pipeline& pipeline, Seed seed,
                                      const synthesis::StopCheck& stop, const TargetSpec& target) {
    auto run = Compilation::start(source, pipeline, target);
    if (!run) {
        return run.error();
    }
    if (Status status = LocalKernels(seed, stop).finish(*run); !status.is_ok()) {
        return status;
    }
    return run->result();
}

}  // namespace quercus::passes
