#include "quantum/synthesis/kak.hpp"

#include <string>

#include "quantum/synthesis/slots.hpp"

namespace quercus::synthesis {

using namespace detail;

namespace {

using Real4 = std::array<std::array<double, 4>, 4>;

// Columns: the magic basis of Hill and Wootters, in which SU(2) x SU(2) is real.
base::Matrix magic_basis() {
    constexpr double h = 0.70710678118654752440;
    const Complex i(0, h);
    return {4, 4, {h, 0.0, 0.0, i, 0.0, i, h, 0.0, 0.0, i, -h, 0.0, h, 0.0, 0.0, -i}};
}

Real4 identity4() {
    Real4 m{};
    for (std::size_t k = 0; k < 4; ++k) {
        m[k][k] = 1;
    }
    return m;
}

// m <- g^T m g for the rotation g by (c, s) in the plane (p, q), m symmetric.
void rotate_symmetric(Real4& m, std::size_t p, std::size_t q, double c, double s) {
    for (std::size_t k = 0; k < 4; ++k) {
        const double a = m[k][p], b = m[k][q];
        m[k][p] = c * a + s * b;
        m[k][q] = c * b - s * a;
    }
    for (std::size_t k = 0; k < 4; ++k) {
        const double a = m[p][k], b = m[q][k];
        m[p][k] = c * a + s * b;
        m[q][k] = c * b - s * a;
    }
}

// Real orthogonal P of determinant 1 such that P^T a P and P^T b P are diagonal; a, b symmetric and
// commuting. The angle minimises the off-diagonal squares of both (Cardoso, Souloumiac 1996).
Real4 diagonalise_both(Real4 a, Real4 b) {
    Real4 p = identity4();
    for (int sweep = 0; sweep < 40; ++sweep) {
        bool rotated = false;
        for (std::size_t i = 0; i < 4; ++i) {
            for (std::size_t j = i + 1; j < 4; ++j) {
                const double ha = a[i][i] - a[j][j], hb = b[i][i] - b[j][j];
                const double oa = 2 * a[i][j], ob = 2 * b[i][j];
                const double on = ha * ha + hb * hb - oa * oa - ob * ob;
                const double off = 2 * (ha * oa + hb * ob);
                const double angle = 0.25 * base::atan2(off, on);
                const base::SinCos r = base::sincos(angle);
                if (std::fabs(r.sin) < 1e-17 || oa * oa + ob * ob < 1e-34) {
                    continue;
                }
                rotated = true;
                rotate_symmetric(a, i, j, r.cos, r.sin);
                rotate_symmetric(b, i, j, r.cos, r.sin);
                for (std::size_t k = 0; k < 4; ++k) {
                    const double x = p[k][i], y = p[k][j];
                    p[k][i] = r.cos * x + r.sin * y;
                    p[k][j] = r.cos * y - r.sin * x;
                }
            }
        }
        if (!rotated) {
            break;
        }
    }
    return p;
}

double determinant(Real4 m) {
    double det = 1;
    for (std::size_t k = 0; k < 4; ++k) {
        std::size_t pivot = k;
        for (std::size_t r = k + 1; r < 4; ++r) {
            pivot = std::fabs(m[r][k]) > std::fabs(m[pivot][k]) ? r : pivot;
        }
        if (pivot != k) {
            std::swap(m[pivot], m[k]);
            det = -det;
        }
        det *= m[k][k];
        if (m[k][k] == 0) {
            return 0;
        }
        for (std::size_t r = k + 1; r < 4; ++r) {
            const double factor = m[r][k] / m[k][k];
            for (std::size_t c = k; c < 4; ++c) {
                m[r][c] -= factor * m[k][c];
            }
        }
    }
    return det;
}

struct Factors {
    Matrix2 high, low;
};

// m = high (x) low up to phase, both of determinant 1.
Factors factor_local(const base::Matrix& m) {
    std::size_t row = 0, column = 0;
    for (std::size_t r = 0; r < 4; ++r) {
        for (std::size_t c = 0; c < 4; ++c) {
            if (std::norm(m(r, c)) > std::norm(m(row, column))) {
                row = r;
                column = c;
            }
        }
    }
    Factors out;
    const std::size_t r_high = row & 2, c_high = column & 2, r_low = row & 1, c_low = column & 1;
    for (std::size_t r = 0; r < 2; ++r) {
        for (std::size_t c = 0; c < 2; ++c) {
            out.low[2 * r + c] = m(r_high + r, c_high + c);
            out.high[2 * r + c] = m(2 * r + r_low, 2 * c + c_low);
        }
    }
    for (Matrix2* f : {&out.low, &out.high}) {
        const Complex det = (*f)[0] * (*f)[3] - (*f)[1] * (*f)[2];
        const Complex scale = unit_phase(-0.5 * argument(det)) / std::sqrt(modulus(det));
        for (Complex& entry : *f) {
            entry *= scale;
        }
    }
    return out;
}

base::Matrix from_magic(const Real4& real) {
    base::Matrix m(4, 4);
    for (std::size_t r = 0; r < 4; ++r) {
        for (std::size_t c = 0; c < 4; ++c) {
            m(r, c) = real[r][c];
        }
    }
    const base::Matrix b = magic_basis();
    return multiply(multiply(b, m), adjoint(b));
}

// The decomposition while it is moved into the Weyl chamber.
struct Canonical {
    std::array<double, 3> c{};
    Factors after, before;

    static Matrix2 pauli(std::size_t axis) {
        return axis == 0 ? pauli_x() : axis == 1 ? pauli_y() : pauli_z();
    }
    void shift(std::size_t axis) {
        const double turns = std::floor(c[axis] / (0.5 * kPi) + 0.5);
        c[axis] -= turns * (0.5 * kPi);
        if (static_cast<long long>(turns) % 2 != 0) {
            before.high = pauli(axis) * before.high;
            before.low = pauli(axis) * before.low;
        }
    }
    void swap_axes(std::size_t i, std::size_t j) {
        constexpr double h = 0.70710678118654752440;
        const Matrix2 a = pauli(i), b = pauli(j);
        Matrix2 clifford;
        for (std::size_t k = 0; k < 4; ++k) {
            clifford[k] = h * (a[k] + b[k]);
        }
        std::swap(c[i], c[j]);
        before = {clifford * before.high, clifford * before.low};
        after = {after.high * clifford, after.low * clifford};
    }
    // Negates the two coordinates other than `axis`.
    void flip_others(std::size_t axis) {
        c[(axis + 1) % 3] = -c[(axis + 1) % 3];
        c[(axis + 2) % 3] = -c[(axis + 2) % 3];
        before.high = pauli(axis) * before.high;
        after.high = after.high * pauli(axis);
    }
    void to_chamber() {
        for (std::size_t axis = 0; axis < 3; ++axis) {
            shift(axis);
        }
        for (const auto& [i, j] : {std::pair{0, 1}, std::pair{1, 2}, std::pair{0, 1}}) {
            const auto a = static_cast<std::size_t>(i), b = static_cast<std::size_t>(j);
            if (std::fabs(c[a]) < std::fabs(c[b])) {
                swap_axes(a, b);
            }
        }
        if (c[0] < 0) {
            flip_others(c[1] < 0 ? 2 : 1);
        } else if (c[1] < 0) {
            flip_others(0);
        }
    }
};

Canonical diagonal_form(const base::Matrix& u) {
    const base::Matrix b = magic_basis();
    const base::Matrix m = multiply(multiply(adjoint(b), u), b);
    Real4 re{}, im{};
    for (std::size_t r = 0; r < 4; ++r) {
        for (std::size_t c = 0; c < 4; ++c) {
            Complex sum = 0;
            for (std::size_t k = 0; k < 4; ++k) {
                sum += m(k, r) * m(k, c);
            }
            re[r][c] = sum.real();
            im[r][c] = sum.imag();
        }
    }
    const Real4 p = diagonalise_both(re, im);
    std::array<double, 4> theta{};
    Real4 left{};
    for (std::size_t c = 0; c < 4; ++c) {
        std::array<Complex, 4> column{};
        Complex square = 0;
        for (std::size_t r = 0; r < 4; ++r) {
            for (std::size_t k = 0; k < 4; ++k) {
                column[r] += m(r, k) * p[k][c];
            }
            square += column[r] * column[r];
        }
        theta[c] = 0.5 * argument(square);
        for (std::size_t r = 0; r < 4; ++r) {
            left[r][c] = (column[r] * unit_phase(-theta[c])).real();
        }
    }
    if (determinant(left) < 0) {
        theta[0] += kPi;
        for (std::size_t r = 0; r < 4; ++r) {
            left[r][0] = -left[r][0];
        }
    }
    Real4 transposed{};
    for (std::size_t r = 0; r < 4; ++r) {
        for (std::size_t c = 0; c < 4; ++c) {
            transposed[r][c] = p[c][r];
        }
    }
    return {{0.25 * (theta[0] + theta[1] - theta[2] - theta[3]),
             0.25 * (theta[1] - theta[0] - theta[2] + theta[3]),
             0.25 * (theta[0] - theta[1] - theta[2] + theta[3])},
            factor_local(from_magic(left)),
            factor_local(from_magic(transposed))};
}

Result<Canonical> canonical_form(const base::Matrix& u) {
    if (u.rows() != 4 || !(unitarity_defect(u) <= 1e-8)) {
        return invalid_argument("kak: needs a 4x4 matrix that is unitary to 1e-8, got " +
                                std::to_string(u.rows()) + "x" + std::to_string(u.cols()));
    }
    Canonical form = diagonal_form(u);
    form.to_chamber();
    return form;
}

void append_both(Slots& slots, const Factors& gates) {
    slots.append(0, gates.low);
    slots.append(1, gates.high);
}

// exp(i angle sigma) for a rotation rsigma(-2 angle).
void append_core(Slots& slots, Canonical& form, int count) {
    const auto& c = form.c;
    switch (count) {
        case 1: {  // exp(i pi/4 Z0 X1) is a CX up to rz on the control and rx on the target
            constexpr double h = 0.70710678118654752440;
            const Matrix2 hadamard = {h, h, h, -h};
            slots.append(0, hadamard);
            slots.append(0, rotation_z(-0.5 * kPi));
            slots.append(1, rotation_x(-0.5 * kPi));
            slots.append_cx(0, 1);
            slots.append(0, hadamard);
            break;
        }
        case 2:  // XX and ZZ: conjugated by CX they are X on the control and Z on the target
            slots.append_cx(0, 1);
            slots.append(0, rotation_x(-2 * c[0]));
            slots.append(1, rotation_z(-2 * c[2]));
            slots.append_cx(0, 1);
            break;
        case 3:  // S1^dagger CX10 exp(i a Z0) exp(i b Y1) CX01 exp(i g Y1) CX10 S0
            slots.append(0, rotation_z(0.5 * kPi));
            slots.append_cx(1, 0);
            slots.append(1, rotation_y(-2 * (0.25 * kPi - c[1])));
            slots.append_cx(0, 1);
            slots.append(0, rotation_z(-2 * (c[2] - 0.25 * kPi)));
            slots.append(1, rotation_y(-2 * (c[0] - 0.25 * kPi)));
            slots.append_cx(1, 0);
            slots.append(1, rotation_z(-0.5 * kPi));
            break;
        default:
            break;
    }
}

Slots build(Canonical form, int count) {
    if (count == 2) {
        form.swap_axes(1, 2);
    }
    Slots slots(2);
    append_both(slots, form.before);
    append_core(slots, form, count);
    append_both(slots, form.after);
    return slots;
}

struct Choice {
    Slots slots;
    int count;
};

Choice fewest(const Canonical& form, const base::Matrix& u, double tolerance) {
    for (int count = 0; count < 3; ++count) {
        Slots slots = build(form, count);
        const double delta = phase_invariant_distance(u, unitary_of(slots));
        if (0.5 * delta * delta <= tolerance) {
            return {std::move(slots), count};
        }
    }
    return {build(form, 3), 3};
}

}  // namespace

Result<KakDecomposition> kak_decompose(const base::Matrix& u) {
    const Result<Canonical> form = canonical_form(u);
    if (!form) {
        return form.error();
    }
    KakDecomposition out;
    out.coordinates = form->c;
    out.before_low = to_matrix(form->before.low);
    out.before_high = to_matrix(form->before.high);
    out.after_low = to_matrix(form->after.low);
    out.after_high = to_matrix(form->after.high);
    const base::Matrix product = unitary_of(build(*form, 3));
    // build(.., 3) is the product up to a phase; SWAP contributes e^{-i pi/4} (see append_core).
    out.phase = wrap(argument(overlap(product, u)) - 0.25 * kPi);
    return out;
}

namespace {

// Of a 4x4 matrix, by the minors of its first two and its last two rows.
Complex determinant(const base::Matrix& u) {
    const auto minor = [&u](std::size_t row, std::size_t a, std::size_t b) {
        return u(row, a) * u(row + 1, b) - u(row, b) * u(row + 1, a);
    };
    return minor(0, 0, 1) * minor(2, 2, 3) - minor(0, 0, 2) * minor(2, 1, 3) +
           minor(0, 0, 3) * minor(2, 1, 2) + minor(0, 1, 2) * minor(2, 0, 3) -
           minor(0, 1, 3) * minor(2, 0, 2) + minor(0, 2, 3) * minor(2, 0, 1);
}

}  // namespace

int least_cx(const base::Matrix& u) {
    if (u.rows() != 4 || u.cols() != 4) {
        return 0;
    }
    constexpr std::array<double, 4> kYY = {-1, 1, 1, -1};  // its antidiagonal
    Complex trace = 0;
    for (std::size_t i = 0; i < 4; ++i) {
        for (std::size_t j = 0; j < 4; ++j) {
            trace += kYY[i] * kYY[j] * u(i, j) * u(3 - i, 3 - j);
        }
    }
    // For determinant 1 the trace is, up to its sign, real for two CX, 0 for one and 4 for none.
    const Complex square = trace * trace / determinant(u);
    constexpr double kMargin = 1e-3;  // of the square; a tolerance of 1e-14 moves it by 1e-5
    if (std::fabs(square.imag()) > kMargin || square.real() < -kMargin) {
        return 3;
    }
    if (square.real() > kMargin) {
        return square.real() > 16 - kMargin ? 0 : 2;
    }
    return 1;
}

Result<int> minimal_cx(const base::Matrix& u, double tolerance) {
    const Result<Canonical> form = canonical_form(u);
    if (!form) {
        return form.error();
    }
    return fewest(*form, u, tolerance).count;
}

Result<circuit::Circuit> synthesize_two_qubit(const base::Matrix& u, double tolerance) {
    const Result<Canonical> form = canonical_form(u);
    if (!form) {
        return form.error();
    }
    return circuit_of(fewest(*form, u, tolerance).slots, 1e-14);
}

}  // namespace quercus::synthesis
