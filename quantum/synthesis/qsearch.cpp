#include "quantum/synthesis/qsearch.hpp"

#include <numbers>
#include <queue>
#include <set>

#include "quantum/synthesis/crossings.hpp"
#include "quantum/synthesis/structure.hpp"

namespace quercus::synthesis {
namespace {

using detail::Structure;

struct Node {
    double score = 0;
    std::uint64_t order = 0;  // ties: first come, first served
    Ansatz ansatz;
};

struct Later {
    bool operator()(const Node& a, const Node& b) const {
        return a.score != b.score ? a.score > b.score : a.order > b.order;
    }
};

class Search {
 public:
    Search(const base::Matrix& target, Instantiator& engine, const QSearchOptions& options)
        : engine_(engine),
          crossings_(target, options.polish),
          options_(options),
          random_(options.seed),
          bound_(options.max_cx),
          pairs_(options.pairs.empty() ? detail::all_pairs(engine.num_qubits()) : options.pairs) {
        descent_.threshold = options.threshold;
        descent_.polish = options.polish;
        descent_.stop = options.stop;
        descent_.is_hasty = true;
    }

    QSearchResult run() {
        const Template none{engine_.num_qubits(), {}};
        if (is_possible(none)) {
            visit(none, {});
            try_generic();
        }
        while (!frontier_.empty() && !done()) {
            const Node node = frontier_.top();
            frontier_.pop();
            if (static_cast<int>(node.ansatz.shape.cx.size()) < bound_) {
                expand(node);
            }
        }
        result_.descents = engine_.count();
        result_.stopped = should_stop(options_.stop);
        return std::move(result_);
    }

 private:
    bool done() const {
        return bound_ < 0 || engine_.count() >= options_.max_descents || should_stop(options_.stop);
    }

    bool is_possible(const Template& start) const {
        return bound_ >= 0 && crossings_.allow(start, static_cast<std::size_t>(bound_));
    }

    // Where a template has as many parameters as SU(2^n), nearly every descent succeeds.
    void try_generic() {
        const int n = engine_.num_qubits();
        const int dimension = (1 << (2 * n)) - 1;
        const int generic = std::max(0, (dimension - 3 * n + 3) / 4);
        if (n > 3 || bound_ < generic) {
            return;
        }
        Template shape{n, {}};
        for (int i = 0; i < generic; ++i) {
            shape.cx.push_back(pairs_[static_cast<std::size_t>(i) % pairs_.size()]);
        }
        Instantiation found = engine_.run_random(shape, random_, 8, descent_);
        if (accepted(found)) {
            accept(std::move(shape), std::move(found));
        }
    }

    void expand(const Node& node) {
        for (const CxPair& pair : pairs_) {
            if (done() || static_cast<int>(node.ansatz.shape.cx.size()) >= bound_) {
                return;
            }
            Ansatz next = node.ansatz;
            next.shape.cx.push_back(pair);
            if (!is_possible(next.shape) || detail::is_redundant(next.shape.cx) ||
                !seen_.insert(detail::structure_of(next.shape.cx)).second) {
                continue;
            }
            for (int k = 0; k < 4; ++k) {
                next.params.push_back(random_.uniform(-std::numbers::pi, std::numbers::pi));
            }
            visit(next.shape, next.params);
        }
    }

    void visit(const Template& shape, const std::vector<double>& warm) {
        Instantiation best;
        best.d = 2;
        int starts = options_.starts;
        if (!warm.empty()) {
            best = engine_.run(shape, warm, descent_);
            --starts;
        }
        if (!accepted(best) && starts > 0) {
            Instantiation other = engine_.run_random(shape, random_, starts, descent_);
            if (other.d < best.d) {
                best = std::move(other);
            }
        }
        if (accepted(best)) {
            accept(shape, std::move(best));
            return;
        }
        const double score = 10 * best.d + static_cast<double>(shape.cx.size());
        frontier_.push({score, order_++, {shape, std::move(best.params)}});
    }

    bool accepted(const Instantiation& found) const {
        return found.success && found.d <= options_.polish;
    }

    void accept(Template shape, Instantiation found) {
        bound_ = static_cast<int>(shape.cx.size()) - 1;
        result_.found = true;
        result_.delta = found.delta;
        result_.ansatz = {std::move(shape), std::move(found.params)};
    }

    Instantiator& engine_;
    detail::Crossings crossings_;
    const QSearchOptions& options_;
    InstantiateOptions descent_;
    Philox random_;
    int bound_;
    std::vector<CxPair> pairs_;
    std::priority_queue<Node, std::vector<Node>, Later> frontier_;
    std::set<Structure> seen_;
    std::uint64_t order_ = 0;
    QSearchResult result_;
};

}  // namespace

Result<QSearchResult> qsearch(const base::Matrix& target, const QSearchOptions& options) {
    Result<Instantiator> engine = Instantiator::create(target);
    if (!engine) {
        return engine.error();
    }
    return Search(target, *engine, options).run();
}

}  // namespace quercus::synthesis
