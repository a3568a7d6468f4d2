#include <algorithm>
#include <cmath>
#include <cstdio>

#include "quantum/passes/pipeline.hpp"

namespace quercus::passes {

namespace {

// What is known about the circuit at a place of the pipeline.
struct Facts {
    bool is_cx_u3 = false;
};

class Checker {
 public:
    // `facts` becomes what is known of the pipeline's result.
    Status check(const Pipeline& pipeline, Facts& facts) {
        return check(pipeline.steps, "passes", Scope::kCircuit, 0, facts);
    }
    Status check_body(const Steps& steps, Scope scope, bool is_spread) {
        Facts facts{true};
        in_segment_ = scope == Scope::kCircuit;
        is_spread_ = is_spread;
        return check(steps, "body", scope, 0, facts);
    }

 private:
    Status check(const Steps& steps, const std::string& place, Scope scope, int depth,
                 Facts& facts) {
        if (depth > kMaxNesting) {
            return invalid_argument(place + ": lists are nested deeper than " +
                                    std::to_string(kMaxNesting));
        }
        for (std::size_t i = 0; i < steps.size(); ++i) {
            if (++steps_ > kMaxSteps) {
                return invalid_argument("more than " + std::to_string(kMaxSteps) + " passes");
            }
            const std::string here = place + "[" + std::to_string(i) + "] (" + steps[i].pass + ")";
            if (Status status = check(steps[i], here, scope, depth, facts); !status.is_ok()) {
                return status;
            }
        }
        return Status::ok();
    }

    Status check(const Step& step, const std::string& here, Scope scope, int depth, Facts& facts) {
        const PassInfo* info = find_pass(step.pass);
        if (info == nullptr) {
            return invalid_argument(here + ": no such pass (quercus passes list)");
        }
        if (info->name == kSynthesizePass && (steps_ > 1 || in_segment_)) {
            return invalid_argument(here + ": only the first pass can be this");
        }
        if (in_segment_ && (info->name == kSegmentsPass || info->name == "local_search")) {
            return invalid_argument(here + ": cannot stand inside of " +
                                    std::string(kSegmentsPass));
        }
        if (is_spread_ && info->scope == Scope::kCircuit &&
            info->name.starts_with("resynthesize_")) {
            return invalid_argument(here +
                                    ": takes too long for a segment with tasks: blocks; it "
                                    "belongs into one with tasks: segments");
        }
        if (Status status = check_place(*info, here, scope, facts); !status.is_ok()) {
            return status;
        }
        for (const auto& [name, value] : step.params) {
            if (Status status = check_parameter(*info, here, name, value); !status.is_ok()) {
                return status;
            }
        }
        if (Status status = check_bodies(*info, step, here, scope, depth, facts); !status.is_ok()) {
            return status;
        }
        facts.is_cx_u3 = facts.is_cx_u3 || info->gives_cx_u3;
        return Status::ok();
    }

    static Status check_place(const PassInfo& info, const std::string& here, Scope scope,
                              const Facts& facts) {
        if (scope == Scope::kBlock && info.scope != Scope::kBlock) {
            return invalid_argument(here +
                                    ": inside of for_each_block only block passes may stand");
        }
        if (scope != Scope::kBlock && info.scope == Scope::kBlock) {
            return invalid_argument(here + ": a block pass stands inside of for_each_block");
        }
        if (info.needs_cx_u3 && !facts.is_cx_u3) {
            return invalid_argument(here + ": needs a circuit in {cx, u3}: rebase_cx_u3 before it");
        }
        return Status::ok();
    }

    static Status check_parameter(const PassInfo& info, const std::string& here,
                                  const std::string& name, const Value& value) {
        const auto found = std::find_if(info.parameters.begin(), info.parameters.end(),
                                        [&](const Parameter& p) { return p.name == name; });
        if (found == info.parameters.end()) {
            return invalid_argument(here + ": no parameter '" + name + "'");
        }
        const auto refuse = [&](const std::string& wanted) {
            return invalid_argument(here + ": " + name + " must be " + wanted);
        };
        switch (found->type) {
            case ParameterType::kBool:
                return std::holds_alternative<bool>(value) ? Status::ok() : refuse("true or false");
            case ParameterType::kChoice: {
                const auto* text = std::get_if<std::string>(&value);
                std::string all;
                for (const std::string& one : found->choices) {
                    if (text != nullptr && *text == one) {
                        return Status::ok();
                    }
                    all += (all.empty() ? "" : ", ") + one;
                }
                return refuse("one of " + all);
            }
            case ParameterType::kInteger:
            case ParameterType::kNumber: {
                const auto* x = std::get_if<double>(&value);
                const bool whole = found->type == ParameterType::kInteger;
                const bool fits = x != nullptr && *x >= found->least && *x <= found->most &&
                                  (!whole || *x == std::floor(*x));
                return fits ? Status::ok()
                            : refuse((whole ? "a whole number from " : "a number from ") +
                                     text_of(found->least) + " to " + text_of(found->most));
            }
        }
        return Status::ok();
    }

    static std::string text_of(double x) {
        char buffer[32];
        std::snprintf(buffer, sizeof(buffer), "%g", x);
        return buffer;
    }

    Status check_bodies(const PassInfo& info, const Step& step, const std::string& here,
                        Scope scope, int depth, Facts& facts) {
        const bool many = info.bodies == std::vector<std::string>{"branches"};
        if (many ? step.bodies.empty() : step.bodies.size() > info.bodies.size()) {
            return invalid_argument(here + (many ? ": needs branches" : ": takes no such list"));
        }
        if (!info.bodies.empty() && step.bodies.empty()) {
            return invalid_argument(here + ": needs " + info.bodies.front());
        }
        const Scope inner = info.name == "for_each_block" ? Scope::kBlock : scope;
        bool all_give = !step.bodies.empty();
        const bool was_in_segment = in_segment_;
        if (info.name == kSegmentsPass) {
            in_segment_ = true;
            is_spread_ = choice_of(step, "tasks") == "blocks";
        }
        for (std::size_t i = 0; i < step.bodies.size(); ++i) {
            const std::string name = many ? "branches[" + std::to_string(i) + "]" : info.bodies[i];
            if (step.bodies[i].empty() && name != "else") {
                return invalid_argument(here + ": " + name + " is empty");
            }
            Facts own = facts;
            const std::string place = here + "." + name;
            if (Status status = check(step.bodies[i], place, inner, depth + 1, own);
                !status.is_ok()) {
                return status;
            }
            all_give = all_give && own.is_cx_u3;
        }
        in_segment_ = was_in_segment;
        is_spread_ = was_in_segment && is_spread_;
        const bool always_one = info.name != "if" || step.bodies.size() == 2;
        facts.is_cx_u3 = facts.is_cx_u3 || (all_give && always_one);
        return Status::ok();
    }

    std::size_t steps_ = 0;
    bool in_segment_ = false;
    bool is_spread_ = false;  // ... with tasks: blocks
};

}  // namespace

Status check_block_passes(const Steps& steps) {
    return Checker().check_body(steps, Scope::kBlock, false);
}

Status check_segment_passes(const Steps& steps, bool blocks_are_tasks) {
    return Checker().check_body(steps, Scope::kCircuit, blocks_are_tasks);
}

std::string_view to_text(Optimize optimize) {
    switch (optimize) {
        case Optimize::kDepth:
            return "depth";
        case Optimize::kFidelity:
            return "fidelity";
        case Optimize::kTwoQubit:
            break;
    }
    return "two_qubit";
}

Result<Optimize> optimize_from_text(std::string_view text) {
    for (const Optimize one : {Optimize::kTwoQubit, Optimize::kDepth, Optimize::kFidelity}) {
        if (text == to_text(one)) {
            return one;
        }
    }
    return invalid_argument("'" + std::string(text.substr(0, 40)) +
                            "' cannot be optimised: two_qubit, depth or fidelity (--optimize)");
}

Status check_error_budget(double budget) {
    if (budget == 0 || (budget >= kLeastErrorBudget && budget <= kMostErrorBudget)) {
        return Status::ok();
    }
    char text[96];
    std::snprintf(text, sizeof(text), "error budget %g is neither 0 (exact) nor in %g..%g", budget,
                  kLeastErrorBudget, kMostErrorBudget);
    return invalid_argument(std::string(text) + " (--error-budget)");
}

Status check_pipeline(const Pipeline& pipeline) {
    if (Status status = check_error_budget(pipeline.error_budget); !status.is_ok()) {
        return status;
    }
    if (pipeline.placements < 1 || pipeline.placements > kMostPlacements) {
        return invalid_argument("the pipeline's placements must be a whole number from 1 to " +
                                std::to_string(kMostPlacements));
    }
    if (!is_routing_effort(pipeline.routing_effort)) {
        return invalid_argument("the pipeline's routing_effort must be a number from 0.01 to 100");
    }
    if (pipeline.steps.empty()) {
        return invalid_argument("the pipeline has no passes");
    }
    Facts facts;
    return Checker().check(pipeline, facts);
}

bool ends_in_cx_u3(const Pipeline& pipeline) {
    Facts facts;
    return Checker().check(pipeline, facts).is_ok() && facts.is_cx_u3;
}

}  // namespace quercus::passes
