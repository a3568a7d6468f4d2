#include "quantum/synthesis/fit_problem.hpp"

#include <bit>
#include <cmath>
#include <numbers>

#include "quantum/base/sincos.hpp"
#include "quantum/circuit/generate.hpp"
#include "quantum/circuit/unitary.hpp"
#include "quantum/synthesis/state_columns.hpp"

namespace quercus::synthesis::detail {

using base::Complex;
using base::Matrix;
using circuit::Gate;
using circuit::Operation;

namespace {

constexpr double kPi = std::numbers::pi;
constexpr Complex kI(0, 1);

void apply(const Matrix& m, const Operation& on, Columns& columns) {
    for (Eigen::Index j = 0; j < columns.cols(); ++j) {
        circuit::apply_matrix({columns.col(j).data(), static_cast<std::size_t>(columns.rows())},
                              on.qubits, m);
    }
}

// e^{-i phi} of the phase in which `reached` comes closest to `out`.
Complex phase_between(const Columns& out, const Columns& reached) {
    const Complex overlap = out.conjugate().cwiseProduct(reached).sum();
    const double size = std::abs(overlap);
    return size > 0 ? std::conj(overlap) / size : Complex(1);
}

// Radians of a unit of the gate's parameters.
double unit_of(Gate gate) {
    return gate == Gate::kPhasedXZ ? kPi : 1;
}

// Pauli matrix number `index` on q qubits: two bits a qubit, 1 = X, 2 = Y, 3 = Z.
Matrix pauli(std::size_t index, std::size_t qubits) {
    const std::size_t size = std::size_t{1} << qubits;
    Matrix out(size, size);
    for (std::size_t column = 0; column < size; ++column) {
        std::size_t row = column;
        Complex entry = 1;
        for (std::size_t q = 0; q < qubits; ++q) {
            const std::size_t letter = index >> (2 * q) & 3;
            const bool one = (column >> q & 1) != 0;
            if (letter == 1 || letter == 2) {
                row ^= std::size_t{1} << q;
            }
            if (letter == 2) {
                entry *= one ? -kI : kI;
            } else if (letter == 3 && one) {
                entry = -entry;
            }
        }
        out(row, column) = entry;
    }
    return out;
}

// exp(i H), H Hermitian.
Columns exp_of(const Columns& h) {
    const Eigen::SelfAdjointEigenSolver<Columns> eigen(h);
    const Eigen::VectorXd& angles = eigen.eigenvalues();
    const auto size = static_cast<std::size_t>(angles.size());
    std::vector<double> sines(size), cosines(size);
    base::sincos(angles.data(), size, sines.data(), cosines.data());
    Columns turned = eigen.eigenvectors();
    for (Eigen::Index j = 0; j < turned.cols(); ++j) {
        turned.col(j) *=
            Complex(cosines[static_cast<std::size_t>(j)], sines[static_cast<std::size_t>(j)]);
    }
    return turned * eigen.eigenvectors().adjoint();
}

}  // namespace

TargetColumns columns_of(const SynthesisTarget& target) {
    if (const auto* unitary = std::get_if<Matrix>(&target)) {
        const Columns out = to_columns(*unitary);
        return {Columns::Identity(out.rows(), out.cols()), out};
    }
    const auto* state = std::get_if<StateVector>(&target);
    const StateMap map = state != nullptr ? preparation_of(*state) : std::get<StateMap>(target);
    return {orthonormal_columns(map, &StatePair::input),
            orthonormal_columns(map, &StatePair::output)};
}

bool has_angles(Gate gate) {
    const circuit::GateInfo& info = circuit::info(gate);
    return info.is_unitary && info.num_params > 0 && gate != Gate::kU0 && gate != Gate::kDelay;
}

std::size_t coordinates_of(const Operation& op, bool is_frozen) {
    if (op.gate == Gate::kOpaque) {
        return (std::size_t{1} << (2 * op.qubits.size())) - 1;
    }
    return has_angles(op.gate) && !is_frozen ? op.params.size() : 0;
}

// Riesz: f' = (1 / 4n) sum_k (-1)^{k+1} f(t + x_k) / sin^2(x_k / 2) over x_k = (2k - 1) pi / 2n,
// for trigonometric polynomials of degree n; here n = 2 and t is half the angle.
Matrix gate_derivative(Gate gate, std::span<const double> params, std::size_t index) {
    // +-1 / (8 sin^2(x_k / 2)): (2 +- sqrt 2) / 4.
    static constexpr double kWeights[] = {0.85355339059327376220, -0.14644660940672623780,
                                          0.14644660940672623780, -0.85355339059327376220};
    const double unit = unit_of(gate);
    std::vector<double> shifted(params.begin(), params.end());
    Matrix sum;
    for (int k = 0; k < 4; ++k) {
        const double x = (2 * k + 1) * kPi / 4;
        const double weight = kWeights[k];
        shifted[index] = params[index] + 2 * x / unit;
        Matrix term = circuit::gate_matrix(gate, shifted);
        if (k == 0) {
            sum = Matrix(term.rows(), term.cols());
        }
        for (std::size_t i = 0; i < sum.data().size(); ++i) {
            sum.data()[i] += 0.5 * unit * weight * term.data()[i];
        }
    }
    return sum;
}

Eigen::MatrixXd gram_of(const Eigen::MatrixXd& m) {
    Eigen::MatrixXd out(m.cols(), m.cols());
    for (Eigen::Index j = 0; j < m.cols(); ++j) {
        for (Eigen::Index i = 0; i <= j; ++i) {
            out(i, j) = out(j, i) = m.col(i).dot(m.col(j));
        }
    }
    return out;
}

Columns adjoint_product(const Columns& a, const Columns& b) {
    Columns out(a.cols(), b.cols());
    for (Eigen::Index j = 0; j < b.cols(); ++j) {
        for (Eigen::Index i = 0; i < a.cols(); ++i) {
            out(i, j) = a.col(i).dot(b.col(j));
        }
    }
    return out;
}

FitProblem::FitProblem(const circuit::Circuit& shape, TargetColumns target,
                       const std::vector<std::uint8_t>& frozen)
    : circuit_(shape), target_(std::move(target)), matrices_(shape.operations.size()) {
    for (std::size_t i = 0; i < circuit_.operations.size(); ++i) {
        Operation& op = circuit_.operations[i];
        if (op.gate == Gate::kBarrier) {
            continue;
        }
        const bool is_unknown = op.gate == Gate::kOpaque;
        const std::size_t count = coordinates_of(op, i < frozen.size() && frozen[i] != 0);
        if (is_unknown) {
            op.gate = Gate::kUnitary;
            op.opaque_name.clear();
            op.matrix =
                std::make_shared<Matrix>(Matrix::identity(std::size_t{1} << op.qubits.size()));
        }
        update_matrix(i);
        if (count > 0) {
            free_.push_back({i, is_unknown, coordinates_, count});
            coordinates_ += count;
        }
    }
}

void FitProblem::update_matrix(std::size_t operation) {
    matrices_[operation] = circuit::matrix_of(circuit_.operations[operation]);
}

void FitProblem::randomise_angles(Philox& random) {
    for (const Free& free : free_) {
        if (!free.is_unknown) {
            Operation& op = circuit_.operations[free.operation];
            for (double& angle : op.params) {
                angle = random.uniform(-kPi, kPi) / unit_of(op.gate);
            }
            update_matrix(free.operation);
        }
    }
}

void FitProblem::randomise_unknown(Philox& random) {
    for (const Free& free : free_) {
        if (free.is_unknown) {
            Operation& op = circuit_.operations[free.operation];
            op.matrix = std::make_shared<Matrix>(circuit::haar_unitary(op.matrix->rows(), random));
            update_matrix(free.operation);
        }
    }
}

void FitProblem::apply(std::size_t operation, Columns& columns) const {
    if (matrix(operation).rows() > 0) {
        detail::apply(matrix(operation), circuit_.operations[operation], columns);
    }
}

double FitProblem::cost_of(const Columns& reached) const {
    const Complex turn = phase_between(target_.out, reached);
    return (turn * reached - target_.out).squaredNorm() / (2 * static_cast<double>(num_columns()));
}

double FitProblem::cost() const {
    Columns reached = target_.in;
    for (std::size_t i = 0; i < matrices_.size(); ++i) {
        apply(i, reached);
    }
    return cost_of(reached);
}

void FitProblem::move(const Eigen::VectorXd& step) {
    for (const Free& free : free_) {
        Operation& op = circuit_.operations[free.operation];
        const auto by = [&](std::size_t i) {
            return step[static_cast<Eigen::Index>(free.first + i)];
        };
        if (free.is_unknown) {
            Columns h = Columns::Zero(static_cast<Eigen::Index>(op.matrix->rows()),
                                      static_cast<Eigen::Index>(op.matrix->rows()));
            for (std::size_t i = 0; i < free.count; ++i) {
                h += 0.5 * by(i) * to_columns(pauli(i + 1, op.qubits.size()));
            }
            op.matrix = std::make_shared<Matrix>(to_matrix(to_columns(*op.matrix) * exp_of(h)));
        } else {
            for (std::size_t i = 0; i < free.count; ++i) {
                op.params[i] += by(i) / unit_of(op.gate);
            }
        }
        update_matrix(free.operation);
    }
}

std::vector<Matrix> FitProblem::generators(const Free& free) const {
    const Operation& op = circuit_.operations[free.operation];
    std::vector<Matrix> out;
    for (std::size_t i = 0; i < free.count; ++i) {
        if (free.is_unknown) {
            out.push_back(to_matrix(0.5 * kI * to_columns(pauli(i + 1, op.qubits.size()))));
            continue;
        }
        const Matrix derivative = gate_derivative(op.gate, op.params, i);
        out.push_back(to_matrix(to_columns(base::adjoint(matrix(free.operation))) *
                                to_columns(derivative) / unit_of(op.gate)));
    }
    return out;
}

double FitProblem::linearise(Eigen::VectorXd& residual, Eigen::MatrixXd& jacobian) const {
    const Eigen::Index entries = target_.in.size();
    jacobian.resize(2 * entries, static_cast<Eigen::Index>(coordinates_) + 1);
    residual.resize(2 * entries);
    const auto split = [entries](const Columns& from, auto&& into) {
        into.head(entries) = from.reshaped().real();
        into.tail(entries) = from.reshaped().imag();
    };
    Columns so_far = Columns::Identity(target_.in.rows(), target_.in.rows());
    Columns front = target_.in;
    auto next = free_.begin();
    for (std::size_t i = 0; i < matrices_.size(); ++i) {
        if (next != free_.end() && next->operation == i) {
            const std::vector<Matrix> all = generators(*next);
            for (std::size_t k = 0; k < all.size(); ++k) {
                Columns moved = front;
                detail::apply(all[k], circuit_.operations[i], moved);
                split(adjoint_product(so_far, moved),
                      jacobian.col(static_cast<Eigen::Index>(next->first + k)));
            }
            ++next;
        }
        apply(i, so_far);
        apply(i, front);
    }
    const Complex turn = std::conj(phase_between(target_.out, front));
    const Columns rest = target_.in - turn * adjoint_product(so_far, target_.out);
    split(rest, residual);
    split(-kI * target_.in, jacobian.col(static_cast<Eigen::Index>(coordinates_)));
    return rest.squaredNorm() / (2 * static_cast<double>(num_columns()));
}

Columns FitProblem::carried_back() const {
    Columns back = target_.out;
    for (std::size_t i = matrices_.size(); i-- > 0;) {
        if (matrix(i).rows() > 0) {
            detail::apply(base::adjoint(matrix(i)), circuit_.operations[i], back);
        }
    }
    return back;
}

Matrix FitProblem::environment(std::size_t operation, const Columns& front,
                               const Columns& back) const {
    const auto& qubits = circuit_.operations[operation].qubits;
    const std::size_t size = std::size_t{1} << qubits.size();
    std::vector<std::size_t> offsets(size, 0);
    std::size_t mask = 0;
    for (std::size_t q = 0; q < qubits.size(); ++q) {
        const std::size_t bit = std::size_t{1} << qubits[q];
        mask |= bit;
        for (std::size_t a = 0; a < size; ++a) {
            offsets[a] |= (a >> q & 1) != 0 ? bit : 0;
        }
    }
    Matrix sum(size, size);
    for (Eigen::Index j = 0; j < front.cols(); ++j) {
        const Complex* from = front.col(j).data();
        const Complex* to = back.col(j).data();
        for (std::size_t rest = 0; rest < static_cast<std::size_t>(front.rows()); ++rest) {
            if ((rest & mask) != 0) {
                continue;
            }
            for (std::size_t b = 0; b < size; ++b) {
                for (std::size_t a = 0; a < size; ++a) {
                    sum(b, a) += from[rest | offsets[b]] * std::conj(to[rest | offsets[a]]);
                }
            }
        }
    }
    return sum;
}

double FitProblem::gradient(Eigen::VectorXd& gradient) const {
    gradient.setZero(static_cast<Eigen::Index>(coordinates_));
    Columns front = target_.in;
    Columns back = carried_back();
    const Complex turn = phase_between(back, front);
    auto next = free_.begin();
    for (std::size_t i = 0; i < matrices_.size(); ++i) {
        if (next != free_.end() && next->operation == i) {
            // Both before the gate: Tr(back^dagger G^dagger dG front).
            const Columns e = to_columns(environment(i, front, back));
            const std::vector<Matrix> all = generators(*next);
            for (std::size_t k = 0; k < all.size(); ++k) {
                const Complex moved = (to_columns(all[k]) * e).trace();
                gradient[static_cast<Eigen::Index>(next->first + k)] =
                    -(turn * moved).real() / static_cast<double>(num_columns());
            }
            ++next;
        }
        apply(i, front);
        apply(i, back);
    }
    return cost_of(front);
}

double FitProblem::sweep() {
    Columns front = target_.in;
    Columns back = carried_back();
    auto next = free_.begin();
    for (std::size_t i = 0; i < matrices_.size(); ++i) {
        apply(i, back);  // as the gate was
        if (next != free_.end() && next->operation == i) {
            if (next->is_unknown) {
                const Eigen::JacobiSVD<Columns> svd(to_columns(environment(i, front, back)),
                                                    Eigen::ComputeFullU | Eigen::ComputeFullV);
                circuit_.operations[i].matrix =
                    std::make_shared<Matrix>(to_matrix(svd.matrixV() * svd.matrixU().adjoint()));
                update_matrix(i);
            }
            ++next;
        }
        apply(i, front);
    }
    return cost_of(front);
}

}  // namespace quercus::synthesis::detail
