#include "quantum/synthesis/peel.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <ranges>
#include <utility>
#include <vector>

#include "quantum/synthesis/instantiate.hpp"
#include "quantum/synthesis/structure.hpp"

namespace quercus::synthesis {
namespace {

using base::Matrix;
using circuit::Circuit;
using circuit::Gate;

constexpr int kQubits = 4;
constexpr std::size_t kMostPairs = 3;  // of CX in a star
constexpr std::size_t kNoLimit = std::numeric_limits<std::size_t>::max();
constexpr std::size_t kGenericRest = 14;  // CX that reach almost every unitary on three qubits

// The three qubits that stay, in rising order.
using Rest = std::array<std::uint8_t, kQubits - 1>;

Rest without(std::uint8_t peeled) {
    Rest rest{};
    std::uint8_t next = 0;
    for (std::uint8_t& qubit : rest) {
        next += next == peeled ? 1 : 0;
        qubit = next++;
    }
    return rest;
}

// Sequences over the three other qubits, neighbours different, shortest first; the empty one too.
std::vector<std::vector<std::size_t>> star_orders() {
    std::vector<std::vector<std::size_t>> orders{{}};
    for (std::size_t i = 0; i < orders.size(); ++i) {
        if (orders[i].size() == kMostPairs) {
            break;
        }
        for (std::size_t arm = 0; arm < kQubits - 1; ++arm) {
            if (orders[i].empty() || orders[i].back() != arm) {
                orders.push_back(orders[i]);
                orders.back().push_back(arm);
            }
        }
    }
    return orders;
}

std::vector<CxPair> star_of(std::uint8_t peeled, const Rest& rest,
                            const std::vector<std::size_t>& order) {
    std::vector<CxPair> star;
    for (const std::size_t arm : order) {
        star.insert(star.end(), 2, CxPair{peeled, rest[arm]});
    }
    return star;
}

// The part of `found` after its first `star` CX, as a unitary on `rest` alone.
Matrix rest_of(const Ansatz& found, std::size_t star, const Rest& rest) {
    const auto skipped = static_cast<std::ptrdiff_t>(star);
    Ansatz tail{{kQubits, {}}, std::vector<double>(3 * kQubits)};
    tail.shape.cx.assign(found.shape.cx.begin() + skipped, found.shape.cx.end());
    tail.params.insert(tail.params.end(), found.params.begin() + 3 * kQubits + 4 * skipped,
                       found.params.end());
    const Matrix wide = unitary_of(tail);
    const auto spread = [&](std::size_t index) {
        std::size_t out = 0;
        for (std::size_t q = 0; q < rest.size(); ++q) {
            out |= ((index >> q) & 1) << rest[q];
        }
        return out;
    };
    Matrix narrow(std::size_t{1} << rest.size(), std::size_t{1} << rest.size());
    for (std::size_t r = 0; r < narrow.rows(); ++r) {
        for (std::size_t c = 0; c < narrow.cols(); ++c) {
            narrow(r, c) = wide(spread(r), spread(c));
        }
    }
    return narrow;
}

// The first `count` CX of an ansatz with the rotations up to there.
Ansatz first_cx(const Ansatz& ansatz, std::size_t count) {
    Ansatz out{{ansatz.shape.num_qubits, {}}, {}};
    out.shape.cx.assign(ansatz.shape.cx.begin(),
                        ansatz.shape.cx.begin() + static_cast<std::ptrdiff_t>(count));
    out.params.assign(
        ansatz.params.begin(),
        ansatz.params.begin() + static_cast<std::ptrdiff_t>(out.shape.num_parameters()));
    return out;
}

// Of a circuit in {cx, u3}.
Circuit inverse(const Circuit& circuit) {
    Circuit out = Circuit::with_qubits(circuit.num_qubits());
    for (const circuit::Operation& operation : std::views::reverse(circuit.operations)) {
        if (operation.gate == Gate::kU3) {
            out.append(Gate::kU3, {operation.qubits[0]},
                       {-operation.params[0], -operation.params[2], -operation.params[1]});
        } else {
            out.append(operation.gate, {operation.qubits[0], operation.qubits[1]});
        }
    }
    return out;
}

// Peels from one side: the star comes first.
class Peeler {
 public:
    Peeler(Instantiator engine, const RestSynthesis& rest, const PeelOptions& options,
           Philox& random)
        : engine_(std::move(engine)), rest_(rest), options_(options), random_(random) {
        descent_.threshold = options.threshold;
        descent_.polish = options.polish;
        descent_.stop = options.stop;
    }

    // With the shortest star that fits, if that has fewer CX than `limit`.
    std::optional<Circuit> run(std::uint8_t peeled, std::size_t limit) {
        const Rest rest = without(peeled);
        for (const auto& order : star_orders()) {
            const std::vector<CxPair> star = star_of(peeled, rest, order);
            if (star.size() >= limit || should_stop(options_.stop)) {
                break;
            }
            if (const std::optional<Ansatz> found = fit(star, rest)) {
                return finish(*found, star.size(), rest);
            }
        }
        return std::nullopt;
    }

    [[nodiscard]] std::uint64_t descents() const { return engine_.count(); }

 private:
    std::optional<Ansatz> fit(const std::vector<CxPair>& star, const Rest& rest) {
        Template shape{kQubits, star};
        for (const CxPair& cx : detail::pairs_in_turn(kQubits - 1, kGenericRest, 0).cx) {
            shape.cx.push_back({rest[cx.control], rest[cx.target]});
        }
        for (int i = 0; i < options_.starts && !should_stop(options_.stop); ++i) {
            Instantiation found = engine_.run_random(shape, random_, 1, descent_);
            if (found.success && found.d <= options_.polish) {
                return Ansatz{std::move(shape), std::move(found.params)};
            }
        }
        return std::nullopt;
    }

    std::optional<Circuit> finish(const Ansatz& found, std::size_t star, const Rest& rest) {
        const Result<Circuit> tail = rest_(rest_of(found, star, rest));
        if (!tail) {
            return std::nullopt;
        }
        Circuit out = to_circuit(first_cx(found, star));
        for (circuit::Operation operation : tail->operations) {
            for (circuit::Qubit& qubit : operation.qubits) {
                qubit = rest[qubit];
            }
            out.operations.push_back(std::move(operation));
        }
        return out;
    }

    Instantiator engine_;
    const RestSynthesis& rest_;
    const PeelOptions& options_;
    Philox& random_;
    InstantiateOptions descent_;
};

// Star and rest were each driven down on their own; here once more together.
std::optional<Ansatz> polished(const Matrix& target, const Circuit& circuit,
                               const PeelOptions& options) {
    Result<Ansatz> ansatz = ansatz_of(circuit);
    Result<Instantiator> engine = Instantiator::create(target);
    if (!ansatz || !engine) {
        return std::nullopt;
    }
    InstantiateOptions descent;
    descent.threshold = options.threshold;
    descent.polish = options.polish;
    descent.stop = options.stop;
    Instantiation together = engine->run(ansatz->shape, ansatz->params, descent);
    if (!together.success || together.d > options.polish) {
        return std::nullopt;
    }
    return Ansatz{std::move(ansatz->shape), std::move(together.params)};
}

}  // namespace

PeelResult peel_qubit(const Matrix& target, const RestSynthesis& rest, const PeelOptions& options) {
    PeelResult result;
    Philox random(options.seed);
    std::optional<Circuit> best;
    const std::array<Matrix, 2> sides = {target, base::adjoint(target)};
    for (const Matrix& side : sides) {
        Result<Instantiator> engine = Instantiator::create(side);
        if (!engine || engine->num_qubits() != kQubits) {
            return result;
        }
        Peeler peeler(std::move(*engine), rest, options, random);
        for (std::uint8_t qubit = 0; qubit < kQubits; ++qubit) {
            const std::size_t limit = best ? count_two_qubit(*best) : kNoLimit;
            std::optional<Circuit> found = peeler.run(qubit, limit);
            if (found && count_two_qubit(*found) < limit) {
                best = &side == &sides[0] ? std::move(*found) : inverse(*found);
            }
        }
        result.descents += peeler.descents();
    }
    if (best) {
        result.ansatz = polished(target, *best, options);
    }
    return result;
}

}  // namespace quercus::synthesis
