#pragma once

// Compilation of a circuit, or of a bare unitary, state or state map, by a pipeline (pipeline.hpp);
// levels are pipelines. The costly steps are kernels with opaque inputs, so that a workflow can run
// them anywhere:
//
//     Compilation run(source, pipeline, ...)
//     while (!run.finished())  run.answer(run_compile_kernel of each run.wanted())
//     result = run.result()
//
// A wanted input that is_spread_segment is a compilation of the same kind, of one segment:
// start_segment, and segment_output instead of result.
// A compilation depends on source, options and kernel outputs alone, wherever it runs.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "quantum/base/bytes.hpp"
#include "quantum/base/random.hpp"
#include "quantum/base/status.hpp"
#include "quantum/passes/pass.hpp"
#include "quantum/passes/pipeline.hpp"
#include "quantum/passes/source.hpp"
#include "quantum/passes/target.hpp"
#include "quantum/synthesis/stop.hpp"

namespace quercus::passes {

struct CircuitFigures {
    std::uint64_t two_qubit = 0;       // unitary operations on exactly two qubits
    std::uint64_t wider = 0;           // ... on three or more
    std::uint64_t cx_equivalents = 0;  // what both cost in cx, see count_cx_equivalents
    std::uint64_t operations = 0;
    std::uint64_t depth = 0;
    friend bool operator==(const CircuitFigures&, const CircuitFigures&) = default;
};

struct CompileResult {
    // {cx, u3}, also under conditions, and the input's measurements, resets, barriers, delays and
    // opaque gates; never more cx_equivalents than the input. With a target: its gates, on the
    // machine's qubits.
    Circuit circuit;
    // Logical qubit i starts on initial_mapping[i] and ends on final_mapping[i]; the identity
    // without a machine.
    std::vector<Qubit> initial_mapping;
    std::vector<Qubit> final_mapping;
    // True bounds against the input, up to global phase: delta as in ARCHITECTURE section 8, summed
    // over the replaced blocks plus an allowance for rounding; d <= delta^2 / 2. Of states: delta =
    // ||V in - e^{i phi} out||, the root mean square over a map's pairs, and d = 1 - |sum <out|V
    // in>| / pairs; the qubits of the circuit start in |0> or in the map's inputs.
    double delta_bound = 0;
    double distance_bound = 0;
    CircuitFigures before;  // of a bare target: what its synthesis gave, for the passes to work on
    CircuitFigures after;
    std::uint32_t rounds = 0;         // of kernels
    std::uint32_t blocks = 0;         // distinct blocks synthesised
    std::uint32_t blocks_better = 0;  // of these, with a better circuit
    friend bool operator==(const CompileResult&, const CompileResult&) = default;
};

// The cx that rebase_to_cx_u3 makes of a circuit, gates under a condition included.
[[nodiscard]] Result<std::uint64_t> count_cx_equivalents(const Circuit& circuit);
// Errors of count_cx_equivalents.
[[nodiscard]] Result<CircuitFigures> figures_of(const Circuit& circuit);

// One compilation under way. Not for use from two threads at once.
class Compilation {
 public:
    // INVALID_ARGUMENT for a source that check() refuses or a pipeline that check_pipeline refuses;
    // errors of resolve_target and check_target. Runs until the first kernels are wanted.
    static Result<Compilation> start(Source source, const Pipeline& pipeline,
                                     const TargetSpec& target = {});
    // The compilation of one segment, for a wanted input that is_spread_segment. DATA_LOSS for
    // other bytes. `stop` is asked between passes.
    static Result<Compilation> start_segment(BytesView input,
                                             const synthesis::StopCheck& stop = {});
    Compilation(Compilation&&) noexcept;
    Compilation& operator=(Compilation&&) noexcept;
    ~Compilation();

    // Kernel inputs to be answered, none that were answered before unless they are large; none when
    // finished.
    [[nodiscard]] const std::vector<Bytes>& wanted() const;
    // Whether these kernels' outputs depend on input and seed alone: no search with a time budget.
    [[nodiscard]] bool is_repeatable() const;
    // `outputs[i]` answers wanted()[i]; an empty one means "no answer": that part stays as it is
    // (of a placement: DATA_LOSS, as result() says then).
    // Every answer is checked (distance recomputed, cost compared) and ignored where it is not
    // better. INVALID_ARGUMENT for a wrong number of outputs.
    Status answer(std::vector<Bytes> outputs);
    [[nodiscard]] bool finished() const;
    // What the result would be if a search that has begun ended now; only when that has become
    // better since it was last taken. For a machine: what a search of several rounds had found when
    // it was last placed there.
    [[nodiscard]] std::optional<CompileResult> take_improvement();
    // When finished. DATA_LOSS where an output was no kernel output.
    [[nodiscard]] Result<CompileResult> result() const;
    // The same of a segment: what answers the input that it was started from.
    [[nodiscard]] Result<Bytes> segment_output() const;

    // What it does now, e.g. "for_each_block: 12 blocks"; passes begun and rounds of kernels so
    // far.
    [[nodiscard]] std::string stage() const;
    [[nodiscard]] std::uint32_t rounds() const;

    struct State;  // compilation_state.hpp

 private:
    explicit Compilation(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

// Whether a wanted input is a compilation with kernels of its own (`tasks: blocks` of a
// for_each_segment): run by Compilation::start_segment, with the job's seed.
[[nodiscard]] bool is_spread_segment(BytesView input);

// The kernel: input and output are opaque bytes. Pure (but for searches with a time budget); the
// same bytes on every executor. DATA_LOSS for bytes that are no kernel input or a spread segment,
// CANCELLED when `stop` said so.
[[nodiscard]] Result<Bytes> run_compile_kernel(BytesView input, Seed seed,
                                               const synthesis::StopCheck& stop = {});

// All of it on this thread, one kernel after another. `seed`: the job's.
[[nodiscard]] Result<CompileResult> compile_locally(const Source& source, const Pipeline& pipeline,
                                                    Seed seed = 0,
                                                    const synthesis::StopCheck& stop = {},
                                                    const TargetSpec& target = {});

// Deterministic byte form, the payload of a compile job. DATA_LOSS for anything else.
[[nodiscard]] Bytes to_bytes(const CompileResult& result);
[[nodiscard]] Result<CompileResult> compile_result_from_bytes(BytesView bytes);

}  // namespace quercus::passes
