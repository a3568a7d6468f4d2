#pragma once

// SHA-256 of results, which clients compare and store.

#include <string>

#include "quantum/base/bytes.hpp"

namespace quercus::transport {

// 64 lower-case hex digits.
[[nodiscard]] std::string sha256_hex(BytesView data);

}  // namespace quercus::transport
