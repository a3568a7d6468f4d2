#include "quantum/partition/segments.hpp"

#include <algorithm>

#include "quantum/base/mix.hpp"

namespace quercus::partition {

namespace {

std::uint64_t hash_of(const Operation& op) {
    std::uint64_t h = static_cast<std::uint64_t>(op.gate) + 1;
    for (const Qubit q : op.qubits) {
        h = mix64(h * 0x9e3779b97f4a7c15ULL + q);
    }
    return h;
}

// Gates that decide together whether there is a border behind the last of them.
constexpr int kWindow = 3;

}  // namespace

std::vector<std::uint32_t> segment_ends(const Circuit& circuit, const SegmentOptions& options) {
    std::vector<std::uint32_t> ends;
    std::uint64_t window[kWindow] = {};
    std::uint32_t seen = 0;  // gates of the segment so far
    std::uint32_t at = 0;
    const std::uint64_t most =
        std::uint64_t{kLongestSegment} * (std::uint64_t{options.mean} + options.least);
    for (std::uint32_t i = 0; i < circuit.operations.size(); ++i) {
        const Operation& op = circuit.operations[i];
        if (op.qubits.size() < 2 || is_fence(op)) {
            continue;
        }
        window[at++ % kWindow] = hash_of(op);
        ++seen;
        std::uint64_t h = mix64(options.salt + 1);
        for (int k = 0; k < kWindow; ++k) {
            h = mix64(h + window[(at + k) % kWindow]);
        }
        if ((seen >= options.least && h % options.mean == 0) || seen >= most) {
            ends.push_back(i + 1);
            seen = 0;
        }
    }
    const auto size = static_cast<std::uint32_t>(circuit.operations.size());
    if (size > 0 && (ends.empty() || ends.back() != size)) {
        ends.push_back(size);
    }
    return ends;
}

Block frame_of(const Circuit& circuit, std::uint32_t first, std::uint32_t end) {
    Block out;
    std::vector<Qubit>& used = out.qubits;
    bool is_classical = false;
    for (std::uint32_t i = first; i < end; ++i) {
        const Operation& op = circuit.operations[i];
        used.insert(used.end(), op.qubits.begin(), op.qubits.end());
        is_classical = is_classical || op.clbit || op.condition;
    }
    std::sort(used.begin(), used.end());
    used.erase(std::unique(used.begin(), used.end()), used.end());
    out.circuit = Circuit::with_qubits(static_cast<std::uint32_t>(used.size()));
    if (is_classical) {
        out.circuit.cregs = circuit.cregs;
    }
    return out;
}

Block segment_of(const Circuit& circuit, std::uint32_t first, std::uint32_t end) {
    Block out = frame_of(circuit, first, end);
    out.circuit.operations.assign(circuit.operations.begin() + first,
                                  circuit.operations.begin() + end);
    for (Operation& op : out.circuit.operations) {
        for (Qubit& q : op.qubits) {
            q = static_cast<Qubit>(std::lower_bound(out.qubits.begin(), out.qubits.end(), q) -
                                   out.qubits.begin());
        }
    }
    return out;
}

}  // namespace quercus::partition
