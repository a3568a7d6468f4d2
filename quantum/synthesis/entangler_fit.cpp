#include "quantum/synthesis/entangler_fit.hpp"

#include <Eigen/Dense>
#include <cmath>
#include <numbers>

#include "quantum/base/random.hpp"
#include "quantum/base/sincos.hpp"

namespace quercus::synthesis::detail {

namespace {

using Gate4 = Eigen::Matrix4cd;
using Complex = base::Complex;

constexpr int kStarts = 12;
constexpr int kIterations = 60;
constexpr double kReached = 1e-28;  // d
constexpr std::size_t kAnglesPerLayer = 6;

Gate4 to_eigen(const base::Matrix& m) {
    Gate4 out;
    for (Eigen::Index r = 0; r < 4; ++r) {
        for (Eigen::Index c = 0; c < 4; ++c) {
            out(r, c) = m(static_cast<std::size_t>(r), static_cast<std::size_t>(c));
        }
    }
    return out;
}

// Generator of angle k of a layer: Z, Y, Z on the low qubit, then on the high one.
const Gate4& pauli(std::size_t k) {
    static const std::array<Gate4, kAnglesPerLayer> all = [] {
        const Complex i(0, 1);
        Gate4 z_low = Gate4::Zero(), y_low = Gate4::Zero();
        Gate4 z_high = Gate4::Zero(), y_high = Gate4::Zero();
        z_low.diagonal() << 1, -1, 1, -1;
        z_high.diagonal() << 1, 1, -1, -1;
        y_low(0, 1) = y_low(2, 3) = y_high(0, 2) = y_high(1, 3) = -i;
        y_low(1, 0) = y_low(3, 2) = y_high(2, 0) = y_high(3, 1) = i;
        return std::array<Gate4, kAnglesPerLayer>{z_low, y_low, z_low, z_high, y_high, z_high};
    }();
    return all[k];
}

class Fit {
 public:
    Fit(const base::Matrix& u, const base::Matrix& gate, std::size_t count)
        : u_(to_eigen(u)),
          gate_(to_eigen(gate)),
          n_(static_cast<Eigen::Index>(kAnglesPerLayer * (count + 1))),
          jacobian_(32, n_) {}

    Eigen::VectorXd run() {
        Philox random(0);
        Eigen::VectorXd best;
        double best_d = 3;
        for (int start = 0; start < kStarts && best_d > kReached; ++start) {
            Eigen::VectorXd x(n_);
            for (double& angle : x) {
                angle = random.uniform(-std::numbers::pi, std::numbers::pi);
            }
            const double d = descend(x);
            if (d < best_d) {
                best_d = d;
                best = x;
            }
        }
        return best;
    }

 private:
    double descend(Eigen::VectorXd& x) {
        double cost = evaluate(x), damping = 0.1;
        for (int k = 0; k < kIterations && cost > kReached; ++k) {
            Eigen::MatrixXd normal = jacobian_.transpose() * jacobian_;
            const Eigen::VectorXd right = jacobian_.transpose() * residual_;
            normal.diagonal().array() += damping;
            const Eigen::VectorXd next = x - normal.ldlt().solve(right);
            const Eigen::MatrixXd kept_jacobian = jacobian_;
            const Eigen::VectorXd kept_residual = residual_;
            const double trial = evaluate(next);
            if (trial < cost) {
                const bool has_settled = cost < 1e-20 && trial > 0.25 * cost;
                x = next;
                cost = trial;
                damping = std::max(damping / 5, 1e-15);
                if (has_settled) {
                    break;
                }
            } else {
                jacobian_ = kept_jacobian;
                residual_ = kept_residual;
                damping *= 4;
            }
        }
        return cost;
    }

    // Residual e^{-i phi} V - U with the best phi, its Jacobian; returns d.
    double evaluate(const Eigen::VectorXd& x) {
        Gate4 v = Gate4::Identity();
        std::vector<Gate4> turned;  // 2 i V^dagger dV / dx
        for (Eigen::Index p = 0; p < n_; ++p) {
            const auto k = static_cast<std::size_t>(p) % kAnglesPerLayer;
            if (k == 0 && p > 0) {
                v = gate_ * v;
            }
            const base::SinCos half = base::sincos(0.5 * x[p]);
            v = (half.cos * v - Complex(0, half.sin) * (pauli(k) * v)).eval();
            turned.emplace_back(v.adjoint() * pauli(k) * v);
        }
        const Complex overlap = (u_.adjoint() * v).trace();
        const double size = modulus(overlap);
        const Complex phase = size > 0 ? std::conj(overlap) / size : Complex(1);
        v *= phase;
        const Gate4 difference = v - u_;
        residual_.resize(32);
        write(difference, residual_.data());
        for (Eigen::Index p = 0; p < n_; ++p) {
            const Gate4 column = Complex(0, -0.5) * v * turned[static_cast<std::size_t>(p)];
            write(column, jacobian_.col(p).data());
        }
        return difference.squaredNorm() / 8;
    }

    static void write(const Gate4& m, double* out) {
        for (Eigen::Index k = 0; k < 16; ++k) {
            out[2 * k] = m(k).real();
            out[2 * k + 1] = m(k).imag();
        }
    }

    Gate4 u_, gate_;
    Eigen::Index n_;
    Eigen::MatrixXd jacobian_;
    Eigen::VectorXd residual_;
};

}  // namespace

std::vector<Locals> fit_locals(const base::Matrix& u, const base::Matrix& gate, std::size_t count) {
    const Eigen::VectorXd x = Fit(u, gate, count).run();
    std::vector<Locals> out(count + 1);
    Eigen::Index p = 0;
    for (Locals& layer : out) {
        for (Matrix2* one : {&layer.low, &layer.high}) {
            *one = rotation_z(x[p + 2]) * (rotation_y(x[p + 1]) * rotation_z(x[p]));
            p += 3;
        }
    }
    return out;
}

}  // namespace quercus::synthesis::detail
