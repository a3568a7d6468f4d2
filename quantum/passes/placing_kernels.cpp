#include <algorithm>

#include "quantum/passes/placing.hpp"
#include "quantum/passes/target.hpp"

namespace quercus::passes {

namespace {

// A task's trials times runs on pairs times the machine's qubits: about a tenth of a second.
constexpr std::uint64_t kWorkPerTask = 330'000;
// The plan, which every task makes anew, costs as much as trials on so many qubits together.
constexpr std::uint64_t kPlanningQubits = 60;

// Trials of a task that spends a fifth of its time on the plan at most.
std::uint64_t trials_per_task(const mapping::MapPlan& plan) {
    const std::uint64_t qubits = std::max<std::uint64_t>(1, plan.coupling.num_qubits);
    return std::max({std::uint64_t{1}, kWorkPerTask / (plan.runs * qubits),
                     (5 * kPlanningQubits + qubits - 1) / qubits});
}

// A target with a machine, and the plan for it but for an embedding without SWAPs.
struct Site {
    Target target;
    mapping::MapPlan plan;
};

Result<Site> site_of(const PlaceInput& input, Seed seed) {
    auto target = resolve_target(input.target);
    if (!target) {
        return target.error();
    }
    if (!target->machine) {
        return data_loss("routing without a machine");
    }
    mapping::MapOptions options = placing_options(input.circuit, seed).map;
    options.try_exact = false;
    auto plan = mapping::plan_mapping(input.circuit, *target->machine, options);
    if (!plan) {
        return plan.error();
    }
    if (plan->runs == 0) {
        return data_loss("routing of a circuit without gates on two qubits");
    }
    return Site{std::move(*target), std::move(*plan)};
}

bool fits(const mapping::Trial& trial, const mapping::MapPlan& plan) {
    return trial.initial.size() == plan.coupling.num_qubits;
}

Status stopped() {
    return {StatusCode::kCancelled, "placing was stopped"};
}

}  // namespace

Result<Bytes> run_placing(const PlaceInput& input, Seed seed, const synthesis::StopCheck& stop) {
    const auto target = resolve_target(input.target);
    if (!target) {
        return target.error();
    }
    if (!target->machine) {
        const auto placed = rebase_to_target(input.circuit, *target);
        return placed ? Result<Bytes>(to_bytes(*placed)) : Result<Bytes>(placed.error());
    }
    const auto options = placing_options(input.circuit, seed, input.routing_effort, stop);
    const auto plan = mapping::plan_mapping(input.circuit, *target->machine, options.map);
    if (!plan) {
        return plan.error();
    }
    const auto first = static_cast<std::uint64_t>(plan->first_trials);
    if (!plan->exact && plan->runs > 0 && first >= 2 * trials_per_task(*plan)) {
        return to_bytes(SpreadPlan{seed, first, static_cast<std::uint64_t>(plan->refine_trials),
                                   trials_per_task(*plan)});
    }
    const auto placed = put_on_machine(*plan, *target, options);
    return placed ? Result<Bytes>(to_bytes(*placed)) : Result<Bytes>(placed.error());
}

Result<Bytes> run_placing(const TrialsInput& input, Seed, const synthesis::StopCheck& stop) {
    const auto site = site_of(input.place, input.seed);
    if (!site) {
        return site.error();
    }
    if (!input.best.empty() && !fits(input.best.front(), site->plan)) {
        return data_loss("trials of another machine");
    }
    std::vector<mapping::Trial> found;
    for (std::uint64_t i = input.begin; i < input.end; ++i) {
        if (synthesis::should_stop(stop)) {
            return stopped();
        }
        const int index = static_cast<int>(i);
        mapping::add_trial(found, input.best.empty()
                                      ? mapping::run_trial(site->plan, index)
                                      : mapping::refine_trial(site->plan, input.best, index));
    }
    return to_bytes(mapping::best_trials(std::move(found)));
}

Result<Bytes> run_placing(const FinishInput& input, Seed, const synthesis::StopCheck& stop) {
    const auto site = site_of(input.place, input.seed);
    if (!site) {
        return site.error();
    }
    if (!fits(input.trial, site->plan)) {
        return data_loss("a trial of another machine");
    }
    const auto options = placing_options(input.place.circuit, input.seed, 1, stop);
    const auto placed = put_on_machine(site->plan, mapping::routing_of(site->plan, input.trial),
                                       site->target, options);
    return placed ? Result<Bytes>(to_bytes(*placed)) : Result<Bytes>(placed.error());
}

}  // namespace quercus::passes
