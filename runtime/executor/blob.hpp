#pragma once

// Large payloads between a control process and an executor: sealed memfds, passed over a Unix
// socket before the record that mentions them. Receivers check the seals and the size, so that what
// they map can neither change nor shrink.

#include <cstdint>

#include "quantum/base/bytes.hpp"
#include "quantum/base/status.hpp"

namespace quercus::executor {

inline constexpr std::uint64_t kMaxBlobBytes = std::uint64_t{1} << 30;

// A blob's descriptor and, while mapped, its bytes.
class Blob {
 public:
    Blob() = default;
    Blob(int fd, std::uint64_t size) : fd_(fd), size_(size) {}
    Blob(Blob&& other) noexcept;
    Blob& operator=(Blob&& other) noexcept;
    Blob(const Blob&) = delete;
    Blob& operator=(const Blob&) = delete;
    ~Blob();

    // Valid while the blob lives. RESOURCE_EXHAUSTED when it cannot be mapped.
    Result<BytesView> map();

 private:
    int fd_ = -1;
    std::uint64_t size_ = 0;
    void* mapped_ = nullptr;
};

// UNAVAILABLE when the socket is full (non-blocking sockets), RESOURCE_EXHAUSTED without memory.
Status send_blob(int socket, BytesView content);
// DATA_LOSS when there is none, or when it is not a sealed file of `size` bytes.
Result<Blob> receive_blob(int socket, std::uint64_t size);

}  // namespace quercus::executor
