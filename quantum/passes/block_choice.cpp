#include "quantum/passes/block_choice.hpp"

#include <algorithm>
#include <bit>
#include <boost/container/small_vector.hpp>
#include <cmath>
#include <iterator>
#include <map>
#include <optional>

#include "quantum/base/mix.hpp"
#include "quantum/circuit/qubit_order.hpp"
#include "quantum/partition/block_core.hpp"
#include "quantum/partition/gather.hpp"
#include "quantum/partition/quick.hpp"
#include "quantum/partition/scan.hpp"
#include "quantum/partition/segments.hpp"
#include "quantum/partition/skeleton.hpp"
#include "quantum/passes/align_rotations.hpp"
#include "quantum/passes/kernel_codec.hpp"
#include "quantum/passes/merge_one_qubit.hpp"

namespace quercus::passes {

namespace {

using partition::Group;

// Gains grow faster than the gate count of a block: one full block is worth more than two halves.
// Two cx on three qubits cannot become fewer, nor what KAK left on two unless it is approximated.
double predicted_gain(std::size_t width, std::size_t two_qubit, bool approximates) {
    constexpr double kConvexity = 1.3;
    if (approximates && width == 2 && two_qubit >= 2) {
        return 1;
    }
    return width < 3 || two_qubit < 3 ? 0
                                      : std::pow(static_cast<double>(two_qubit) - 2, kConvexity);
}

template <class Places>
std::uint64_t added(std::uint64_t h, const Operation& op, const Places& place_of) {
    h = mix64(h + 1 + static_cast<std::uint64_t>(op.gate));
    for (const Qubit q : op.qubits) {
        h = mix64(h * 0x9e3779b97f4a7c15ULL + place_of(q));
    }
    for (const double x : op.params) {
        h = mix64(h + std::bit_cast<std::uint64_t>(x));
    }
    return h;
}

// The core (see block_core.hpp) of a group of operations that has not been taken out of its
// circuit.
class CoreShape {
 public:
    CoreShape(const Circuit& circuit, const Group& group) : circuit_(circuit), group_(group) {
        for (std::size_t k = 0; k < group.size(); ++k) {
            const auto& qubits = circuit.operations[group[k]].qubits;
            if (qubits.size() < 2) {
                continue;
            }
            ++two_qubit_;
            for (const Qubit q : qubits) {
                const std::size_t place = place_of(q);
                if (place == lines_.size()) {
                    lines_.push_back({q, k, k});
                } else {
                    lines_[place].last = k;
                }
            }
        }
    }
    [[nodiscard]] std::size_t width() const { return lines_.size(); }
    [[nodiscard]] std::size_t two_qubit() const { return two_qubit_; }
    // In the order of first use; width() for a qubit that the core does not touch.
    [[nodiscard]] Qubit place_of(Qubit q) const {
        Qubit place = 0;
        while (place < lines_.size() && lines_[place].qubit != q) {
            ++place;
        }
        return place;
    }
    template <class Function>
    void for_each_operation(const Function& function) const {
        for (std::size_t k = 0; k < group_.size(); ++k) {
            const Operation& op = circuit_.operations[group_[k]];
            const Qubit place = place_of(op.qubits[0]);
            if (place < lines_.size() && k >= lines_[place].first && k <= lines_[place].last) {
                function(op);
            }
        }
    }

 private:
    struct Line {
        Qubit qubit = 0;
        std::size_t first = 0, last = 0;  // its first and last gate with another qubit
    };
    const Circuit& circuit_;
    const Group& group_;
    boost::container::small_vector<Line, 6> lines_;
    std::size_t two_qubit_ = 0;
};

// Aligns the core; what moves to its front is no longer part of it. Returns what that adds to
// delta.
double align(partition::BlockCore& core) {
    PassResult aligned = align_rotations(core.core);
    partition::BlockCore inner = partition::split_core({{}, std::move(aligned.circuit)});
    Circuit before = Circuit::with_qubits(core.core.num_qubits());
    before.operations = std::move(core.before);
    before.operations.insert(before.operations.end(), inner.before.begin(), inner.before.end());
    core.before = merge_one_qubit(std::move(before)).circuit.operations;
    core.core = std::move(inner.core);
    return aligned.delta;
}

// Scan or quick partitioning from either end.
struct Way {
    bool scans = false;
    bool backward = false;
};
// By the parameter `partition`.
std::vector<Way> ways_of(const std::string& partition) {
    if (partition == "scan" || partition == "quick") {
        const bool scans = partition == "scan";
        return {{scans, false}, {scans, true}};
    }
    return {{true, false}, {false, false}, {true, true}, {false, true}};
}

// What for_each_block asks of its cuts, for one circuit.
class Chooser {
 public:
    Chooser(const Step& step, const Settled& settled, double approximate_to)
        : step_(step),
          settled_(settled),
          approximate_to_(approximate_to),
          size_(static_cast<int>(number_of(step, "size"))),
          threshold_(number_of(step, "threshold")),
          ways_(ways_of(choice_of(step, "partition"))),
          by_turns_(choice_of(step, "partition") == "by_turns") {
        body_ = passes::key_of(to_bytes(BlockInput{{}, threshold_, step.bodies.front()}));
    }

    // How operations [first, end), one segment, are cut in this turn.
    Result<std::vector<Group>> cut(const Circuit& circuit, std::uint32_t first, std::uint32_t end,
                                   std::uint32_t turn) const {
        const partition::Skeleton skeleton(circuit, first, end);
        std::optional<std::vector<Group>> best;
        double most = 0;
        for (std::size_t k = 0; k < ways_.size(); ++k) {
            if (by_turns_ && k != turn % ways_.size()) {
                continue;
            }
            auto groups = cut(skeleton, ways_[k]);
            if (!groups && groups.error().code() == StatusCode::kResourceExhausted) {
                continue;  // very many groups of qubits: too many for a scan
            }
            if (!groups) {
                return groups.error();
            }
            const double gain = by_turns_ ? 0 : gain_of(circuit, *groups);
            if (!best || gain > most) {
                best = std::move(*groups);
                most = gain;
            }
        }
        return best ? std::move(*best)
                    : cut(skeleton, Way{false, ways_[turn % ways_.size()].backward});
    }

    // The kernels for what was cut.
    BlockChoice choose(const Circuit& circuit, const std::vector<Group>& groups) const {
        BlockChoice choice;
        choice.approximate_to = approximate_to_;
        std::map<Bytes, std::size_t> known;
        std::vector<Group> chosen;
        for (const Group& group : groups) {
            if (gain_of(circuit, group) <= 0) {
                continue;
            }
            partition::BlockCore core = partition::split_core(partition::block_of(circuit, group));
            const double delta = align(core);
            std::vector<Qubit> qubits = name_by_first_use(core.core);
            // Qubits that the core does not touch are the last.
            qubits.resize(core.width);
            core.core.qregs = Circuit::with_qubits(core.width).qregs;
            BlockInput input{std::move(core.core), threshold_, step_.bodies.front(),
                             approximate_to_};
            const auto [at, is_new] = known.emplace(to_bytes(input), choice.blocks.size());
            if (is_new) {
                choice.blocks.push_back(at->first);
            }
            choice.uses.push_back({0, at->second, key_of(CoreShape(circuit, group)), delta,
                                   std::move(qubits), std::move(core.before),
                                   std::move(core.after)});
            chosen.push_back(group);
        }
        if (chosen.empty()) {
            return choice;
        }
        partition::Gathered gathered = partition::gather(circuit, chosen);
        for (std::size_t i = 0; i < chosen.size(); ++i) {
            choice.uses[i].item = gathered.item_of[i];
        }
        choice.partition = std::move(gathered.partition);
        return choice;
    }

 private:
    [[nodiscard]] Result<std::vector<Group>> cut(const partition::Skeleton& skeleton,
                                                 Way way) const {
        const Circuit& bones = skeleton.circuit();
        const auto groups = way.scans ? partition::scan_groups(bones, {size_, way.backward})
                                      : partition::quick_groups(bones, {size_, way.backward});
        return groups ? skeleton.whole(*groups, size_) : Result<std::vector<Group>>(groups.error());
    }

    [[nodiscard]] bool is_settled(BlockKey key) const {
        const auto known_to = settled_.find(key);
        return known_to != settled_.end() && known_to->second >= approximate_to_;
    }

    [[nodiscard]] BlockKey key_of(const CoreShape& shape) const {
        BlockKey key = body_;
        shape.for_each_operation([&](const Operation& op) {
            key = added(key, op, [&](Qubit q) { return shape.place_of(q); });
        });
        return key;
    }

    // The sum over all blocks that are not settled.
    [[nodiscard]] double gain_of(const Circuit& circuit, const std::vector<Group>& groups) const {
        double sum = 0;
        for (const Group& group : groups) {
            sum += gain_of(circuit, group);
        }
        return sum;
    }

    // What choose() will find out, without taking anything apart.
    [[nodiscard]] double gain_of(const Circuit& circuit, const Group& group) const {
        const CoreShape shape(circuit, group);
        const double gain = predicted_gain(shape.width(), shape.two_qubit(), approximate_to_ > 0);
        if (gain <= 0 || settled_.empty()) {
            return gain;
        }
        return is_settled(key_of(shape)) ? 0 : gain;
    }

    const Step& step_;
    const Settled& settled_;
    double approximate_to_;
    int size_;
    double threshold_;
    std::vector<Way> ways_;
    bool by_turns_;
    BlockKey body_ = 0;  // of the kernels, in a number
};

}  // namespace

BlockKey key_of(BytesView bytes) {
    const Digest digest = digest_of(bytes);
    BlockKey key = 0;
    for (std::size_t i = 0; i < sizeof(key); ++i) {
        key = key << 8 | digest.bytes[i];
    }
    return key;
}

Result<BlockChoice> choose_blocks(const Circuit& circuit, const Step& step, const Settled& settled,
                                  std::uint32_t turn, double approximate_to) {
    const Chooser chooser(step, settled, approximate_to);
    std::vector<Group> groups;
    std::uint32_t first = 0;
    for (const std::uint32_t end : partition::segment_ends(circuit, {turn})) {
        auto cut = chooser.cut(circuit, first, end, turn);
        if (!cut) {
            return cut.error();
        }
        std::move(cut->begin(), cut->end(), std::back_inserter(groups));
        first = end;
    }
    return chooser.choose(circuit, groups);
}

}  // namespace quercus::passes
