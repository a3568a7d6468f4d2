#pragma once

// Private to this room: Pauli operators on any number of qubits, and the images of single-qubit
// Paulis pulled back through a growing Clifford circuit.

#include <bit>
#include <boost/container/small_vector.hpp>
#include <cstdint>
#include <vector>

namespace quercus::passes::detail {

// (-1)^negative i^|x & z| X^x Z^z, Hermitian. Words of 64 qubits: x in the first half, z in the
// second.
struct WidePauli {
    boost::container::small_vector<std::uint64_t, 4> words;
    bool negative = false;

    [[nodiscard]] std::size_t half() const { return words.size() / 2; }
};

inline bool anticommute(const WidePauli& p, const WidePauli& q) {
    std::uint64_t odd = 0;
    for (std::size_t w = 0, n = p.half(); w < n; ++w) {
        odd ^= (p.words[w] & q.words[n + w]) ^ (p.words[n + w] & q.words[w]);
    }
    return (std::popcount(odd) & 1) != 0;
}

// i^turns p q, which must be Hermitian.
inline WidePauli product(const WidePauli& p, const WidePauli& q, int turns) {
    WidePauli r;
    const std::size_t n = p.half();
    r.words.resize(2 * n);
    int phase = turns + 2 * p.negative + 2 * q.negative;
    for (std::size_t w = 0; w < n; ++w) {
        const std::uint64_t px = p.words[w], pz = p.words[n + w];
        const std::uint64_t qx = q.words[w], qz = q.words[n + w];
        r.words[w] = px ^ qx;
        r.words[n + w] = pz ^ qz;
        phase += std::popcount(px & pz) + std::popcount(qx & qz) + 2 * std::popcount(pz & qx) -
                 std::popcount((px ^ qx) & (pz ^ qz));
    }
    r.negative = ((phase % 4 + 4) % 4) == 2;
    return r;
}

// For the Clifford circuit C appended so far: z(q) = C^dagger Z_q C and x(q) = C^dagger X_q C.
class PauliFrame {
 public:
    explicit PauliFrame(std::size_t qubits) : z_(qubits), x_(qubits) {
        const std::size_t n = (qubits + 63) / 64;
        for (std::size_t q = 0; q < qubits; ++q) {
            x_[q].words.resize(2 * n);
            z_[q].words.resize(2 * n);
            x_[q].words[q / 64] = std::uint64_t{1} << (q % 64);
            z_[q].words[n + q / 64] = std::uint64_t{1} << (q % 64);
        }
    }

    void cx(std::size_t control, std::size_t target) {
        z_[target] = product(z_[control], z_[target], 0);
        x_[control] = product(x_[control], x_[target], 0);
    }
    void h(std::size_t q) { std::swap(x_[q], z_[q]); }
    void x_gate(std::size_t q) { z_[q].negative = !z_[q].negative; }
    // rz(turns pi/2): X -> -i X Z for one quarter.
    void quarter_turns(std::size_t q, int turns) {
        if (turns == 2) {
            x_[q].negative = !x_[q].negative;
        } else if (turns != 0) {
            x_[q] = product(x_[q], z_[q], turns == 1 ? -1 : 1);
        }
    }

    [[nodiscard]] const WidePauli& z(std::size_t q) const { return z_[q]; }
    [[nodiscard]] const WidePauli& x(std::size_t q) const { return x_[q]; }

 private:
    std::vector<WidePauli> z_;
    std::vector<WidePauli> x_;
};

}  // namespace quercus::passes::detail
