#include "quantum/mapping/free_ends.hpp"

#include <algorithm>
#include <array>
#include <map>

#include "quantum/circuit/codec.hpp"
#include "quantum/mapping/block_pairs.hpp"
#include "quantum/partition/quick.hpp"
#include "quantum/synthesis/synthesize_block.hpp"

namespace quercus::mapping {

namespace {

using Places = std::array<std::uint8_t, 3>;  // where local qubit i goes
using LocalPair = std::pair<std::uint8_t, std::uint8_t>;

// Every permutation of a block's qubits that SWAPs on the given pairs reach, with the fewest SWAPs.
std::map<Places, std::vector<LocalPair>> permutations(const std::vector<synthesis::CxPair>& pairs) {
    std::map<Places, std::vector<LocalPair>> found = {{{0, 1, 2}, {}}};
    std::vector<Places> queue = {{0, 1, 2}};
    for (std::size_t i = 0; i < queue.size(); ++i) {
        const Places now = queue[i];
        for (const auto& [a, b] : pairs) {
            Places next = now;
            for (std::uint8_t& place : next) {
                place = place == a ? b : place == b ? a : place;
            }
            std::vector<LocalPair> swaps = found.at(now);
            swaps.emplace_back(a, b);
            if (found.emplace(next, std::move(swaps)).second) {
                queue.push_back(next);
            }
        }
    }
    found.erase({0, 1, 2});
    return found;
}

bool is_wide(const partition::Item& item) {
    if (const auto* block = std::get_if<partition::Block>(&item)) {
        return block->qubits.size() > 1;
    }
    const auto& op = std::get<Operation>(item);
    return op.qubits.size() > 1 && op.gate != Gate::kBarrier;
}

template <class Visit>
void for_qubits(const partition::Item& item, Visit&& visit) {
    if (const auto* block = std::get_if<partition::Block>(&item)) {
        std::for_each(block->qubits.begin(), block->qubits.end(), visit);
    } else {
        const auto& op = std::get<Operation>(item);
        std::for_each(op.qubits.begin(), op.qubits.end(), visit);
    }
}

class EndPass {
 public:
    EndPass(const Coupling& coupling, const ResynthesisOptions& options, bool front)
        : coupling_(coupling), options_(options), front_(front) {}

    Result<MappedCircuit> run(MappedCircuit mapped) {
        partition::QuickOptions quick;
        quick.backward = !front_;
        auto cut = partition::quick_partition(mapped.circuit, quick);
        if (!cut) {
            return cut.error();
        }
        std::vector<partition::Item>& items = cut->items;
        std::vector<bool> busy(mapped.circuit.num_qubits(), false);
        for (std::size_t k = 0; k < items.size() && !synthesis::should_stop(options_.stop); ++k) {
            const std::size_t index = front_ ? k : items.size() - 1 - k;
            if (!is_wide(items[index])) {
                continue;
            }
            bool is_free = true;
            for_qubits(items[index], [&](Qubit q) { is_free = is_free && !busy[q]; });
            for_qubits(items[index], [&](Qubit q) { busy[q] = true; });
            auto* block = std::get_if<partition::Block>(&items[index]);
            if (!is_free || block == nullptr || block->qubits.size() > 3) {
                continue;
            }
            const auto places = permute(*block);
            if (!places) {
                return places.error();
            }
            relabel(items, index, *block, *places,
                    front_ ? mapped.initial_layout : mapped.final_layout);
            mapped.delta += delta_;
        }
        mapped.circuit = partition::unfold(std::move(*cut));
        return mapped;
    }

 private:
    // Replaces the block by its cheapest permuted variant; where its qubits go.
    Result<Places> permute(partition::Block& block) {
        Places best = {0, 1, 2};
        delta_ = 0;
        synthesis::BlockOptions how;
        how.allowed_pairs = coupled_pairs(coupling_, block.qubits);
        const Circuit own = block.circuit;
        auto least = circuit::count_two_qubit(own);
        how.threshold = options_.threshold;
        how.effort = options_.effort;
        how.stop = options_.stop;
        for (const auto& [places, swaps] : permutations(how.allowed_pairs)) {
            if (least == 0) {
                break;
            }
            const Circuit variant = with_swaps(own, swaps);
            how.seed = derive_seed(options_.seed, digest_of(circuit::to_bytes(variant)));
            how.max_two_qubit = static_cast<std::uint32_t>(least - 1);
            auto found = synthesis::synthesize_block(variant, how);
            if (!found) {
                return found.error();
            }
            if (found->improved && circuit::count_two_qubit(found->circuit) < least &&
                keeps_to(found->circuit, how.allowed_pairs)) {
                least = circuit::count_two_qubit(found->circuit);
                delta_ = found->delta;
                block.circuit = std::move(found->circuit);
                best = places;
            }
        }
        return best;
    }

    // At the end the SWAPs follow the block; at the front their inverse comes before it.
    Circuit with_swaps(const Circuit& own, std::vector<LocalPair> swaps) const {
        Circuit out = own;
        if (front_) {
            out.operations.clear();
            std::reverse(swaps.begin(), swaps.end());
        }
        for (const auto& [a, b] : swaps) {
            out.append(Gate::kCX, {a, b});
            out.append(Gate::kCX, {b, a});
            out.append(Gate::kCX, {a, b});
        }
        if (front_) {
            out.operations.insert(out.operations.end(), own.operations.begin(),
                                  own.operations.end());
        }
        return out;
    }

    // What lies outside the block on its qubits moves along.
    void relabel(std::vector<partition::Item>& items, std::size_t index,
                 const partition::Block& block, const Places& places, Layout& layout) const {
        const std::vector<Qubit> qubits = block.qubits;
        const auto moved = [&](Qubit q) {
            const auto at = std::find(qubits.begin(), qubits.end(), q) - qubits.begin();
            return static_cast<std::size_t>(at) < qubits.size()
                       ? qubits[places[static_cast<std::size_t>(at)]]
                       : q;
        };
        const std::size_t begin = front_ ? 0 : index + 1, end = front_ ? index : items.size();
        for (std::size_t i = begin; i < end; ++i) {
            if (auto* other = std::get_if<partition::Block>(&items[i])) {
                if (other->qubits.size() == 1) {
                    other->qubits[0] = moved(other->qubits[0]);
                }
                continue;
            }
            for (Qubit& q : std::get<Operation>(items[i]).qubits) {
                q = moved(q);
            }
        }
        for (Qubit& q : layout) {
            q = moved(q);
        }
    }

    const Coupling& coupling_;
    const ResynthesisOptions& options_;
    bool front_;
    double delta_ = 0;
};

// The finalists.
Result<std::vector<Routing>> routings_of(const MapPlan& plan, const OptimizeOptions& options) {
    if (plan.exact) {
        return std::vector<Routing>{*plan.exact};
    }
    const auto trials = run_all_trials(plan, options.map.stop);
    if (!trials) {
        return trials.error();
    }
    const std::size_t wanted = options.finalists > 0 ? static_cast<std::size_t>(options.finalists)
                                                     : finalists_of(trials->front().cost);
    std::vector<Routing> out;
    for (std::size_t i = 0; i < std::min(wanted, trials->size()); ++i) {
        out.push_back(routing_of(plan, (*trials)[i]));
    }
    return out;
}

}  // namespace

std::size_t finalists_of(double least_cost) {
    return static_cast<std::size_t>(std::clamp(150.0 / std::max(1.0, least_cost), 1.0, 3.0));
}

Result<MappedCircuit> synthesize_free_ends(MappedCircuit mapped, const MachineModel& model,
                                           const ResynthesisOptions& options) {
    const Coupling coupling = coupling_of(model, false);
    const std::size_t logical = mapped.initial_mapping.size();
    for (const bool front : {false, true}) {
        auto next = EndPass(coupling, options, front).run(std::move(mapped));
        if (!next) {
            return next.error();
        }
        mapped = std::move(*next);
    }
    for (std::size_t q = 0; q < logical; ++q) {
        mapped.initial_mapping[q] = mapped.initial_layout[q];
        mapped.final_mapping[q] = mapped.final_layout[q];
    }
    mapped.figures.two_qubit_after = circuit::count_two_qubit(mapped.circuit);
    return mapped;
}

Result<MappedCircuit> finish_and_resynthesize(const MapPlan& plan, const Routing& routing,
                                              const MachineModel& model,
                                              const ResynthesisOptions& options) {
    auto mapped = finish_mapping(plan, routing);
    if (!mapped) {
        return mapped.error();
    }
    auto better = resynthesize_on_coupling(mapped->circuit, model, options);
    if (!better) {
        return better.error();
    }
    mapped->circuit = std::move(better->circuit);
    mapped->delta += better->delta;
    mapped->figures.two_qubit_after = circuit::count_two_qubit(mapped->circuit);
    return mapped;
}

Result<MappedCircuit> map_and_resynthesize(const Circuit& circuit, const MachineModel& model,
                                           const OptimizeOptions& options) {
    const auto plan = plan_mapping(circuit, model, options.map);
    return plan ? map_and_resynthesize(*plan, model, options) : plan.error();
}

Result<MappedCircuit> map_and_resynthesize(const MapPlan& plan, const MachineModel& model,
                                           const OptimizeOptions& options) {
    const auto routings = routings_of(plan, options);
    if (!routings) {
        return routings.error();
    }
    std::optional<MappedCircuit> best;
    for (const Routing& routing : *routings) {
        auto found = finish_and_resynthesize(plan, routing, model, options.resynthesis);
        if (!found) {
            return found.error();
        }
        if (!best || found->figures.two_qubit_after < best->figures.two_qubit_after) {
            best = std::move(*found);
        }
    }
    if (synthesis::should_stop(options.map.stop)) {
        return Status(StatusCode::kCancelled, "mapping was stopped");
    }
    return synthesize_free_ends(std::move(*best), model, options.resynthesis);
}

}  // namespace quercus::mapping
