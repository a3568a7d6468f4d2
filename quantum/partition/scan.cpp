#include "quantum/partition/scan.hpp"

#include <algorithm>
#include <boost/container/static_vector.hpp>
#include <optional>

namespace quercus::partition {

namespace {

constexpr int kWidest = 6;
using Qubits = boost::container::static_vector<Qubit, kWidest>;  // sorted
using Indices = std::vector<std::uint32_t>;

template <class Container>
void sort_unique(Container& items) {
    std::sort(items.begin(), items.end());
    items.erase(std::unique(items.begin(), items.end()), items.end());
}

std::vector<std::vector<Qubit>> interaction_graph(const Circuit& circuit, std::size_t block_size) {
    std::vector<std::vector<Qubit>> links(circuit.num_qubits());
    for (const Operation& op : circuit.operations) {
        if (is_fence(op) || op.qubits.size() > block_size) {
            continue;
        }
        for (const Qubit a : op.qubits) {
            for (const Qubit b : op.qubits) {
                // Mostly the same pairs again and again.
                if (a != b && (links[a].empty() || links[a].back() != b)) {
                    links[a].push_back(b);
                }
            }
        }
    }
    for (auto& neighbours : links) {
        sort_unique(neighbours);
    }
    return links;
}

// `group` with each of its neighbours in turn; false where it has none.
bool extend(const Qubits& group, const std::vector<std::vector<Qubit>>& links,
            std::vector<Qubits>& into) {
    bool grew = false;
    for (const Qubit member : group) {
        for (const Qubit q : links[member]) {
            if (!std::binary_search(group.begin(), group.end(), q)) {
                Qubits bigger = group;
                bigger.insert(std::upper_bound(bigger.begin(), bigger.end(), q), q);
                into.push_back(bigger);
                grew = true;
            }
        }
    }
    return grew;
}

// Connected groups of `size` qubits; smaller ones only where nothing can be added. Sorted.
std::optional<std::vector<Qubits>> connected_groups(const std::vector<std::vector<Qubit>>& links,
                                                    std::size_t size) {
    if (links.size() > kMaxScanGroups) {
        return std::nullopt;
    }
    std::vector<Qubits> level;
    std::vector<Qubits> done;
    for (Qubit q = 0; q < links.size(); ++q) {
        level.push_back({q});
    }
    for (std::size_t width = 1; width < size && !level.empty(); ++width) {
        std::vector<Qubits> next;
        constexpr std::size_t kRepeated = 4 * kMaxScanGroups;  // entries before they are sorted
        std::size_t most = kRepeated;
        for (const Qubits& group : level) {
            if (!extend(group, links, next)) {
                done.push_back(group);
            }
            if (next.size() > most || &group == &level.back()) {
                sort_unique(next);
                most = next.size() + kRepeated;
            }
            if (most > kRepeated + kMaxScanGroups) {
                return std::nullopt;
            }
        }
        level = std::move(next);
    }
    done.insert(done.end(), level.begin(), level.end());
    sort_unique(done);
    return done;
}

class Scan {
 public:
    Scan(const Circuit& circuit, const ScanOptions& options, std::vector<Qubits> groups)
        : size_(static_cast<std::uint32_t>(circuit.operations.size())),
          is_backward_(options.backward),
          groups_(std::move(groups)),
          groups_of_(circuit.num_qubits()),
          score_(groups_.size(), 0),
          stale_(groups_.size(), true) {
        read_steps(circuit, static_cast<std::size_t>(options.block_size));
        sort_lines(circuit.num_qubits() + circuit.num_clbits());
        for (std::uint32_t g = 0; g < groups_.size(); ++g) {
            for (const Qubit q : groups_[g]) {
                groups_of_[q].push_back(g);
            }
        }
    }

    std::vector<Indices> run() {
        std::vector<Indices> out;
        for (std::uint32_t done = 0; done < size_;) {
            Indices taken = next_single();
            if (taken.empty()) {
                taken = grow(groups_[best_group()]);
            }
            for (const std::uint32_t step : taken) {
                consume(step);
            }
            done += static_cast<std::uint32_t>(taken.size());
            out.push_back(std::move(taken));
        }
        if (is_backward_) {
            mirror(out);
        }
        return out;
    }

 private:
    // An operation in the order of the scan.
    struct Step {
        std::uint32_t first = 0, end = 0;  // its lines in step_lines_, qubits first
        std::uint32_t qubits = 0;          // how many of these are qubits
        bool is_single = false;            // a fence or too wide: an item of its own
    };
    // A qubit or, behind all qubits, a classical bit.
    struct Line {
        std::uint32_t at = 0, end = 0;  // steps that are to come, in line_steps_
        std::uint32_t local = 0;        // `at` of the walk under way
        std::uint32_t walk = 0;         // the last walk that this line took part in
    };

    void read_steps(const Circuit& circuit, std::size_t block_size) {
        const ClassicalLines classical(circuit);
        const std::uint32_t num_qubits = circuit.num_qubits();
        steps_.reserve(size_);
        for (std::uint32_t i = 0; i < size_; ++i) {
            const Operation& op = circuit.operations[is_backward_ ? size_ - 1 - i : i];
            Step step;
            step.first = static_cast<std::uint32_t>(step_lines_.size());
            step.qubits = static_cast<std::uint32_t>(op.qubits.size());
            step.is_single = is_fence(op) || op.qubits.size() > block_size;
            step_lines_.insert(step_lines_.end(), op.qubits.begin(), op.qubits.end());
            if (op.clbit || op.condition) {
                for (const circuit::Clbit bit : classical.of(op)) {
                    step_lines_.push_back(num_qubits + bit);
                }
            }
            step.end = static_cast<std::uint32_t>(step_lines_.size());
            if (step.end == step.first) {
                lineless_.push_back(i);
            } else if (step.is_single) {
                ++singles_;
            }
            steps_.push_back(step);
        }
        std::reverse(lineless_.begin(), lineless_.end());
    }

    void sort_lines(std::uint32_t count) {
        lines_.resize(count);
        for (const std::uint32_t line : step_lines_) {
            ++lines_[line].end;
        }
        std::uint32_t sum = 0;
        for (Line& line : lines_) {
            line.at = sum;
            sum += line.end;
            line.end = line.at;
        }
        line_steps_.resize(sum);
        for (std::uint32_t i = 0; i < size_; ++i) {
            for (std::uint32_t k = steps_[i].first; k < steps_[i].end; ++k) {
                line_steps_[lines_[step_lines_[k]].end++] = i;
            }
        }
    }

    // Whether all lines of a step have come to it.
    [[nodiscard]] bool is_ready(std::uint32_t step) const {
        for (std::uint32_t k = steps_[step].first; k < steps_[step].end; ++k) {
            const Line& line = lines_[step_lines_[k]];
            if (line_steps_[line.at] != step) {
                return false;
            }
        }
        return true;
    }

    // A step that is an item of its own and whose turn has come; lineless ones come first.
    [[nodiscard]] Indices next_single() {
        if (!lineless_.empty()) {
            const std::uint32_t step = lineless_.back();
            lineless_.pop_back();
            return {step};
        }
        for (std::size_t i = 0; i < lines_.size() && singles_ > 0; ++i) {
            const Line& line = lines_[i];
            if (line.at < line.end && steps_[line_steps_[line.at]].is_single &&
                is_ready(line_steps_[line.at])) {
                --singles_;
                return {line_steps_[line.at]};
            }
        }
        return {};
    }

    // Visits the steps that a block on these qubits could take now.
    template <class Visit>
    void walk(const Qubits& group, const Visit& visit) {
        ++walk_;
        for (const Qubit q : group) {
            lines_[q].local = lines_[q].at;
            lines_[q].walk = walk_;
        }
        for (bool moved = true; moved;) {
            moved = false;
            for (const Qubit q : group) {
                while (lines_[q].local < lines_[q].end && take(line_steps_[lines_[q].local])) {
                    visit(line_steps_[lines_[q].local - 1]);
                    moved = true;
                }
            }
        }
    }

    bool take(std::uint32_t index) {
        const Step& step = steps_[index];
        const std::uint32_t* qubits = &step_lines_[step.first];
        for (std::uint32_t k = 0; k < step.qubits; ++k) {
            const Line& line = lines_[qubits[k]];
            if (line.walk != walk_ || line_steps_[line.local] != index) {
                return false;
            }
        }
        if (step.is_single) {
            return false;
        }
        for (std::uint32_t k = 0; k < step.qubits; ++k) {
            ++lines_[qubits[k]].local;
        }
        return true;
    }

    // Ascending.
    [[nodiscard]] Indices grow(const Qubits& group) {
        Indices taken;
        walk(group, [&](std::uint32_t step) { taken.push_back(step); });
        std::sort(taken.begin(), taken.end());
        return taken;
    }

    [[nodiscard]] std::size_t best_group() {
        std::size_t best = 0;
        for (std::size_t g = 0; g < groups_.size(); ++g) {
            if (stale_[g]) {
                std::size_t score = 0;
                walk(groups_[g], [&](std::uint32_t step) {
                    score += 100 * (std::size_t{steps_[step].qubits} - 1) + 1;
                });
                score_[g] = score;
                stale_[g] = false;
            }
            if (score_[g] > score_[best]) {
                best = g;
            }
        }
        return best;
    }

    void consume(std::uint32_t index) {
        const Step& step = steps_[index];
        for (std::uint32_t k = step.first; k < step.end; ++k) {
            ++lines_[step_lines_[k]].at;
        }
        for (std::uint32_t k = step.first; k < step.first + step.qubits; ++k) {
            for (const std::uint32_t g : groups_of_[step_lines_[k]]) {
                stale_[g] = true;
            }
        }
    }

    void mirror(std::vector<Indices>& order) const {
        std::reverse(order.begin(), order.end());
        for (Indices& group : order) {
            std::reverse(group.begin(), group.end());
            for (std::uint32_t& step : group) {
                step = size_ - 1 - step;
            }
        }
    }

    std::uint32_t size_;
    bool is_backward_;
    std::vector<Qubits> groups_;
    std::vector<Indices> groups_of_;  // per qubit
    std::vector<std::size_t> score_;
    std::vector<bool> stale_;
    std::vector<Step> steps_;
    Indices step_lines_;
    std::vector<Line> lines_;
    Indices line_steps_;
    Indices lineless_;           // steps without a line, the next one last
    std::uint32_t singles_ = 0;  // to come, those without a line left out
    std::uint32_t walk_ = 0;
};

}  // namespace

Result<std::vector<Group>> scan_groups(const Circuit& circuit, const ScanOptions& options) {
    if (options.block_size < 1 || options.block_size > kWidest) {
        return invalid_argument("block size " + std::to_string(options.block_size) +
                                " is outside 1.." + std::to_string(kWidest) + " (--block-size)");
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
