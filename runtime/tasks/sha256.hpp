#pragma once

#include "quantum/base/bytes.hpp"

namespace quercus::tasks {

// SHA-256 (FIPS 180-4) of `data`, 32 bytes. Throws std::runtime_error if OpenSSL has no SHA-256.
[[nodiscard]] Bytes sha256(BytesView data);

}  // namespace quercus::tasks
