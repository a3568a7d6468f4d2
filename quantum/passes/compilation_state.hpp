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
#include "quantum/passes/kernel_codec.hpp"
#include "quantum/passes/script.hpp"

namespace quercus::passes {

// What the passes still to come may add by rounding, for one operation.
inline constexpr double kRoundingReserve = 1e-12;

// Kernels with inputs of at most so many bytes are remembered.
inline constexpr std::size_t kRememberedBytes = std::size_t{16} << 10;

struct SpreadPlacement;  // placing.cpp

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
    std::optional<Circuit> source;        // as it came, if it is to be placed on a machine
    std::optional<SegmentInput> segment;  // what it compiles, if it is no whole compilation
    Objective objective;
    std::string stage;
    int timed_searches = 0;  // under way
    bool has_searched = false;
    std::optional<Cost> told;  // of the last improvement that was taken
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
    Script<Status> place(Line& line);
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
    // The result with this circuit, whose qubits have their own names, and what its last step
    // added.
    [[nodiscard]] Result<CompileResult> result_with(const Circuit& circuit,
                                                    double more_delta = 0) const;
};

// The passes of a segment, on this thread; `kernel` runs the kernels that they want. `improved`:
// the circuit is another one and costs no more. CANCELLED when `stop` said so.
using RunKernel = std::function<Result<Bytes>(BytesView)>;
[[nodiscard]] Result<KernelOutput> compile_segment(SegmentInput input, const RunKernel& kernel,
                                                   const synthesis::StopCheck& stop = {});

}  // namespace quercus::passes
