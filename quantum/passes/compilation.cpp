// Compilations: from a source to the first kernels, and from the last ones to a result.

#include "quantum/passes/compile.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <iterator>
#include <numeric>

#include "quantum/circuit/qubit_order.hpp"
#include "quantum/passes/circuit_passes.hpp"
#include "quantum/passes/compilation_state.hpp"

namespace quercus::passes {

namespace {

// With an error budget and a machine: left over for placing.
constexpr double kPlacingReserve = 0.05;

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

// What a delta of the passes, an average over all columns of the unitary, can do to those that
// matter: for k of N columns, at most sqrt(N / k) times as much.
double amplification_of(const SynthesisTarget& bare) {
    const double all = std::ldexp(1.0, synthesis::num_qubits(bare));
    return std::sqrt(all / static_cast<double>(synthesis::num_columns(bare)));
}

}  // namespace

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
        std::iota(place_of.begin(), place_of.end(), Qubit{0});  // so they are now
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
    line.allowed = std::max(0.0, line.allowed - bare_delta) / amplification_of(*bare);
    line.circuit = std::move(found->circuit);
    line.rounds += 1;
    co_return Status::ok();
}

// ---------------------------------------------------------------- public

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

namespace {

// By rounding or placing alone: everything else looks at what is left before it spends.
Status over_budget(double bound, double budget) {
    char text[160];
    std::snprintf(text, sizeof(text),
                  "the compiled circuit can be bound to %.3g, not to the error budget %.3g: give a "
                  "larger one or none (--error-budget)",
                  bound, budget);
    return {StatusCode::kFailedPrecondition, text};
}

}  // namespace

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
    state->objective = objective_for(pipeline.optimize, *resolved);
    state->line.allowed = allowed_delta(pipeline.error_budget);
    if (!target.empty()) {
        state->line.allowed *= 1 - kPlacingReserve;
    }
    if (auto* circuit = std::get_if<Circuit>(&source)) {
        auto before = figures_of(*circuit);
        if (!before) {
            return before.error();
        }
        state->result.before = *before;
        if (!target.machine.empty()) {
            state->source = elide_swaps(*circuit);
            if (state->source->swaps > 0) {
                state->with_swaps = std::move(*circuit);
            }
            state->line.circuit = state->source->circuit;
        } else {
            state->line.circuit = std::move(*circuit);
        }
    } else {
        state->bare = std::get<SynthesisTarget>(std::move(source));
    }
    state->script.emplace(state->run_all());
    state->script->start();
    state->ask();
    return Compilation(std::move(state));
}

const std::vector<Bytes>& Compilation::wanted() const {
    return state_->asked;
}

void Compilation::State::ask() {
    asked.clear();
    while (!script->finished()) {
        const std::vector<Bytes>& wanted = line.exchange.wanted();
        std::copy_if(wanted.begin(), wanted.end(), std::back_inserter(asked),
                     [this](const Bytes& input) { return known.count(input) == 0; });
        if (!asked.empty()) {
            return;
        }
        answer({});
    }
}

void Compilation::State::answer(std::vector<Bytes> outputs) {
    const bool is_repeatable = timed_searches == 0;
    std::vector<Bytes> all;
    std::size_t next = 0;
    for (const Bytes& input : line.exchange.wanted()) {
        if (next == asked.size() || asked[next] != input) {
            all.push_back(known.at(input));
            continue;
        }
        if (is_repeatable && input.size() <= kRememberedBytes) {
            known.emplace(input, outputs[next]);
        }
        all.push_back(std::move(outputs[next]));
        ++next;
    }
    line.exchange.answer(std::move(all));
}

bool Compilation::is_repeatable() const {
    return state_->timed_searches == 0;
}

Status Compilation::answer(std::vector<Bytes> outputs) {
    if (outputs.size() != wanted().size() || finished()) {
        return invalid_argument("a round of " + std::to_string(wanted().size()) + " kernels got " +
                                std::to_string(outputs.size()) + " outputs");
    }
    state_->answer(std::move(outputs));
    state_->ask();
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

Result<CompileResult> Compilation::State::result_with(const Circuit& circuit, double delta) const {
    CompileResult with = result;
    with.circuit = circuit;
    with.delta_bound = bare ? bare_delta + amplification_of(*bare) * delta : delta;
    with.distance_bound = std::min(1.0, with.delta_bound * with.delta_bound / 2);
    with.rounds = line.rounds;
    with.blocks = line.blocks;
    with.blocks_better = line.blocks_better;
    if (pipeline.error_budget > 0 && !(with.distance_bound <= pipeline.error_budget)) {
        return over_budget(with.distance_bound, pipeline.error_budget);
    }
    auto after = figures_of(circuit);
    if (!after) {
        return after.error();
    }
    with.after = *after;
    if (!target.machine.empty()) {
        return with;  // routing has its price, and the mappings are known
    }
    with.initial_mapping.resize(circuit.num_qubits());
    std::iota(with.initial_mapping.begin(), with.initial_mapping.end(), Qubit{0});
    with.final_mapping = with.initial_mapping;
    if (target.empty() && with.after.cx_equivalents > with.before.cx_equivalents) {
        return internal_error("compilation would cost " +
                              std::to_string(with.after.cx_equivalents) + " cx instead of " +
                              std::to_string(with.before.cx_equivalents));
    }
    return with;
}

Result<CompileResult> Compilation::result() const {
    if (Status status = state_->script->get(); !status.is_ok()) {
        return status;
    }
    return state_->result_with(state_->line.circuit, state_->line.delta);
}

namespace {

// Into the gates of a target without a machine: a matter of milliseconds.
Result<Placed> rebased(const Circuit& circuit, const TargetSpec& spec) {
    const auto target = resolve_target(spec);
    return target ? rebase_to_target(circuit, *target) : target.error();
}

}  // namespace

std::optional<CompileResult> Compilation::State::take_placed() {
    if (!incumbent || (told && !(incumbent->cost < *told))) {
        return std::nullopt;
    }
    const Placed& placed = incumbent->placed;
    auto with = result_with(placed.circuit, placed.delta);
    if (!with) {
        return std::nullopt;
    }
    with->initial_mapping = placed.initial_mapping;
    with->final_mapping = placed.final_mapping;
    told = incumbent->cost;
    return std::move(*with);
}

std::optional<CompileResult> Compilation::take_improvement() {
    State& now = *state_;
    if (finished() || !now.has_searched) {
        return std::nullopt;
    }
    if (!now.target.machine.empty()) {
        return now.take_placed();
    }
    const Cost cost = cost_of(now.line.circuit, now.objective);
    if (now.told && !(cost < *now.told)) {
        return std::nullopt;
    }
    Circuit circuit = restore_qubits(now.line.circuit, now.place_of, now.qregs);
    double delta = now.line.delta;
    if (!now.target.empty()) {
        auto placed = rebased(circuit, now.target);
        if (!placed) {
            return std::nullopt;
        }
        circuit = std::move(placed->circuit);
        delta += placed->delta;
    }
    auto result = now.result_with(circuit, delta);
    if (!result) {
        return std::nullopt;
    }
    now.told = cost;
    return std::move(*result);
}

}  // namespace quercus::passes
