#include "quantum/partition/quick.hpp"

#include <algorithm>
#include <tuple>

#include "quantum/partition/dependency_groups.hpp"

namespace quercus::partition {

namespace {

using Id = DependencyGroups::Id;
using Qubits = std::span<const Qubit>;

class Sweep {
 public:
    Sweep(const Circuit& circuit, const QuickOptions& options)
        : circuit_(circuit),
          options_(options),
          classical_(circuit),
          groups_(circuit.num_qubits(), circuit.num_clbits()) {}

    std::vector<std::vector<std::uint32_t>> run() {
        const auto n = static_cast<std::uint32_t>(circuit_.operations.size());
        for (std::uint32_t i = 0; i < n; ++i) {
            place(i, circuit_.operations[options_.backward ? n - 1 - i : i]);
        }
        auto order = groups_.in_order();
        if (options_.backward) {
            mirror(order, n);
        }
        return order;
    }

 private:
    static void mirror(std::vector<std::vector<std::uint32_t>>& order, std::uint32_t n) {
        std::reverse(order.begin(), order.end());
        for (auto& group : order) {
            std::reverse(group.begin(), group.end());
            for (std::uint32_t& index : group) {
                index = n - 1 - index;
            }
        }
    }

    void place(std::uint32_t index, const Operation& op) {
        const Qubits qubits(op.qubits.data(), op.qubits.size());
        if (is_fence(op) || qubits.size() > static_cast<std::size_t>(options_.block_size)) {
            groups_.open(index, qubits, classical_.of(op), true);
            return;
        }
        merge_neighbours(qubits);
        const Id home = choose(qubits);
        if (home == DependencyGroups::kNone) {
            groups_.open(index, qubits, {}, false);
        } else {
            groups_.append(home, index, qubits);
        }
    }

    [[nodiscard]] std::vector<Id> open_neighbours(Qubits qubits) const {
        std::vector<Id> ids;
        for (const Qubit q : qubits) {
            const Id id = groups_.latest(q);
            if (id != DependencyGroups::kNone && !groups_.is_closed(id) &&
                std::find(ids.begin(), ids.end(), id) == ids.end()) {
                ids.push_back(id);
            }
        }
        return ids;
    }

    [[nodiscard]] bool fits(Id id, Qubits more) const {
        const std::size_t width = groups_.width_with(id, more);
        if (width > static_cast<std::size_t>(options_.block_size)) {
            return false;
        }
        return width == groups_.qubits(id).size() || options_.grow_limit == 0 ||
               groups_.weight(id) < static_cast<std::uint32_t>(options_.grow_limit);
    }

    // Makes one block of the latest blocks on the gate's qubits where that fits.
    void merge_neighbours(Qubits qubits) {
        const auto ids = open_neighbours(qubits);
        for (std::size_t i = 1; i < ids.size(); ++i) {
            std::vector<Qubit> all(qubits.begin(), qubits.end());
            for (const Qubit q : groups_.qubits(ids[i])) {
                if (std::find(all.begin(), all.end(), q) == all.end()) {
                    all.push_back(q);
                }
            }
            if (fits(ids[0], all) && groups_.can_merge(ids[0], ids[i])) {
                groups_.merge(ids[0], ids[i]);
                return;
            }
        }
    }

    [[nodiscard]] Id choose(Qubits qubits) {
        Id best = DependencyGroups::kNone;
        std::tuple<long, long> best_rank;
        for (const Id id : open_neighbours(qubits)) {
            if (!fits(id, qubits) || !groups_.can_append(id, qubits)) {
                continue;
            }
            const auto added = static_cast<long>(groups_.width_with(id, qubits)) -
                               static_cast<long>(groups_.qubits(id).size());
            const std::tuple<long, long> rank{added, -preference(id)};
            if (best == DependencyGroups::kNone || rank < best_rank) {
                best = id;
                best_rank = rank;
            }
        }
        return best;
    }

    [[nodiscard]] long preference(Id id) const {
        const auto weight = static_cast<long>(groups_.weight(id));
        switch (options_.preference) {
            case Preference::kHeavy:
                return weight;
            case Preference::kLight:
                return -weight;
            case Preference::kRecent:
                return static_cast<long>(id);
        }
        return 0;
    }

    const Circuit& circuit_;
    const QuickOptions& options_;
    ClassicalLines classical_;
    DependencyGroups groups_;
};

}  // namespace

Result<std::vector<Group>> quick_groups(const Circuit& circuit, const QuickOptions& options) {
    if (options.block_size < 1 || options.block_size > 6) {
        return invalid_argument("block size " + std::to_string(options.block_size) +
                                " is outside 1..6 (--block-size)");
    }
    return Sweep(circuit, options).run();
}

Result<Partition> quick_partition(const Circuit& circuit, const QuickOptions& options) {
    const auto groups = quick_groups(circuit, options);
    return groups ? fold(circuit, *groups, options.block_size) : Result<Partition>(groups.error());
}

}  // namespace quercus::partition
