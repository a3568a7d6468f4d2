#include "quantum/passes/unitary_forms.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <span>
#include <vector>

#include "quantum/circuit/unitary.hpp"
#include "quantum/passes/pauli_moves.hpp"
#include "quantum/passes/pauli_network.hpp"
#include "quantum/passes/reversible.hpp"
#include "quantum/passes/steps.hpp"
#include "quantum/synthesis/gray_code.hpp"

namespace quercus::passes {

using base::Complex;
using base::Matrix;
using circuit::Circuit;
using detail::Pauli;
using detail::PauliProgram;
using synthesis::UnitaryResult;
using Steps = std::vector<RotationStep>;

namespace {

// Matrices come unitary to 1e-8 only.
constexpr double kEntryTolerance = 1e-7;
constexpr double kLeastAngle = 1e-9;
constexpr double kMostDelta = 1e-7;

std::size_t qubits_of(const Matrix& u) {
    return static_cast<std::size_t>(std::countr_zero(u.rows()));
}

// ---------------------------------------------------------------- Cliffords

// U^dagger P U for P = X_q or Z_q, one column at a time.
class PulledBack {
 public:
    PulledBack(const Matrix& u, std::size_t q, bool is_x)
        : u_(u), bit_(std::size_t{1} << q), is_x_(is_x) {}

    // Where the only entry of a column is, and what; nothing if there are others.
    struct Entry {
        std::size_t row = 0;
        Complex value;
    };
    [[nodiscard]] std::optional<Entry> column(std::size_t c) const {
        const std::size_t n = u_.rows();
        std::vector<Complex> moved(n);
        for (std::size_t r = 0; r < n; ++r) {
            const Complex x = u_(r, c);
            moved[is_x_ ? r ^ bit_ : r] = !is_x_ && (r & bit_) != 0 ? -x : x;
        }
        std::vector<Complex> back(n);
        for (std::size_t r = 0; r < n; ++r) {
            for (std::size_t i = 0; i < n; ++i) {
                back[i] += std::conj(u_(r, i)) * moved[r];
            }
        }
        const auto largest = std::max_element(back.begin(), back.end(), [](Complex a, Complex b) {
            return std::norm(a) < std::norm(b);
        });
        if (!(std::abs(std::abs(*largest) - 1) <= kEntryTolerance)) {
            return std::nullopt;
        }
        return Entry{static_cast<std::size_t>(largest - back.begin()), *largest};
    }

 private:
    const Matrix& u_;
    std::size_t bit_;
    bool is_x_;
};

std::optional<Pauli> pauli_of(const PulledBack& image, std::size_t qubits) {
    const auto first = image.column(0);
    if (!first) {
        return std::nullopt;
    }
    Pauli out;
    out.x = first->row;
    for (std::size_t j = 0; j < qubits; ++j) {
        const std::size_t c = std::size_t{1} << j;
        const auto other = image.column(c);
        if (!other || other->row != (first->row ^ c)) {
            return std::nullopt;
        }
        const double ratio = (other->value / first->value).real();
        if (!(std::abs(std::abs(ratio) - 1) <= kEntryTolerance)) {
            return std::nullopt;
        }
        out.z |= std::uint64_t{ratio < 0} << j;
    }
    static constexpr std::array<Complex, 4> kTurns = {Complex(1, 0), Complex(0, 1), Complex(-1, 0),
                                                      Complex(0, -1)};
    const Complex positive = kTurns[static_cast<std::size_t>(std::popcount(out.x & out.z)) % 4];
    out.negative = (first->value * std::conj(positive)).real() < 0;
    return out;
}

// Whether the images of X_q and Z_q commute and anticommute as X_q and Z_q do: those of a few
// columns of a matrix that is no Clifford need not.
bool is_symplectic(const PauliProgram& program) {
    for (std::size_t p = 0; p < program.qubits; ++p) {
        for (std::size_t q = 0; q < program.qubits; ++q) {
            if (detail::anticommute(program.x[p], program.z[q]) != (p == q) ||
                detail::anticommute(program.x[p], program.x[q]) ||
                detail::anticommute(program.z[p], program.z[q])) {
                return false;
            }
        }
    }
    return true;
}

std::optional<PauliProgram> clifford_of(const Matrix& u) {
    PauliProgram program;
    program.qubits = qubits_of(u);
    for (std::size_t q = 0; q < program.qubits; ++q) {
        const auto x = pauli_of(PulledBack(u, q, true), program.qubits);
        const auto z = x ? pauli_of(PulledBack(u, q, false), program.qubits) : std::nullopt;
        if (!z) {
            return std::nullopt;
        }
        program.x.push_back(*x);
        program.z.push_back(*z);
    }
    return is_symplectic(program) ? std::optional(std::move(program)) : std::nullopt;
}

// ---------------------------------------------------------------- one entry per row and column

struct Monomial {
    Permutation to;             // column -> row
    std::vector<double> phase;  // of each column, radians, relative to the first
};

std::optional<Monomial> monomial_of(const Matrix& u) {
    const std::size_t n = u.rows();
    Monomial out{Permutation(n), std::vector<double>(n)};
    std::vector<bool> used(n, false);
    for (std::size_t c = 0; c < n; ++c) {
        std::size_t row = 0;
        while (row < n && std::abs(u(row, c)) < 0.5) {
            ++row;
        }
        if (row == n || used[row] || !(std::abs(std::abs(u(row, c)) - 1) <= kEntryTolerance)) {
            return std::nullopt;
        }
        used[row] = true;
        out.to[c] = static_cast<std::uint32_t>(row);
        out.phase[c] = std::arg(u(row, c) * std::conj(u(out.to[0], 0)));
    }
    return out;
}

// f(x) = sum over S of g(S), S part of x, and back, each modulo 2 pi.
std::vector<double> as_products(std::vector<double> phase) {
    for (std::size_t bit = 1; bit < phase.size(); bit *= 2) {
        for (std::size_t x = 0; x < phase.size(); ++x) {
            if ((x & bit) != 0) {
                phase[x] = std::remainder(phase[x] - phase[x ^ bit], 2 * kPi);
            }
        }
    }
    return phase;
}
std::vector<double> from_products(std::vector<double> products) {
    for (std::size_t bit = 1; bit < products.size(); bit *= 2) {
        for (std::size_t x = 0; x < products.size(); ++x) {
            if ((x & bit) != 0) {
                products[x] += products[x ^ bit];
            }
        }
    }
    return products;
}

// Angles of rz on the parity of each set of qubits.
std::vector<double> parity_angles(std::vector<double> phase) {
    for (std::size_t bit = 1; bit < phase.size(); bit *= 2) {
        for (std::size_t x = 0; x < phase.size(); ++x) {
            if ((x & bit) == 0) {
                const double a = phase[x], b = phase[x | bit];
                phase[x] = (a + b) / 2;
                phase[x | bit] = (a - b) / 2;
            }
        }
    }
    for (double& a : phase) {
        a *= -2;
    }
    phase[0] = 0;  // global
    return phase;
}

std::size_t rotations_of(const std::vector<double>& angles) {
    return static_cast<std::size_t>(std::count_if(
        angles.begin(), angles.end(), [](double a) { return std::abs(a) > kLeastAngle; }));
}

void add_parity_phases(Steps& steps, const std::vector<double>& angles) {
    for (std::size_t mask = 1; mask < angles.size(); ++mask) {
        if (std::abs(angles[mask]) <= kLeastAngle) {
            continue;
        }
        const auto target = static_cast<Qubit>(std::countr_zero(mask));
        const std::size_t before = steps.size();
        for (std::size_t left = mask & (mask - 1); left != 0; left &= left - 1) {
            steps.push_back(rotation_step(RotationStep::Kind::kCX,
                                          static_cast<Qubit>(std::countr_zero(left)), target));
        }
        const std::size_t after = steps.size();
        steps.push_back(rotation_step(RotationStep::Kind::kRz, target, 0, snapped(angles[mask])));
        for (std::size_t i = after; i-- > before;) {
            steps.push_back(steps[i]);
        }
    }
}

// All parities in the order of a Gray code per highest qubit: 2^n - 2 cx, whatever the angles.
Steps all_parities(const std::vector<double>& angles) {
    Steps steps;
    for (Qubit t = 0; std::size_t{1} << t < angles.size(); ++t) {
        synthesis::for_each_gray_code(t, [&](std::size_t code, std::size_t next) {
            const double angle = angles[std::size_t{1} << t | code];
            steps.push_back(rotation_step(RotationStep::Kind::kRz, t, 0, snapped(angle)));
            if (t > 0) {
                steps.push_back(
                    rotation_step(RotationStep::Kind::kCX, static_cast<Qubit>(next), t));
            }
        });
    }
    return steps;
}

bool is_identity(const Permutation& to) {
    for (std::size_t x = 0; x < to.size(); ++x) {
        if (to[x] != x) {
            return false;
        }
    }
    return true;
}

// The one of the two ways to undo the ambiguity of phases that takes fewer rotations.
std::vector<double> fewest_rotations(const std::vector<double>& phase) {
    std::vector<double> plain = parity_angles(phase);
    std::vector<double> products = parity_angles(from_products(as_products(phase)));
    return rotations_of(products) < rotations_of(plain) ? products : plain;
}

void add_controlled_x(Steps& steps, const ControlledX& gate, std::size_t qubits) {
    std::vector<double> phase(std::size_t{1} << qubits, 0);
    const std::size_t on = gate.controls | std::size_t{1} << gate.target;
    for (std::size_t x = 0; x < phase.size(); ++x) {
        phase[x] = (x & on) == on ? kPi : 0;
    }
    const RotationStep h = rotation_step(RotationStep::Kind::kH, static_cast<Qubit>(gate.target));
    steps.push_back(h);
    add_parity_phases(steps, parity_angles(std::move(phase)));
    steps.push_back(h);
}

bool is_affine(const Permutation& to) {
    for (std::size_t x = 1; x < to.size(); ++x) {
        const std::size_t low = x & (~x + 1);
        if ((to[x] ^ to[0]) != (to[x ^ low] ^ to[0] ^ to[low] ^ to[0])) {
            return false;
        }
    }
    return true;
}

Matrix matrix_of(const Permutation& to) {
    Matrix out(to.size(), to.size());
    for (std::size_t c = 0; c < to.size(); ++c) {
        out(to[c], c) = 1;
    }
    return out;
}

// ---------------------------------------------------------------- networks

int restarts_for(const PauliProgram& program, const FormOptions& options) {
    constexpr std::size_t kFew = 64;  // rotations
    const int usual = options.effort == 0 ? 8 : 128 << (options.effort - 1);
    const auto factor = static_cast<int>(1 + program.rotations.size() / kFew);
    return std::max(2, usual / (factor * factor));
}

std::optional<Steps> network(const PauliProgram& program, const FormOptions& options) {
    constexpr std::size_t kNoLimit = 1'000'000;
    return detail::synthesize_network(
        program, {kNoLimit, restarts_for(program, options), options.seed + 1, options.stop});
}

// Steps of the matrix, with many more cx than a network for them needs.
std::optional<Steps> steps_of(const Monomial& form, const FormOptions& options) {
    constexpr std::size_t kMostSteps = 20000;
    Steps steps;
    const auto qubits = static_cast<std::size_t>(std::countr_zero(form.to.size()));
    add_parity_phases(steps, fewest_rotations(form.phase));
    if (is_affine(form.to)) {
        const auto clifford = clifford_of(matrix_of(form.to));
        const auto map = clifford ? network(*clifford, options) : std::nullopt;
        if (!map) {
            return std::nullopt;
        }
        steps.insert(steps.end(), map->begin(), map->end());
        return steps;
    }
    for (const ControlledX& gate : transformation_cascade(form.to)) {
        add_controlled_x(steps, gate, qubits);
        if (steps.size() > kMostSteps) {
            return std::nullopt;
        }
    }
    return steps;
}

std::size_t count_of(const std::optional<Steps>& steps) {
    return steps ? count_cx(*steps) : ~std::size_t{0};
}

std::optional<Steps> synthesize_clifford(const Matrix& unitary, const FormOptions& options) {
    const auto clifford = clifford_of(unitary);
    return clifford ? network(*clifford, options) : std::nullopt;
}

std::optional<Steps> synthesize_monomial(const Matrix& unitary, const FormOptions& options) {
    constexpr std::size_t kMostRotations = 600;
    const auto form = monomial_of(unitary);
    const auto steps = form ? steps_of(*form, options) : std::nullopt;
    if (!steps) {
        return std::nullopt;
    }
    const PauliProgram program = detail::pauli_program(*steps, qubits_of(unitary));
    std::optional<Steps> best;
    if (program.rotations.size() <= kMostRotations) {
        best = network(program, options);
    }
    if (is_identity(form->to)) {
        Steps in_turn = all_parities(parity_angles(form->phase));
        if (count_cx(in_turn) < count_of(best)) {
            best = std::move(in_turn);
        }
    }
    return best;
}

}  // namespace

std::optional<UnitaryResult> synthesize_form(const Matrix& unitary, const FormOptions& options) {
    for (const auto& synthesize : {synthesize_clifford, synthesize_monomial}) {
        const auto steps =
            synthesis::should_stop(options.stop) ? std::nullopt : synthesize(unitary, options);
        if (!steps) {
            continue;
        }
        UnitaryResult out;
        out.circuit = from_steps(
            *steps, Circuit::with_qubits(static_cast<std::uint32_t>(qubits_of(unitary))));
        out.cx = static_cast<std::uint32_t>(circuit::count_two_qubit(out.circuit));
        // What single columns say need not hold for all.
        const auto reached = circuit::unitary_of(out.circuit);
        if (!reached) {
            continue;
        }
        out.delta = base::phase_invariant_distance(unitary, *reached);
        if (out.delta <= kMostDelta) {
            return out;
        }
    }
    return std::nullopt;
}

}  // namespace quercus::passes
