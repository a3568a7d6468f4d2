#pragma once

// Counter-based random numbers: Philox4x32-10 (Salmon et al., SC'11). A stream is a pure function
// of its seed, so that a task's numbers depend neither on where nor on when it runs.

#include <array>
#include <cstdint>

#include "quantum/base/digest.hpp"

namespace quercus {

// 64-bit seed of a task; see derive_seed.
using Seed = std::uint64_t;

// One Philox4x32-10 block: 128 random bits from a 128-bit counter and a 64-bit key.
[[nodiscard]] std::array<std::uint32_t, 4> philox4x32(std::array<std::uint32_t, 4> counter,
                                                      std::array<std::uint32_t, 2> key);

// The seed of a child: Philox keyed with `parent`, counter = `digest`.
[[nodiscard]] Seed derive_seed(Seed parent, const Digest& digest);

// A stream of random numbers; satisfies UniformRandomBitGenerator. The distributions are our own,
// because those of the standard library differ between implementations.
class Philox {
 public:
    using result_type = std::uint64_t;
    explicit Philox(Seed seed, std::uint64_t stream = 0) : seed_(seed), stream_(stream) {}

    static constexpr result_type min() { return 0; }
    static constexpr result_type max() { return ~result_type{0}; }
    result_type operator()();

    // Uniform in [0, 1), 53 bits.
    double uniform();
    // Uniform in [low, high).
    double uniform(double low, double high) { return low + (high - low) * uniform(); }
    // Uniform in {0, ..., bound - 1}; bound > 0. Unbiased.
    std::uint64_t below(std::uint64_t bound);
    // Standard normal (Box-Muller).
    double normal();

 private:
    Seed seed_;
    std::uint64_t stream_;
    std::uint64_t block_ = 0;
    std::array<std::uint64_t, 2> buffer_{};
    int left_ = 0;
};

}  // namespace quercus
