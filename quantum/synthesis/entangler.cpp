#include "quantum/synthesis/entangler.hpp"

#include <optional>
#include <span>

#include "quantum/circuit/unitary.hpp"
#include "quantum/synthesis/entangler_fit.hpp"
#include "quantum/synthesis/kak.hpp"
#include "quantum/synthesis/matrix2.hpp"
#include "quantum/synthesis/one_qubit.hpp"

namespace quercus::synthesis {

using namespace detail;
using circuit::Gate;

namespace {

// Not hidden by the one for Locals. NOLINTNEXTLINE(misc-unused-using-decls)
using detail::operator*;

constexpr double kNear = 1e-9;
using Coordinates = std::array<double, 3>;

// locals[0], entangler, locals[1], entangler, ..., in program order; the entanglers' angles, of
// which rzz has one and fsim two.
struct Chain {
    std::vector<Locals> locals{1};
    std::vector<std::array<double, 2>> angles;

    [[nodiscard]] std::size_t count() const { return locals.size() - 1; }
    void append(const Locals& gates) {
        locals.back() = {gates.low * locals.back().low, gates.high * locals.back().high};
    }
    void append_entangler(double angle = 0, double second = 0) {
        angles.push_back({angle, second});
        locals.emplace_back();
    }
};

Gate gate_of(Entangler entangler) {
    switch (entangler) {
        case Entangler::kCX:
            return Gate::kCX;
        case Entangler::kCZ:
            return Gate::kCZ;
        case Entangler::kECR:
            return Gate::kECR;
        case Entangler::kISwap:
            return Gate::kISwap;
        case Entangler::kSqrtISwap:
            return Gate::kSqrtISwap;
        case Entangler::kFSim:
            return Gate::kFSim;
        case Entangler::kB:
            return Gate::kB;
        case Entangler::kSycamore:
            return Gate::kSycamore;
        default:
            return Gate::kRZZ;
    }
}

std::span<const double> used_angles(const Chain& chain, std::size_t k, Entangler entangler) {
    return std::span(chain.angles[k])
        .first(static_cast<std::size_t>(circuit::info(gate_of(entangler)).num_params));
}

base::Matrix dense(const Locals& gates) {
    return kron(to_matrix(gates.high), to_matrix(gates.low));
}

base::Matrix dense(const Chain& chain, Entangler entangler) {
    base::Matrix u = dense(chain.locals[0]);
    for (std::size_t k = 0; k < chain.count(); ++k) {
        const base::Matrix gate =
            circuit::gate_matrix(gate_of(entangler), used_angles(chain, k, entangler));
        u = multiply(dense(chain.locals[k + 1]), multiply(gate, u));
    }
    return u;
}

Locals locals_of(const base::Matrix& low, const base::Matrix& high) {
    return {to_matrix2(low), to_matrix2(high)};
}
Locals operator*(const Locals& a, const Locals& b) {
    return {a.low * b.low, a.high * b.high};
}
Locals adjoint_of(const Locals& a) {
    return {adjoint2(a.low), adjoint2(a.high)};
}

// `core` with one-qubit gates before and after so that it equals `u`, of the same Weyl coordinates.
Chain match(const KakDecomposition& u, const Chain& core, Entangler entangler) {
    const Result<KakDecomposition> v = kak_decompose(dense(core, entangler));
    Locals before = locals_of(u.before_low, u.before_high);
    Locals after = locals_of(u.after_low, u.after_high);
    // On the face x = pi/4 the classes of z and -z are one:
    // N(x, y, z) = (Y (x) 1) N(pi/2 - x, y, -z) (Y (x) 1) (X (x) X) up to phase.
    if (u.coordinates[2] * v->coordinates[2] < 0 && u.coordinates[0] > 0.25 * kPi - kNear) {
        before = Locals{pauli_x(), pauli_y() * pauli_x()} * before;
        after = after * Locals{identity2(), pauli_y()};
    }
    const Locals core_before = locals_of(v->before_low, v->before_high);
    const Locals core_after = locals_of(v->after_low, v->after_high);
    Chain out = core;
    out.locals.front() = out.locals.front() * (adjoint_of(core_before) * before);
    out.append(after * adjoint_of(core_after));
    return out;
}

Chain match(const base::Matrix& u, const Chain& core, Entangler entangler) {
    return match(*kak_decompose(u), core, entangler);
}

Chain single() {
    Chain chain;
    chain.append_entangler();
    return chain;
}

// exp(i (x XX + y YY + z ZZ)) from kak's convention, as a matrix.
base::Matrix canonical(double x, double y, double z) {
    Chain chain;
    constexpr double h = 0.70710678118654752440;
    const Matrix2 hadamard = {h, h, h, -h};
    chain.append({hadamard, hadamard});
    chain.append_entangler(-2 * x);
    chain.append({hadamard, hadamard});
    const Matrix2 quarter = rotation_x(0.5 * kPi);
    chain.append({quarter, quarter});
    chain.append_entangler(-2 * y);
    chain.append({adjoint2(quarter), adjoint2(quarter)});
    chain.append_entangler(-2 * z);
    return dense(chain, Entangler::kRZZ);
}

// Cores over CZ with Weyl coordinates c; `count` is at least what c needs.
Chain cz_core(const Coordinates& c, std::size_t count) {
    constexpr double h = 0.70710678118654752440;
    const Matrix2 hadamard = {h, h, h, -h};
    Chain chain;
    if (count == 0) {
        return chain;
    }
    chain.append_entangler();
    if (count == 2) {
        chain.append({rotation_x(-2 * c[0]), rotation_x(-2 * c[1])});
        chain.append_entangler();
    } else if (count == 3) {
        chain.append({hadamard, hadamard * rotation_y(-2 * (0.25 * kPi - c[1]))});
        chain.append_entangler();
        chain.append({hadamard * rotation_z(-2 * (c[2] - 0.25 * kPi)),
                      rotation_y(-2 * (c[0] - 0.25 * kPi)) * hadamard});
        chain.append_entangler();
    }
    return chain;
}

// Over cx, cz or ecr: the CZ chain with each CZ written in the entangler.
Chain cx_class(const KakDecomposition& u, std::size_t count, Entangler entangler) {
    const Chain cz = match(u, cz_core(u.coordinates, count), Entangler::kCZ);
    const Chain one = match(circuit::gate_matrix(Gate::kCZ, {}), single(), entangler);
    Chain out;
    out.append(cz.locals[0]);
    for (std::size_t k = 1; k < cz.locals.size(); ++k) {
        out.append(one.locals[0]);
        out.append_entangler();
        out.append(one.locals[1]);
        out.append(cz.locals[k]);
    }
    return out;
}

// CZ = SWAP iSWAP (Sdg (x) Sdg): a chain of k CZ for SWAP^k u, the SWAPs moved out to the left.
Chain iswap_chain(const base::Matrix& u, std::size_t count) {
    const base::Matrix turned =
        count % 2 == 0 ? u : multiply(circuit::gate_matrix(Gate::kSwap, {}), u);
    const KakDecomposition kak = *kak_decompose(turned);
    const Chain cz = match(kak, cz_core(kak.coordinates, count), Entangler::kCZ);
    const Matrix2 sdg = rotation_z(-0.5 * kPi);
    Chain out;
    out.append(cz.locals[0]);
    for (std::size_t k = 1; k < cz.locals.size(); ++k) {
        const Locals& next = cz.locals[k];
        out.append({sdg, sdg});
        out.append_entangler();
        out.append(k % 2 == 0 ? next : Locals{next.high, next.low});
    }
    return out;
}

double clamped_acos(double x) {
    const double c = std::clamp(x, -1.0, 1.0);
    return base::atan2(std::sqrt((1 - c) * (1 + c)), c);
}

// Huang et al., algorithm 1: two sqrt_iswap around (rz rx rz) (x) rx.
Chain sqrt_iswap_pair(const Coordinates& c) {
    const auto cosine = [](double a) { return base::sincos(a).cos; };
    const auto sine = [](double a) { return base::sincos(a).sin; };
    const double x = c[0], y = c[1], z = c[2];
    const double product = sine(x + y - z) * sine(x - y + z) * sine(x + y + z) * sine(x - y - z);
    const double root = 2 * std::sqrt(std::max(0.0, product));
    const double sum = cosine(2 * x) - cosine(2 * y) + cosine(2 * z);
    const double square = 4 * cosine(x) * cosine(x) * cosine(z) * cosine(z) * sine(y) * sine(y);
    const double below = square + cosine(2 * x) * cosine(2 * y) * cosine(2 * z);
    const double ratio = below > 0 ? std::sqrt(std::min(1.0, square / below)) : 1.0;
    const double gamma = clamped_acos(z < 0 ? -ratio : ratio);
    const double alpha = clamped_acos(sum + root), beta = clamped_acos(sum - root);
    Chain chain = single();
    chain.append({rotation_z(gamma) * rotation_x(alpha) * rotation_z(gamma), rotation_x(beta)});
    chain.append_entangler();
    return chain;
}

// Outside the region of two: one gate changes two coordinates by pi/8 such that the rest lies as
// far inside the region as it can.
Chain sqrt_iswap_three(const KakDecomposition& u) {
    constexpr Entangler kGate = Entangler::kSqrtISwap;
    double best_margin = -9;
    Coordinates best{};
    for (std::size_t fixed = 0; fixed < 3; ++fixed) {
        for (int signs = 0; signs < 4; ++signs) {
            Coordinates step{};
            step[(fixed + 1) % 3] = (signs & 1) != 0 ? -0.125 * kPi : 0.125 * kPi;
            step[(fixed + 2) % 3] = (signs & 2) != 0 ? -0.125 * kPi : 0.125 * kPi;
            const auto& c = u.coordinates;
            const Coordinates rest =
                kak_decompose(canonical(c[0] - step[0], c[1] - step[1], c[2] - step[2]))
                    ->coordinates;
            const double margin = rest[0] - rest[1] - std::fabs(rest[2]);
            if (margin > best_margin) {
                best_margin = margin;
                best = step;
            }
        }
    }
    const auto& c = u.coordinates;
    const KakDecomposition rest =
        *kak_decompose(canonical(c[0] - best[0], c[1] - best[1], c[2] - best[2]));
    Chain out = match(rest, sqrt_iswap_pair(rest.coordinates), kGate);
    const Chain one = match(canonical(best[0], best[1], best[2]), single(), kGate);
    out.append(one.locals[0]);
    out.append_entangler();
    out.append(one.locals[1]);
    out.append(locals_of(u.after_low, u.after_high));
    out.locals.front() = out.locals.front() * locals_of(u.before_low, u.before_high);
    return out;
}

Chain sqrt_iswap_chain(const KakDecomposition& u, std::size_t count) {
    if (count == 3) {
        return sqrt_iswap_three(u);
    }
    const Chain core = count == 0   ? Chain{}
                       : count == 1 ? single()
                                    : sqrt_iswap_pair(u.coordinates);
    return match(u, core, Entangler::kSqrtISwap);
}

// RXX, RYY and RZZ in turn as far as `count` goes.
Chain rzz_chain(const KakDecomposition& u, std::size_t count) {
    constexpr double h = 0.70710678118654752440;
    const Matrix2 turns[] = {{h, h, h, -h}, rotation_x(0.5 * kPi), identity2()};
    Chain out;
    out.append(locals_of(u.before_low, u.before_high));
    for (std::size_t k = 0; k < count; ++k) {
        out.append({turns[k], turns[k]});
        out.append_entangler(wrap(-2 * u.coordinates[k]));
        out.append({adjoint2(turns[k]), adjoint2(turns[k])});
    }
    out.append(locals_of(u.after_low, u.after_high));
    return out;
}

// exp(i (a (XX + YY) + c ZZ)).
void append_fsim(Chain& chain, double a, double c) {
    chain.append_entangler(wrap(-2 * a), wrap(-4 * c));
    chain.append({rotation_z(-2 * c), rotation_z(-2 * c)});
}

// With one gate where two coordinates are equal up to sign, turned to XX and YY; else
// exp(i (x XX + y YY)) = exp(i a (XX + YY)) exp(i b (XX - YY)), a + b = x, a - b = y.
Chain fsim_chain(const KakDecomposition& u, std::size_t count) {
    const double x = u.coordinates[0], y = u.coordinates[1], z = u.coordinates[2];
    Chain out;
    out.append(locals_of(u.before_low, u.before_high));
    if (count == 1 && x - y < kNear) {
        append_fsim(out, 0.5 * (x + y), z);
    } else if (count == 1) {
        const Matrix2 turn = rotation_y(0.5 * kPi);  // X to -Z, Z to X
        const Matrix2 flip = z < 0 ? pauli_y() : identity2();
        out.append({flip, identity2()});
        out.append({turn, turn});
        append_fsim(out, 0.5 * (y + std::fabs(z)), z < 0 ? -x : x);
        out.append({adjoint2(turn), adjoint2(turn)});
        out.append({flip, identity2()});
    } else if (count == 2) {
        append_fsim(out, 0.5 * (x + y), z);
        out.append({pauli_x(), identity2()});
        append_fsim(out, 0.5 * (x - y), 0);
        out.append({pauli_x(), identity2()});
    }
    out.append(locals_of(u.after_low, u.after_high));
    return out;
}

Chain fitted_chain(const base::Matrix& u, const KakDecomposition& kak, std::size_t count,
                   Entangler entangler) {
    if (count < 2) {
        return match(kak, count == 0 ? Chain{} : single(), entangler);
    }
    Chain out;
    out.locals = fit_locals(u, circuit::gate_matrix(gate_of(entangler), {}), count);
    out.angles.resize(count);
    return out;
}

Chain chain_of(const base::Matrix& u, const KakDecomposition& kak, std::size_t count,
               Entangler entangler) {
    switch (entangler) {
        case Entangler::kISwap:
            return iswap_chain(u, count);
        case Entangler::kSqrtISwap:
            return sqrt_iswap_chain(kak, count);
        case Entangler::kRZZ:
            return rzz_chain(kak, count);
        case Entangler::kFSim:
            return fsim_chain(kak, count);
        case Entangler::kB:
        case Entangler::kSycamore:
            return fitted_chain(u, kak, count, entangler);
        default:
            return cx_class(kak, count, entangler);
    }
}

circuit::Circuit circuit_of(const Chain& chain, Entangler entangler) {
    circuit::Circuit out = circuit::Circuit::with_qubits(2);
    const auto local = [&](const Matrix2& gate, circuit::Qubit qubit) {
        if (!is_identity(gate, 1e-14)) {
            const U3Angles u3 = u3_angles(gate);
            out.append(Gate::kU3, {qubit}, {u3.theta, u3.phi, u3.lambda});
        }
    };
    for (std::size_t k = 0; k < chain.locals.size(); ++k) {
        if (k > 0) {
            const auto angles = used_angles(chain, k - 1, entangler);
            out.append(gate_of(entangler), {0, 1});
            out.operations.back().params.assign(angles.begin(), angles.end());
        }
        local(chain.locals[k].low, 0);
        local(chain.locals[k].high, 1);
    }
    return out;
}

}  // namespace

Result<circuit::Circuit> synthesize_two_qubit(const base::Matrix& u, Entangler entangler,
                                              double tolerance) {
    const Result<KakDecomposition> kak = kak_decompose(u);
    if (!kak) {
        return kak.error();
    }
    std::optional<circuit::Circuit> best;
    double best_delta = 2;
    for (std::size_t count = 0; count <= 3; ++count) {
        const Chain chain = chain_of(u, *kak, count, entangler);
        const double delta = phase_invariant_distance(u, dense(chain, entangler));
        if (delta < best_delta) {
            best_delta = delta;
            best = circuit_of(chain, entangler);
        }
        if (0.5 * delta * delta <= tolerance) {
            break;
        }
    }
    return *std::move(best);
}

}  // namespace quercus::synthesis
