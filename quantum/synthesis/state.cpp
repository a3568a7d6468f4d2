#include "quantum/synthesis/state.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <bit>
#include <numbers>
#include <optional>
#include <set>
#include <string>

#include "quantum/circuit/unitary.hpp"
#include "quantum/synthesis/matrix2.hpp"
#include "quantum/synthesis/structure.hpp"

namespace quercus::synthesis {

using namespace detail;

namespace {

using Columns = Eigen::MatrixXcd;
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
    Search(int qubits, Fitter& fitter, const UnitaryOptions& options)
        : qubits_(qubits), fitter_(fitter), options_(options), random_(options.seed) {}

    std::optional<Ansatz> run(int max_cx) {
        Template none{qubits_, {}};
        std::vector<Fit> level(1);
        level[0] = best_of({none, {}});
        for (int cx = 0; !solved(level) && cx < max_cx && !should_stop(options_.stop); ++cx) {
            level = extend(level);
        }
        if (!solved(level)) {
            return std::nullopt;
        }
        return level.front().ansatz;
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

    int qubits_;
    Fitter& fitter_;
    const UnitaryOptions& options_;
    Philox random_;
};

Columns columns_of(const std::vector<StatePair>& pairs, StateVector StatePair::*side) {
    const auto rows = static_cast<Eigen::Index>((pairs[0].*side).size());
    Columns out(rows, static_cast<Eigen::Index>(pairs.size()));
    for (Eigen::Index j = 0; j < out.cols(); ++j) {
        for (Eigen::Index i = 0; i < rows; ++i) {
            out(i, j) = (pairs[static_cast<std::size_t>(j)].*side)[static_cast<std::size_t>(i)];
        }
    }
    return out;
}

Status check(const std::vector<StatePair>& pairs) {
    const std::size_t rows = pairs.empty() ? 0 : pairs[0].input.size();
    if (rows < 2 || rows > 16 || !std::has_single_bit(rows) || pairs.size() > rows) {
        return invalid_argument(
            "synthesize state: needs 2^n amplitudes, n = 1 to 4, and 1 to 2^n " +
            std::string("pairs, got ") + std::to_string(rows) + " and " +
            std::to_string(pairs.size()));
    }
    for (const StatePair& pair : pairs) {
        if (pair.input.size() != rows || pair.output.size() != rows) {
            return invalid_argument("synthesize state: states of different lengths");
        }
    }
    for (const auto side : {&StatePair::input, &StatePair::output}) {
        const Columns m = columns_of(pairs, side);
        const double defect =
            (m.adjoint() * m - Columns::Identity(m.cols(), m.cols())).cwiseAbs().maxCoeff();
        if (!m.allFinite() || !(defect <= 1e-8)) {
            return invalid_argument(pairs.size() == 1
                                        ? "synthesize state: the state is not of norm 1 to 1e-8"
                                        : "synthesize state: the states are not orthonormal to "
                                          "1e-8");
        }
    }
    return Status::ok();
}

// Any unitary that maps `in` to `out`: both completed to bases by Householder reflections.
base::Matrix completed(const Columns& in, const Columns& out) {
    const auto basis = [](const Columns& m) {
        const Eigen::HouseholderQR<Columns> qr(m);
        Columns q = qr.householderQ();
        q.leftCols(m.cols()) = m;
        return q;
    };
    const Columns u = basis(out) * basis(in).adjoint();
    base::Matrix matrix(static_cast<std::size_t>(u.rows()), static_cast<std::size_t>(u.cols()));
    for (std::size_t r = 0; r < matrix.rows(); ++r) {
        for (std::size_t c = 0; c < matrix.cols(); ++c) {
            matrix(r, c) = u(static_cast<Eigen::Index>(r), static_cast<Eigen::Index>(c));
        }
    }
    return matrix;
}

double distance_of(const circuit::Circuit& circuit, const Columns& in, const Columns& out) {
    const base::Matrix u = *circuit::unitary_of(circuit);
    Columns v(in.rows(), in.rows());
    for (Eigen::Index r = 0; r < v.rows(); ++r) {
        for (Eigen::Index c = 0; c < v.cols(); ++c) {
            v(r, c) = u(static_cast<std::size_t>(r), static_cast<std::size_t>(c));
        }
    }
    const Columns got = v * in;
    const Complex overlap = (out.adjoint() * got).trace();
    const double size = modulus(overlap);
    const Complex turn = size > 0 ? std::conj(overlap) / size : Complex(1);
    return (turn * got - out).norm() / std::sqrt(static_cast<double>(in.cols()));
}

}  // namespace

Result<UnitaryResult> synthesize_state_map(const std::vector<StatePair>& pairs,
                                           const UnitaryOptions& options) {
    if (Status status = check(pairs); !status.is_ok()) {
        return status;
    }
    const Columns in = columns_of(pairs, &StatePair::input);
    const Columns out = columns_of(pairs, &StatePair::output);
    const int qubits = std::countr_zero(pairs[0].input.size());
    UnitaryResult result;
    std::optional<Ansatz> found;
    if (2 * in.cols() <= in.rows()) {
        Fitter fitter(in, out, options);
        found = Search(qubits, fitter, options).run(qubits == 4 ? 10 : 8);
        result.descents = fitter.count();
    }
    if (found) {
        result.circuit = to_circuit(*found);
    } else {
        Result<UnitaryResult> whole = synthesize_unitary(completed(in, out), options);
        if (!whole) {
            return whole.error();
        }
        result.circuit = std::move(whole->circuit);
        result.descents += whole->descents;
    }
    result.cx = static_cast<std::uint32_t>(circuit::count_two_qubit(result.circuit));
    result.delta = distance_of(result.circuit, in, out);
    result.stopped = should_stop(options.stop);
    return result;
}

Result<UnitaryResult> synthesize_state(const StateVector& state, const UnitaryOptions& options) {
    StateVector zero(state.size());
    if (!zero.empty()) {
        zero[0] = 1;
    }
    return synthesize_state_map({{zero, state}}, options);
}

}  // namespace quercus::synthesis
