#include "quantum/synthesis/instantiate.hpp"

#include <algorithm>
#include <bit>
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
    virtual std::vector<double> freedom(const Template& shape, std::span<const double> params,
                                        std::span<const std::uint8_t> fixed) = 0;
    virtual int num_qubits() const = 0;
};

namespace {

constexpr double kInitialDamping = 0.05;  // relative to the diagonal of J^T J, which is N
constexpr double kSmallestDamping = 1e-16;
constexpr double kFreedomDamping = 1e-8;
constexpr int kPolishIterations = 60;

// Gives up on a descent that has settled above the threshold: over `kWindow` iterations the cost
// must fall by at least `kProgress`.
constexpr int kWindow = 10;
constexpr double kProgress = 0.97;

// Templates that reach every target (generic ones) have no bad minima but folds close to zero cost.
constexpr int kKicks = 4;
constexpr double kKickBelow = 1e-3;
constexpr double kProgressBeforeKick = 0.7;
constexpr double kKickLength = 4;  // radians, over all parameters together

// Haste: gives up when each of the last `kConverging` steps lowered the cost by less than
// `kShrinking` times what the one before did, at a rate that leaves `kRemaining` of the cost. Of
// 51,000 descents of searches on three qubits (level 1 of seven circuits) this leaves 44% of the
// iterations and loses 3% of the few that succeed.
constexpr int kConverging = 2;
constexpr double kShrinking = 0.8;
constexpr double kRemaining = 0.95;
constexpr double kHasteAbove = 1e-3;

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

    int num_qubits() const override { return std::countr_zero(static_cast<unsigned>(N)); }

    Instantiation run(const Template& shape, std::span<const double> start,
                      const InstantiateOptions& options) override {
        prepare(shape);
        fixed_ = options.fixed;
        std::copy(start.begin(), start.end(), x_.data());
        Descent at;
        at.cost = at.window_cost = evaluate(shape, x_.data());
        at.kicks_left = is_generic(shape) ? kKicks : 0;
        normal_equations();
        Instantiation out;
        while (may_continue(at, out.iterations, options)) {
            ++out.iterations;
            if (!iterate(shape, options, at) ||
                (out.iterations % kWindow == 0 && has_settled(shape, options, at))) {
                break;
            }
        }
        if (at.best_cost < at.cost) {
            at.cost = at.best_cost;
            std::copy_n(best_.data(), padded_, x_.data());
        }
        out.params.assign(x_.data(), x_.data() + shape.num_parameters());
        out.d = at.cost;
        out.delta = std::sqrt(2 * at.cost);
        out.success = at.cost < options.threshold;
        fixed_ = {};
        return out;
    }

    std::vector<double> freedom(const Template& shape, std::span<const double> params,
                                std::span<const std::uint8_t> fixed) override {
        prepare(shape);
        fixed_ = fixed;
        std::copy(params.begin(), params.end(), x_.data());
        evaluate(shape, x_.data());
        normal_equations();
        std::vector<double> out(count_, 0);
        if (!factorise(kFreedomDamping)) {
            fixed_ = {};
            return out;
        }
        for (std::size_t p = 0; p < count_; ++p) {
            if (is_fixed(p)) {
                continue;
            }
            std::fill_n(delta_.data(), padded_, 0.0);
            delta_.data()[p] = kFreedomDamping * N;
            detail::solve(factor_.data(), static_cast<int>(padded_), static_cast<int>(stride_),
                          inverse_.data(), delta_.data());
            out[p] = delta_.data()[p];
        }
        fixed_ = {};
        return out;
    }

 private:
    [[nodiscard]] bool is_fixed(std::size_t p) const { return p < fixed_.size() && fixed_[p] != 0; }

    // The state of one descent besides x_ and the normal equations at x_.
    struct Descent {
        double cost = 1;
        double damping = kInitialDamping;
        double growth = 2;
        double window_cost = 1;  // at the start of the current window
        double drop = 0;         // of the last step taken
        int converging = 0;      // steps in a row that point to a limit above zero
        int polishing = 0;
        int kicks_left = 0;
        double best_cost = 2;  // of best_, where a kick started from
    };

    static bool may_continue(Descent& at, int iterations, const InstantiateOptions& options) {
        const bool spent = at.cost < options.threshold
                               ? at.cost <= 1e-30 || ++at.polishing > kPolishIterations
                               : iterations >= options.max_iterations;
        return !spent && !should_stop(options.stop);
    }

    // One damped step, taken if it lowers the cost. False where nothing more is to be gained.
    bool iterate(const Template& shape, const InstantiateOptions& options, Descent& at) {
        const double predicted = step(at.damping);
        if (!(predicted > 0)) {
            return false;
        }
        const double trial = evaluate(shape, trial_.data());
        if (!(trial < at.cost)) {
            at.drop = 0;  // what follows is short because of the damping
            at.converging = 0;
            at.damping *= at.growth;
            at.growth *= 2;
            return at.cost > options.polish && at.damping <= 1e8;
        }
        const double before = at.cost;
        note_drop(at, before - trial, trial, options);
        const double t = 2 * (before - trial) / predicted - 1;
        at.cost = trial;
        at.growth = 2;
        at.damping = std::max(at.damping * std::max(1.0 / 3, 1 - t * t * t), kSmallestDamping);
        std::copy_n(trial_.data(), padded_, x_.data());
        if (at.cost < options.threshold) {
            at.damping = std::max(std::min(at.damping, at.cost), kSmallestDamping);
            if (at.cost <= options.polish && at.cost > 0.25 * before) {
                return false;  // rounding level
            }
        }
        if (options.is_hasty && at.converging >= kConverging && at.kicks_left == 0) {
            return false;
        }
        normal_equations();
        return true;
    }

    // Aitken's extrapolation of a geometric sequence to its limit.
    static void note_drop(Descent& at, double drop, double cost,
                          const InstantiateOptions& options) {
        const double rate = at.drop > 0 ? drop / at.drop : 1;
        const double limit = cost - drop * rate / (1 - rate);
        const bool is_converging = cost > kHasteAbove && rate < kShrinking &&
                                   limit > kRemaining * cost && limit > options.polish;
        at.converging = is_converging ? at.converging + 1 : 0;
        at.drop = drop;
    }

    // At the end of a window: true if the descent should be given up.
    bool has_settled(const Template& shape, const InstantiateOptions& options, Descent& at) {
        if (at.cost < (at.kicks_left > 0 ? options.polish : options.threshold)) {
            return false;
        }
        const double wanted = at.kicks_left > 0 ? kProgressBeforeKick : kProgress;
        if (at.cost <= wanted * at.window_cost) {
            at.window_cost = at.cost;
            return false;
        }
        if (at.kicks_left == 0 || at.cost > kKickBelow) {
            return true;
        }
        kick(shape, at);
        return false;
    }

    // Leaves a minimum at a fold of a template with as many parameters as dimensions: a long step
    // along the direction in which the Jacobian is closest to singular (inverse iteration).
    void kick(const Template& shape, Descent& at) {
        if (at.cost < at.best_cost) {
            at.best_cost = at.cost;
            std::copy_n(x_.data(), padded_, best_.data());
        }
        const int n = static_cast<int>(padded_);
        double* v = trial_.data();
        for (std::size_t p = 0; p < padded_; ++p) {
            v[p] = p >= count_ || is_fixed(p)          ? 0.0
                   : ((p * 2654435761U >> 7) & 1) != 0 ? 1.0
                                                       : -1.0;
        }
        for (int repeat = 0; repeat < 2; ++repeat) {
            detail::solve(factor_.data(), n, static_cast<int>(stride_), inverse_.data(), v);
            double norm = 0;
            for (std::size_t p = 0; p < padded_; ++p) {
                norm += v[p] * v[p];
            }
            for (std::size_t p = 0; p < padded_; ++p) {
                v[p] = is_fixed(p) ? 0 : v[p] / std::sqrt(norm);
            }
        }
        for (std::size_t p = 0; p < padded_; ++p) {
            x_.data()[p] += kKickLength * v[p];
        }
        --at.kicks_left;
        at.cost = at.window_cost = evaluate(shape, x_.data());
        at.damping = kInitialDamping;
        at.growth = 2;
        at.drop = 0;
        at.converging = 0;
        at.polishing = 0;
        normal_equations();
    }

    static constexpr int kCoordinates = Sweep<N>::kCoordinates;

    void prepare(const Template& shape) {
        count_ = shape.num_parameters();
        padded_ = (count_ + 3) / 4 * 4;
        stride_ = count_ / 4 * 4 + 4;
        x_.reserve(padded_);
        trial_.reserve(padded_);
        best_.reserve(padded_);
        halves_.reserve(padded_);
        sines_.reserve(padded_);
        cosines_.reserve(padded_);
        inverse_.reserve(padded_);
        right_.reserve(padded_);
        delta_.reserve(padded_);
        rows_.reserve(stride_ * kCoordinates);
        columns_.reserve(stride_ * kCoordinates);
        normal_.reserve(stride_ * stride_);
        factor_.reserve(padded_ * stride_);
        std::fill_n(x_.data(), padded_, 0.0);
        std::fill_n(trial_.data(), padded_, 0.0);
        std::fill_n(rows_.data() + count_ * kCoordinates, (stride_ - count_) * kCoordinates, 0.0);
    }

    // Fills rows_: the Jacobian, then the residual. Returns d.
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
        for (std::size_t i = 0; i < fixed_.size(); ++i) {
            if (is_fixed(i)) {
                std::fill_n(rows_.data() + i * kCoordinates, kCoordinates, 0.0);
            }
        }
        return sweep_.residual(rows_.data() + count_ * kCoordinates);
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

    // J^T J (scaled) and, in column count_, the right-hand side at the last evaluated point.
    void normal_equations() {
        const int n = static_cast<int>(stride_);
        detail::transpose(rows_.data(), n, kCoordinates, columns_.data());
        detail::gram(columns_.data(), kCoordinates, n, normal_.data());
        for (std::size_t p = 0; p < padded_; ++p) {
            right_.data()[p] = p < count_ ? -2 * normal_.data()[p * stride_ + count_] : 0;
        }
    }

    // Of the damped normal equations. False if they are not positive.
    bool factorise(double damping) {
        const double shift = damping * N;
        for (std::size_t i = 0; i < padded_; ++i) {
            double* row = factor_.data() + i * stride_;
            const std::size_t from = i / 4 * 4;
            std::copy_n(normal_.data() + i * stride_ + from, padded_ - from, row + from);
            std::fill(row + std::max(i, count_), row + padded_, 0.0);
            row[i] = i < count_ ? row[i] + shift : 1.0;
        }
        return detail::factorise(factor_.data(), static_cast<int>(padded_),
                                 static_cast<int>(stride_), inverse_.data());
    }

    // trial_ = x_ + step; returns the decrease of d that the model predicts, 0 on failure.
    double step(double damping) {
        const double shift = damping * N;
        if (!factorise(damping)) {
            return 0;
        }
        std::copy_n(right_.data(), padded_, delta_.data());
        detail::solve(factor_.data(), static_cast<int>(padded_), static_cast<int>(stride_),
                      inverse_.data(), delta_.data());
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
    std::span<const std::uint8_t> fixed_;  // of the options
    std::size_t count_ = 0;
    std::size_t padded_ = 0;  // count_ rounded up to a multiple of four
    std::size_t stride_ = 0;  // of the rows of normal_ and factor_: room for the right-hand side
    AlignedBuffer x_, trial_, best_, halves_, sines_, cosines_, inverse_, right_, delta_;
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
        case 32:
            return Instantiator(std::make_unique<EngineOf<32>>(target));
        default:
            return invalid_argument("instantiate: the target has " + std::to_string(target.rows()) +
                                    " rows, only 4, 8, 16 and 32 (2 to 5 qubits) are supported");
    }
}

int Instantiator::num_qubits() const {
    return engine_->num_qubits();
}
std::uint64_t Instantiator::count() const {
    return count_;
}

std::vector<double> Instantiator::freedom(const Template& shape, std::span<const double> params,
                                          std::span<const std::uint8_t> fixed) {
    assert(shape.num_qubits == num_qubits() && "template and target have the same qubits");
    assert(params.size() == shape.num_parameters() && "one value per parameter");
    assert((fixed.empty() || fixed.size() == params.size()) && "all or none");
    return engine_->freedom(shape, params, fixed);
}

Instantiation Instantiator::run(const Template& shape, std::span<const double> start,
                                const InstantiateOptions& options) {
    assert(shape.num_qubits == num_qubits() && "template and target have the same qubits");
    assert(start.size() == shape.num_parameters() && "one start value per parameter");
    assert((options.fixed.empty() || options.fixed.size() == start.size()) && "all or none");
    ++count_;
    return engine_->run(shape, start, options);
}

namespace {

// Uniform angles. In generic templates the middle one of each three-rotation gate is pi/2: starts
// far from the poles of its Euler angles need half the iterations.
void randomise(const Template& shape, Philox& random, std::vector<double>& start) {
    for (double& angle : start) {
        angle = random.uniform(-std::numbers::pi, std::numbers::pi);
    }
    if (!is_generic(shape)) {
        return;
    }
    const std::size_t first = 3 * static_cast<std::size_t>(shape.num_qubits);
    for (std::size_t p = 1; p < first; p += 3) {
        start[p] = 0.5 * std::numbers::pi;
    }
    for (std::size_t p = first; p < start.size(); p += 2) {
        start[p] = 0.5 * std::numbers::pi;
    }
}

}  // namespace

Instantiation Instantiator::run_random(const Template& shape, Philox& random, int starts,
                                       const InstantiateOptions& options) {
    Instantiation best;
    std::vector<double> start(shape.num_parameters());
    for (int i = 0; i < starts; ++i) {
        randomise(shape, random, start);
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
