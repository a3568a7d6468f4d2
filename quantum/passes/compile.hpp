#pragma once

// Compilation at level 1: rebase to {cx, u3}, then rounds of "cut into blocks, synthesise each
// block, put back what is better, clean up". The middle of a round is a list of independent kernel
// inputs, so that a workflow can run them anywhere:
//
//     plan = plan_level1(circuit, options)
//     while (!plan.finished())  plan = next_round(plan, run_block_kernel of each plan.blocks)
//     result = assemble(plan)
//
// Everything here is a pure function; a plan made from the same circuit, options and kernel outputs
// is the same everywhere. After BQSKit's level 1 (compile.py); departures: several rounds over
// different partitions, and no qubit is ever permuted.

#include <cstdint>
#include <set>
#include <span>
#include <vector>

#include "quantum/base/bytes.hpp"
#include "quantum/base/random.hpp"
#include "quantum/base/status.hpp"
#include "quantum/partition/items.hpp"
#include "quantum/passes/pass.hpp"
#include "quantum/synthesis/stop.hpp"

namespace quercus::passes {

struct CompileOptions {
    int level = 1;            // only 1
    Seed seed = 0;            // of compile_locally; a workflow hands its own seeds to the kernels
    int block_size = 3;       // most qubits of a block, 2..4
    double threshold = 1e-8;  // d that a replaced block may differ by at most, in (0, 1)
    int max_rounds = 12;      // 1..64
};

struct CircuitFigures {
    std::uint64_t two_qubit = 0;       // unitary operations on exactly two qubits
    std::uint64_t wider = 0;           // ... on three or more
    std::uint64_t cx_equivalents = 0;  // what both cost in cx, see count_cx_equivalents
    std::uint64_t operations = 0;
    std::uint64_t depth = 0;
    friend bool operator==(const CircuitFigures&, const CircuitFigures&) = default;
};

struct CompileResult {
    // {cx, u3} and the input's fences; never more cx_equivalents than the input.
    Circuit circuit;
    // Logical qubit i starts on initial_mapping[i] and ends on final_mapping[i]; the identity here.
    std::vector<Qubit> initial_mapping;
    std::vector<Qubit> final_mapping;
    // True bounds against the input, up to global phase: delta as in ARCHITECTURE section 8, summed
    // over the replaced blocks plus an allowance for rounding; d <= delta^2 / 2.
    double delta_bound = 0;
    double distance_bound = 0;
    CircuitFigures before;
    CircuitFigures after;
    std::uint32_t rounds = 0;         // rounds that synthesised blocks
    std::uint32_t blocks = 0;         // distinct blocks synthesised
    std::uint32_t blocks_better = 0;  // of these, with a better circuit
    friend bool operator==(const CompileResult&, const CompileResult&) = default;
};

// A compilation between two rounds. `blocks` is what the kernels need; the rest is the skeleton.
struct CompilePlan {
    // One kernel input for each distinct block of this round, in order of first use.
    std::vector<Bytes> blocks;
    [[nodiscard]] bool finished() const { return blocks.empty(); }

    // Where a block goes back to: `core` of the item is replaced, the one-qubit gates before and
    // after it stay.
    struct Use {
        std::size_t item = 0;   // index into partition.items, a Block
        std::size_t block = 0;  // index into `blocks`
        std::vector<Operation> before, core, after;
    };
    CompileOptions options;
    Circuit working;
    partition::Partition partition;  // of `working`, in this round
    std::vector<Use> uses;
    std::set<Digest> settled;  // kernel inputs that need no (further) run
    int fruitless = 0;         // rounds in a row without gain
    CompileResult result;      // figures so far; the circuit is filled in by assemble
};

// The cx that rebase_to_cx_u3 makes of a circuit, gates under a condition included.
[[nodiscard]] Result<std::uint64_t> count_cx_equivalents(const Circuit& circuit);

// INVALID_ARGUMENT for options out of range or a circuit that validate() refuses.
[[nodiscard]] Result<CompilePlan> plan_level1(const Circuit& circuit,
                                              const CompileOptions& options);

// The kernel: input and output are opaque bytes. Pure; the same bytes on every executor. DATA_LOSS
// for bytes that are no kernel input, CANCELLED when `stop` said so.
[[nodiscard]] Result<Bytes> run_block_kernel(BytesView input, Seed seed,
                                             const synthesis::StopCheck& stop = {});

// `outputs[i]` answers plan.blocks[i]; an empty one means "no answer": the block stays. Each answer
// is checked (distance recomputed, cx counted) and ignored where it is not better. INVALID_ARGUMENT
// for a wrong number of outputs, DATA_LOSS for bytes that are no kernel output.
[[nodiscard]] Result<CompilePlan> next_round(CompilePlan plan, std::span<const BytesView> outputs);

// The result of a plan, finished or not: what the rounds so far have reached.
[[nodiscard]] Result<CompileResult> assemble(const CompilePlan& plan);

// All rounds, one block after another, on this thread.
[[nodiscard]] Result<CompileResult> compile_locally(const Circuit& circuit,
                                                    const CompileOptions& options,
                                                    const synthesis::StopCheck& stop = {});

// Deterministic byte form, the payload of a compile job. DATA_LOSS for anything else.
[[nodiscard]] Bytes to_bytes(const CompileResult& result);
[[nodiscard]] Result<CompileResult> compile_result_from_bytes(BytesView bytes);

}  // namespace quercus::passes
