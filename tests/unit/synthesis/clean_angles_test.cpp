#include "quantum/synthesis/clean_angles.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "quantum/synthesis/qsearch.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/synthesis/random_unitary.hpp"

using namespace quercus;
using namespace quercus::synthesis;
using namespace quercus::synthesis::test;

namespace {

bool is_clean(double angle) {
    constexpr double kUnit = std::numbers::pi / 4;
    return std::fabs(angle - std::round(angle / kUnit) * kUnit) < 1e-12;
}

std::size_t count_clean(const std::vector<double>& params) {
    return static_cast<std::size_t>(std::count_if(params.begin(), params.end(), is_clean));
}

Matrix toffoli() {
    Circuit c = Circuit::with_qubits(3);
    c.append(Gate::kCCX, {0, 1, 2});
    return *circuit::unitary_of(c);
}

Result<QSearchResult> toffoli_by(Seed seed) {
    QSearchOptions options;
    options.seed = seed;
    return qsearch(toffoli(), options);
}

}  // namespace

TEST_CASE("instantiate: fixed parameters stay to the bit, the others follow") {
    const Matrix target = toffoli();
    Philox random(3);
    Instantiator engine = *Instantiator::create(target);
    const auto found = toffoli_by(3);
    REQUIRE(found->found);
    std::vector<double> start = found->ansatz.params;
    std::vector<std::uint8_t> fixed(start.size(), 0);
    for (std::size_t p = 0; p < start.size(); p += 3) {
        fixed[p] = 1;
    }
    for (std::size_t p = 0; p < start.size(); ++p) {
        start[p] += fixed[p] != 0 ? 0 : 0.05 * random.normal();
    }
    InstantiateOptions options;
    options.fixed = fixed;
    const Instantiation again = engine.run(found->ansatz.shape, start, options);
    CHECK(again.success);
    for (std::size_t p = 0; p < start.size(); ++p) {
        CAPTURE(p);
        CHECK((again.params[p] == start[p]) == (fixed[p] != 0));
    }
}

TEST_CASE("instantiate: what a target leaves free") {
    // On the control of two CX only the sum of the rotations about Z matters.
    const Template shape{2, {{0, 1}, {0, 1}}};
    Circuit c = Circuit::with_qubits(2);
    c.append(Gate::kCX, {0, 1});
    c.append(Gate::kRY, {1}, {0.7});
    c.append(Gate::kCX, {0, 1});
    const Ansatz ansatz = *ansatz_of(c);
    REQUIRE(ansatz.shape == shape);
    Instantiator engine = *Instantiator::create(*circuit::unitary_of(c));
    const std::vector<double> freedom = engine.freedom(shape, ansatz.params);
    CHECK(*std::max_element(freedom.begin(), freedom.end()) > 0.1);
    for (const double x : freedom) {
        CHECK(x > -1e-6);
        CHECK(x < 1 + 1e-6);
    }
    const std::vector<std::uint8_t> all(freedom.size(), 1);
    for (const double x : engine.freedom(shape, ansatz.params, all)) {
        CHECK(x == 0);
    }

    // Random angles leave nothing free where no two rotations commute past each other.
    Philox random(5);
    Ansatz rigid{{3, {{0, 1}, {1, 2}, {2, 0}, {0, 1}, {1, 2}}}, {}};
    for (std::size_t p = 0; p < rigid.shape.num_parameters(); ++p) {
        rigid.params.push_back(random.uniform(-3, 3));
    }
    Instantiator other = *Instantiator::create(unitary_of(rigid));
    for (const double x : other.freedom(rigid.shape, rigid.params)) {
        CHECK(std::fabs(x) < 1e-3);
    }
}

TEST_CASE("clean angles: Toffoli's are multiples of pi / 4, wherever the search ended") {
    const Matrix target = toffoli();
    std::size_t before = 0, after = 0, all = 0;
    for (Seed seed = 0; seed < 10; ++seed) {
        CAPTURE(seed);
        const auto found = toffoli_by(seed);
        REQUIRE(found->found);
        Instantiator engine = *Instantiator::create(target);
        const Ansatz clean = clean_angles(engine, found->ansatz);
        CHECK(clean.shape == found->ansatz.shape);
        CHECK(phase_invariant_distance(unitary_of(clean), target) < 2e-7);
        before += count_clean(found->ansatz.params);
        after += count_clean(clean.params);
        all += clean.params.size();
    }
    CAPTURE(before, after, all);
    CHECK(before < all / 2);
    CHECK(after == all);
}

TEST_CASE("clean angles: what is not free stays, a stop ends it") {
    Philox random(8);
    Ansatz rigid{{3, {{0, 1}, {1, 2}, {2, 0}, {0, 1}}}, {}};
    for (std::size_t p = 0; p < rigid.shape.num_parameters(); ++p) {
        rigid.params.push_back(random.uniform(-3, 3));
    }
    Instantiator engine = *Instantiator::create(unitary_of(rigid));
    const Ansatz same = clean_angles(engine, rigid);
    for (std::size_t p = 0; p < rigid.params.size(); ++p) {
        CHECK(std::fabs(same.params[p] - rigid.params[p]) < 1e-6);
    }
    const auto found = toffoli_by(1);
    Instantiator stopped = *Instantiator::create(toffoli());
    const Ansatz kept = clean_angles(stopped, found->ansatz, [] { return true; });
    CHECK(phase_invariant_distance(unitary_of(kept), toffoli()) < 2e-7);
    CHECK(stopped.count() <= 3);
}
