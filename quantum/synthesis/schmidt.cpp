#include "quantum/synthesis/schmidt.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <bit>
#include <optional>

namespace quercus::synthesis::detail {

using circuit::Circuit;
using circuit::Gate;
using circuit::Qubit;

namespace {

using Dense = Eigen::MatrixXcd;
using Qubits = std::vector<Qubit>;
// Schmidt coefficients below this are rounding.
constexpr double kSmallest = 1e-11;

// The bits of `index` at `qubits`, the first as the least significant.
std::size_t gather(std::size_t index, const Qubits& qubits) {
    std::size_t out = 0;
    for (std::size_t k = 0; k < qubits.size(); ++k) {
        out |= ((index >> qubits[k]) & 1U) << k;
    }
    return out;
}

struct Bipartition {
    Qubits low, high;  // |low| <= |high|
};

Bipartition split(int width, unsigned low_mask) {
    Bipartition parts;
    for (Qubit q = 0; q < static_cast<Qubit>(width); ++q) {
        ((low_mask >> q) & 1U ? parts.low : parts.high).push_back(q);
    }
    return parts;
}

// state = sum over k of values(k) * high.col(k) (x) low.col(k), the numbering of `parts`.
struct Schmidt {
    Bipartition parts;
    Dense low, high;
    Eigen::VectorXd values;  // falling
    std::size_t rank = 0;
};

Schmidt decompose(const StateVector& state, Bipartition parts) {
    Dense m =
        Dense::Zero(Eigen::Index{1} << parts.high.size(), Eigen::Index{1} << parts.low.size());
    for (std::size_t i = 0; i < state.size(); ++i) {
        m(static_cast<Eigen::Index>(gather(i, parts.high)),
          static_cast<Eigen::Index>(gather(i, parts.low))) = state[i];
    }
    const Eigen::JacobiSVD<Dense> svd(m, Eigen::ComputeThinU | Eigen::ComputeThinV);
    Schmidt out{std::move(parts), svd.matrixV().conjugate(), svd.matrixU(), svd.singularValues(),
                0};
    while (static_cast<Eigen::Index>(out.rank) < out.values.size() &&
           out.values(static_cast<Eigen::Index>(out.rank)) > kSmallest) {
        ++out.rank;
    }
    return out;
}

// Of all balanced bipartitions the first of least rank.
Schmidt best_decomposition(const StateVector& state) {
    const int width = std::countr_zero(state.size());
    std::optional<Schmidt> best;
    for (unsigned mask = 0; mask < state.size(); ++mask) {
        if (std::popcount(mask) != width / 2) {
            continue;
        }
        Schmidt next = decompose(state, split(width, mask));
        if (!best || next.rank < best->rank) {
            best = std::move(next);
        }
    }
    return *std::move(best);
}

// Takes |k> to column k, for the first `count` columns.
StateMap map_to(const Dense& columns, std::size_t count) {
    StateMap pairs(count);
    for (std::size_t k = 0; k < count; ++k) {
        const auto rows = static_cast<std::size_t>(columns.rows());
        pairs[k].input.resize(rows);
        pairs[k].input[k] = 1;
        for (std::size_t r = 0; r < rows; ++r) {
            pairs[k].output.push_back(
                columns(static_cast<Eigen::Index>(r), static_cast<Eigen::Index>(k)));
        }
    }
    return pairs;
}

class Preparation {
 public:
    Preparation(int width, const UnitaryOptions& options) : options_(options) {
        result_.circuit = Circuit::with_qubits(static_cast<std::uint32_t>(width));
        // The parts' errors add up, in delta = sqrt(2 d).
        options_.polish = std::max(options.polish / 9, UnitaryOptions{}.polish);
    }

    Status add(const Result<UnitaryResult>& part, const Qubits& qubits) {
        if (!part) {
            return part.error();
        }
        for (circuit::Operation operation : part->circuit.operations) {
            for (Qubit& q : operation.qubits) {
                q = qubits[q];
            }
            result_.circuit.operations.push_back(std::move(operation));
        }
        result_.descents += part->descents;
        result_.stopped = result_.stopped || part->stopped;
        return Status::ok();
    }

    void copy(const Qubits& from, const Qubits& to, std::size_t count) {
        for (std::size_t k = 0; k < count; ++k) {
            result_.circuit.append(Gate::kCX, {from[k], to[k]});
        }
    }

    [[nodiscard]] const UnitaryOptions& options() const { return options_; }
    UnitaryResult take() { return std::move(result_); }

 private:
    UnitaryOptions options_;
    UnitaryResult result_;
};

StateVector coefficients(const Schmidt& schmidt, int width) {
    StateVector out(std::size_t{1} << width);
    for (std::size_t k = 0; k < schmidt.rank; ++k) {
        out[k] = schmidt.values(static_cast<Eigen::Index>(k));
    }
    return out;
}

}  // namespace

Result<UnitaryResult> prepare_by_schmidt(const StateVector& state, const UnitaryOptions& options) {
    const Schmidt schmidt = best_decomposition(state);
    Preparation preparation(std::countr_zero(state.size()), options);
    const auto& [low, high] = schmidt.parts;
    const int shared = std::countr_zero(std::bit_ceil(schmidt.rank));
    if (shared > 0) {
        const auto first = synthesize_state(coefficients(schmidt, shared), preparation.options());
        if (Status status = preparation.add(first, low); !status.is_ok()) {
            return status;
        }
        preparation.copy(low, high, static_cast<std::size_t>(shared));
    }
    const auto below =
        synthesize_state_map(map_to(schmidt.low, schmidt.rank), preparation.options());
    if (Status status = preparation.add(below, low); !status.is_ok()) {
        return status;
    }
    const auto above =
        synthesize_state_map(map_to(schmidt.high, schmidt.rank), preparation.options());
    if (Status status = preparation.add(above, high); !status.is_ok()) {
        return status;
    }
    return preparation.take();
}

}  // namespace quercus::synthesis::detail
