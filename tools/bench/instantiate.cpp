// Instantiation and QSearch: milliseconds per start and how many starts converge, for random
// templates (targets drawn from the template itself) and Haar-random targets. Times are CPU times
// of this one thread, so that a busy machine does not distort them.

#include <cmath>
#include <cstdio>
#include <ctime>
#include <numbers>

#include "quantum/circuit/unitary.hpp"
#include "quantum/synthesis/instantiate.hpp"
#include "quantum/synthesis/qsearch.hpp"

namespace {

using namespace quercus;
using namespace quercus::synthesis;
using base::Complex;
using base::Matrix;

double milliseconds_since(std::clock_t start) {
    return 1e3 * static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
}

Matrix haar(std::size_t size, Philox& random) {
    Matrix m(size, size);
    for (Complex& entry : m.data()) {
        entry = {random.normal(), random.normal()};
    }
    for (std::size_t i = 0; i < 2 * size; ++i) {  // Gram-Schmidt, twice
        const std::size_t row = i % size;
        double norm = 0;
        for (std::size_t k = 0; k < row; ++k) {
            Complex dot = 0;
            for (std::size_t j = 0; j < size; ++j) {
                dot += std::conj(m(k, j)) * m(row, j);
            }
            for (std::size_t j = 0; j < size; ++j) {
                m(row, j) -= dot * m(k, j);
            }
        }
        for (std::size_t j = 0; j < size; ++j) {
            norm += std::norm(m(row, j));
        }
        for (std::size_t j = 0; j < size; ++j) {
            m(row, j) /= std::sqrt(norm);
        }
    }
    return m;
}

// `count` CX on random pairs, neighbours different; or all pairs in turn.
Template random_template(int qubits, int count, bool in_turn, Philox& random) {
    std::vector<CxPair> pairs;
    for (int a = 0; a < qubits; ++a) {
        for (int b = a + 1; b < qubits; ++b) {
            pairs.push_back({static_cast<std::uint8_t>(a), static_cast<std::uint8_t>(b)});
        }
    }
    Template shape{qubits, {}};
    while (static_cast<int>(shape.cx.size()) < count) {
        const CxPair next =
            pairs[in_turn ? shape.cx.size() % pairs.size() : random.below(pairs.size())];
        if (qubits == 2 || shape.cx.empty() || !(shape.cx.back() == next)) {
            shape.cx.push_back(next);
        }
    }
    return shape;
}

struct Case {
    int qubits, cx;
    bool haar;
    int targets, starts;
};

void bench_starts(const Case& c) {
    double spent = 0;
    int converged = 0;
    int solved = 0;
    long iterations = 0;
    for (int t = 0; t < c.targets; ++t) {
        Philox random(1000 + static_cast<Seed>(t));
        const Template shape = random_template(c.qubits, c.cx, c.haar, random);
        Ansatz hidden{shape, std::vector<double>(shape.num_parameters())};
        for (double& angle : hidden.params) {
            angle = random.uniform(-std::numbers::pi, std::numbers::pi);
        }
        const std::size_t size = std::size_t{1} << c.qubits;
        const Matrix target = c.haar ? haar(size, random) : unitary_of(hidden);
        Instantiator engine = *Instantiator::create(target);
        bool any = false;
        const std::clock_t start = std::clock();
        for (int i = 0; i < c.starts; ++i) {
            const Instantiation found = engine.run_random(shape, random, 1);
            converged += found.success ? 1 : 0;
            any = any || found.success;
            iterations += found.iterations;
        }
        spent += milliseconds_since(start);
        solved += any ? 1 : 0;
    }
    const double starts = static_cast<double>(c.targets) * c.starts;
    std::printf(
        "%d qubits %2d CX %-8s %7.3f ms/start %5.1f iterations %5.1f%% converge %d/%d solved\n",
        c.qubits, c.cx, c.haar ? "Haar" : "own", spent / starts,
        static_cast<double>(iterations) / starts, 100.0 * converged / starts, solved, c.targets);
}

void bench_search(const char* name, const Matrix& target, int known) {
    for (Seed seed = 1; seed <= 3; ++seed) {
        QSearchOptions options;
        options.seed = seed;
        const std::clock_t start = std::clock();
        const Result<QSearchResult> found = qsearch(target, options);
        std::printf("%-10s seed %d: %zu CX (known %d), %.1f ms, %llu descents, delta %.1e\n", name,
                    static_cast<int>(seed), found->ansatz.shape.cx.size(), known,
                    milliseconds_since(start), static_cast<unsigned long long>(found->descents),
                    found->delta);
    }
}

Matrix qft3() {
    using circuit::Gate;
    circuit::Circuit c = circuit::Circuit::with_qubits(3);
    c.append(Gate::kH, {2});
    c.append(Gate::kCP, {1, 2}, {std::numbers::pi / 2});
    c.append(Gate::kCP, {0, 2}, {std::numbers::pi / 4});
    c.append(Gate::kH, {1});
    c.append(Gate::kCP, {0, 1}, {std::numbers::pi / 2});
    c.append(Gate::kH, {0});
    return *circuit::unitary_of(c);
}

}  // namespace

int main() {
    const Case cases[] = {{2, 3, true, 20, 20},  {3, 4, false, 20, 50}, {3, 7, false, 20, 50},
                          {3, 9, false, 20, 50}, {3, 14, true, 20, 20}, {4, 8, false, 10, 20},
                          {4, 20, false, 10, 5}, {4, 30, false, 5, 5}};
    for (const Case& c : cases) {
        bench_starts(c);
    }
    bench_search("Toffoli", circuit::gate_matrix(circuit::Gate::kCCX, {}), 6);
    bench_search("Fredkin", circuit::gate_matrix(circuit::Gate::kCSwap, {}), 7);
    bench_search("QFT-3", qft3(), 6);
    Philox random(7);
    bench_search("Haar-3", haar(8, random), 14);
}
