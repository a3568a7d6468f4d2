#include "runtime/transport/sha256.hpp"

#include <openssl/sha.h>

#include <array>

namespace quercus::transport {

std::string sha256_hex(BytesView data) {
    std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
    SHA256(reinterpret_cast<const unsigned char*>(data.data()), data.size(), digest.data());
    std::string out;
    for (const unsigned char byte : digest) {
        out.push_back("0123456789abcdef"[byte >> 4]);
        out.push_back("0123456789abcdef"[byte & 15]);
    }
    return out;
}

}  // namespace quercus::transport
