#include "quantum/synthesis/approximation.hpp"

#include <optional>
#include <set>
#include <string>

#include "quantum/synthesis/structure.hpp"

namespace quercus::synthesis {
namespace {

// How far apart (in CX) two gates may be that are removed together: two that undo each other but
// for a small rotation between them cannot go one at a time.
constexpr std::size_t kPairWindow = 4;
// Descents to a minimum that is not zero converge slowly, and its last digits do not matter.
constexpr int kIterations = 60;

class Thinner {
 public:
    Thinner(Instantiator& engine, const ApproximationOptions& options, Ansatz start)
        : engine_(engine), options_(options), random_(options.seed), now_(std::move(start)) {}

    std::vector<Approximation> run() {
        std::vector<Approximation> found;
        while (!now_.shape.cx.empty() && !done()) {
            std::optional<Approximation> best = best_without();
            if (!best) {
                break;
            }
            now_ = best->ansatz;
            found.push_back(std::move(*best));
        }
        return found;
    }

 private:
    bool done() const {
        return engine_.count() >= options_.max_descents || should_stop(options_.stop);
    }

    // The removal of one or two CX that costs least, if it is affordable.
    std::optional<Approximation> best_without() {
        std::optional<Approximation> best;
        std::set<detail::Structure> tried;
        const auto consider = [&](Ansatz candidate) {
            if (done() || !tried.insert(detail::structure_of(candidate.shape.cx)).second) {
                return;
            }
            Approximation found = descend(candidate);
            if (found.delta <= options_.most_delta && (!best || found.delta < best->delta)) {
                best = std::move(found);
            }
        };
        const std::size_t count = now_.shape.cx.size();
        for (std::size_t i = 0; i < count; ++i) {
            consider(without_cx(now_, i));
        }
        // With one CX less it is at least as close as with two less.
        for (std::size_t i = 0; !best && i + 1 < count; ++i) {
            for (std::size_t j = i + 1; j < std::min(count, i + 1 + kPairWindow); ++j) {
                consider(without_cx(without_cx(now_, j), i));
            }
        }
        return best;
    }

    Approximation descend(const Ansatz& candidate) {
        InstantiateOptions descent;
        descent.max_iterations = kIterations;
        descent.stop = options_.stop;
        Instantiation found = engine_.run(candidate.shape, candidate.params, descent);
        // Cheap on two qubits, where the warm start is often a saddle.
        if (candidate.shape.num_qubits == 2 && found.delta > options_.most_delta) {
            Instantiation other = engine_.run_random(candidate.shape, random_, 2, descent);
            if (other.delta < found.delta) {
                found = std::move(other);
            }
        }
        return {{candidate.shape, std::move(found.params)}, found.delta};
    }

    Instantiator& engine_;
    const ApproximationOptions& options_;
    Philox random_;
    Ansatz now_;
};

}  // namespace

Result<std::vector<Approximation>> approximate(const base::Matrix& target, const Ansatz& start,
                                               const ApproximationOptions& options) {
    Result<Instantiator> engine = Instantiator::create(target);
    if (!engine) {
        return engine.error();
    }
    if (start.shape.num_qubits != engine->num_qubits() ||
        start.params.size() != start.shape.num_parameters()) {
        return invalid_argument("approximation: an ansatz on " +
                                std::to_string(start.shape.num_qubits) +
                                " qubits for a target on " + std::to_string(engine->num_qubits()));
    }
    return Thinner(*engine, options, start).run();
}

}  // namespace quercus::synthesis
