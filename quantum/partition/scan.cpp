#include "quantum/partition/scan.hpp"

#include <algorithm>
#include <optional>
#include <set>

namespace quercus::partition {

namespace {

using Qubits = std::vector<Qubit>;  // sorted
using Indices = std::vector<std::uint32_t>;

std::vector<std::vector<Qubit>> interaction_graph(const Circuit& circuit, std::size_t block_size) {
    std::vector<std::set<Qubit>> links(circuit.num_qubits());
    for (const Operation& op : circuit.operations) {
        if (is_fence(op) || op.qubits.size() > block_size) {
            continue;
        }
        for (const Qubit a : op.qubits) {
            for (const Qubit b : op.qubits) {
                if (a != b) {
                    links[a].insert(b);
                }
            }
        }
    }
    std::vector<std::vector<Qubit>> out;
    for (const auto& set : links) {
        out.emplace_back(set.begin(), set.end());
    }
    return out;
}

// Connected groups of `size` qubits; smaller ones only where nothing can be added.
std::optional<std::vector<Qubits>> connected_groups(const std::vector<std::vector<Qubit>>& links,
                                                    std::size_t size) {
    if (links.size() > kMaxScanGroups) {
        return std::nullopt;
    }
    std::set<Qubits> level;
    std::set<Qubits> done;
    for (Qubit q = 0; q < links.size(); ++q) {
        level.insert({q});
    }
    for (std::size_t width = 1; width < size && !level.empty(); ++width) {
        std::set<Qubits> next;
        for (const Qubits& group : level) {
            bool grew = false;
            for (const Qubit member : group) {
                for (const Qubit q : links[member]) {
                    if (!std::binary_search(group.begin(), group.end(), q)) {
                        Qubits bigger = group;
                        bigger.insert(std::upper_bound(bigger.begin(), bigger.end(), q), q);
                        next.insert(std::move(bigger));
                        grew = true;
                    }
                }
            }
            if (!grew) {
                done.insert(group);
            }
            if (next.size() > kMaxScanGroups) {
                return std::nullopt;
            }
        }
        level = std::move(next);
    }
    done.insert(level.begin(), level.end());
    return std::vector<Qubits>(done.begin(), done.end());
}

class Scan {
 public:
    Scan(const Circuit& circuit, const ScanOptions& options, std::vector<Qubits> groups)
        : circuit_(circuit),
          options_(options),
          classical_(circuit),
          num_qubits_(circuit.num_qubits()),
          groups_(std::move(groups)),
          lines_(num_qubits_ + circuit.num_clbits()),
          at_(lines_.size(), 0),
          local_(at_.size(), 0),
          groups_of_(num_qubits_),
          score_(groups_.size(), 0),
          stale_(groups_.size(), true) {
        for (std::uint32_t step = 0; step < size(); ++step) {
            for (const std::uint32_t line : lines_of(operation(step))) {
                lines_[line].push_back(step);
            }
        }
        for (std::uint32_t g = 0; g < groups_.size(); ++g) {
            for (const Qubit q : groups_[g]) {
                groups_of_[q].push_back(g);
            }
        }
    }

    std::vector<Indices> run() {
        std::vector<Indices> out;
        for (std::uint32_t done = 0; done < size();) {
            Indices taken = next_fence();
            if (taken.empty()) {
                taken = grow(groups_[best_group()]);
            }
            for (const std::uint32_t step : taken) {
                consume(step);
            }
            done += static_cast<std::uint32_t>(taken.size());
            out.push_back(std::move(taken));
        }
        if (options_.backward) {
            mirror(out);
        }
        return out;
    }

 private:
    [[nodiscard]] std::uint32_t size() const {
        return static_cast<std::uint32_t>(circuit_.operations.size());
    }
    [[nodiscard]] const Operation& operation(std::uint32_t step) const {
        return circuit_.operations[options_.backward ? size() - 1 - step : step];
    }
    [[nodiscard]] bool is_single(const Operation& op) const {
        return is_fence(op) || op.qubits.size() > static_cast<std::size_t>(options_.block_size);
    }
    // Qubits, then classical bits behind them.
    [[nodiscard]] Indices lines_of(const Operation& op) const {
        Indices lines(op.qubits.begin(), op.qubits.end());
        for (const circuit::Clbit bit : classical_.of(op)) {
            lines.push_back(num_qubits_ + bit);
        }
        return lines;
    }

    // A fence, or an operation without any line, whose turn has come.
    [[nodiscard]] Indices next_fence() {
        while (lineless_ < size() && !lines_of(operation(lineless_)).empty()) {
            ++lineless_;
        }
        if (lineless_ < size()) {
            return {lineless_++};
        }
        for (std::size_t line = 0; line < lines_.size(); ++line) {
            if (at_[line] == lines_[line].size()) {
                continue;
            }
            const std::uint32_t step = lines_[line][at_[line]];
            const auto lines = lines_of(operation(step));
            if (is_single(operation(step)) &&
                std::all_of(lines.begin(), lines.end(),
                            [&](std::uint32_t l) { return lines_[l][at_[l]] == step; })) {
                return {step};
            }
        }
        return {};
    }

    // The steps that a block on these qubits could take now, ascending.
    [[nodiscard]] Indices grow(const Qubits& group) {
        for (const Qubit q : group) {
            local_[q] = at_[q];
        }
        Indices taken;
        for (bool moved = true; moved;) {
            moved = false;
            for (const Qubit q : group) {
                while (local_[q] < lines_[q].size() && can_take(group, lines_[q][local_[q]])) {
                    const std::uint32_t step = lines_[q][local_[q]];
                    for (const Qubit other : operation(step).qubits) {
                        ++local_[other];
                    }
                    taken.push_back(step);
                    moved = true;
                }
            }
        }
        std::sort(taken.begin(), taken.end());
        return taken;
    }

    [[nodiscard]] bool can_take(const Qubits& group, std::uint32_t step) const {
        const Operation& op = operation(step);
        return !is_single(op) && std::all_of(op.qubits.begin(), op.qubits.end(), [&](Qubit q) {
            return std::binary_search(group.begin(), group.end(), q) &&
                   lines_[q][local_[q]] == step;
        });
    }

    [[nodiscard]] std::size_t best_group() {
        std::size_t best = 0;
        for (std::size_t g = 0; g < groups_.size(); ++g) {
            if (stale_[g]) {
                score_[g] = 0;
                for (const std::uint32_t step : grow(groups_[g])) {
                    score_[g] += 100 * (operation(step).qubits.size() - 1) + 1;
                }
                stale_[g] = false;
            }
            if (score_[g] > score_[best]) {
                best = g;
            }
        }
        return best;
    }

    void consume(std::uint32_t step) {
        for (const std::uint32_t line : lines_of(operation(step))) {
            ++at_[line];
        }
        for (const Qubit q : operation(step).qubits) {
            for (const std::uint32_t g : groups_of_[q]) {
                stale_[g] = true;
            }
        }
    }

    void mirror(std::vector<Indices>& order) const {
        std::reverse(order.begin(), order.end());
        for (Indices& group : order) {
            std::reverse(group.begin(), group.end());
            for (std::uint32_t& step : group) {
                step = size() - 1 - step;
            }
        }
    }

    const Circuit& circuit_;
    const ScanOptions& options_;
    ClassicalLines classical_;
    std::uint32_t num_qubits_;
    std::vector<Qubits> groups_;
    std::vector<Indices> lines_;     // steps on each qubit and classical bit
    std::vector<std::uint32_t> at_;  // how many of them are done
    std::vector<std::uint32_t> local_;
    std::vector<Indices> groups_of_;  // per qubit
    std::vector<std::size_t> score_;
    std::vector<bool> stale_;
    std::uint32_t lineless_ = 0;
};

}  // namespace

Result<std::vector<Group>> scan_groups(const Circuit& circuit, const ScanOptions& options) {
    if (options.block_size < 1 || options.block_size > 6) {
        return invalid_argument("block size " + std::to_string(options.block_size) +
                                " is outside 1..6 (--block-size)");
    }
    const auto size = static_cast<std::size_t>(options.block_size);
    auto groups = connected_groups(interaction_graph(circuit, size), size);
    if (!groups || groups->size() * circuit.operations.size() > kMaxScanWork) {
        return resource_exhausted("scan partitioning of " +
                                  std::to_string(circuit.operations.size()) +
                                  " operations has too many groups of " + std::to_string(size) +
                                  " qubits to try; use the quick partitioner");
    }
    return Scan(circuit, options, std::move(*groups)).run();
}

Result<Partition> scan_partition(const Circuit& circuit, const ScanOptions& options) {
    const auto groups = scan_groups(circuit, options);
    return groups ? fold(circuit, *groups, options.block_size) : Result<Partition>(groups.error());
}

}  // namespace quercus::partition
