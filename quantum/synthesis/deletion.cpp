#include "quantum/synthesis/deletion.hpp"

#include <algorithm>
#include <set>
#include <string>

#include "quantum/synthesis/crossings.hpp"
#include "quantum/synthesis/structure.hpp"

namespace quercus::synthesis {
namespace {

// How far apart (in CX) two gates may be that are removed together.
constexpr std::size_t kPairWindow = 3;

class Deleter {
 public:
    Deleter(const base::Matrix& target, Instantiator& engine, const DeletionOptions& options,
            DeletionResult start)
        : engine_(engine),
          crossings_(target, options.polish),
          options_(options),
          random_(options.seed),
          best_(std::move(start)) {}

    DeletionResult run() {
        bool again = true;
        while (again && !done()) {
            again = scan() || scan_pairs();
        }
        best_.descents = engine_.count();
        best_.stopped = should_stop(options_.stop);
        return std::move(best_);
    }

 private:
    bool done() const {
        return best_.ansatz.shape.cx.empty() || engine_.count() >= options_.max_descents ||
               should_stop(options_.stop);
    }

    // One pass over the CX from left to right; true if any was removed.
    bool scan() {
        bool removed = false;
        for (std::size_t i = 0; i < best_.ansatz.shape.cx.size() && !done();) {
            if (remove(i)) {
                removed = true;
            } else {
                ++i;
            }
        }
        return removed;
    }

    // Two CX that undo each other cannot go one at a time: tries each CX together with one of the
    // next few. True after the first removal.
    bool scan_pairs() {
        const std::vector<CxPair>& cx = best_.ansatz.shape.cx;
        for (std::size_t i = 0; i + 1 < cx.size(); ++i) {
            for (std::size_t j = i + 1; j < std::min(cx.size(), i + 1 + kPairWindow); ++j) {
                if (done()) {
                    return false;
                }
                if (attempt(without_cx(without_cx(best_.ansatz, j), i), 0)) {
                    best_.removed += 2;
                    return true;
                }
            }
        }
        return false;
    }

    bool remove(std::size_t index) {
        if (!attempt(without_cx(best_.ansatz, index), options_.random_starts)) {
            return false;
        }
        ++best_.removed;
        return true;
    }

    // Instantiates `candidate` from its own parameters, then from random ones.
    bool attempt(const Ansatz& candidate, int random_starts) {
        if (!crossings_.allow(candidate.shape, candidate.shape.cx.size())) {
            return false;
        }
        const detail::Structure structure = detail::structure_of(candidate.shape.cx);
        if (failed_.contains(structure)) {
            return false;
        }
        InstantiateOptions options;
        options.threshold = options_.threshold;
        options.polish = options_.polish;
        options.stop = options_.stop;
        Instantiation found = engine_.run(candidate.shape, candidate.params, options);
        if (!accepted(found) && random_starts > 0) {
            found = engine_.run_random(candidate.shape, random_, random_starts, options);
        }
        if (!accepted(found)) {
            failed_.insert(structure);
            return false;
        }
        best_.ansatz = {candidate.shape, std::move(found.params)};
        best_.delta = found.delta;
        return true;
    }

    bool accepted(const Instantiation& found) const {
        return found.success && found.d <= options_.polish;
    }

    Instantiator& engine_;
    detail::Crossings crossings_;
    const DeletionOptions& options_;
    Philox random_;
    DeletionResult best_;
    std::set<detail::Structure> failed_;  // no use in trying them again for the same target
};

}  // namespace

Result<DeletionResult> delete_gates(const base::Matrix& target, const Ansatz& start,
                                    const DeletionOptions& options) {
    Result<Instantiator> engine = Instantiator::create(target);
    if (!engine) {
        return engine.error();
    }
    if (start.shape.num_qubits != engine->num_qubits() ||
        start.params.size() != start.shape.num_parameters()) {
        return invalid_argument("deletion: an ansatz on " + std::to_string(start.shape.num_qubits) +
                                " qubits for a target on " + std::to_string(engine->num_qubits()));
    }
    DeletionResult result;
    result.ansatz = start;
    result.delta = phase_invariant_distance(target, unitary_of(start));
    return Deleter(target, *engine, options, std::move(result)).run();
}

}  // namespace quercus::synthesis
