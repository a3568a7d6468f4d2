#pragma once

// The state of a Compilation and its coroutines. Private to this room: the steps of a pipeline are
// in compilation_steps.cpp, what comes before and after them in compilation.cpp and placing.cpp.

#include <algorithm>
#include <functional>
#include <map>
#include <optional>

#include "quantum/passes/block_choice.hpp"
#include "quantum/passes/budget.hpp"
#include "quantum/passes/compile.hpp"
#include "quantum/passes/cost.hpp"
#include "quantum/passes/elide_swaps.hpp"
#include "quantum/passes/kernel_codec.hpp"
#include "quantum/passes/script.hpp"

namespace quercus::passes {

// What the passes still to come may add by rounding, for one operation.
inline constexpr double kRoundingReserve = 1e-12;

// Kernels with inputs of at most so many bytes are remembered.
inline constexpr std::size_t kRememberedBytes = std::size_t{16} << 10;

struct SpreadPlacement;  // placing.cpp

// A circuit that could be placed, and what was added to delta on the way to it. Qubit i of the
// source ends on ends[i]; empty: where it began.
struct Candidate {
    Circuit circuit;
    double delta = 0;
    std::vector<Qubit> ends;
};

// What a search has found, on its machine. `placed.delta` is all of it.
struct PlacedIncumbent {
    Placed placed;
    Cost cost;  // of the placed circuit
};

// One line of execution: the circuit and what was found out on the way to it.
struct Line {
    Exchange exchange;
    Circuit circuit;
    double delta = 0;
    std::uint32_t rounds = 0;
    std::uint32_t turns = 0;  // of for_each_block and for_each_segment
    bool is_clean = false;    // clean_up has seen all gates
    std::uint32_t blocks = 0;
    std::uint32_t blocks_better = 0;
    Settled settled;
    double allowed = kNoLimit;  // of delta

    // What may still be added to delta.
    [[nodiscard]] double left() const {
        const double reserve = kRoundingReserve * static_cast<double>(circuit.operations.size());
        return std::max(0.0, allowed - delta - reserve);
    }
    void settle(const Settled& more) {
        for (const auto& [key, up_to] : more) {
            double& known = settled.emplace(key, up_to).first->second;
            known = std::max(known, up_to);
        }
    }
};

struct Compilation::State {
    Pipeline pipeline;
    CompileResult result;  // figures of the input
    Line line;             // its qubits in order of first use while the pipeline runs
    std::vector<Qubit> place_of;
    std::vector<circuit::Register> qregs;
    std::optional<SynthesisTarget> bare;  // what `line` starts from, unless it is a circuit
    double bare_delta = 0;                // of its first circuit
    TargetSpec target;
    // For a machine: the source with SWAPs as relabelling, and as it came if there were any.
    std::optional<Elided> source;
    std::optional<Circuit> with_swaps;
    std::optional<SegmentInput> segment;  // what it compiles, if it is no whole compilation
    Objective objective;
    std::string stage;
    int timed_searches = 0;  // under way
    bool has_searched = false;
    std::optional<PlacedIncumbent> incumbent;  // the best so far
    // Of the last improvement that was taken, on its machine if there is one.
    std::optional<Cost> told;
    std::optional<Script<Status>> script;
    // What the line wants but for what is known already. Small kernels are remembered: the same
    // block comes up in several turns and branches.
    std::vector<Bytes> asked;
    std::map<Bytes, Bytes> known;
    synthesis::StopCheck stop;  // of a segment's passes; the flow itself is never asked to

    // Answers what is known until something is not, or the script ends.
    void ask();
    // `outputs[i]` answers asked[i].
    void answer(std::vector<Bytes> outputs);

    Script<Status> run_all();
    Script<Status> synthesize();
    // Onto the target, once the pipeline is done.
    Script<Status> place(Line& line);
    // What a search of the whole line has come to, whose qubits are in order of first use.
    Script<Status> place_incumbent(Line& line, const Circuit& found, double delta);
    // Each candidate `placements` times; deltas with the candidates'.
    Script<Result<std::vector<Placed>>> placements_of(Line& line, std::vector<Candidate> candidates,
                                                      std::uint32_t placements);
    Script<Result<std::vector<Placed>>> place_by_tasks(Line& line,
                                                       std::vector<SpreadPlacement> spreads);
    [[nodiscard]] bool is_free(const Line& line, const Step& step) const;
    [[nodiscard]] Result<bool> is_welcome(const Line& line, const Step& step,
                                          const PassResult& next) const;
    Script<Status> run(Line& line, const Steps& steps);
    Script<Status> step(Line& line, const Step& step);
    Script<Status> for_each_block(Line& line, const Step& step);
    Script<Status> for_each_segment(Line& line, const Step& step);
    Script<Status> while_changes(Line& line, const Step& step);
    Script<Status> choose(Line& line, const Step& step);
    Script<Status> pick_best(Line& line, const Step& step);
    Script<Status> local_search(Line& line, const Step& step);
    // The result with this circuit, whose qubits have their own names; `delta`: what the passes and
    // placing have come to.
    [[nodiscard]] Result<CompileResult> result_with(const Circuit& circuit, double delta) const;
    // The incumbent on its machine, if it is better than what was told.
    [[nodiscard]] std::optional<CompileResult> take_placed();
};

// The passes of a segment, on this thread; `kernel` runs the kernels that they want. `improved`:
// the circuit is another one and costs no more. CANCELLED when `stop` said so.
using RunKernel = std::function<Result<Bytes>(BytesView)>;
[[nodiscard]] Result<KernelOutput> compile_segment(SegmentInput input, const RunKernel& kernel,
                                                   const synthesis::StopCheck& stop = {});

}  // namespace quercus::passes
