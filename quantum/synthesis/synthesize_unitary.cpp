#include "quantum/synthesis/synthesize_unitary.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <optional>
#include <string>

#include "quantum/circuit/unitary.hpp"
#include "quantum/synthesis/beam.hpp"
#include "quantum/synthesis/block_zxz.hpp"
#include "quantum/synthesis/clean_angles.hpp"
#include "quantum/synthesis/deletion.hpp"
#include "quantum/synthesis/kak.hpp"
#include "quantum/synthesis/one_qubit.hpp"
#include "quantum/synthesis/peel.hpp"
#include "quantum/synthesis/structure.hpp"

namespace quercus::synthesis {

using namespace detail;
using circuit::Circuit;
using circuit::Gate;

namespace {

Result<Circuit> synthesize_circuit(const base::Matrix& target, const UnitaryOptions& options,
                                   UnitaryResult& result);

// d of the closest template of six CX on four qubits: 0.50 +- 0.01 for Haar-random targets.
constexpr double kHaarAfterSix = 0.42;

// Three and four qubits.
class Searcher {
 public:
    Searcher(const base::Matrix& target, Instantiator engine, const UnitaryOptions& options)
        : target_(target),
          engine_(std::move(engine)),
          options_(options),
          random_(options.seed),
          qubits_(engine_.num_qubits()) {
        descent_.threshold = options.threshold;
        descent_.polish = options.polish;
        descent_.stop = options.stop;
    }

    // Empty if stopped, or if nothing was found.
    std::optional<Ansatz> run(UnitaryResult& result) {
        const bool search = options_.effort > 0;
        if (search && looks_structured()) {
            search_below(deepest());
        } else {
            reach_generic();
            if (search && (!best_ || reach_fewer())) {
                search_below(best_ ? std::min(count() - 1, deepest()) : deepest());
            }
        }
        if (!best_) {
            reach_generic();
        }
        result.descents += engine_.count() + descents_;
        result.stopped = should_stop(options_.stop);
        return std::move(best_);
    }

 private:
    [[nodiscard]] int count() const { return static_cast<int>(best_->shape.cx.size()); }

    bool fit(const Template& shape, int starts) {
        for (int i = 0; i < starts && !should_stop(options_.stop); ++i) {
            Instantiation found = engine_.run_random(shape, random_, 1, descent_);
            if (found.success && found.d <= options_.polish) {
                best_ = Ansatz{shape, std::move(found.params)};
                return true;
            }
        }
        return false;
    }

    void reach_generic() {
        const std::size_t least = qubits_ == 3 ? 14 : 61;
        for (std::size_t extra = 0; extra < 3; ++extra) {
            if (fit(pairs_in_turn(qubits_, least + extra, 0), 4)) {
                return;
            }
        }
    }

    // A target below the generic count is reached from most starts by templates in between.
    bool reach_fewer() {
        const auto fewer = static_cast<std::size_t>(count()) - 1;
        const std::size_t orders = qubits_ == 3 ? 3 : 2;
        for (std::size_t first = 0; first < orders; ++first) {
            if (fit(pairs_in_turn(qubits_, fewer, first), qubits_ == 3 ? 2 : 1)) {
                return true;
            }
        }
        return false;
    }

    // Degenerate targets on four qubits need pairs in an order of their own (extra CX in turn do
    // not cancel), but the first few CX bring them closer than they bring Haar-random ones.
    bool looks_structured() {
        if (qubits_ == 3) {
            return false;
        }
        BeamOptions options = beam_options(6, 4, 4);
        options.starts = 1;
        options.is_survey = true;
        Result<QSearchResult> closest = beam_search(target_, options);
        if (!closest) {
            return false;
        }
        descents_ += closest->descents;
        return closest->found || 0.5 * closest->delta * closest->delta < kHaarAfterSix;
    }

    [[nodiscard]] int deepest() const { return qubits_ == 3 ? 13 : 12 + 2 * options_.effort; }

    void search_below(int max_cx) {
        std::size_t width = (qubits_ == 3 ? 24U : 32U) << (options_.effort - 1);
        if (qubits_ == 4 && peel()) {
            // Rarely beaten: half the search is enough to look for less.
            max_cx = std::min(max_cx, count() - 1);
            width /= 2;
        }
        const bool found = beam(max_cx, width, 1);
        if (!found && best_) {
            step_down();
        }
        if (best_ && (!found || qubits_ == 4)) {
            shrink();
        }
        if (found && count() > 3) {
            beam(count() - 1, qubits_ == 3 ? width : width + width / 2, 2);
        }
    }

    [[nodiscard]] BeamOptions beam_options(int max_cx, std::size_t width, Seed salt) const {
        BeamOptions options;
        options.seed = options_.seed + salt;
        options.threshold = options_.threshold;
        options.polish = options_.polish;
        options.max_cx = max_cx;
        options.width = width;
        options.starts = qubits_ == 3 ? 1 : 2;
        options.max_descents = std::uint64_t{4000} << (std::max(1, options_.effort) - 1);
        options.stop = options_.stop;
        return options;
    }

    bool beam(int max_cx, std::size_t width, Seed salt) {
        Result<QSearchResult> found = beam_search(target_, beam_options(max_cx, width, salt));
        if (!found) {
            return false;
        }
        descents_ += found->descents;
        if (found->found) {
            best_ = std::move(found->ansatz);
        }
        return found->found;
    }

    bool peel() {
        PeelOptions options;
        options.seed = options_.seed + 4;
        options.threshold = options_.threshold;
        options.polish = options_.polish;
        options.stop = options_.stop;
        const auto rest = [this](const base::Matrix& three) { return synthesize_rest(three); };
        PeelResult found = peel_qubit(target_, rest, options);
        descents_ += found.descents;
        const bool fewer =
            found.ansatz && (!best_ || found.ansatz->shape.cx.size() < best_->shape.cx.size());
        if (fewer) {
            best_ = std::move(found.ansatz);
        }
        return fewer;
    }

    // The fewest CX of a few seeds: searches on three qubits are cheap.
    Result<Circuit> synthesize_rest(const base::Matrix& three) {
        Result<Circuit> best = not_found("no seed tried");
        for (Seed salt = 0; salt < 3; ++salt) {
            UnitaryOptions own = options_;
            own.seed = options_.seed + 5 + salt;
            UnitaryResult spent;
            Result<Circuit> found = synthesize_circuit(three, own, spent);
            descents_ += spent.descents;
            if (found && (!best || count_two_qubit(*found) < count_two_qubit(*best))) {
                best = std::move(found);
            }
        }
        return best;
    }

    // From above: templates of falling size, until one no longer reaches the target.
    void step_down() {
        for (int next = count() * 3 / 4; next >= 8; next = next * 3 / 4) {
            if (!fit(pairs_in_turn(qubits_, static_cast<std::size_t>(next), 0), 3)) {
                return;
            }
        }
    }

    void shrink() {
        DeletionOptions options;
        options.seed = options_.seed + 3;
        options.threshold = options_.threshold;
        options.polish = options_.polish;
        options.random_starts = 2;
        // A descent costs about the square of the number of CX.
        const std::uint64_t squared = best_->shape.cx.size() * best_->shape.cx.size();
        options.max_descents =
            std::clamp<std::uint64_t>(20000 / std::max<std::uint64_t>(1, squared), 20, 120)
            << options_.effort;
        options.stop = options_.stop;
        Result<DeletionResult> found = delete_gates(target_, *best_, options);
        if (found) {
            descents_ += found->descents;
            best_ = std::move(found->ansatz);
        }
    }

    const base::Matrix& target_;
    Instantiator engine_;
    const UnitaryOptions& options_;
    InstantiateOptions descent_;
    Philox random_;
    int qubits_;
    std::optional<Ansatz> best_;
    std::uint64_t descents_ = 0;  // of the searches with an engine of their own
};

// Block-ZXZ with factors on `leaf_qubits`; factor k has its own seed, and its share of a tolerance
// above the usual one (errors add up in delta = sqrt(2 d)).
Result<Circuit> decompose(const base::Matrix& target, int leaf_qubits,
                          const UnitaryOptions& options, UnitaryResult& result) {
    Seed factor = 0;
    const double factors = std::ldexp(1.0, 2 * (std::countr_zero(target.rows()) - leaf_qubits));
    const double polish = std::max(options.polish / (factors * factors), UnitaryOptions{}.polish);
    return block_zxz(target, leaf_qubits, [&](const base::Matrix& leaf) {
        UnitaryOptions own = options;
        own.seed = options.seed + 1000 * ++factor;
        own.polish = std::min(options.polish, polish);
        return synthesize_circuit(leaf, own, result);
    });
}

Result<Circuit> search(const base::Matrix& target, const UnitaryOptions& options,
                       UnitaryResult& result) {
    Result<Instantiator> engine = Instantiator::create(target);
    if (!engine) {
        return engine.error();
    }
    std::optional<Ansatz> found = Searcher(target, *std::move(engine), options).run(result);
    if (found) {
        Result<Instantiator> cleaner = Instantiator::create(target);
        if (!cleaner) {
            return cleaner.error();
        }
        const Ansatz clean = clean_angles(*cleaner, *std::move(found), options.stop);
        result.descents += cleaner->count();
        result.stopped = result.stopped || should_stop(options.stop);
        return to_circuit(clean);
    }
    if (result.stopped) {
        return Status(StatusCode::kCancelled, "synthesize unitary: stopped");
    }
    return decompose(target, target.rows() == 8 ? 2 : 3, options, result);
}

Result<Circuit> synthesize_circuit(const base::Matrix& target, const UnitaryOptions& options,
                                   UnitaryResult& result) {
    switch (target.rows()) {
        case 2: {
            Circuit out = Circuit::with_qubits(1);
            if (!is_identity(target)) {
                const U3Angles u3 = u3_angles(target);
                out.append(Gate::kU3, {0}, {u3.theta, u3.phi, u3.lambda});
            }
            return out;
        }
        case 4:
            return synthesize_two_qubit(target, options.polish);
        case 8:
        case 16:
            return search(target, options, result);
        default:
            return decompose(target, 4, options, result);
    }
}

}  // namespace

Result<UnitaryResult> synthesize_unitary(const base::Matrix& target,
                                         const UnitaryOptions& options) {
    const std::size_t rows = target.rows();
    if (rows < 2 || !std::has_single_bit(rows) || rows > std::size_t{1} << kMaxUnitaryQubits ||
        !(base::unitarity_defect(target) <= 1e-8)) {
        return invalid_argument("synthesize unitary: needs a 2^n x 2^n matrix, n = 1 to " +
                                std::to_string(kMaxUnitaryQubits) + ", unitary to 1e-8, got " +
                                std::to_string(rows) + "x" + std::to_string(target.cols()));
    }
    UnitaryResult result;
    Result<Circuit> found = synthesize_circuit(target, options, result);
    if (!found) {
        return found.error();
    }
    const Result<base::Matrix> actual = circuit::unitary_of(*found);
    if (!actual) {
        return actual.error();
    }
    result.circuit = std::move(*found);
    result.cx = static_cast<std::uint32_t>(circuit::count_two_qubit(result.circuit));
    result.delta = phase_invariant_distance(target, *actual);
    return result;
}

}  // namespace quercus::synthesis
