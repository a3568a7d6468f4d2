#include "quantum/passes/resynthesize.hpp"

#include <algorithm>
#include <bit>
#include <numeric>
#include <unordered_set>

#include "quantum/passes/pauli_network.hpp"
#include "quantum/passes/step_regions.hpp"

namespace quercus::passes {

namespace {

using detail::Region;
using detail::RegionGrower;
using detail::RegionKind;
using detail::RegionLimits;

std::vector<RotationStep> local_steps(const std::vector<RotationStep>& steps, const Region& region,
                                      const std::vector<Qubit>& local) {
    std::vector<RotationStep> out;
    out.reserve(region.members.size());
    for (const std::size_t i : region.members) {
        RotationStep step = steps[i];
        step.a = local[step.a];
        step.b = step.kind == RotationStep::Kind::kCX ? local[step.b] : 0;
        out.push_back(step);
    }
    return out;
}

std::uint64_t fingerprint(const std::vector<RotationStep>& steps) {
    std::uint64_t h = 0x9e3779b97f4a7c15ULL;
    const auto mix = [&h](std::uint64_t v) {
        h = (h ^ v) * 0xff51afd7ed558ccdULL;
        h ^= h >> 32;
    };
    for (const RotationStep& step : steps) {
        mix((std::uint64_t{step.a} << 32) | (std::uint64_t{step.b} << 8) |
            static_cast<std::uint64_t>(step.kind));
        mix(std::bit_cast<std::uint64_t>(step.angle));
    }
    return h;
}

// Whether the cx, as edges between qubits, have no cycle. Then none can be spared: a circuit with
// fewer falls into more parts that nothing connects, while here the image of a Pauli on one end of
// an edge reaches the other end.
bool is_forest(const std::vector<RotationStep>& steps, std::size_t qubits) {
    std::vector<std::size_t> parent(qubits);
    std::iota(parent.begin(), parent.end(), std::size_t{0});
    const auto root = [&parent](std::size_t q) {
        while (parent[q] != q) {
            q = parent[q] = parent[parent[q]];
        }
        return q;
    };
    return std::all_of(steps.begin(), steps.end(), [&](const RotationStep& step) {
        if (step.kind != RotationStep::Kind::kCX) {
            return true;
        }
        const std::size_t a = root(step.a), b = root(step.b);
        parent[a] = b;
        return a != b;
    });
}

// Steps looked at for one region: keeps a sweep over a long circuit linear.
constexpr std::size_t kMostScanned = 20000;

class Resynthesis {
 public:
    Resynthesis(std::vector<RotationStep> steps, const Circuit& circuit, RegionKind kind,
                const ResynthesizeOptions& options)
        : steps_(std::move(steps)),
          options_(options),
          limits_{kind, options.most_qubits, options.most_steps, kMostScanned},
          grower_(steps_, circuit),
          local_(circuit.num_qubits()) {}

    // One sweep over the regions; true if one was replaced.
    bool sweep() {
        bool replaced = false;
        std::vector<bool> covered(steps_.size(), false);
        for (std::size_t i = 0; i < steps_.size(); ++i) {
            if (steps_[i].kind != RotationStep::Kind::kCX || covered[i]) {
                continue;
            }
            if (synthesis::should_stop(options_.stop)) {
                break;
            }
            const Region region = grower_.grow(i, limits_);
            const auto better = improve(region);
            if (better) {
                replaced = true;
                replace(region, *better, covered);
                continue;
            }
            if (!options_.overlapping) {
                for (const std::size_t m : region.members) {
                    covered[m] = true;
                }
            }
        }
        return replaced;
    }

    // The next sweeps take other regions.
    void set_options(const ResynthesizeOptions& options) {
        options_ = options;
        limits_ = {limits_.kind, options.most_qubits, options.most_steps, kMostScanned};
        tried_.clear();
    }

    // Regions then grow from the end.
    void invert_all() { invert(steps_); }
    [[nodiscard]] const std::vector<RotationStep>& steps() const { return steps_; }

 private:
    std::optional<std::vector<RotationStep>> improve(const Region& region) {
        if (region.cx < 2) {
            return std::nullopt;
        }
        for (std::size_t k = 0; k < region.qubits.size(); ++k) {
            local_[region.qubits[k]] = static_cast<Qubit>(k);
        }
        const auto before = local_steps(steps_, region, local_);
        if (!options_.accept_equal && is_forest(before, region.qubits.size())) {
            return std::nullopt;
        }
        if (!tried_.insert(fingerprint(before)).second) {
            return std::nullopt;
        }
        const auto program = detail::pauli_program(before, region.qubits.size());
        if (program.rotations.size() > options_.most_rotations) {
            return std::nullopt;
        }
        auto found = detail::synthesize_network(
            program,
            {options_.accept_equal ? region.cx : region.cx - 1, options_.restarts, options_.seed});
        if (found) {
            for (RotationStep& step : *found) {
                step.a = region.qubits[step.a];
                step.b = step.kind == RotationStep::Kind::kCX ? region.qubits[step.b] : 0;
            }
        }
        return found;
    }

    void replace(const Region& region, const std::vector<RotationStep>& better,
                 std::vector<bool>& covered) {
        std::vector<RotationStep> out(steps_.begin(),
                                      steps_.begin() + static_cast<std::ptrdiff_t>(region.first));
        std::vector<bool> seen(covered.begin(),
                               covered.begin() + static_cast<std::ptrdiff_t>(region.first));
        const auto keep = [&](std::size_t i) {
            out.push_back(steps_[i]);
            seen.push_back(covered[i]);
        };
        for (const std::size_t i : region.before) {
            keep(i);
        }
        for (const RotationStep& step : better) {
            out.push_back(step);
            seen.push_back(!options_.overlapping);
        }
        for (const std::size_t i : region.after) {
            keep(i);
        }
        for (std::size_t i = region.last; i < steps_.size(); ++i) {
            keep(i);
        }
        steps_ = std::move(out);
        covered = std::move(seen);
    }

    std::vector<RotationStep> steps_;
    ResynthesizeOptions options_;
    RegionLimits limits_;
    RegionGrower grower_;
    std::vector<Qubit> local_;  // scratch: a region's own index of each of its qubits
    std::unordered_set<std::uint64_t> tried_;
};

Result<PassResult> resynthesize(const Circuit& circuit, RegionKind kind,
                                const ResynthesizeOptions& options) {
    if (options.most_qubits < 2 || options.most_qubits > detail::kMostNetworkQubits ||
        options.restarts < 1) {
        return invalid_argument("resynthesize: most_qubits must be 2..64, restarts at least 1");
    }
    StepCircuit lowered = to_steps(circuit);
    Resynthesis resynthesis(std::move(lowered.steps), circuit, kind, options);
    PassResult result;
    result.changed = resynthesis.sweep();
    resynthesis.invert_all();
    result.changed = resynthesis.sweep() || result.changed;
    resynthesis.invert_all();
    if (!result.changed) {
        result.circuit = circuit;
        return result;
    }
    result.delta = lowered.delta;
    result.circuit = from_steps(resynthesis.steps(), circuit);
    return result;
}

// What the regions of one round of the walk are like.
ResynthesizeOptions round_options(const WalkOptions& walk, int round, Philox& random) {
    ResynthesizeOptions options;
    options.most_qubits = 2 + random.below(walk.most_qubits - 1);
    options.most_steps = 10 + random.below(120);
    options.restarts = 1 + static_cast<int>(random.below(2));
    options.seed = walk.seed * 1000003 + static_cast<Seed>(round);
    options.overlapping = true;
    options.accept_equal = true;
    options.stop = walk.stop;
    return options;
}

}  // namespace

Result<PassResult> walk_pauli_regions(const Circuit& circuit, WalkOptions options) {
    if (options.most_qubits < 2 || options.most_qubits > detail::kMostNetworkQubits ||
        options.rounds < 0) {
        return invalid_argument("walk: most_qubits must be 2..64, rounds at least 0");
    }
    StepCircuit lowered = to_steps(circuit);
    Resynthesis walk(std::move(lowered.steps), circuit, RegionKind::kAny, {});
    Philox random(options.seed);
    PassResult result;
    int round = 0;
    for (; round < options.rounds && !synthesis::should_stop(options.stop); ++round) {
        walk.set_options(round_options(options, round, random));
        result.changed = walk.sweep() || result.changed;
        walk.invert_all();
    }
    if (round % 2 != 0) {
        walk.invert_all();
    }
    result.circuit = result.changed ? from_steps(walk.steps(), circuit) : circuit;
    result.delta = result.changed ? lowered.delta : 0;
    return result;
}

Result<PassResult> resynthesize_linear(const Circuit& circuit, ResynthesizeOptions options) {
    return resynthesize(circuit, RegionKind::kLinear, options);
}

Result<PassResult> resynthesize_clifford(const Circuit& circuit, ResynthesizeOptions options) {
    return resynthesize(circuit, RegionKind::kClifford, options);
}

Result<PassResult> resynthesize_pauli(const Circuit& circuit, ResynthesizeOptions options) {
    return resynthesize(circuit, RegionKind::kAny, options);
}

}  // namespace quercus::passes
