#include "quantum/synthesis/state.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <bit>
#include <cmath>
#include <optional>
#include <set>

#include "quantum/circuit/unitary.hpp"
#include "quantum/synthesis/matrix2.hpp"
#include "quantum/synthesis/schmidt.hpp"
#include "quantum/synthesis/state_columns.hpp"
#include "quantum/synthesis/structure.hpp"

namespace quercus::synthesis {

using namespace detail;

namespace {

using Columns = Eigen::MatrixXcd;
// Wider maps are cut (synthesize_wide) before anything is fitted.
constexpr int kMostSearched = 4;
constexpr int kIterations = 80;
constexpr int kPolishIterations = 20;

struct Fit {
    double d = 2;  // ||V in - e^{i phi} out||^2 / (2 k)
    Ansatz ansatz;
};

// One rotation or one CX of a template, in program order.
struct Step {
    enum class Kind { kX, kY, kZ, kCX } kind;
    int qubit;
    int target = 0;  // of a CX
};

std::vector<Step> steps_of(const Template& shape) {
    using Kind = Step::Kind;
    std::vector<Step> steps;
    for (int q = 0; q < shape.num_qubits; ++q) {
        steps.insert(steps.end(), {{Kind::kZ, q}, {Kind::kY, q}, {Kind::kZ, q}});
    }
    for (const CxPair& cx : shape.cx) {
        steps.push_back({Kind::kCX, cx.control, cx.target});
        steps.insert(steps.end(), {{Kind::kY, cx.control},
                                   {Kind::kZ, cx.control},
                                   {Kind::kZ, cx.target},
                                   {Kind::kX, cx.target}});
    }
    return steps;
}

// Without the standard product's care for infinities, which is a function call.
Complex multiplied(const Complex& a, const Complex& b) {
    return {a.real() * b.real() - a.imag() * b.imag(), a.real() * b.imag() + a.imag() * b.real()};
}

// Columns first to first + count - 1 of m <- (gate on `qubit`) m.
void apply(const Matrix2& gate, int qubit, Columns& m, Eigen::Index first, Eigen::Index count) {
    const Eigen::Index bit = Eigen::Index{1} << qubit;
    for (Eigen::Index j = first; j < first + count; ++j) {
        Complex* column = m.data() + j * m.rows();
        for (Eigen::Index row = 0; row < m.rows(); ++row) {
            if ((row & bit) == 0) {
                const Complex low = column[row], high = column[row | bit];
                column[row] = multiplied(gate[0], low) + multiplied(gate[1], high);
                column[row | bit] = multiplied(gate[2], low) + multiplied(gate[3], high);
            }
        }
    }
}

void apply_cx(const Step& cx, Columns& m, Eigen::Index count) {
    const Eigen::Index control = Eigen::Index{1} << cx.qubit, target = Eigen::Index{1} << cx.target;
    for (Eigen::Index j = 0; j < count; ++j) {
        Complex* column = m.data() + j * m.rows();
        for (Eigen::Index row = 0; row < m.rows(); ++row) {
            if ((row & control) != 0 && (row & target) == 0) {
                std::swap(column[row], column[row | target]);
            }
        }
    }
}

Matrix2 rotation(Step::Kind kind, double angle) {
    return kind == Step::Kind::kX   ? rotation_x(angle)
           : kind == Step::Kind::kY ? rotation_y(angle)
                                    : rotation_z(angle);
}

Matrix2 pauli(Step::Kind kind) {
    return kind == Step::Kind::kX ? pauli_x() : kind == Step::Kind::kY ? pauli_y() : pauli_z();
}

class Fitter {
 public:
    Fitter(Columns in, Columns out, const UnitaryOptions& options)
        : in_(std::move(in)), out_(std::move(out)), options_(options) {}

    [[nodiscard]] std::uint64_t count() const { return count_; }

    Fit run(Ansatz start) {
        ++count_;
        const std::vector<Step> steps = steps_of(start.shape);
        Eigen::VectorXd x = Eigen::Map<const Eigen::VectorXd>(
            start.params.data(), static_cast<Eigen::Index>(start.params.size()));
        Point at = evaluate(steps, x);
        double damping = 0.05, growth = 2, window = at.d;
        int polish = 0;
        for (int i = 1; i <= kIterations && at.d > 1e-30; ++i) {
            if (should_stop(options_.stop) ||
                (at.d <= options_.polish && ++polish > kPolishIterations)) {
                break;
            }
            Eigen::MatrixXd h = at.jacobian.transpose() * at.jacobian;
            h.diagonal().array() += damping;
            const Eigen::VectorXd trial = x - h.ldlt().solve(at.jacobian.transpose() * at.residual);
            Point next = evaluate(steps, trial);
            if (next.d < at.d) {
                const bool rounding = at.d <= options_.polish && next.d > 0.25 * at.d;
                x = trial;
                at = std::move(next);
                damping = std::max(std::min(damping / 3, at.d), 1e-16);
                growth = 2;
                if (rounding) {
                    break;
                }
            } else {
                damping *= growth;
                growth *= 2;
                if (damping > 1e8) {
                    break;
                }
            }
            if (i % 10 == 0) {
                if (at.d > 0.97 * window) {
                    break;
                }
                window = at.d;
            }
        }
        start.params.assign(x.data(), x.data() + x.size());
        return {at.d, std::move(start)};
    }

 private:
    struct Point {
        double d;
        Eigen::VectorXd residual;
        Eigen::MatrixXd jacobian;
    };

    static Eigen::VectorXd flat(const Columns& m) {
        Eigen::VectorXd out(2 * m.size());
        for (Eigen::Index k = 0; k < m.size(); ++k) {
            out(2 * k) = m.data()[k].real();
            out(2 * k + 1) = m.data()[k].imag();
        }
        return out;
    }

    // The derivative for each angle is carried through the rest of the circuit next to the state.
    Point evaluate(const std::vector<Step>& steps, const Eigen::VectorXd& x) const {
        const Eigen::Index k = in_.cols();
        Columns all(in_.rows(), k * (x.size() + 1));
        all.leftCols(k) = in_;
        Eigen::Index p = 0;
        for (const Step& step : steps) {
            if (step.kind == Step::Kind::kCX) {
                apply_cx(step, all, k * (p + 1));
                continue;
            }
            apply(rotation(step.kind, x(p)), step.qubit, all, 0, k * (p + 1));
            ++p;
            all.middleCols(k * p, k) = Complex(0, -0.5) * all.leftCols(k);
            apply(pauli(step.kind), step.qubit, all, k * p, k);
        }
        const Complex overlap = (out_.adjoint() * all.leftCols(k)).trace();
        const double size = modulus(overlap);
        const Complex turn = size > 0 ? std::conj(overlap) / size : Complex(1);
        all *= turn;
        Point out;
        out.residual = flat(all.leftCols(k) - out_);
        out.d = out.residual.squaredNorm() / (2.0 * static_cast<double>(k));
        out.jacobian.resize(out.residual.size(), x.size());
        const Columns phase = Complex(0, 1) * all.leftCols(k);
        const Eigen::VectorXd along = flat(phase) / std::sqrt(static_cast<double>(k));
        for (Eigen::Index q = 0; q < x.size(); ++q) {
            Eigen::VectorXd column = flat(all.middleCols(k * (q + 1), k));
            column -= along * along.dot(column);  // a change of the global phase
            out.jacobian.col(q) = column;
        }
        return out;
    }

    Columns in_, out_;
    const UnitaryOptions& options_;
    std::uint64_t count_ = 0;
};

// Breadth first over structures, the closest few of each count extended.
class Search {
 public:
    // For `columns` input-output pairs.
    Search(int qubits, Eigen::Index columns, Fitter& fitter, const UnitaryOptions& options)
        : qubits_(qubits),
          columns_(columns),
          fitter_(fitter),
          options_(options),
          random_(options.seed) {}

    // A generic map of many states shows itself by templates with one CX less not reaching it; all
    // others are searched from below.
    std::optional<Ansatz> run() {
        int deepest = qubits_ == 4 ? 10 : 8;
        std::optional<Ansatz> best;
        if (columns_ > 1) {
            best = reach_generic();
            if (best && columns_ > 2 && !reach_fewer(best->shape.cx.size() - 1)) {
                return best;
            }
            deepest =
                best ? std::min(deepest, static_cast<int>(best->shape.cx.size()) - 1) : deepest;
        }
        Template none{qubits_, {}};
        std::vector<Fit> level(1);
        level[0] = best_of({none, {}});
        for (int cx = 0; !solved(level) && cx < deepest && !should_stop(options_.stop); ++cx) {
            level = extend(level);
        }
        if (solved(level)) {
            return level.front().ansatz;
        }
        return best;
    }

 private:
    bool solved(const std::vector<Fit>& level) const { return level.front().d <= options_.polish; }

    // Warm from the parent's angles, then from random ones.
    Fit best_of(Ansatz start) {
        Fit best;
        const int starts = 2 + std::max(0, options_.effort);
        for (int i = 0; i < starts && best.d > options_.polish; ++i) {
            const std::size_t keep = i == 0 ? start.params.size() : 0;
            start.params.resize(keep);
            while (start.params.size() < start.shape.num_parameters()) {
                start.params.push_back(random_.uniform(-kPi, kPi));
            }
            Fit found = fitter_.run(start);
            if (found.d < best.d) {
                best = std::move(found);
            }
        }
        return best;
    }

    std::vector<Fit> extend(const std::vector<Fit>& level) {
        const std::size_t width = std::size_t{6} << std::max(0, options_.effort - 1);
        std::vector<Fit> next;
        std::set<Structure> seen;
        for (const Fit& parent : level) {
            for (const CxPair& pair : all_pairs(qubits_)) {
                Ansatz child = parent.ansatz;
                child.shape.cx.push_back(pair);
                if (is_redundant(child.shape.cx) ||
                    !seen.insert(structure_of(child.shape.cx)).second) {
                    continue;
                }
                next.push_back(best_of(std::move(child)));
                if (next.back().d <= options_.polish) {
                    return {next.back()};
                }
            }
        }
        std::stable_sort(next.begin(), next.end(),
                         [](const Fit& a, const Fit& b) { return a.d < b.d; });
        next.resize(std::min(next.size(), width));
        return next;
    }

    // Templates with as many parameters as an isometry has dimensions, 2 N k - k^2 - 1, or few
    // more.
    std::optional<Ansatz> reach_generic() {
        const Eigen::Index rows = Eigen::Index{1} << qubits_;
        const Eigen::Index dimensions = columns_ * (2 * rows - columns_) - 1;
        const auto least = static_cast<std::size_t>((dimensions - 3 * qubits_ + 3) / 4);
        for (std::size_t cx = least; cx < least + 4 && !should_stop(options_.stop); ++cx) {
            const Fit found = best_of({pairs_in_turn(qubits_, cx, 0), {}});
            if (found.d <= options_.polish) {
                return found.ansatz;
            }
        }
        return std::nullopt;
    }

    bool reach_fewer(std::size_t cx) {
        const std::size_t orders = qubits_ == 3 ? 3 : 2;
        for (std::size_t first = 0; first < orders; ++first) {
            if (best_of({pairs_in_turn(qubits_, cx, first), {}}).d <= options_.polish) {
                return true;
            }
        }
        return false;
    }

    int qubits_;
    Eigen::Index columns_;
    Fitter& fitter_;
    const UnitaryOptions& options_;
    Philox random_;
};

// Any unitary that maps `in` to `out`: both completed to bases by Householder reflections.
base::Matrix completed(const Columns& in, const Columns& out) {
    const auto basis = [](const Columns& m) {
        const Eigen::HouseholderQR<Columns> qr(m);
        Columns q = qr.householderQ();
        q.leftCols(m.cols()) = m;
        return q;
    };
    return to_matrix(basis(out) * basis(in).adjoint());
}

int qubits_of(const StateMap& pairs) {
    return std::countr_zero(pairs[0].input.size());
}

Result<UnitaryResult> synthesize_narrow(const StateMap& pairs, const UnitaryOptions& options) {
    const Columns in = orthonormal_columns(pairs, &StatePair::input);
    const Columns out = orthonormal_columns(pairs, &StatePair::output);
    UnitaryResult result;
    std::optional<Ansatz> found;
    if (2 * in.cols() <= in.rows()) {
        Fitter fitter(in, out, options);
        found = Search(qubits_of(pairs), in.cols(), fitter, options).run();
        result.descents = fitter.count();
    }
    if (!found && should_stop(options.stop)) {
        return Status(StatusCode::kCancelled, "synthesize state: stopped");
    }
    if (!found) {
        return synthesize_unitary(completed(in, out), options);
    }
    result.circuit = to_circuit(*found);
    return result;
}

circuit::Circuit inverted(circuit::Circuit circuit) {
    std::reverse(circuit.operations.begin(), circuit.operations.end());
    for (circuit::Operation& op : circuit.operations) {
        if (op.gate == circuit::Gate::kU3) {
            op.params = {-op.params[0], -op.params[2], -op.params[1]};
        }
    }
    return circuit;
}

bool starts_at_zero(const StatePair& pair) {
    return std::abs(pair.input[0]) > 1 - 1e-12;
}

// One state to another by way of |0...0>; several by a whole unitary.
Result<UnitaryResult> synthesize_wide(const StateMap& pairs, const UnitaryOptions& options) {
    if (pairs.size() > 1) {
        return synthesize_unitary(completed(orthonormal_columns(pairs, &StatePair::input),
                                            orthonormal_columns(pairs, &StatePair::output)),
                                  options);
    }
    Result<UnitaryResult> to = prepare_by_schmidt(pairs[0].output, options);
    if (!to || starts_at_zero(pairs[0])) {
        return to;
    }
    Result<UnitaryResult> from = prepare_by_schmidt(pairs[0].input, options);
    if (!from) {
        return from;
    }
    from->circuit = inverted(std::move(from->circuit));
    from->circuit.operations.insert(from->circuit.operations.end(), to->circuit.operations.begin(),
                                    to->circuit.operations.end());
    from->descents += to->descents;
    return from;
}

}  // namespace

Result<double> distance_to(const StateMap& pairs, const circuit::Circuit& circuit) {
    const auto u = circuit::unitary_of(circuit);
    if (!u) {
        return u.error();
    }
    const Columns in = orthonormal_columns(pairs, &StatePair::input);
    const Columns out = orthonormal_columns(pairs, &StatePair::output);
    if (u->rows() != pairs[0].input.size()) {
        return invalid_argument("the circuit acts on another number of qubits than the states");
    }
    const Columns got = to_columns(*u) * in;
    const Complex overlap = (out.adjoint() * got).trace();
    const double size = modulus(overlap);
    const Complex turn = size > 0 ? std::conj(overlap) / size : Complex(1);
    return (turn * got - out).norm() / std::sqrt(static_cast<double>(in.cols()));
}

Result<UnitaryResult> synthesize_state_map(const StateMap& pairs, const UnitaryOptions& options) {
    if (Status status = check(pairs); !status.is_ok()) {
        return status;
    }
    Result<UnitaryResult> result = qubits_of(pairs) <= kMostSearched
                                       ? synthesize_narrow(pairs, options)
                                       : synthesize_wide(pairs, options);
    if (!result) {
        return result;
    }
    const Result<double> delta = distance_to(pairs, result->circuit);
    if (!delta) {
        return delta.error();
    }
    result->cx = static_cast<std::uint32_t>(circuit::count_two_qubit(result->circuit));
    result->delta = *delta;
    result->stopped = should_stop(options.stop);
    return result;
}

Result<UnitaryResult> synthesize_state(const StateVector& state, const UnitaryOptions& options) {
    if (Status status = check(state); !status.is_ok()) {
        return status;
    }
    return synthesize_state_map(preparation_of(state), options);
}

}  // namespace quercus::synthesis
