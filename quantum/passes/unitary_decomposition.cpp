#include "quantum/passes/unitary_decomposition.hpp"

#include <Eigen/Dense>
#include <bit>
#include <cmath>

#include "quantum/synthesis/kak.hpp"
#include "quantum/synthesis/one_qubit.hpp"

namespace quercus::passes {

using base::Complex;
using circuit::Gate;

namespace {

using Mat = Eigen::MatrixXcd;
constexpr Complex kI{0, 1};

Mat to_eigen(const base::Matrix& m) {
    Mat out(m.rows(), m.cols());
    for (std::size_t r = 0; r < m.rows(); ++r) {
        for (std::size_t c = 0; c < m.cols(); ++c) {
            out(static_cast<Eigen::Index>(r), static_cast<Eigen::Index>(c)) = m(r, c);
        }
    }
    return out;
}

base::Matrix from_eigen(const Mat& m) {
    base::Matrix out(static_cast<std::size_t>(m.rows()), static_cast<std::size_t>(m.cols()));
    for (std::size_t r = 0; r < out.rows(); ++r) {
        for (std::size_t c = 0; c < out.cols(); ++c) {
            out(r, c) = m(static_cast<Eigen::Index>(r), static_cast<Eigen::Index>(c));
        }
    }
    return out;
}

// m = positive * unitary.
struct Polar {
    Mat positive, unitary;
};
Polar polar_of(const Mat& m) {
    const Eigen::JacobiSVD<Mat> svd(m, Eigen::ComputeFullU | Eigen::ComputeFullV);
    const Mat& w = svd.matrixU();
    return {w * svd.singularValues().asDiagonal() * w.adjoint(), w * svd.matrixV().adjoint()};
}

// The unitary nearest to m.
Mat closest_unitary(const Mat& m) {
    return polar_of(m).unitary;
}

// u = (a1 (+) a2) (H (x) 1) (1 (+) b) (H (x) 1) (1 (+) c), blocks by the top qubit.
struct BlockZxz {
    Mat a1, a2, b, c;
};
BlockZxz block_zxz(const Mat& u) {
    const Eigen::Index half = u.rows() / 2;
    const Polar x = polar_of(u.topLeftCorner(half, half));
    const Polar y = polar_of(u.topRightCorner(half, half));
    BlockZxz out;
    out.c = -kI * x.unitary.adjoint() * y.unitary;
    out.a1 = closest_unitary((x.positive + kI * y.positive) * x.unitary);
    out.a2 = closest_unitary(u.bottomLeftCorner(half, half) +
                             u.bottomRightCorner(half, half) * out.c.adjoint());
    out.b = closest_unitary(2.0 * out.a1.adjoint() * u.topLeftCorner(half, half) -
                            Mat::Identity(half, half));
    return out;
}

// a1 = left * diag(e^{i angles}) * right, a2 = left * diag(e^{-i angles}) * right.
struct Demultiplexed {
    Mat left, right;
    Eigen::VectorXd angles;
};
Demultiplexed demultiplex(const Mat& a1, const Mat& a2) {
    const Eigen::ComplexSchur<Mat> schur(a1 * a2.adjoint());
    Demultiplexed out;
    out.left = schur.matrixU();
    const Eigen::VectorXcd squares = schur.matrixT().diagonal();
    out.angles = squares.unaryExpr([](const Complex& z) { return std::arg(z) / 2; }).real();
    const Eigen::VectorXcd phases =
        out.angles.unaryExpr([](double a) { return std::polar(1.0, a); });
    out.right = phases.asDiagonal() * out.left.adjoint() * a2;
    return out;
}

class Decomposer {
 public:
    explicit Decomposer(std::vector<Qubit> qubits) : qubits_(std::move(qubits)) {}

    // Appends u on the lowest `width` qubits.
    Status add(const Mat& u, std::size_t width) {
        if (width == 1) {
            const auto angles = synthesis::u3_angles(from_eigen(u));
            add_gate(Gate::kU3, 0, {angles.theta, angles.phi, angles.lambda});
            return Status::ok();
        }
        if (width == 2) {
            return add_by_kak(u);
        }
        const BlockZxz parts = block_zxz(u);
        const Mat one = Mat::Identity(parts.c.rows(), parts.c.cols());
        const Demultiplexed first = demultiplex(one, parts.c);
        const Demultiplexed middle = demultiplex(one, parts.b);
        const Demultiplexed last = demultiplex(parts.a1, parts.a2);
        const std::size_t top = width - 1;
        // The Hadamards on the top qubit commute with what is between the multiplexed rotations.
        const Mat steps[] = {first.right, middle.right * first.left, last.right * middle.left,
                             last.left};
        const Eigen::VectorXd* rotations[] = {&first.angles, &middle.angles, &last.angles};
        for (std::size_t i = 0; i < 4; ++i) {
            if (Status status = add(steps[i], top); !status.is_ok()) {
                return status;
            }
            if (i < 3) {
                add_multiplexed_rz(*rotations[i], top);
            }
            if (i < 2) {
                add_gate(Gate::kH, top, {});
            }
        }
        return Status::ok();
    }

    std::vector<Operation> take() { return std::move(out_); }

 private:
    void add_gate(Gate gate, std::size_t at, std::initializer_list<double> params) {
        Operation op;
        op.gate = gate;
        op.qubits = {qubits_[at]};
        op.params.assign(params.begin(), params.end());
        out_.push_back(std::move(op));
    }

    Status add_by_kak(const Mat& u) {
        auto found = synthesis::synthesize_two_qubit(from_eigen(u));
        if (!found) {
            return found.error();
        }
        for (Operation op : found->operations) {
            for (Qubit& q : op.qubits) {
                q = qubits_[q];
            }
            out_.push_back(std::move(op));
        }
        return Status::ok();
    }

    // diag(e^{i angles}) where the top qubit is 0, its inverse where it is 1: rz(-2 angles[j]) on
    // the top qubit for index j of the lower ones, in Gray-code order.
    void add_multiplexed_rz(const Eigen::VectorXd& angles, std::size_t top) {
        const unsigned count = 1u << top;
        for (unsigned step = 0; step < count; ++step) {
            const unsigned code = step ^ (step >> 1);
            double sum = 0;
            for (unsigned j = 0; j < count; ++j) {
                const double angle = angles(static_cast<Eigen::Index>(j));
                sum += std::popcount(j & code) % 2 == 0 ? angle : -angle;
            }
            add_gate(Gate::kRZ, top, {-2 * sum / count});
            const bool wraps = step + 1 == count;
            Operation cx;
            cx.gate = Gate::kCX;
            cx.qubits = {
                qubits_[wraps ? top - 1 : static_cast<std::size_t>(std::countr_zero(step + 1))],
                qubits_[top]};
            out_.push_back(std::move(cx));
        }
    }

    std::vector<Qubit> qubits_;
    std::vector<Operation> out_;
};

}  // namespace

Result<std::vector<Operation>> decompose_unitary(const base::Matrix& u, std::vector<Qubit> qubits) {
    const std::size_t width = qubits.size();
    if (width < 1 || width > 6 || u.rows() != std::size_t{1} << width ||
        !(base::unitarity_defect(u) <= 1e-8)) {
        return invalid_argument("no unitary matrix on " + std::to_string(width) +
                                " qubits (1..6 are possible)");
    }
    Decomposer decomposer(std::move(qubits));
    if (const Status status = decomposer.add(closest_unitary(to_eigen(u)), width);
        !status.is_ok()) {
        return status;
    }
    return decomposer.take();
}

}  // namespace quercus::passes
