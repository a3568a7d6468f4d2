#include "quantum/synthesis/block_zxz.hpp"

#include <Eigen/Dense>
#include <bit>
#include <string>

#include "quantum/synthesis/gray_code.hpp"
#include "quantum/synthesis/rebase.hpp"
#include "quantum/synthesis/slots.hpp"

namespace quercus::synthesis {

using namespace detail;

namespace {

using Dense = Eigen::MatrixXcd;
constexpr Complex kI{0, 1};
constexpr int kMaxQubits = 8;

Dense to_dense(const base::Matrix& m) {
    Dense out(m.rows(), m.cols());
    for (std::size_t r = 0; r < m.rows(); ++r) {
        for (std::size_t c = 0; c < m.cols(); ++c) {
            out(static_cast<Eigen::Index>(r), static_cast<Eigen::Index>(c)) = m(r, c);
        }
    }
    return out;
}

base::Matrix from_dense(const Dense& m) {
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
    Dense positive, unitary;
};
Polar polar_of(const Dense& m) {
    const Eigen::JacobiSVD<Dense> svd(m, Eigen::ComputeFullU | Eigen::ComputeFullV);
    const Dense& w = svd.matrixU();
    return {w * svd.singularValues().asDiagonal() * w.adjoint(), w * svd.matrixV().adjoint()};
}

Dense closest_unitary(const Dense& m) {
    return polar_of(m).unitary;
}

// u = (a1 (+) a2) (H (x) 1) (1 (+) b) (H (x) 1) (1 (+) c), blocks by the top qubit.
struct Factors {
    Dense a1, a2, b, c;
};
Factors factor(const Dense& u) {
    const Eigen::Index half = u.rows() / 2;
    const Polar x = polar_of(u.topLeftCorner(half, half));
    const Polar y = polar_of(u.topRightCorner(half, half));
    Factors out;
    out.c = -kI * x.unitary.adjoint() * y.unitary;
    out.a1 = closest_unitary((x.positive + kI * y.positive) * x.unitary);
    out.a2 = closest_unitary(u.bottomLeftCorner(half, half) +
                             u.bottomRightCorner(half, half) * out.c.adjoint());
    out.b = closest_unitary(2.0 * out.a1.adjoint() * u.topLeftCorner(half, half) -
                            Dense::Identity(half, half));
    return out;
}

// a1 = left * diag(e^{i angles}) * right, a2 = left * diag(e^{-i angles}) * right.
struct Demultiplexed {
    Dense left, right;
    Eigen::VectorXd angles;
};
Demultiplexed demultiplex(const Dense& a1, const Dense& a2) {
    const Eigen::ComplexSchur<Dense> schur(a1 * a2.adjoint());
    Demultiplexed out;
    out.left = schur.matrixU();
    const Eigen::VectorXcd squares = schur.matrixT().diagonal();
    out.angles.resize(squares.size());
    Eigen::VectorXcd phases(squares.size());
    for (Eigen::Index k = 0; k < squares.size(); ++k) {
        out.angles(k) = 0.5 * argument(squares(k));
        phases(k) = unit_phase(out.angles(k));
    }
    out.right = phases.asDiagonal() * out.left.adjoint() * a2;
    return out;
}

class Decomposer {
 public:
    Decomposer(int qubits, int leaf_qubits, const LeafSynthesis& leaf)
        : slots_(qubits), leaf_qubits_(leaf_qubits), leaf_(leaf) {}

    // Appends u on the lowest `width` qubits.
    Status add(const Dense& u, int width) {
        if (width <= leaf_qubits_) {
            return add_leaf(u);
        }
        const Factors parts = factor(u);
        const Dense one = Dense::Identity(parts.c.rows(), parts.c.cols());
        const Demultiplexed first = demultiplex(one, parts.c);
        const Demultiplexed middle = demultiplex(one, parts.b);
        const Demultiplexed last = demultiplex(parts.a1, parts.a2);
        constexpr double h = 0.70710678118654752440;
        const int top = width - 1;
        // The Hadamards on the top qubit commute with what is between the multiplexed rotations.
        const Dense steps[] = {first.right, middle.right * first.left, last.right * middle.left,
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
                slots_.append(top, {h, h, h, -h});
            }
        }
        return Status::ok();
    }

    circuit::Circuit take() { return circuit_of(slots_, 1e-14); }

 private:
    Status add_leaf(const Dense& u) {
        const Result<circuit::Circuit> found = leaf_(from_dense(u));
        if (!found) {
            return found.error();
        }
        for (const circuit::Operation& operation : found->operations) {
            if (operation.gate == circuit::Gate::kCX) {
                slots_.append_cx(static_cast<int>(operation.qubits[0]),
                                 static_cast<int>(operation.qubits[1]));
                continue;
            }
            const Result<base::Matrix> matrix = operation_matrix(operation);
            if (!matrix || operation.qubits.size() != 1) {
                return internal_error("block-zxz: a leaf with gates other than cx and one-qubit");
            }
            slots_.append(static_cast<int>(operation.qubits[0]), to_matrix2(*matrix));
        }
        return Status::ok();
    }

    // diag(e^{i angles}) where the top qubit is 0, its inverse where it is 1: rz(-2 angles[j]) on
    // the top qubit for index j of the lower ones, in Gray-code order.
    void add_multiplexed_rz(const Eigen::VectorXd& angles, int top) {
        for_each_gray_code(static_cast<std::size_t>(top), [&](std::size_t code, std::size_t next) {
            double sum = 0;
            for (Eigen::Index j = 0; j < angles.size(); ++j) {
                const double angle = angles(j);
                sum += std::popcount(static_cast<std::size_t>(j) & code) % 2 == 0 ? angle : -angle;
            }
            slots_.append(top, rotation_z(-2 * sum / static_cast<double>(angles.size())));
            slots_.append_cx(static_cast<int>(next), top);
        });
    }

    Slots slots_;
    int leaf_qubits_;
    const LeafSynthesis& leaf_;
};

}  // namespace

Result<circuit::Circuit> block_zxz(const base::Matrix& u, int leaf_qubits,
                                   const LeafSynthesis& leaf) {
    const std::size_t rows = u.rows();
    if (rows < 2 || !std::has_single_bit(rows) || rows > std::size_t{1} << kMaxQubits ||
        !(base::unitarity_defect(u) <= 1e-8)) {
        return invalid_argument("block-zxz: needs a 2^n x 2^n matrix, n = 1 to " +
                                std::to_string(kMaxQubits) + ", unitary to 1e-8, got " +
                                std::to_string(rows) + "x" + std::to_string(u.cols()));
    }
    const int width = std::countr_zero(rows);
    Decomposer decomposer(width, std::max(1, leaf_qubits), leaf);
    if (Status status = decomposer.add(closest_unitary(to_dense(u)), width); !status.is_ok()) {
        return status;
    }
    return decomposer.take();
}

}  // namespace quercus::synthesis
