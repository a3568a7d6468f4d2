#include "quantum/base/random.hpp"

#include <cmath>
#include <cstring>
#include <numbers>

namespace quercus {

std::array<std::uint32_t, 4> philox4x32(std::array<std::uint32_t, 4> counter,
                                        std::array<std::uint32_t, 2> key) {
    constexpr std::uint64_t kMultiplier0 = 0xD2511F53;
    constexpr std::uint64_t kMultiplier1 = 0xCD9E8D57;
    constexpr std::uint32_t kWeyl0 = 0x9E3779B9;
    constexpr std::uint32_t kWeyl1 = 0xBB67AE85;
    for (int round = 0; round < 10; ++round) {
        const std::uint64_t p0 = kMultiplier0 * counter[0];
        const std::uint64_t p1 = kMultiplier1 * counter[2];
        counter = {static_cast<std::uint32_t>(p1 >> 32) ^ counter[1] ^ key[0],
                   static_cast<std::uint32_t>(p1),
                   static_cast<std::uint32_t>(p0 >> 32) ^ counter[3] ^ key[1],
                   static_cast<std::uint32_t>(p0)};
        key[0] += kWeyl0;
        key[1] += kWeyl1;
    }
    return counter;
}

namespace {

std::array<std::uint32_t, 2> key_of(Seed seed) {
    return {static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)};
}

std::uint64_t join(std::uint32_t low, std::uint32_t high) {
    return static_cast<std::uint64_t>(high) << 32 | low;
}

}  // namespace

Seed derive_seed(Seed parent, const Digest& digest) {
    std::array<std::uint32_t, 4> counter{};
    std::memcpy(counter.data(), digest.bytes.data(), sizeof(counter));
    const auto block = philox4x32(counter, key_of(parent));
    return join(block[0], block[1]);
}

Philox::result_type Philox::operator()() {
    if (left_ == 0) {
        const auto block = philox4x32(
            {static_cast<std::uint32_t>(block_), static_cast<std::uint32_t>(block_ >> 32),
             static_cast<std::uint32_t>(stream_), static_cast<std::uint32_t>(stream_ >> 32)},
            key_of(seed_));
        ++block_;
        buffer_ = {join(block[0], block[1]), join(block[2], block[3])};
        left_ = 2;
    }
    return buffer_[static_cast<std::size_t>(2 - left_--)];
}

double Philox::uniform() {
    return static_cast<double>((*this)() >> 11) * 0x1.0p-53;
}

std::uint64_t Philox::below(std::uint64_t bound) {
    const std::uint64_t limit = max() - max() % bound;
    for (;;) {
        const std::uint64_t value = (*this)();
        if (value < limit) {
            return value % bound;
        }
    }
}

double Philox::normal() {
    const double radius = std::sqrt(-2.0 * std::log(1.0 - uniform()));
    return radius * std::cos(2.0 * std::numbers::pi * uniform());
}

}  // namespace quercus
