#include "quantum/partition/dependency_groups.hpp"

#include <algorithm>

#include "quantum/partition/order.hpp"

namespace quercus::partition {

namespace {

// Groups visited in one search for a path; bounds the time of each placement.
constexpr int kMostSteps = 10000;

bool contains(std::span<const Qubit> set, Qubit q) {
    return std::find(set.begin(), set.end(), q) != set.end();
}

}  // namespace

DependencyGroups::DependencyGroups(std::uint32_t num_qubits, std::uint32_t num_clbits)
    : latest_(num_qubits, kNone), latest_clbit_(num_clbits, kNone) {}

DependencyGroups::Id DependencyGroups::find(Id id) const {
    while (alias_[id] != id) {
        alias_[id] = alias_[alias_[id]];
        id = alias_[id];
    }
    return id;
}

DependencyGroups::Id DependencyGroups::latest(Qubit q) const {
    return latest_[q] == kNone ? kNone : find(latest_[q]);
}

std::size_t DependencyGroups::width_with(Id id, std::span<const Qubit> more) const {
    std::size_t width = groups_[id].qubits.size();
    for (std::size_t i = 0; i < more.size(); ++i) {
        width += contains(groups_[id].qubits, more[i]) ? 0 : 1;
    }
    return width;
}

bool DependencyGroups::reaches(Id from, Id to, bool indirect) {
    ++stamp_;
    visited_.resize(groups_.size(), 0);
    stack_.assign(1, from);
    for (int steps = 0; !stack_.empty(); ++steps) {
        if (steps == kMostSteps) {
            return true;  // too far to tell: refuse rather than search on
        }
        const Id at = stack_.back();
        stack_.pop_back();
        for (const Id raw : groups_[at].successors) {
            const Id next = find(raw);
            if (next == at) {
                continue;
            }
            if (next == to && !(indirect && at == from)) {
                return true;
            }
            // A way through `to` itself would not end there for the first time.
            if (next != to && visited_[next] != stamp_) {
                visited_[next] = stamp_;
                stack_.push_back(next);
            }
        }
    }
    return false;
}

void DependencyGroups::succeed(Id before, Id after) {
    if (before == kNone || before == after) {
        return;
    }
    auto& successors = groups_[before].successors;
    if (std::find(successors.begin(), successors.end(), after) == successors.end()) {
        successors.push_back(after);
    }
}

bool DependencyGroups::can_append(Id id, std::span<const Qubit> qubits) {
    if (groups_[id].closed) {
        return false;
    }
    return std::all_of(qubits.begin(), qubits.end(), [&](Qubit q) {
        const Id last = latest(q);
        if (contains(groups_[id].qubits, q)) {
            return last == id;
        }
        return last == kNone || last == id || !reaches(id, last, false);
    });
}

void DependencyGroups::append(Id id, std::uint32_t index, std::span<const Qubit> qubits) {
    for (const Qubit q : qubits) {
        succeed(latest(q), id);
        latest_[q] = id;
        if (!contains(groups_[id].qubits, q)) {
            groups_[id].qubits.push_back(q);
        }
    }
    groups_[id].operations.push_back(index);
    groups_[id].weight += qubits.size() > 1 ? 1 : 0;
}

bool DependencyGroups::can_merge(Id a, Id b) {
    return a != b && !groups_[a].closed && !groups_[b].closed && !reaches(a, b, true) &&
           !reaches(b, a, true);
}

DependencyGroups::Id DependencyGroups::merge(Id a, Id b) {
    const Id kept = std::min(a, b);
    Group& into = groups_[kept];
    Group from = std::move(groups_[std::max(a, b)]);
    groups_[std::max(a, b)] = {};
    alias_[std::max(a, b)] = kept;
    for (const Qubit q : from.qubits) {
        if (!contains(into.qubits, q)) {
            into.qubits.push_back(q);
        }
    }
    into.operations.insert(into.operations.end(), from.operations.begin(), from.operations.end());
    into.successors.insert(into.successors.end(), from.successors.begin(), from.successors.end());
    into.weight += from.weight;
    return kept;
}

DependencyGroups::Id DependencyGroups::open(std::uint32_t index, std::span<const Qubit> qubits,
                                            std::span<const circuit::Clbit> clbits, bool closed) {
    const Id id = static_cast<Id>(groups_.size());
    groups_.emplace_back();
    alias_.push_back(id);
    append(id, index, qubits);
    for (const circuit::Clbit c : clbits) {
        succeed(latest_clbit_[c] == kNone ? kNone : find(latest_clbit_[c]), id);
        latest_clbit_[c] = id;
    }
    groups_[id].closed = closed;
    return id;
}

std::vector<std::vector<std::uint32_t>> DependencyGroups::in_order() const {
    std::vector<std::uint32_t> node_of(groups_.size(), kNone);
    std::vector<std::uint32_t> keys;
    std::vector<std::vector<std::uint32_t>> sorted;
    for (Id id = 0; id < groups_.size(); ++id) {
        if (find(id) == id) {
            node_of[id] = static_cast<std::uint32_t>(sorted.size());
            sorted.push_back(groups_[id].operations);
            std::sort(sorted.back().begin(), sorted.back().end());
            keys.push_back(sorted.back().front());
        }
    }
    std::vector<Edge> edges;
    for (Id id = 0; id < groups_.size(); ++id) {
        for (const Id raw : groups_[id].successors) {
            if (find(raw) != id) {
                edges.emplace_back(node_of[id], node_of[find(raw)]);
            }
        }
    }
    std::vector<std::vector<std::uint32_t>> out;
    out.reserve(sorted.size());
    for (const std::uint32_t node : smallest_first(keys, edges)) {
        out.push_back(std::move(sorted[node]));
    }
    return out;
}

}  // namespace quercus::partition
