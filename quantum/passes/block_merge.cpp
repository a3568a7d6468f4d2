// How the answers of a for_each_block go back: checked, chosen, written in.

#include <algorithm>
#include <optional>

#include "quantum/circuit/unitary.hpp"
#include "quantum/passes/block_choice.hpp"
#include "quantum/passes/kernel_codec.hpp"

namespace quercus::passes {

using circuit::Gate;

namespace {

// A circuit for a block that is worth taking, with the distance measured here.
struct Answer {
    std::vector<Operation> operations;
    double delta = 0;
};

// The answers for a block: the exact one, if there is one, is the first.
struct Answers {
    std::vector<Answer> all;
    bool has_exact = false;
};

bool is_cx_u3(const Circuit& circuit) {
    return std::all_of(circuit.operations.begin(), circuit.operations.end(),
                       [](const Operation& op) {
                           return (op.gate == Gate::kCX || op.gate == Gate::kU3) && !op.condition;
                       });
}

// Whether it takes the block's place at less cost, and the distance then.
Result<std::optional<Answer>> check(const Circuit& block, Circuit&& now,
                                    const Objective& objective) {
    if (!is_cx_u3(now) || now.num_qubits() != block.num_qubits()) {
        return std::optional<Answer>();
    }
    const Cost before = cost_of(block, objective);
    const Cost after = cost_of(now, objective);
    if (after >= before) {
        return std::optional<Answer>();
    }
    const auto target = circuit::unitary_of(block);
    const auto reached = circuit::unitary_of(now);
    if (!target || !reached) {
        return target ? reached.error() : target.error();
    }
    const double delta = base::phase_invariant_distance(*target, *reached);
    return std::optional(Answer{std::move(now.operations), delta});
}

Result<Answers> check_answers(BytesView input, BytesView output, const Objective& objective) {
    Answers answers;
    if (output.empty()) {
        return answers;
    }
    const auto decoded = kernel_input_from_bytes(input);
    auto answer = kernel_output_from_bytes(output);
    if (!decoded || !answer) {
        return decoded ? answer.error() : decoded.error();
    }
    const auto& asked = std::get<BlockInput>(*decoded);
    if (answer->improved) {
        auto exact = check(asked.block, std::move(answer->circuit), objective);
        if (!exact) {
            return exact.error();
        }
        if (exact->has_value() && (*exact)->delta * (*exact)->delta / 2 <= asked.threshold) {
            answers.has_exact = true;
            answers.all.push_back(std::move(**exact));
        }
    }
    for (Circuit& circuit : answer->approximations) {
        auto approximate = check(asked.block, std::move(circuit), objective);
        if (!approximate) {
            return approximate.error();
        }
        if (approximate->has_value() && (*approximate)->delta <= asked.approximate_to) {
            answers.all.push_back(std::move(**approximate));
        }
    }
    return answers;
}

// A use's item with an answer in the core's place.
Circuit with_answer(const BlockChoice& choice, const BlockChoice::Use& use, const Answer& answer) {
    Circuit out;
    out.qregs = std::get<partition::Block>(choice.partition.items[use.item]).circuit.qregs;
    out.operations = use.before;
    for (Operation op : answer.operations) {
        for (Qubit& q : op.qubits) {
            q = use.qubits[q];
        }
        out.operations.push_back(std::move(op));
    }
    out.operations.insert(out.operations.end(), use.after.begin(), use.after.end());
    return out;
}

// What the answers save where the block stands; those that cost as much as it does are out of
// reach.
std::vector<Offer> offers_for(const BlockChoice& choice, const BlockChoice::Use& use,
                              const Answers& answers, const Objective& objective) {
    std::vector<Offer> offers;
    if (answers.all.empty()) {
        return offers;
    }
    const Cost now =
        cost_of(std::get<partition::Block>(choice.partition.items[use.item]).circuit, objective);
    for (const Answer& answer : answers.all) {
        const Cost then = cost_of(with_answer(choice, use, answer), objective);
        offers.push_back(then < now ? Offer{now.first() - then.first(), answer.delta + use.delta}
                                    : Offer{0, kNoLimit});
    }
    return offers;
}

// Which answer each use of a block takes.
std::vector<std::size_t> choose(const BlockChoice& choice, const std::vector<Answers>& answers,
                                const MergeTerms& terms) {
    std::vector<std::vector<Offer>> offers;
    std::vector<std::size_t> start;
    double left = terms.limit;
    for (const BlockChoice::Use& use : choice.uses) {
        std::vector<Offer> own = offers_for(choice, use, answers[use.block], terms.objective);
        const bool takes = answers[use.block].has_exact && own.front().delta < kNoLimit &&
                           own.front().delta <= left;
        if (takes) {
            left -= own.front().delta;
        }
        start.push_back(takes ? 0 : kNone);
        offers.push_back(std::move(own));
    }
    return choose_offers(offers, start, std::min(left, terms.allowance));
}

// Writes answers in, use by use.
class Merger {
 public:
    Merger(BlockChoice choice, const std::vector<Answers>& answers,
           const std::vector<std::size_t>& chosen, const Objective& objective)
        : choice_(std::move(choice)),
          answers_(answers),
          chosen_(chosen),
          objective_(objective),
          is_taken_(choice_.uses.size(), false) {}

    MergedBlocks run() {
        MergedBlocks merged;
        if (objective_.optimize == Optimize::kDepth) {
            circuit_ = partition::unfold(choice_.partition);
            take(0, choice_.uses.size());
        } else {
            write_all(choice_.partition, 0, choice_.uses.size());
            circuit_ = partition::unfold(std::move(choice_.partition));
        }
        merged.circuit = std::move(circuit_);
        std::vector<bool> replaced(answers_.size(), false);
        for (std::size_t i = 0; i < choice_.uses.size(); ++i) {
            if (is_taken_[i]) {
                replaced[choice_.uses[i].block] = true;
                merged.delta += answer_of(i).delta + choice_.uses[i].delta;
            }
        }
        merged.better =
            static_cast<std::uint32_t>(std::count(replaced.begin(), replaced.end(), true));
        return merged;
    }

 private:
    const Answer& answer_of(std::size_t use) const {
        return answers_[choice_.uses[use].block].all[chosen_[use]];
    }

    // False when nothing is to be written.
    bool write_all(partition::Partition& into, std::size_t first, std::size_t end) {
        bool any = false;
        for (std::size_t i = first; i < end; ++i) {
            if (chosen_[i] != kNone) {
                write(into, i);
                any = is_taken_[i] = true;
            }
        }
        return any;
    }

    // Blocks that are each less deep can make the circuit deeper: then one half and the other are
    // looked at by themselves.
    void take(std::size_t first, std::size_t end) {
        partition::Partition next = choice_.partition;
        if (!write_all(next, first, end)) {
            return;
        }
        Circuit unfolded = partition::unfold(next);
        if (cost_of(unfolded, objective_) <= cost_of(circuit_, objective_)) {
            choice_.partition = std::move(next);
            circuit_ = std::move(unfolded);
            return;
        }
        std::fill(is_taken_.begin() + static_cast<std::ptrdiff_t>(first),
                  is_taken_.begin() + static_cast<std::ptrdiff_t>(end), false);
        if (end - first > 1) {
            const std::size_t middle = first + (end - first) / 2;
            take(first, middle);
            take(middle, end);
        }
    }

    void write(partition::Partition& into, std::size_t i) const {
        const BlockChoice::Use& use = choice_.uses[i];
        std::get<partition::Block>(into.items[use.item]).circuit =
            with_answer(choice_, use, answer_of(i));
    }

    BlockChoice choice_;  // its partition as far as it is merged
    Circuit circuit_;     // the same, unfolded
    const std::vector<Answers>& answers_;
    const std::vector<std::size_t>& chosen_;
    const Objective& objective_;
    std::vector<bool> is_taken_;
};

// Blocks that nothing better was found for. One with an approximation that may be too dear today is
// asked again when there is a budget; one with an exact answer may come up elsewhere.
Settled settle(const BlockChoice& choice, const std::vector<Answers>& answers) {
    Settled settled;
    for (const BlockChoice::Use& use : choice.uses) {
        const Answers& own = answers[use.block];
        if (!own.has_exact) {
            settled[use.key] = own.all.empty() ? choice.approximate_to : 0;
        }
    }
    return settled;
}

}  // namespace

Result<MergedBlocks> merge_answers(BlockChoice choice, const std::vector<Bytes>& outputs,
                                   const MergeTerms& terms) {
    std::vector<Answers> answers;
    for (std::size_t i = 0; i < outputs.size(); ++i) {
        auto checked = check_answers(choice.blocks[i], outputs[i], terms.objective);
        if (!checked) {
            return Status(checked.error().code(),
                          "block " + std::to_string(i) + ": " + checked.error().message());
        }
        answers.push_back(std::move(*checked));
    }
    const std::vector<std::size_t> chosen = choose(choice, answers, terms);
    Settled settled = settle(choice, answers);
    MergedBlocks merged;
    if (std::any_of(chosen.begin(), chosen.end(), [](std::size_t i) { return i != kNone; })) {
        merged = Merger(std::move(choice), answers, chosen, terms.objective).run();
    }
    if (merged.better == 0) {
        merged.circuit = {};
    }
    merged.settled = std::move(settled);
    return merged;
}

}  // namespace quercus::passes
