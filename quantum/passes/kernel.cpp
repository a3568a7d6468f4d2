#include <algorithm>
#include <chrono>

#include "quantum/circuit/unitary.hpp"
#include "quantum/passes/align_rotations.hpp"
#include "quantum/passes/bare_target.hpp"
#include "quantum/passes/clean_up.hpp"
#include "quantum/passes/compilation_state.hpp"
#include "quantum/passes/compile.hpp"
#include "quantum/passes/kernel_codec.hpp"
#include "quantum/passes/local_search.hpp"
#include "quantum/passes/placing.hpp"
#include "quantum/passes/resynthesize.hpp"
#include "quantum/synthesis/approximation.hpp"
#include "quantum/synthesis/deletion.hpp"
#include "quantum/synthesis/qsearch.hpp"
#include "quantum/synthesis/rebase.hpp"
#include "quantum/synthesis/synthesize_block.hpp"

namespace quercus::passes {

namespace {

Status stopped() {
    return {StatusCode::kCancelled, "the kernel was stopped"};
}

// What the passes of one block share.
struct BlockRun {
    base::Matrix target;  // of the block as it came
    double threshold = 1e-8;
    Seed seed = 0;
    const synthesis::StopCheck& stop;
};

Result<Circuit> resynthesize(const Circuit& block, const Step& step, const BlockRun& run) {
    synthesis::BlockOptions options;
    options.seed = run.seed;
    options.threshold = run.threshold;
    options.effort = static_cast<int>(number_of(step, "effort"));
    options.stop = run.stop;
    auto found = synthesis::synthesize_block(block, options);
    if (!found) {
        return found.error();
    }
    return found->stopped ? Result<Circuit>(stopped()) : std::move(found->circuit);
}

Result<Circuit> search(const Circuit& block, const Step& step, const BlockRun& run) {
    const auto cx = static_cast<int>(count_cx(block));
    if (block.num_qubits() < 2 || cx == 0) {
        return block;
    }
    synthesis::QSearchOptions options;
    options.seed = run.seed;
    options.threshold = run.threshold;
    options.max_cx = cx - 1;
    options.starts = static_cast<int>(number_of(step, "starts"));
    options.max_descents = static_cast<std::uint64_t>(number_of(step, "max_descents"));
    options.stop = run.stop;
    auto found = synthesis::qsearch(run.target, options);
    if (!found) {
        return found.error();
    }
    if (found->stopped) {
        return stopped();
    }
    return found->found ? to_circuit(found->ansatz) : block;
}

Result<Circuit> remove_gates(const Circuit& block, const Step& step, const BlockRun& run) {
    auto start = synthesis::rebase_to_ansatz(block);
    if (!start) {
        return start.error();
    }
    synthesis::DeletionOptions options;
    options.seed = run.seed;
    options.threshold = run.threshold;
    options.random_starts = static_cast<int>(number_of(step, "starts"));
    options.max_descents = static_cast<std::uint64_t>(number_of(step, "max_descents"));
    options.stop = run.stop;
    auto found = synthesis::delete_gates(run.target, *start, options);
    if (!found) {
        return found.error();
    }
    if (found->stopped) {
        return stopped();
    }
    return found->removed > 0 ? to_circuit(found->ansatz) : block;
}

Result<Circuit> apply(const Step& step, const Circuit& block, const BlockRun& run) {
    if (step.pass == "resynthesize") {
        return resynthesize(block, step, run);
    }
    if (step.pass == "qsearch") {
        return search(block, step, run);
    }
    if (step.pass == "delete_gates") {
        return remove_gates(block, step, run);
    }
    return data_loss("kernel input with the unknown block pass '" + step.pass + "'");
}

// With fewer and fewer cx than `block`, which is what the passes made of the target.
Result<std::vector<Circuit>> approximations_of(const Circuit& block, double most_delta,
                                               const BlockRun& run) {
    std::vector<Circuit> out;
    if (!(most_delta > 0) || block.num_qubits() < 2) {
        return out;
    }
    auto start = synthesis::rebase_to_ansatz(block);
    if (!start) {
        return start.error();
    }
    const auto found = synthesis::approximate(
        run.target, *start, {.seed = run.seed, .most_delta = most_delta, .stop = run.stop});
    if (!found) {
        return found.error();
    }
    if (synthesis::should_stop(run.stop)) {
        return stopped();
    }
    for (const synthesis::Approximation& one : *found) {
        out.push_back(synthesis::to_circuit(one.ansatz));
    }
    return out;
}

Result<Bytes> run(const BlockInput& input, Seed seed, const synthesis::StopCheck& stop) {
    auto target = circuit::unitary_of(input.block);
    if (!target) {
        return target.error();
    }
    BlockRun block_run{std::move(*target), input.threshold, seed, stop};
    Circuit block = input.block;
    for (const Step& step : input.body) {
        auto next = apply(step, block, block_run);
        if (!next) {
            return next.error();
        }
        block = std::move(*next);
        ++block_run.seed;
    }
    if (synthesis::should_stop(stop)) {
        return stopped();
    }
    KernelOutput output;
    auto approximations = approximations_of(block, input.approximate_to, block_run);
    if (!approximations) {
        return approximations.error();
    }
    output.approximations = std::move(*approximations);
    output.improved = block != input.block;
    if (output.improved) {
        block = align_rotations(block).circuit;
        const auto reached = circuit::unitary_of(block);
        if (!reached) {
            return reached.error();
        }
        output.delta = base::phase_invariant_distance(block_run.target, *reached);
        output.circuit = std::move(block);
    }
    return to_bytes(output);
}

// The Pauli regions get half of the time.
Result<PassResult> sweep(const SearchInput& input, Seed seed, const synthesis::StopCheck& stop) {
    using Clock = std::chrono::steady_clock;
    const bool is_timed = input.seconds > 0;
    const auto end = Clock::now() + std::chrono::duration_cast<Clock::duration>(
                                        std::chrono::duration<double>(input.seconds / 2));
    WalkOptions options;
    options.seed = seed;
    constexpr std::uint64_t kEndless = 1'000'000'000;
    options.rounds = static_cast<int>(is_timed ? kEndless : std::min(input.sweeps, kEndless));
    options.stop = [&] {
        return (is_timed && Clock::now() >= end) || synthesis::should_stop(stop);
    };
    if (options.rounds == 0) {
        return PassResult{input.circuit, false, 0};
    }
    return walk_pauli_regions(input.circuit, options);
}

Result<Bytes> run(const SearchInput& input, Seed seed, const synthesis::StopCheck& stop) {
    auto swept = sweep(input, seed, stop);
    if (!swept) {
        return swept.error();
    }
    LocalSearchOptions options;
    options.seed = seed + 1;
    options.iterations = input.iterations;
    options.seconds = input.seconds / 2;
    options.block_size = input.block_size;
    options.threshold = input.threshold;
    options.most_delta = input.most_delta - swept->delta;
    options.objective = input.objective;
    options.stop = stop;
    auto found = local_search(swept->circuit, options);
    if (!found) {
        return found.error();
    }
    if (synthesis::should_stop(stop)) {
        return stopped();
    }
    KernelOutput output;
    output.improved = found->circuit != input.circuit;
    output.delta = found->delta + swept->delta;
    output.circuit = std::move(found->circuit);
    return to_bytes(output);
}

// The flow of a compilation in small, on this thread.
Result<Bytes> run(const SegmentInput& input, Seed seed, const synthesis::StopCheck& stop) {
    if (input.is_spread) {
        return data_loss("a segment whose blocks are tasks of their own is no kernel");
    }
    const auto run_inner = [&](BytesView kernel) {
        return run_compile_kernel(kernel, derive_seed(seed, digest_of(kernel)), stop);
    };
    auto done = compile_segment(input, run_inner, stop);
    return done ? Result<Bytes>(to_bytes(*done)) : Result<Bytes>(done.error());
}

Result<Bytes> run(const SynthesisInput& input, Seed seed, const synthesis::StopCheck& stop) {
    synthesis::UnitaryOptions options;
    options.seed = seed;
    options.threshold = input.threshold;
    // Who allows more error than usual wants what it saves.
    if (input.threshold > synthesis::UnitaryOptions{}.threshold) {
        options.polish = input.threshold;
    }
    options.effort = input.effort;
    options.stop = stop;
    auto found = synthesize_bare(input.target, options);
    if (!found) {
        return found.error();
    }
    if (synthesis::should_stop(stop)) {
        return stopped();
    }
    return to_bytes(KernelOutput{true, found->delta, std::move(found->circuit), {}});
}

// Of placements.
template <class Input>
Result<Bytes> run(const Input& input, Seed seed, const synthesis::StopCheck& stop) {
    return run_placing(input, seed, stop);
}

}  // namespace

Result<Bytes> run_compile_kernel(BytesView input, Seed seed, const synthesis::StopCheck& stop) {
    const auto decoded = kernel_input_from_bytes(input);
    if (!decoded) {
        return decoded.error();
    }
    return std::visit([&](const auto& part) { return run(part, seed, stop); }, *decoded);
}

}  // namespace quercus::passes
