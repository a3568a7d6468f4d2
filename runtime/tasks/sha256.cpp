#include "runtime/tasks/sha256.hpp"

#include <openssl/evp.h>

#include <memory>
#include <stdexcept>

namespace quercus::tasks {

Bytes sha256(BytesView data) {
    // Looking the algorithm up and making a context cost several times a short hash.
    static EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
    thread_local const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(
        EVP_MD_CTX_new(), &EVP_MD_CTX_free);
    Bytes digest(32, '\0');
    if (algorithm == nullptr || !context ||
        EVP_DigestInit_ex2(context.get(), algorithm, nullptr) != 1 ||
        EVP_DigestUpdate(context.get(), data.data(), data.size()) != 1 ||
        EVP_DigestFinal_ex(context.get(), reinterpret_cast<unsigned char*>(digest.data()),
                           nullptr) != 1) {
        throw std::runtime_error("OpenSSL cannot compute SHA-256");
    }
    return digest;
}

}  // namespace quercus::tasks
