// The interpreter of pipelines: one coroutine per list of passes, which awaits kernels.

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <optional>
#include <set>

#include "quantum/passes/block_choice.hpp"
#include "quantum/passes/circuit_passes.hpp"
#include "quantum/passes/clean_up.hpp"
#include "quantum/passes/compile.hpp"
#include "quantum/passes/cost.hpp"
#include "quantum/passes/kernel_codec.hpp"
#include "quantum/passes/qubit_order.hpp"
#include "quantum/passes/rebase_to_cx_u3.hpp"
#include "quantum/passes/script.hpp"
#include "quantum/passes/search_rounds.hpp"

namespace quercus::passes {

using circuit::Gate;

namespace {

// Of any circuit, in cx equivalents.
Result<Cost> full_cost_of(const Circuit& circuit) {
    const auto cx = count_cx_equivalents(circuit);
    if (!cx) {
        return cx.error();
    }
    return Cost{*cx, circuit.operations.size()};
}

Result<CircuitFigures> figures_of(const Circuit& circuit) {
    const auto cost = count_cx_equivalents(circuit);
    if (!cost) {
        return cost.error();
    }
    CircuitFigures figures;
    figures.two_qubit = circuit::count_two_qubit(circuit);
    figures.wider = circuit::count_multi_qubit(circuit);
    figures.cx_equivalents = *cost;
    figures.operations = circuit.operations.size();
    figures.depth = circuit::depth(circuit);
    return figures;
}

// The flow believes no kernel where it can look for itself: up to so many qubits.
constexpr int kCheckedQubits = 6;

Status check_synthesis(const SynthesisTarget& bare, const KernelOutput& output) {
    const auto qubits = static_cast<std::uint32_t>(synthesis::num_qubits(bare));
    if (!output.improved || output.circuit.num_qubits() != qubits) {
        return data_loss("synthesize: the kernel's output is no circuit on " +
                         std::to_string(qubits) + " qubits");
    }
    if (qubits > kCheckedQubits) {
        return Status::ok();
    }
    const auto delta = synthesis::distance_to(bare, output.circuit);
    constexpr double kRounding = 1e-9;
    if (!delta || !(*delta <= output.delta + kRounding)) {
        return data_loss("synthesize: the kernel's circuit is not what it was to be");
    }
    return Status::ok();
}

// What `delta` of the passes, an average over all columns of the unitary, can do to those that
// matter: for k of N columns, at most sqrt(N / k) times as much.
double bound_of(const SynthesisTarget& bare, double bare_delta, double delta) {
    const double all = std::ldexp(1.0, synthesis::num_qubits(bare));
    return bare_delta + std::sqrt(all / static_cast<double>(synthesis::num_columns(bare))) * delta;
}

// One line of execution: the circuit and what was found out on the way to it.
struct Line {
    Exchange exchange;
    Circuit circuit;
    double delta = 0;
    std::uint32_t rounds = 0;
    std::uint32_t blocks = 0;
    std::uint32_t blocks_better = 0;
    std::set<Digest> settled;  // kernel inputs that need no (further) run
};

}  // namespace

struct Compilation::State {
    Pipeline pipeline;
    CompileResult result;  // figures of the input
    Line line;  // its qubits in order of first use while the pipeline runs
    std::vector<Qubit> place_of;
    std::vector<circuit::Register> qregs;
    std::optional<SynthesisTarget> bare;  // what `line` starts from, unless it is a circuit
    double bare_delta = 0;                // of its first circuit
    TargetSpec target;
    std::string stage;
    int timed_searches = 0;  // under way
    std::optional<Script<Status>> script;

    Script<Status> run_all();
    Script<Status> synthesize();
    Script<Status> place(Line& line);
    Script<Status> run(Line& line, const Steps& steps);
    Script<Status> step(Line& line, const Step& step);
    Script<Status> for_each_block(Line& line, const Step& step);
    Script<Status> while_changes(Line& line, const Step& step);
    Script<Status> choose(Line& line, const Step& step);
    Script<Status> pick_best(Line& line, const Step& step);
    Script<Status> local_search(Line& line, const Step& step);
};

Script<Status> Compilation::State::run_all() {
    Status status = Status::ok();
    if (bare) {
        status = co_await synthesize();
    }
    if (status.is_ok()) {
        place_of = order_of_first_use(line.circuit);
        qregs = line.circuit.qregs;
        line.circuit = rename_qubits(line.circuit, place_of);
        status = co_await run(line, pipeline.steps);
        line.circuit = restore_qubits(std::move(line.circuit), place_of, qregs);
    }
    if (status.is_ok() && !target.empty()) {
        status = co_await place(line);
    }
    co_return status;
}

// The first step of a bare target: a circuit for the passes.
Script<Status> Compilation::State::synthesize() {
    const std::string name(kSynthesizePass);
    const Step& first = pipeline.steps.front();
    stage = name;
    std::vector<Bytes> inputs{
        to_bytes(synthesis_input(*bare, first.pass == name ? first : Step{name, {}, {}}))};
    const std::vector<Bytes> outputs = co_await line.exchange.run(std::move(inputs));
    auto found = kernel_output_from_bytes(outputs.front());
    if (!found) {
        co_return found.error();
    }
    if (const Status status = check_synthesis(*bare, *found); !status.is_ok()) {
        co_return status;
    }
    const auto figures = figures_of(found->circuit);
    if (!figures) {
        co_return figures.error();
    }
    result.before = *figures;
    bare_delta = found->delta;
    line.circuit = std::move(found->circuit);
    line.rounds += 1;
    co_return Status::ok();
}

// The last step: onto the machine and into its gates.
Script<Status> Compilation::State::place(Line& at) {
    stage = target.machine.empty() ? "rebasing to the gate set" : "placing on the machine";
    std::vector<Bytes> inputs{to_bytes(PlaceInput{at.circuit, target})};
    const std::vector<Bytes> outputs = co_await at.exchange.run(std::move(inputs));
    auto placed = placed_from_bytes(outputs.front());
    if (!placed) {
        co_return placed.error();
    }
    at.rounds += 1;
    at.circuit = std::move(placed->circuit);
    at.delta += placed->delta;
    result.initial_mapping = std::move(placed->initial_mapping);
    result.final_mapping = std::move(placed->final_mapping);
    co_return Status::ok();
}

Script<Status> Compilation::State::run(Line& at, const Steps& steps) {
    for (const Step& one : steps) {
        Status status = co_await step(at, one);
        if (!status.is_ok()) {
            co_return status;
        }
    }
    co_return Status::ok();
}

Script<Status> Compilation::State::step(Line& at, const Step& one) {
    stage = one.pass;
    if (one.pass == "for_each_block") {
        co_return co_await for_each_block(at, one);
    }
    if (one.pass == "while_changes") {
        co_return co_await while_changes(at, one);
    }
    if (one.pass == "if") {
        co_return co_await choose(at, one);
    }
    if (one.pass == "parallel_pick_best") {
        co_return co_await pick_best(at, one);
    }
    if (one.pass == "local_search") {
        co_return co_await local_search(at, one);
    }
    if (one.pass == kSynthesizePass) {
        co_return Status::ok();  // has run before, if the source was no circuit
    }
    auto done = run_circuit_pass(at.circuit, one);
    if (!done) {
        co_return done.error();
    }
    at.circuit = std::move(done->circuit);
    at.delta += done->delta;
    co_return Status::ok();
}

Script<Status> Compilation::State::for_each_block(Line& at, const Step& one) {
    auto choice = choose_blocks(at.circuit, one, at.settled);
    if (!choice) {
        co_return choice.error();
    }
    if (choice->blocks.empty()) {
        co_return Status::ok();
    }
    stage = one.pass + ": " + std::to_string(choice->blocks.size()) + " blocks";
    const std::vector<Bytes> outputs = co_await at.exchange.run(choice->blocks);
    auto merged = merge_answers(*choice, outputs);
    if (!merged) {
        co_return merged.error();
    }
    for (const Bytes& block : choice->blocks) {
        at.settled.insert(digest_of(block));
    }
    at.circuit = std::move(merged->circuit);
    at.delta += merged->delta;
    at.rounds += 1;
    at.blocks += static_cast<std::uint32_t>(choice->blocks.size());
    at.blocks_better += merged->better;
    co_return Status::ok();
}

Script<Status> Compilation::State::while_changes(Line& at, const Step& one) {
    const int most = static_cast<int>(number_of(one, "max_rounds"));
    const int patience = static_cast<int>(number_of(one, "patience"));
    int fruitless = 0;
    for (int round = 0; round < most && fruitless < patience; ++round) {
        const auto before = full_cost_of(at.circuit);
        const std::uint32_t kernels = at.rounds;
        Status status = co_await run(at, one.bodies.front());
        const auto after = full_cost_of(at.circuit);
        if (!status.is_ok() || !before || !after) {
            co_return !status.is_ok() ? status : before ? after.error() : before.error();
        }
        const bool gained = after->two_qubit < before->two_qubit;
        fruitless = gained ? 0 : fruitless + 1;
        if (!gained && *after == *before && at.rounds == kernels) {
            break;  // nothing was tried: the next turn would be the same
        }
    }
    co_return Status::ok();
}

Script<Status> Compilation::State::choose(Line& at, const Step& one) {
    const std::string condition = choice_of(one, "condition");
    const double value = number_of(one, "value");
    const auto cost = full_cost_of(at.circuit);
    if (!cost) {
        co_return cost.error();
    }
    const auto two_qubit = static_cast<double>(cost->two_qubit);
    const bool holds = condition == "qubits_at_most"      ? at.circuit.num_qubits() <= value
                       : condition == "two_qubit_at_most" ? two_qubit <= value
                                                          : two_qubit >= value;
    const std::size_t body = holds ? 0 : 1;
    if (body < one.bodies.size()) {
        co_return co_await run(at, one.bodies[body]);
    }
    co_return Status::ok();
}

Script<Status> Compilation::State::pick_best(Line& at, const Step& one) {
    std::vector<std::unique_ptr<Line>> lines;
    std::vector<Script<Status>> scripts;
    for (const Steps& body : one.bodies) {
        auto line_of_body = std::make_unique<Line>();
        line_of_body->circuit = at.circuit;
        line_of_body->delta = at.delta;
        line_of_body->settled = at.settled;
        scripts.push_back(run(*line_of_body, body));
        lines.push_back(std::move(line_of_body));
        scripts.back().start();
    }
    for (;;) {
        // What several branches want is computed once.
        std::vector<Bytes> inputs;
        std::map<Bytes, std::size_t> places;
        for (const auto& branch : lines) {
            for (const Bytes& input : branch->exchange.wanted()) {
                if (places.emplace(input, inputs.size()).second) {
                    inputs.push_back(input);
                }
            }
        }
        if (inputs.empty()) {
            break;
        }
        const std::vector<Bytes> outputs = co_await at.exchange.run(std::move(inputs));
        for (const auto& branch : lines) {
            std::vector<Bytes> own;
            for (const Bytes& input : branch->exchange.wanted()) {
                own.push_back(outputs[places.at(input)]);
            }
            if (!own.empty()) {
                branch->exchange.answer(std::move(own));
            }
        }
    }
    std::optional<Cost> best;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        Status status = scripts[i].get();
        const auto cost = full_cost_of(lines[i]->circuit);
        if (!status.is_ok() || !cost) {
            co_return status.is_ok() ? cost.error() : status;
        }
        at.rounds += lines[i]->rounds;
        at.blocks += lines[i]->blocks;
        at.blocks_better += lines[i]->blocks_better;
        at.settled.insert(lines[i]->settled.begin(), lines[i]->settled.end());
        if (!best || *cost < *best) {
            best = *cost;
            at.circuit = lines[i]->circuit;
            at.delta = lines[i]->delta;
        }
    }
    co_return Status::ok();
}

Script<Status> Compilation::State::local_search(Line& at, const Step& one) {
    const auto rounds = static_cast<std::uint64_t>(number_of(one, "rounds"));
    // The walk may end on an equal circuit with more one-qubit gates.
    Circuit best = at.circuit;
    double best_delta = at.delta;
    for (std::uint64_t round = 0; round < rounds; ++round) {
        SearchRound search(at.circuit, one, round);
        if (search.inputs().empty()) {
            break;
        }
        stage = "local_search: round " + std::to_string(round + 1) + " of " +
                std::to_string(rounds) + ", " + std::to_string(count_cx(at.circuit)) + " cx";
        const int timed = number_of(one, "seconds") > 0 ? 1 : 0;
        timed_searches += timed;
        std::vector<Bytes> outputs = co_await at.exchange.run(search.inputs());
        timed_searches -= timed;
        auto merged = search.merge(outputs);
        if (!merged) {
            co_return merged.error();
        }
        at.rounds += 1;
        if (merged->changed) {
            at.circuit = std::move(merged->circuit);
            at.delta += merged->delta;
        }
        if (cost_of(at.circuit) < cost_of(best)) {
            best = at.circuit;
            best_delta = at.delta;
        }
    }
    at.circuit = std::move(best);
    at.delta = best_delta;
    co_return Status::ok();
}

// ---------------------------------------------------------------- public

Result<std::uint64_t> count_cx_equivalents(const Circuit& circuit) {
    const bool is_plain =
        std::all_of(circuit.operations.begin(), circuit.operations.end(), [](const Operation& op) {
            return op.qubits.size() < 2 || op.gate == Gate::kCX || op.gate == Gate::kBarrier;
        });
    if (is_plain) {
        return count_cx(circuit);
    }
    Circuit unconditional = circuit;
    for (Operation& op : unconditional.operations) {
        op.condition.reset();
    }
    const auto rebased = rebase_to_cx_u3(unconditional);
    if (!rebased) {
        return rebased.error();
    }
    return count_cx(rebased->circuit);
}

Compilation::Compilation(std::unique_ptr<State> state) : state_(std::move(state)) {}
Compilation::Compilation(Compilation&&) noexcept = default;
Compilation& Compilation::operator=(Compilation&&) noexcept = default;
Compilation::~Compilation() = default;

Result<Compilation> Compilation::start(Source source, const Pipeline& pipeline,
                                       const TargetSpec& target) {
    if (Status status = check_pipeline(pipeline); !status.is_ok()) {
        return status;
    }
    if (Status status = check(source); !status.is_ok()) {
        return status;
    }
    const auto resolved = resolve_target(target);
    if (!resolved) {
        return resolved.error();
    }
    if (Status status = check_target(source, *resolved); !status.is_ok()) {
        return status;
    }
    auto state = std::make_unique<State>();
    state->pipeline = pipeline;
    state->target = target;
    if (auto* circuit = std::get_if<Circuit>(&source)) {
        auto before = figures_of(*circuit);
        if (!before) {
            return before.error();
        }
        state->result.before = *before;
        state->line.circuit = std::move(*circuit);
    } else {
        state->bare = std::get<SynthesisTarget>(std::move(source));
    }
    state->script.emplace(state->run_all());
    state->script->start();
    return Compilation(std::move(state));
}

const std::vector<Bytes>& Compilation::wanted() const {
    return state_->line.exchange.wanted();
}

bool Compilation::is_repeatable() const {
    return state_->timed_searches == 0;
}

Status Compilation::answer(std::vector<Bytes> outputs) {
    if (outputs.size() != wanted().size() || finished()) {
        return invalid_argument("a round of " + std::to_string(wanted().size()) + " kernels got " +
                                std::to_string(outputs.size()) + " outputs");
    }
    state_->line.exchange.answer(std::move(outputs));
    return Status::ok();
}

bool Compilation::finished() const {
    return state_->script->finished();
}

std::string Compilation::stage() const {
    return state_->stage;
}
std::uint32_t Compilation::rounds() const {
    return state_->line.rounds;
}

Result<CompileResult> Compilation::result() const {
    if (Status status = state_->script->get(); !status.is_ok()) {
        return status;
    }
    CompileResult result = state_->result;
    const Line& line = state_->line;
    const double delta =
        state_->bare ? bound_of(*state_->bare, state_->bare_delta, line.delta) : line.delta;
    result.circuit = line.circuit;
    result.delta_bound = delta;
    result.distance_bound = std::min(1.0, delta * delta / 2);
    result.rounds = line.rounds;
    result.blocks = line.blocks;
    result.blocks_better = line.blocks_better;
    auto after = figures_of(line.circuit);
    if (!after) {
        return after.error();
    }
    result.after = *after;
    if (!state_->target.machine.empty()) {
        return result;  // routing has its price, and the mappings are known
    }
    result.initial_mapping.resize(line.circuit.num_qubits());
    std::iota(result.initial_mapping.begin(), result.initial_mapping.end(), Qubit{0});
    result.final_mapping = result.initial_mapping;
    if (state_->target.empty() && result.after.cx_equivalents > result.before.cx_equivalents) {
        return internal_error("compilation would cost " +
                              std::to_string(result.after.cx_equivalents) + " cx instead of " +
                              std::to_string(result.before.cx_equivalents));
    }
    return result;
}

Result<CompileResult> compile_locally(const Source& source, const Pipeline& pipeline, Seed seed,
                                      const synthesis::StopCheck& stop, const TargetSpec& target) {
    auto run = Compilation::start(source, pipeline, target);
    while (run && !run->finished()) {
        std::vector<Bytes> outputs;
        for (const Bytes& input : run->wanted()) {
            auto output = run_compile_kernel(input, derive_seed(seed, digest_of(input)), stop);
            if (!output) {
                return output.error();
            }
            outputs.push_back(std::move(*output));
        }
        if (Status status = run->answer(std::move(outputs)); !status.is_ok()) {
            return status;
        }
    }
    return run ? run->result() : Result<CompileResult>(run.error());
}

}  // namespace quercus::passes
