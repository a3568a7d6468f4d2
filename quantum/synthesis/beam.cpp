#include "quantum/synthesis/beam.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <set>

#include "quantum/synthesis/crossings.hpp"
#include "quantum/synthesis/structure.hpp"

namespace quercus::synthesis {
namespace {

struct Node {
    double d = 2;
    Ansatz ansatz;
};

class Beam {
 public:
    Beam(const base::Matrix& target, Instantiator& engine, const BeamOptions& options)
        : engine_(engine),
          crossings_(target, options.polish),
          options_(options),
          random_(options.seed),
          pairs_(options.pairs.empty() ? detail::all_pairs(engine.num_qubits()) : options.pairs) {
        descent_.threshold = options.threshold;
        descent_.polish = options.polish;
        descent_.stop = options.stop;
        descent_.is_hasty = !options.is_survey;
    }

    QSearchResult run() {
        Template none{engine_.num_qubits(), {}};
        Node root{2, {none, std::vector<double>(none.num_parameters())}};
        visit(root);
        std::vector<Node> level;
        level.push_back(std::move(root));
        for (int cx = 1; cx <= options_.max_cx && !done(); ++cx) {
            std::vector<Node> next = extend(level);
            if (next.empty()) {
                break;
            }
            level = std::move(next);
        }
        result_.descents = engine_.count();
        if (!result_.found && !level.empty()) {
            result_.delta = std::sqrt(2 * level.front().d);
            result_.ansatz = std::move(level.front().ansatz);
        }
        result_.stopped = should_stop(options_.stop);
        return std::move(result_);
    }

 private:
    bool done() const {
        return result_.found || engine_.count() >= options_.max_descents ||
               should_stop(options_.stop);
    }

    bool is_possible(const Template& start) const {
        return options_.is_survey ||
               crossings_.allow(start, static_cast<std::size_t>(options_.max_cx));
    }

    std::vector<Node> extend(const std::vector<Node>& level) {
        std::vector<Node> next;
        std::set<detail::Structure> seen;
        for (const Node& parent : level) {
            for (const CxPair& pair : pairs_) {
                if (done()) {
                    return next;
                }
                Node child = parent;
                child.ansatz.shape.cx.push_back(pair);
                if (!is_possible(child.ansatz.shape) ||
                    detail::is_redundant(child.ansatz.shape.cx) ||
                    !seen.insert(detail::structure_of(child.ansatz.shape.cx)).second) {
                    continue;
                }
                for (int k = 0; k < 4; ++k) {
                    child.ansatz.params.push_back(
                        random_.uniform(-std::numbers::pi, std::numbers::pi));
                }
                visit(child);
                next.push_back(std::move(child));
            }
        }
        const auto closer = [](const Node& a, const Node& b) { return a.d < b.d; };
        std::stable_sort(next.begin(), next.end(), closer);
        next.resize(std::min(next.size(), options_.width));
        return next;
    }

    // Descends from the node's own parameters and from random ones; keeps the best.
    void visit(Node& node) {
        keep(node, engine_.run(node.ansatz.shape, node.ansatz.params, descent_));
        for (int i = 1; i < options_.starts && !done(); ++i) {
            keep(node, engine_.run_random(node.ansatz.shape, random_, 1, descent_));
        }
    }

    void keep(Node& node, Instantiation found) {
        if (found.d >= node.d && node.d < 2) {
            return;
        }
        node.d = found.d;
        node.ansatz.params = std::move(found.params);
        if (found.success && found.d <= options_.polish) {
            result_.found = true;
            result_.delta = found.delta;
            result_.ansatz = node.ansatz;
        }
    }

    Instantiator& engine_;
    detail::Crossings crossings_;
    const BeamOptions& options_;
    InstantiateOptions descent_;
    Philox random_;
    std::vector<CxPair> pairs_;
    QSearchResult result_;
};

}  // namespace

Result<QSearchResult> beam_search(const base::Matrix& target, const BeamOptions& options) {
    Result<Instantiator> engine = Instantiator::create(target);
    if (!engine) {
        return engine.error();
    }
    return Beam(target, *engine, options).run();
}

}  // namespace quercus::synthesis
