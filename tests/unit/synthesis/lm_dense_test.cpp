#include "quantum/synthesis/lm_dense.hpp"

#include <algorithm>
#include <limits>
#include <vector>

#include "quantum/base/random.hpp"
#include "tests/support/catch.hpp"

using namespace quercus;
using namespace quercus::synthesis;

namespace {

struct alignas(32) Line {
    double values[4];
};

// Rows on 32-byte boundaries, filled with NaN: what is not written must not be read as a number.
class Rows {
 public:
    explicit Rows(int count) : lines_(static_cast<std::size_t>(count) / 4) {
        std::fill_n(data(), count, std::numeric_limits<double>::quiet_NaN());
    }
    double* data() { return lines_.front().values; }

 private:
    std::vector<Line> lines_;
};

}  // namespace

TEST_CASE("lm_dense: factorise and solve undo a product with a positive matrix") {
    const int n = GENERATE(4, 8, 12, 36, 64);
    const int stride = n + GENERATE(0, 4);
    CAPTURE(n, stride);
    Philox random(static_cast<Seed>(n));
    std::vector<std::vector<double>> root(static_cast<std::size_t>(n));
    for (auto& row : root) {
        for (int k = 0; k < n; ++k) {
            row.push_back(random.uniform(-1, 1));
        }
    }
    const auto entry = [&](std::size_t i, std::size_t j) {
        double sum = i == j ? 0.5 : 0;
        for (std::size_t k = 0; k < root.size(); ++k) {
            sum += root[i][k] * root[j][k];
        }
        return sum;
    };
    Rows h(n * stride), x(n), inverse(n);
    std::vector<double> wanted;
    for (int i = 0; i < n; ++i) {
        wanted.push_back(random.uniform(-1, 1));
    }
    for (int i = 0; i < n; ++i) {
        const auto row = static_cast<std::size_t>(i);
        for (int j = i / 4 * 4; j < n; ++j) {
            h.data()[i * stride + j] = j < i ? 1e3 : entry(row, static_cast<std::size_t>(j));
        }
        double sum = 0;
        for (std::size_t j = 0; j < wanted.size(); ++j) {
            sum += entry(row, j) * wanted[j];
        }
        x.data()[i] = sum;
    }
    REQUIRE(detail::factorise(h.data(), n, stride, inverse.data()));
    detail::solve(h.data(), n, stride, inverse.data(), x.data());
    for (int i = 0; i < n; ++i) {
        CAPTURE(i);
        CHECK(x.data()[i] == Approx(wanted[static_cast<std::size_t>(i)]).margin(1e-8));
    }
}

TEST_CASE("lm_dense: a matrix that is not positive is refused") {
    Rows h(16), inverse(4);
    for (int i = 0; i < 4; ++i) {
        for (int j = 0; j < 4; ++j) {
            h.data()[4 * i + j] = i == j ? 1 : 2;
        }
    }
    CHECK_FALSE(detail::factorise(h.data(), 4, 4, inverse.data()));
}

TEST_CASE("lm_dense: gram of a transposed matrix") {
    constexpr int kRows = 20, kDepth = 16;
    Rows in(kRows * kDepth), columns(kRows * kDepth), out(kRows * kRows);
    Philox random(3);
    for (int i = 0; i < kRows * kDepth; ++i) {
        in.data()[i] = random.uniform(-1, 1);
    }
    detail::transpose(in.data(), kRows, kDepth, columns.data());
    detail::gram(columns.data(), kDepth, kRows, out.data());
    for (int i = 0; i < kRows; ++i) {
        for (int j = i; j < kRows; ++j) {
            double sum = 0;
            for (int k = 0; k < kDepth; ++k) {
                sum += in.data()[i * kDepth + k] * in.data()[j * kDepth + k];
            }
            CAPTURE(i, j);
            CHECK(out.data()[i * kRows + j] == Approx(sum).margin(1e-12));
        }
    }
}
