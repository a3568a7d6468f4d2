#include "quantum/passes/local_search.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <map>
#include <numbers>
#include <optional>

#include "quantum/base/codec.hpp"
#include "quantum/base/digest.hpp"
#include "quantum/circuit/unitary.hpp"
#include "quantum/partition/block_core.hpp"
#include "quantum/passes/clean_up.hpp"
#include "quantum/passes/convex_block.hpp"
#include "quantum/passes/cost.hpp"
#include "quantum/synthesis/instantiate.hpp"
#include "quantum/synthesis/rebase.hpp"
#include "quantum/synthesis/synthesize_block.hpp"

namespace quercus::passes {

using circuit::Gate;

namespace {

using Clock = std::chrono::steady_clock;

// Replacements that do not lower the cost must not use up the error bound.
constexpr double kNeutralDelta = 1e-12;
// Re-arranging a longer block by chance hardly ever succeeds.
constexpr std::size_t kMostRearranged = 12;
// Merging and cancelling over the whole circuit is only worth it now and then.
constexpr std::uint64_t kTidyEvery = 64;

// The matrix up to global phase, rounded; equal targets seldom differ, different ones always do.
Digest fingerprint(const base::Matrix& target) {
    base::Complex phase = 1;
    for (const base::Complex& entry : target.data()) {
        if (std::abs(entry) > 0.3 / std::sqrt(static_cast<double>(target.rows()))) {
            phase = std::conj(entry) / std::abs(entry);
            break;
        }
    }
    Encoder encoder;
    for (const base::Complex& entry : target.data()) {
        const base::Complex turned = phase * entry;
        constexpr double kGrid = 1e5;
        // Away from zero, where rounding would often fall to either side.
        encoder.f64(std::floor(turned.real() * kGrid + 0.2113));
        encoder.f64(std::floor(turned.imag() * kGrid + 0.2113));
    }
    return digest_of(encoder.take());
}

class Search {
 public:
    Search(const Circuit& circuit, const LocalSearchOptions& options)
        : options_(options),
          random_(options.seed),
          circuit_(circuit),
          best_(circuit),
          end_(Clock::now() + std::chrono::duration_cast<Clock::duration>(
                                  std::chrono::duration<double>(options.seconds))) {}

    Result<LocalSearchResult> run() {
        const std::uint64_t cx_before = count_cx(best_);
        find_anchors();
        while (!anchors_.empty() && !is_over()) {
            ++result_.iterations;
            if (Status status = move(); !status.is_ok()) {
                return status;
            }
            if (taken_since_tidy_ >= kTidyEvery) {
                if (Status status = tidy(); !status.is_ok()) {
                    return status;
                }
            }
        }
        if (Status status = tidy(); !status.is_ok()) {
            return status;
        }
        result_.cx_saved = cx_before - count_cx(best_);
        result_.circuit = std::move(best_);
        result_.delta = best_delta_;
        return std::move(result_);
    }

 private:
    bool is_over() const {
        return should_stop() ||
               (options_.seconds <= 0 && result_.iterations >= options_.iterations);
    }
    // Also asked in the middle of a move.
    bool should_stop() const {
        return (options_.seconds > 0 && Clock::now() >= end_) ||
               synthesis::should_stop(options_.stop);
    }

    void find_anchors() {
        anchors_.clear();
        for (std::size_t i = 0; i < circuit_.operations.size(); ++i) {
            if (circuit_.operations[i].gate == Gate::kCX && !circuit_.operations[i].condition) {
                anchors_.push_back(i);
            }
        }
    }

    // Qubits that share a CX with one of `qubits` near the anchor, nearest first.
    std::vector<Qubit> neighbours(std::size_t anchor, const std::vector<Qubit>& qubits) const {
        constexpr std::size_t kMost = 6;
        constexpr std::size_t kReach = 200;
        std::vector<Qubit> found;
        const auto look = [&](const Operation& operation) {
            if (operation.gate != Gate::kCX) {
                return;
            }
            for (int k = 0; k < 2; ++k) {
                const Qubit here = operation.qubits[static_cast<std::size_t>(k)];
                const Qubit there = operation.qubits[static_cast<std::size_t>(1 - k)];
                const auto has = [](const std::vector<Qubit>& all, Qubit q) {
                    return std::find(all.begin(), all.end(), q) != all.end();
                };
                if (has(qubits, here) && !has(qubits, there) && !has(found, there)) {
                    found.push_back(there);
                }
            }
        };
        const auto& operations = circuit_.operations;
        for (std::size_t step = 1; step <= kReach && found.size() < kMost; ++step) {
            if (step <= anchor) {
                look(operations[anchor - step]);
            }
            if (anchor + step < operations.size()) {
                look(operations[anchor + step]);
            }
        }
        return found;
    }

    ConvexBlock choose_block(std::size_t width) {
        const std::size_t anchor = anchors_[random_.below(anchors_.size())];
        const auto& pair = circuit_.operations[anchor].qubits;
        std::vector<Qubit> qubits(pair.begin(), pair.end());
        while (qubits.size() < width) {
            const std::vector<Qubit> near = neighbours(anchor, qubits);
            if (near.empty()) {
                break;
            }
            qubits.push_back(near[random_.below(near.size())]);
        }
        return grow_block(circuit_.operations, anchor, std::move(qubits));
    }

    // Mostly three qubits: wider blocks take far longer.
    std::size_t next_width() {
        const int size = options_.block_size;
        if (size <= 3 || random_.below(8) != 0) {
            return static_cast<std::size_t>(std::min(3, size));
        }
        return size == 4 ? 4 : 4 + random_.below(2);
    }

    Status move() {
        const ConvexBlock members = choose_block(next_width());
        const partition::Block block = extract_block(circuit_.operations, members);
        partition::BlockCore core = partition::split_core(block);
        if (core.two_qubit < 2) {
            return Status::ok();
        }
        const auto target = circuit::unitary_of(core.core);
        if (!target) {
            return target.error();
        }
        // What was tried once for a target need not be tried again for another circuit of it.
        const auto [tried, is_new] = tried_.emplace(fingerprint(*target), core.two_qubit);
        if (is_new || core.two_qubit < tried->second) {
            tried->second = core.two_qubit;
            auto better = resynthesize(core.core);
            if (!better) {
                return better.error();
            }
            if (better->has_value()) {
                return take(members, core, **better);
            }
        }
        if (core.width <= 3 && core.two_qubit <= kMostRearranged) {
            auto other = rearrange(core.core, *target);
            if (!other) {
                return other.error();
            }
            if (other->has_value()) {
                return take(members, core, **other);
            }
        }
        return Status::ok();
    }

    struct Replacement {
        Circuit circuit;
        double delta = 0;
    };

    // Fewer CX, or nothing.
    Result<std::optional<Replacement>> resynthesize(const Circuit& core) {
        synthesis::BlockOptions options;
        options.seed = random_();
        options.threshold = options_.threshold;
        options.stop = [this] { return should_stop(); };
        auto found = synthesis::synthesize_block(core, options);
        if (!found) {
            return found.error();
        }
        if (found->stopped || !found->improved) {
            return std::optional<Replacement>();
        }
        return std::optional(Replacement{std::move(found->circuit), found->delta});
    }

    // As many CX in another arrangement, or nothing.
    Result<std::optional<Replacement>> rearrange(const Circuit& core, const base::Matrix& target) {
        auto ansatz = synthesis::rebase_to_ansatz(core);
        if (!ansatz) {
            return ansatz.error();
        }
        auto engine = synthesis::Instantiator::create(target);
        if (!engine) {
            return engine.error();
        }
        shuffle(ansatz->shape);
        synthesis::InstantiateOptions descent;
        descent.threshold = options_.threshold;
        descent.stop = [this] { return should_stop(); };
        std::vector<double> start = ansatz->params;
        for (double& angle : start) {
            angle += 0.3 * random_.normal();
        }
        synthesis::Instantiation found = engine->run(ansatz->shape, start, descent);
        if (!found.success || found.delta > kNeutralDelta) {
            found = engine->run_random(ansatz->shape, random_, 1, descent);
        }
        if (!found.success || found.delta > kNeutralDelta) {
            return std::optional<Replacement>();
        }
        Circuit circuit =
            synthesis::to_circuit({std::move(ansatz->shape), std::move(found.params)});
        return std::optional(Replacement{std::move(circuit), found.delta});
    }

    // One of: two CX change places, one moves to another place, one gets another pair.
    void shuffle(synthesis::Template& shape) {
        auto& cx = shape.cx;
        const std::size_t at = random_.below(cx.size());
        const std::size_t other = random_.below(cx.size());
        switch (random_.below(3)) {
            case 0:
                std::swap(cx[at], cx[other]);
                break;
            case 1: {
                const synthesis::CxPair moved = cx[at];
                cx.erase(cx.begin() + static_cast<std::ptrdiff_t>(at));
                cx.insert(cx.begin() + static_cast<std::ptrdiff_t>(std::min(other, cx.size())),
                          moved);
                break;
            }
            default: {
                const auto n = static_cast<std::uint64_t>(shape.num_qubits);
                const auto a = static_cast<std::uint8_t>(random_.below(n));
                const auto b = static_cast<std::uint8_t>((a + 1 + random_.below(n - 1)) % n);
                cx[at] = {a, b};
            }
        }
    }

    // Writes the operations in unless they make the circuit deeper. The count of cx never grows.
    bool replace(std::vector<Operation> operations) {
        const bool looks = options_.objective.optimize == Optimize::kDepth;
        const std::uint64_t before = looks ? circuit::two_qubit_depth(circuit_) : 0;
        std::swap(circuit_.operations, operations);
        if (looks && circuit::two_qubit_depth(circuit_) > before) {
            std::swap(circuit_.operations, operations);
            return false;
        }
        return true;
    }

    Status take(const ConvexBlock& members, const partition::BlockCore& core,
                const Replacement& replacement) {
        std::vector<Operation> operations = core.before;
        const auto& middle = replacement.circuit.operations;
        operations.insert(operations.end(), middle.begin(), middle.end());
        operations.insert(operations.end(), core.after.begin(), core.after.end());
        if (delta_ + replacement.delta > options_.most_delta ||
            !replace(replace_block(circuit_.operations, members, operations))) {
            return Status::ok();
        }
        delta_ += replacement.delta;
        ++result_.taken;
        ++taken_since_tidy_;
        if (count_cx(replacement.circuit) < core.two_qubit) {
            return tidy();
        }
        find_anchors();
        return Status::ok();
    }

    Status tidy() {
        taken_since_tidy_ = 0;
        auto clean = clean_up(std::move(circuit_));
        if (!clean) {
            return clean.error();
        }
        circuit_ = std::move(clean->circuit);
        delta_ += clean->delta;
        find_anchors();
        if (delta_ <= options_.most_delta &&
            cost_of(circuit_, options_.objective) < cost_of(best_, options_.objective)) {
            best_ = circuit_;
            best_delta_ = delta_;
        }
        return Status::ok();
    }

    const LocalSearchOptions& options_;
    Philox random_;
    Circuit circuit_;  // where the walk is
    Circuit best_;
    Clock::time_point end_;
    double delta_ = 0;
    double best_delta_ = 0;
    std::vector<std::size_t> anchors_;       // indices of the CX
    std::map<Digest, std::uint64_t> tried_;  // targets, and the CX that could not be lowered
    std::uint64_t taken_since_tidy_ = 0;
    LocalSearchResult result_;
};

}  // namespace

Result<LocalSearchResult> local_search(const Circuit& circuit, const LocalSearchOptions& options) {
    if (options.block_size < 2 || options.block_size > synthesis::kMaxTemplateQubits) {
        return invalid_argument("local search: block size " + std::to_string(options.block_size) +
                                " is outside 2..5");
    }
    return Search(circuit, options).run();
}

}  // namespace quercus::passes
