#include "quantum/synthesis/instantiate.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <new>
#include <numbers>

#include "quantum/base/sincos.hpp"
#include "quantum/synthesis/lm_dense.hpp"
#include "quantum/synthesis/lm_sweep.hpp"

namespace quercus::synthesis {

using detail::Sweep;

// Grows and never shrinks; 32-byte aligned doubles.
class AlignedBuffer {
 public:
    double* reserve(std::size_t count) {
        if (count > capacity_) {
            data_.reset(static_cast<double*>(::operator new[](count * sizeof(double), kAlignment)));
            capacity_ = count;
        }
        return data_.get();
    }
    double* data() { return data_.get(); }

 private:
    static constexpr std::align_val_t kAlignment{64};
    struct Free {
        void operator()(double* p) const { ::operator delete[](p, kAlignment); }
    };
    std::unique_ptr<double, Free> data_;
    std::size_t capacity_ = 0;
};

class Instantiator::Engine {
 public:
    virtual ~Engine() = default;
    virtual Instantiation run(const Template& shape, std::span<const double> start,
                              const InstantiateOptions& options) = 0;
    virtual int num_qubits() const = 0;
};

namespace {

constexpr double kInitialDamping = 0.05;  // relative to the diagonal of J^T J, which is N
constexpr double kSmallestDamping = 1e-16;
constexpr int kPolishIterations = 60;

// Gives up on a descent that has settled above the threshold: over `kWindow` iterations the cost
// must fall by at least `kProgress`.
constexpr int kWindow = 10;
constexpr double kProgress = 0.97;

template <int N>
class EngineOf final : public Instantiator::Engine {
 public:
    explicit EngineOf(const base::Matrix& target) {
        for (int i = 0; i < N; ++i) {
            for (int j = 0; j < N; ++j) {
                const auto& entry =
                    target(static_cast<std::size_t>(j), static_cast<std::size_t>(i));
                adjoint_re_[i][j] = entry.real();
                adjoint_im_[i][j] = -entry.imag();
            }
        }
    }

    int num_qubits() const override { return N == 4 ? 2 : N == 8 ? 3 : 4; }

    Instantiation run(const Template& shape, std::span<const double> start,
                      const InstantiateOptions& options) override {
        prepare(shape);
        std::copy(start.begin(), start.end(), x_.data());
        double cost = evaluate(shape, x_.data());
        Instantiation out;
        double damping = kInitialDamping;
        double growth = 2;
        double window_cost = cost;
        int polishing = 0;
        normal_equations();
        for (;;) {
            const bool good = cost < options.threshold;
            if (good ? (cost <= 1e-30 || ++polishing > kPolishIterations)
                     : out.iterations >= options.max_iterations) {
                break;
            }
            if (should_stop(options.stop)) {
                break;
            }
            ++out.iterations;
            const double predicted = step(damping);
            if (!(predicted > 0)) {
                break;
            }
            const double trial = evaluate(shape, trial_.data());
            const double ratio = (cost - trial) / predicted;
            if (trial < cost) {
                const double before = cost;
                cost = trial;
                std::copy_n(trial_.data(), padded_, x_.data());
                const double t = 2 * ratio - 1;
                damping = std::max(damping * std::max(1.0 / 3, 1 - t * t * t), kSmallestDamping);
                if (cost < options.threshold) {
                    damping = std::max(std::min(damping, cost), kSmallestDamping);
                    if (cost <= options.polish && cost > 0.25 * before) {
                        break;  // rounding level
                    }
                }
                growth = 2;
                normal_equations();
            } else {
                if (cost <= options.polish) {
                    break;
                }
                damping *= growth;
                growth *= 2;
                if (damping > 1e8) {
                    break;
                }
            }
            if (!good && out.iterations % kWindow == 0) {
                if (cost > kProgress * window_cost) {
                    break;
                }
                window_cost = cost;
            }
        }
        out.params.assign(x_.data(), x_.data() + shape.num_parameters());
        out.d = cost;
        out.delta = std::sqrt(2 * cost);
        out.success = cost < options.threshold;
        return out;
    }

 private:
    static constexpr int kCoordinates = Sweep<N>::kCoordinates;

    void prepare(const Template& shape) {
        count_ = shape.num_parameters();
        padded_ = (count_ + 3) / 4 * 4;
        x_.reserve(padded_);
        trial_.reserve(padded_);
        halves_.reserve(padded_);
        sines_.reserve(padded_);
        cosines_.reserve(padded_);
        inverse_.reserve(padded_);
        right_.reserve(padded_);
        delta_.reserve(padded_);
        residual_.reserve(kCoordinates);
        rows_.reserve(padded_ * kCoordinates);
        columns_.reserve(padded_ * kCoordinates);
        normal_.reserve(padded_ * padded_);
        factor_.reserve(padded_ * padded_);
        std::fill_n(x_.data(), padded_, 0.0);
        std::fill_n(trial_.data(), padded_, 0.0);
        std::fill_n(rows_.data() + count_ * kCoordinates, (padded_ - count_) * kCoordinates, 0.0);
    }

    // Fills rows_ (the Jacobian) and residual_; returns d.
    double evaluate(const Template& shape, const double* x) {
        for (std::size_t p = 0; p < count_; ++p) {
            halves_.data()[p] = 0.5 * x[p];
        }
        base::sincos(halves_.data(), count_, sines_.data(), cosines_.data());
        std::copy_n(&adjoint_re_[0][0], N * N, &sweep_.re[0][0]);
        std::copy_n(&adjoint_im_[0][0], N * N, &sweep_.im[0][0]);
        std::size_t p = 0;
        for (int q = 0; q < shape.num_qubits; ++q) {
            z(q, p++);
            y(q, p++);
            z(q, p++);
        }
        for (const CxPair& cx : shape.cx) {
            sweep_.apply_cx(cx.control, cx.target);
            y(cx.control, p++);
            z(cx.control, p++);
            z(cx.target, p++);
            this->x(cx.target, p++);
        }
        return sweep_.residual(residual_.data());
    }

    void z(int qubit, std::size_t p) {
        sweep_.project_z(qubit);
        sweep_.conjugated_pauli(rows_.data() + p * kCoordinates);
        sweep_.rotate_z(qubit, cosines_.data()[p], sines_.data()[p]);
    }
    void y(int qubit, std::size_t p) {
        sweep_.project_y(qubit);
        sweep_.conjugated_pauli(rows_.data() + p * kCoordinates);
        sweep_.rotate_y(qubit, cosines_.data()[p], sines_.data()[p]);
    }
    void x(int qubit, std::size_t p) {
        sweep_.project_x(qubit);
        sweep_.conjugated_pauli(rows_.data() + p * kCoordinates);
        sweep_.rotate_x(qubit, cosines_.data()[p], sines_.data()[p]);
    }

    // J^T J (scaled) and the right-hand side at the last evaluated point.
    void normal_equations() {
        const int n = static_cast<int>(padded_);
        detail::transpose(rows_.data(), n, kCoordinates, columns_.data());
        detail::gram(columns_.data(), kCoordinates, n, normal_.data());
        detail::multiply_transposed(columns_.data(), kCoordinates, n, residual_.data(),
                                    right_.data());
        for (std::size_t p = 0; p < padded_; ++p) {
            right_.data()[p] *= -2;
        }
    }

    // trial_ = x_ + step; returns the decrease of d that the model predicts, 0 on failure.
    double step(double damping) {
        const int n = static_cast<int>(padded_);
        double* h = factor_.data();
        const double shift = damping * N;
        for (int i = 0; i < n; ++i) {
            const int from = i / 4 * 4;
            std::copy(normal_.data() + i * n + from, normal_.data() + (i + 1) * n,
                      h + i * n + from);
            h[i * n + i] += i < static_cast<int>(count_) ? shift : 1.0;
        }
        if (!detail::cholesky(h, n, inverse_.data())) {
            return 0;
        }
        std::copy_n(right_.data(), padded_, delta_.data());
        detail::solve(h, n, inverse_.data(), delta_.data());
        double predicted = 0;
        for (std::size_t p = 0; p < padded_; ++p) {
            const double delta = delta_.data()[p];
            predicted += delta * (right_.data()[p] + shift * delta);
            trial_.data()[p] = x_.data()[p] + delta;
        }
        return predicted / (8 * N);
    }

    alignas(32) double adjoint_re_[N][N];
    alignas(32) double adjoint_im_[N][N];
    Sweep<N> sweep_;
    std::size_t count_ = 0;
    std::size_t padded_ = 0;
    AlignedBuffer x_, trial_, halves_, sines_, cosines_, inverse_, right_, delta_, residual_;
    AlignedBuffer rows_, columns_, normal_, factor_;
};

}  // namespace

Instantiator::Instantiator(std::unique_ptr<Engine> engine) : engine_(std::move(engine)) {}
Instantiator::Instantiator(Instantiator&&) noexcept = default;
Instantiator& Instantiator::operator=(Instantiator&&) noexcept = default;
Instantiator::~Instantiator() = default;

Result<Instantiator> Instantiator::create(const base::Matrix& target) {
    if (!(base::unitarity_defect(target) <= 1e-8)) {
        return invalid_argument("instantiate: the target is not unitary to 1e-8");
    }
    switch (target.rows()) {
        case 4:
            return Instantiator(std::make_unique<EngineOf<4>>(target));
        case 8:
            return Instantiator(std::make_unique<EngineOf<8>>(target));
        case 16:
            return Instantiator(std::make_unique<EngineOf<16>>(target));
        default:
            return invalid_argument("instantiate: the target has " + std::to_string(target.rows()) +
                                    " rows, only 4, 8 and 16 (2 to 4 qubits) are supported");
    }
}

int Instantiator::num_qubits() const {
    return engine_->num_qubits();
}
std::uint64_t Instantiator::count() const {
    return count_;
}

Instantiation Instantiator::run(const Template& shape, std::span<const double> start,
                                const InstantiateOptions& options) {
    assert(shape.num_qubits == num_qubits() && "template and target have the same qubits");
    assert(start.size() == shape.num_parameters() && "one start value per parameter");
    ++count_;
    return engine_->run(shape, start, options);
}

Instantiation Instantiator::run_random(const Template& shape, Philox& random, int starts,
                                       const InstantiateOptions& options) {
    Instantiation best;
    std::vector<double> start(shape.num_parameters());
    for (int i = 0; i < starts; ++i) {
        for (double& angle : start) {
            angle = random.uniform(-std::numbers::pi, std::numbers::pi);
        }
        Instantiation attempt = run(shape, start, options);
        if (i == 0 || attempt.d < best.d) {
            best = std::move(attempt);
        }
        if (best.success || should_stop(options.stop)) {
            break;
        }
    }
    return best;
}

}  // namespace quercus::synthesis
