// Unitaries of a recognised form and products: the circuit is the matrix, by naive dense
// computation, and takes no more cx than is known to be enough.

#include "quantum/passes/bare_target.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "quantum/passes/rebase_to_cx_u3.hpp"
#include "quantum/passes/reversible.hpp"
#include "quantum/passes/unitary_factors.hpp"
#include "quantum/passes/unitary_forms.hpp"
#include "tests/reference/dense.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/passes/random_circuit.hpp"

using namespace quercus;
using namespace quercus::test;
using base::Complex;
using passes::Permutation;

namespace {

base::Matrix to_matrix(const reference::Matrix& rows) {
    base::Matrix out(rows.size(), rows.size());
    for (std::size_t r = 0; r < rows.size(); ++r) {
        for (std::size_t c = 0; c < rows.size(); ++c) {
            out(r, c) = rows[r][c];
        }
    }
    return out;
}

base::Matrix matrix_of(const Circuit& circuit) {
    return to_matrix(reference::unitary(circuit));
}

base::Matrix permutation_matrix(const Permutation& to) {
    base::Matrix out(to.size(), to.size());
    for (std::size_t c = 0; c < to.size(); ++c) {
        out(to[c], c) = 1;
    }
    return out;
}

base::Matrix diagonal(const std::vector<double>& phases) {
    base::Matrix out(phases.size(), phases.size());
    for (std::size_t i = 0; i < phases.size(); ++i) {
        out(i, i) = std::polar(1.0, phases[i]);
    }
    return out;
}

// e^{i pi} where all bits are 1.
base::Matrix multi_controlled_z(std::size_t qubits) {
    std::vector<double> phases(std::size_t{1} << qubits, 0);
    phases.back() = std::acos(-1.0);
    return diagonal(phases);
}

Permutation increment(std::size_t qubits) {
    Permutation to(std::size_t{1} << qubits);
    std::iota(to.begin(), to.end(), 1U);
    to.back() = 0;
    return to;
}

Permutation random_permutation(std::size_t size, Philox& random) {
    Permutation to(size);
    std::iota(to.begin(), to.end(), 0U);
    for (std::size_t i = size; i > 1; --i) {
        std::swap(to[i - 1], to[random.below(i)]);
    }
    return to;
}

Circuit random_clifford(std::uint32_t qubits, int gates, Philox& random) {
    Circuit out = Circuit::with_qubits(qubits);
    for (int i = 0; i < gates; ++i) {
        const auto a = static_cast<Qubit>(random.below(qubits));
        const auto b = static_cast<Qubit>((a + 1 + random.below(qubits - 1)) % qubits);
        switch (random.below(4)) {
            case 0:
                out.append(Gate::kH, {a});
                break;
            case 1:
                out.append(Gate::kS, {a});
                break;
            case 2:
                out.append(Gate::kY, {a});
                break;
            default:
                out.append(Gate::kCX, {a, b});
        }
    }
    return out;
}

// The number of cx of the circuit found, which is checked. No searches.
std::uint32_t cx_for(const base::Matrix& target) {
    synthesis::UnitaryOptions options;
    options.effort = 0;
    const auto found = passes::synthesize_bare(target, options);
    REQUIRE(found);
    const double distance = reference::distance_up_to_phase(reference::from(target),
                                                            reference::unitary(found->circuit));
    CHECK(distance < 1e-7);
    CHECK(found->delta == Approx(distance).margin(1e-10));
    CHECK(found->cx == static_cast<std::uint32_t>(circuit::count_two_qubit(found->circuit)));
    return found->cx;
}

}  // namespace

TEST_CASE("Cliffords on five to seven qubits are read off, whatever their phase") {
    Philox random(11);
    for (const std::uint32_t qubits : {5U, 6U, 7U}) {
        const Circuit clifford = random_clifford(qubits, 60, random);
        base::Matrix u = matrix_of(clifford);
        for (Complex& x : u.data()) {
            x *= std::polar(1.0, 0.7);
        }
        CAPTURE(qubits);
        const auto cx = cx_for(u);
        CHECK(cx <= circuit::count_two_qubit(clifford));
        CHECK(cx > 0);
    }
}

TEST_CASE("Diagonals take at most 2^n - 2 cx, sparse ones what their parities need") {
    Philox random(12);
    for (const std::size_t qubits : {3U, 4U, 5U, 7U}) {
        std::vector<double> phases(std::size_t{1} << qubits);
        for (double& phase : phases) {
            phase = random.uniform(-3, 3);
        }
        CHECK(cx_for(diagonal(phases)) <= (1U << qubits) - 2);
        CHECK(cx_for(multi_controlled_z(qubits)) <= (1U << qubits) - 2);
    }
    // t on the parity of six qubits, and a rotation of each of two pairs whose phases wrap around.
    std::vector<double> parity(64), pairs(64);
    for (std::size_t x = 0; x < 64; ++x) {
        const auto bit = [x](int i) { return static_cast<double>((x >> i) & 1); };
        parity[x] = std::acos(-1.0) / 4 * (__builtin_popcountll(x) % 2);
        pairs[x] = 2.5 * bit(0) * bit(1) + 2.9 * bit(2) * bit(5) + 3.1 * bit(3) + 3 * bit(1);
    }
    CHECK(cx_for(diagonal(parity)) == 10);
    CHECK(cx_for(diagonal(pairs)) == 4);
}

TEST_CASE("Permutations of basis states become cascades, with phases too") {
    CHECK(cx_for(permutation_matrix(increment(4))) <= 20);
    CHECK(cx_for(permutation_matrix(increment(5))) <= 48);
    // x -> 5 x + 3 modulo 64, and the same with phases.
    Permutation affine(64);
    for (std::uint32_t x = 0; x < 64; ++x) {
        affine[x] = (5 * x + 3) % 64;
    }
    base::Matrix u = permutation_matrix(affine);
    CHECK(cx_for(u) < 300);
    for (std::size_t c = 0; c < 64; ++c) {
        for (std::size_t r = 0; r < 64; ++r) {
            u(r, c) *= std::polar(1.0, (c & 1) != 0 ? 0.3 : 0.0) * ((c & 6) == 6 ? -1.0 : 1.0);
        }
    }
    CHECK(cx_for(u) < 300);
    Philox random(13);
    CHECK(cx_for(permutation_matrix(random_permutation(16, random))) <= 63);
}

TEST_CASE("A cascade is the permutation") {
    Philox random(14);
    for (std::size_t size = 1; size <= 64; size *= 2) {
        for (int trial = 0; trial < 20; ++trial) {
            const Permutation to = random_permutation(size, random);
            const auto gates = passes::transformation_cascade(to);
            for (std::uint32_t x = 0; x < size; ++x) {
                std::uint32_t y = x;
                for (const passes::ControlledX& gate : gates) {
                    REQUIRE((gate.controls >> gate.target & 1) == 0);
                    y ^= (y & gate.controls) == gate.controls ? 1U << gate.target : 0;
                }
                REQUIRE(y == to[x]);
            }
        }
    }
}

TEST_CASE("Qubits that have nothing to do with each other are synthesised apart") {
    Philox random(15);
    const auto embedded = [&](const std::vector<std::uint32_t>& qubits) {
        return reference::embed(
            reference::from(random_unitary(std::size_t{1} << qubits.size(), random)), qubits, 6);
    };
    const auto u = reference::multiply(reference::multiply(embedded({4, 1}), embedded({0, 5})),
                                       reference::multiply(embedded({3}), embedded({2})));
    const auto factors = passes::split_product(to_matrix(u));
    REQUIRE(factors.size() == 4);
    CHECK(factors[0].qubits == std::vector<Qubit>{2});
    CHECK(factors[1].qubits == std::vector<Qubit>{3});
    CHECK(cx_for(to_matrix(u)) == 6);
    CHECK(passes::split_product(random_unitary(16, random)).size() == 1);
    // Parts of many qubits: a Clifford and a diagonal side by side.
    const auto clifford = reference::unitary(random_clifford(4, 30, random));
    const auto controlled = reference::from(multi_controlled_z(4));
    CHECK(passes::split_product(to_matrix(reference::kron(clifford, controlled))).size() >= 2);
    CHECK(cx_for(to_matrix(reference::kron(clifford, controlled))) <= 14 + 10);
}

TEST_CASE("What is only nearly of a form is not taken for it") {
    Philox random(16);
    Circuit nearly = random_clifford(5, 40, random);
    CHECK(passes::synthesize_form(matrix_of(nearly), {}));
    nearly.append(Gate::kRX, {2}, {1e-6});
    CHECK_FALSE(passes::synthesize_form(matrix_of(nearly), {}));
    CHECK_FALSE(passes::synthesize_form(random_unitary(32, random), {}));
    // Every single column that a Clifford is read off from is one of the identity's.
    REQUIRE(passes::synthesize_form(multi_controlled_z(5), {}));
    passes::FormOptions stopped;
    stopped.stop = [] { return true; };
    CHECK_FALSE(passes::synthesize_form(matrix_of(random_clifford(5, 40, random)), stopped));
}

TEST_CASE("Columns that would make a Clifford of Paulis that do not fit together are refused") {
    // An involution: 2^j <-> w_j and w_j ^ 2^q <-> w_q ^ 2^j, the w_j words of a [6, 3, 3] code. In
    // the columns looked at, X_q seems to become the X string w_q, and all the strings commute.
    const std::vector<std::uint32_t> w{7, 25, 30, 42, 45, 51};
    Permutation to(64);
    std::iota(to.begin(), to.end(), 0U);
    for (std::uint32_t j = 0; j < 6; ++j) {
        std::swap(to[1U << j], to[w[j]]);
        for (std::uint32_t q = j + 1; q < 6; ++q) {
            std::swap(to[w[j] ^ 1U << q], to[w[q] ^ 1U << j]);
        }
    }
    CHECK(cx_for(permutation_matrix(to)) > 0);
}

TEST_CASE("Matrices written with nine digits are recognised") {
    const auto rounded = [](base::Matrix u) {
        for (Complex& x : u.data()) {
            x = {std::round(x.real() * 1e9) / 1e9, std::round(x.imag() * 1e9) / 1e9};
        }
        return u;
    };
    Philox random(17);
    const auto clifford = matrix_of(random_clifford(5, 40, random));
    CHECK(passes::synthesize_form(rounded(clifford), {}));
    std::vector<double> phases(32, 0);
    for (std::size_t x = 0; x < 32; ++x) {
        phases[x] = (x & 3) == 3 ? 0.7 : 0;
    }
    const auto form = passes::synthesize_form(rounded(diagonal(phases)), {});
    REQUIRE(form);
    CHECK(form->cx == 2);
    CHECK(form->delta < 1e-8);
    const auto pair = reference::from(random_unitary(4, random));
    const auto product =
        to_matrix(reference::kron(pair, reference::from(random_unitary(4, random))));
    CHECK(passes::split_product(rounded(product)).size() == 2);
}

TEST_CASE("Factors share the distance that is allowed") {
    // Each pair alone is within the threshold of a product, both together are not.
    const double angle = 0.14;
    const reference::Matrix zz = reference::from(diagonal({angle, -angle, -angle, angle}));
    const base::Matrix target = to_matrix(reference::kron(zz, zz));
    synthesis::UnitaryOptions options;
    options.threshold = options.polish = 0.01;
    const auto found = passes::synthesize_bare(target, options);
    REQUIRE(found);
    CHECK(found->delta * found->delta / 2 <= 0.01);
    CHECK(found->cx == 4);
}

TEST_CASE("States go where they always went") {
    synthesis::StateVector ghz(8);
    ghz.front() = ghz.back() = std::sqrt(0.5);
    const auto found = passes::synthesize_bare(ghz, {});
    REQUIRE(found);
    CHECK(found->cx == 2);
}

TEST_CASE("A matrix in a circuit is recognised too") {
    Philox random(18);
    const Circuit inside = random_clifford(5, 40, random);
    Circuit circuit = Circuit::with_qubits(7);
    Operation op;
    op.gate = Gate::kUnitary;
    op.qubits = {6, 2, 0, 3, 5};
    op.matrix = std::make_shared<const base::Matrix>(matrix_of(inside));
    circuit.operations.push_back(op);
    const auto rebased = passes::rebase_to_cx_u3(circuit);
    REQUIRE(rebased);
    CHECK(circuit::count_two_qubit(rebased->circuit) <= circuit::count_two_qubit(inside));
    CHECK(reference::distance_up_to_phase(reference::unitary(circuit),
                                          reference::unitary(rebased->circuit)) < 1e-8);
}
