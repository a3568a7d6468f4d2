#include "quantum/synthesis/fit_circuit.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <deque>
#include <string>

#include "quantum/synthesis/fit_problem.hpp"

namespace quercus::synthesis {

using circuit::Gate;
using circuit::Operation;
using detail::FitProblem;

namespace {

// In the order of FitMethod.
constexpr std::array<std::string_view, 4> kMethods{"auto", "lm", "lbfgs", "qfactor"};
constexpr std::size_t kWidestUnknown = 3;  // qubits
// Numbers in a matrix of Levenberg-Marquardt: so that a step takes a second or two at most.
constexpr double kMostNumbers = 1 << 22;
constexpr int kFirstSweeps = 20;

// Whether a descent goes on: until the cost is below `polish` and falls no faster than rounding
// lets it, or above the threshold less than a thousandth in `window` iterations.
class Watch {
 public:
    Watch(const FitOptions& options, int usual, int window)
        : options_(options),
          most_(options.max_iterations > 0 ? options.max_iterations : usual),
          window_(window) {}

    [[nodiscard]] bool goes_on(double cost) {
        const bool is_over = iterations_ >= most_ || cost <= 1e-30 || should_stop(options_.stop);
        if (is_over || (cost <= options_.polish && cost > 0.25 * before_)) {
            return false;
        }
        before_ = cost;
        if (iterations_ % window_ == 0) {
            if (iterations_ > 0 && cost > 0.999 * at_window_) {
                return false;
            }
            at_window_ = cost;
        }
        ++iterations_;
        return true;
    }
    [[nodiscard]] int iterations() const { return iterations_; }

 private:
    const FitOptions& options_;
    int most_;
    int window_;
    int iterations_ = 0;
    double before_ = 1e9;
    double at_window_ = 1e9;
};

// Levenberg-Marquardt, damping after Nielsen (1999).
int levenberg_marquardt(FitProblem& problem, const FitOptions& options) {
    Eigen::VectorXd residual;
    Eigen::MatrixXd jacobian;
    double cost = problem.linearise(residual, jacobian);
    double damping = 0.05 * static_cast<double>(problem.num_columns());
    double growth = 2;
    Watch watch(options, 200, 10);
    while (watch.goes_on(cost)) {
        const Eigen::MatrixXd normal = detail::gram_of(jacobian);
        const Eigen::VectorXd right = -jacobian.transpose() * residual;
        bool is_better = false;
        while (!is_better && damping < 1e12 && !should_stop(options.stop)) {
            Eigen::MatrixXd damped = normal;
            damped.diagonal().array() += damping;
            const Eigen::VectorXd step = damped.ldlt().solve(right);
            FitProblem trial = problem;
            trial.move(step.head(step.size() - 1));
            const double next = trial.cost();
            if (!(next < cost)) {
                damping *= growth;
                growth *= 2;
                continue;
            }
            const double predicted = step.dot(damping * step + right);
            const double gained = 2 * static_cast<double>(problem.num_columns()) * (cost - next);
            const double t = 2 * gained / predicted - 1;
            damping = std::max(damping * std::max(1.0 / 3, 1 - t * t * t), 1e-15);
            growth = 2;
            problem = std::move(trial);
            is_better = true;
        }
        if (!is_better) {
            break;
        }
        cost = problem.linearise(residual, jacobian);
    }
    return watch.iterations();
}

// What L-BFGS remembers of the curvature.
class History {
 public:
    // The step that the pairs make of a gradient: the two-loop recursion.
    [[nodiscard]] Eigen::VectorXd direction(const Eigen::VectorXd& gradient) const {
        Eigen::VectorXd q = gradient;
        std::vector<double> alpha(pairs_.size());
        for (std::size_t i = pairs_.size(); i-- > 0;) {
            alpha[i] = pairs_[i].step.dot(q) / pairs_[i].curvature;
            q -= alpha[i] * pairs_[i].change;
        }
        if (!pairs_.empty()) {
            q *= pairs_.back().curvature / pairs_.back().change.squaredNorm();
        }
        for (std::size_t i = 0; i < pairs_.size(); ++i) {
            const double beta = pairs_[i].change.dot(q) / pairs_[i].curvature;
            q += (alpha[i] - beta) * pairs_[i].step;
        }
        return -q;
    }
    void add(Eigen::VectorXd step, Eigen::VectorXd change) {
        const double curvature = step.dot(change);
        if (curvature > 1e-16 * step.norm() * change.norm()) {
            pairs_.push_back({std::move(step), std::move(change), curvature});
        }
        if (pairs_.size() > kMost) {
            pairs_.pop_front();
        }
    }
    void clear() { pairs_.clear(); }

 private:
    static constexpr std::size_t kMost = 20;
    struct Pair {
        Eigen::VectorXd step, change;
        double curvature;
    };
    std::deque<Pair> pairs_;
};

// With backtracking by Armijo's rule.
int lbfgs(FitProblem& problem, const FitOptions& options) {
    Eigen::VectorXd gradient;
    double cost = problem.gradient(gradient);
    History history;
    Watch watch(options, 2000, 50);
    while (watch.goes_on(cost)) {
        Eigen::VectorXd direction = history.direction(gradient);
        double slope = direction.dot(gradient);
        if (!(slope < 0)) {
            history.clear();
            direction = -gradient;
            slope = -gradient.squaredNorm();
        }
        bool is_better = false;
        for (double length = 1; !is_better && length > 1e-10 && !should_stop(options.stop);
             length /= 2) {
            FitProblem trial = problem;
            trial.move(length * direction);
            const double next = trial.cost();
            if (next <= cost + 1e-4 * length * slope && next < cost) {
                Eigen::VectorXd after;
                cost = trial.gradient(after);
                history.add(length * direction, after - gradient);
                gradient = std::move(after);
                problem = std::move(trial);
                is_better = true;
            }
        }
        if (!is_better) {
            break;
        }
    }
    return watch.iterations();
}

int qfactor(FitProblem& problem, const FitOptions& options, int most) {
    Watch watch(options, most, 50);
    double cost = problem.cost();
    while (watch.goes_on(cost)) {
        cost = problem.sweep();
    }
    return watch.iterations();
}

// Of the Jacobian or the normal equations.
double numbers_of(const FreeParts& free, const SynthesisTarget& target) {
    const double rows =
        std::ldexp(2.0 * static_cast<double>(num_columns(target)), num_qubits(target));
    const auto columns = static_cast<double>(free.coordinates);
    return std::max(rows, columns) * columns;
}

int descend(FitProblem& problem, const FitOptions& options, const FreeParts& free, bool is_large) {
    switch (options.method) {
        case FitMethod::kLevenbergMarquardt:
            return levenberg_marquardt(problem, options);
        case FitMethod::kLbfgs:
            return lbfgs(problem, options);
        case FitMethod::kQFactor:
            return qfactor(problem, options, 5000);
        case FitMethod::kAuto:
            break;
    }
    const int sweeps = free.unknown > 0 ? qfactor(problem, options, kFirstSweeps) : 0;
    return sweeps + (is_large ? lbfgs(problem, options) : levenberg_marquardt(problem, options));
}

Status check_operation(const Operation& op, std::size_t index, bool is_frozen) {
    const auto refuse = [&](const std::string& why) {
        return invalid_argument("operation " + std::to_string(index) + " (" +
                                std::string(circuit::info(op.gate).name) + ") " + why);
    };
    if (op.condition) {
        return refuse("is under a condition: nothing to be fitted is");
    }
    if (op.gate == Gate::kOpaque) {
        if (!op.params.empty() || op.qubits.size() > kWidestUnknown || op.qubits.empty()) {
            return refuse("'" + op.opaque_name +
                          "' is unknown: an opaque gate without parameters on 1 to 3 qubits");
        }
        return is_frozen ? refuse("is unknown and cannot be frozen") : Status::ok();
    }
    return op.gate == Gate::kBarrier || circuit::info(op.gate).is_unitary
               ? Status::ok()
               : refuse("has no matrix: only gates and barriers can be fitted");
}

}  // namespace

std::string_view to_text(FitMethod method) {
    return kMethods.at(static_cast<std::size_t>(method));
}

Result<FitMethod> fit_method_from_text(std::string_view text) {
    const auto* found = std::find(kMethods.begin(), kMethods.end(), text);
    if (found != kMethods.end()) {
        return static_cast<FitMethod>(found - kMethods.begin());
    }
    return invalid_argument("method '" + std::string(text.substr(0, 40)) +
                            "' is none of auto, lm, lbfgs, qfactor (--method)");
}

Result<FreeParts> check_fit(const circuit::Circuit& shape, const SynthesisTarget& target,
                            const FitOptions& options) {
    if (!options.frozen.empty() && options.frozen.size() != shape.operations.size()) {
        return invalid_argument("frozen: " + std::to_string(options.frozen.size()) + " marks for " +
                                std::to_string(shape.operations.size()) + " operations");
    }
    if (shape.num_qubits() != static_cast<std::uint32_t>(num_qubits(target))) {
        return invalid_argument("the circuit has " + std::to_string(shape.num_qubits()) +
                                " qubits, the target " + std::to_string(num_qubits(target)));
    }
    FreeParts free;
    for (std::size_t i = 0; i < shape.operations.size(); ++i) {
        const Operation& op = shape.operations[i];
        const bool is_frozen = !options.frozen.empty() && options.frozen[i] != 0;
        if (const Status status = check_operation(op, i, is_frozen); !status.is_ok()) {
            return status;
        }
        free.unknown += op.gate == Gate::kOpaque ? 1 : 0;
        free.coordinates += detail::coordinates_of(op, is_frozen);
    }
    if (free.coordinates == 0) {
        return invalid_argument("the circuit has neither a free angle nor an unknown gate to fit");
    }
    if (options.method == FitMethod::kQFactor && free.unknown == 0) {
        return invalid_argument("qfactor fits unknown (opaque) gates, and the circuit has none");
    }
    if (options.method == FitMethod::kLevenbergMarquardt &&
        numbers_of(free, target) > kMostNumbers) {
        return invalid_argument("lm would need too much memory for " +
                                std::to_string(free.coordinates) +
                                " free parameters: take lbfgs or auto (--method)");
    }
    return free;
}

Result<CircuitFit> fit_circuit(const circuit::Circuit& shape, const SynthesisTarget& target,
                               Philox& random, bool from_random, const FitOptions& options) {
    if (Status status = check(target); !status.is_ok()) {
        return status;
    }
    const auto free = check_fit(shape, target, options);
    if (!free) {
        return free.error();
    }
    FitProblem problem(shape, detail::columns_of(target), options.frozen);
    if (from_random && options.method != FitMethod::kQFactor) {
        problem.randomise_angles(random);
    }
    problem.randomise_unknown(random);
    CircuitFit out;
    out.iterations = descend(problem, options, *free, numbers_of(*free, target) > kMostNumbers);
    out.d = problem.cost();
    out.success = out.d < options.threshold;
    out.circuit = problem.circuit();
    return out;
}

}  // namespace quercus::synthesis
