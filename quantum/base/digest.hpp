#pragma once

// 128-bit content digests (XXH3-128, canonical big-endian form): identify task inputs and blobs
// among a job's own data. Not a defence against forged collisions.

#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <functional>
#include <string>

#include "quantum/base/bytes.hpp"

namespace quercus {

struct Digest {
    std::array<std::uint8_t, 16> bytes{};
    friend auto operator<=>(const Digest&, const Digest&) = default;
    [[nodiscard]] std::string to_hex() const;
};

[[nodiscard]] Digest digest_of(BytesView data);

}  // namespace quercus

template <>
struct std::hash<quercus::Digest> {
    std::size_t operator()(const quercus::Digest& digest) const noexcept {
        std::size_t value = 0;
        std::memcpy(&value, digest.bytes.data(), sizeof(value));
        return value;
    }
};
