#include "runtime/executor/blob.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace quercus::executor {

namespace {

constexpr int kSeals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL;

bool write_all(int fd, BytesView content) {
    while (!content.empty()) {
        const ssize_t n = ::write(fd, content.data(), content.size());
        if (n < 0 && errno != EINTR) {
            return false;
        }
        content.remove_prefix(n > 0 ? static_cast<std::size_t>(n) : 0);
    }
    return true;
}

struct FdMessage {
    FdMessage() {
        message.msg_iov = &part;
        message.msg_iovlen = 1;
        message.msg_control = control;
        message.msg_controllen = sizeof(control);
    }
    char byte = 'b';
    iovec part{&byte, 1};
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))]{};
    msghdr message{};
};

bool send_fd(int socket, int fd) {
    FdMessage m;
    cmsghdr* header = CMSG_FIRSTHDR(&m.message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    std::memcpy(CMSG_DATA(header), &fd, sizeof(fd));
    ssize_t n = -1;
    do {
        n = ::sendmsg(socket, &m.message, MSG_NOSIGNAL);
    } while (n < 0 && errno == EINTR);
    return n == 1;
}

int receive_fd(int socket) {
    FdMessage m;
    if (::recvmsg(socket, &m.message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC) != 1) {
        return -1;
    }
    const cmsghdr* header = CMSG_FIRSTHDR(&m.message);
    if (header == nullptr || header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS ||
        header->cmsg_len != CMSG_LEN(sizeof(int))) {
        return -1;
    }
    int fd = -1;
    std::memcpy(&fd, CMSG_DATA(header), sizeof(fd));
    return fd;
}

}  // namespace

Blob::Blob(Blob&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)),
      size_(other.size_),
      mapped_(std::exchange(other.mapped_, nullptr)) {}

Blob& Blob::operator=(Blob&& other) noexcept {
    std::swap(fd_, other.fd_);
    std::swap(size_, other.size_);
    std::swap(mapped_, other.mapped_);
    return *this;
}

Blob::~Blob() {
    if (mapped_ != nullptr) {
        ::munmap(mapped_, size_);
    }
    if (fd_ >= 0) {
        ::close(fd_);
    }
}

Result<BytesView> Blob::map() {
    if (mapped_ == nullptr && size_ > 0) {
        void* at = ::mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, fd_, 0);
        if (at == MAP_FAILED) {
            return resource_exhausted("cannot map a payload of " + std::to_string(size_) +
                                      " bytes: " + std::strerror(errno));
        }
        mapped_ = at;
    }
    return BytesView(static_cast<const char*>(mapped_), size_);
}

Status send_blob(int socket, BytesView content) {
    const int fd = ::memfd_create("quercus-blob", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    Status status;
    if (fd < 0 || !write_all(fd, content) || ::fcntl(fd, F_ADD_SEALS, kSeals) != 0) {
        status = resource_exhausted(std::string("memfd of a payload: ") + std::strerror(errno));
    } else if (!send_fd(socket, fd)) {
        status = unavailable(std::string("payload not sent: ") + std::strerror(errno));
    }
    if (fd >= 0) {
        ::close(fd);
    }
    return status;
}

Result<Blob> receive_blob(int socket, std::uint64_t size) {
    const int fd = receive_fd(socket);
    if (fd < 0) {
        return data_loss("a record announces a payload that did not come");
    }
    Blob blob(fd, size);
    struct stat info {};
    const int seals = ::fcntl(fd, F_GET_SEALS);
    if (size > kMaxBlobBytes || seals < 0 || (seals & kSeals) != kSeals ||
        ::fstat(fd, &info) != 0 || static_cast<std::uint64_t>(info.st_size) != size) {
        return data_loss("a payload is not the sealed file of " + std::to_string(size) +
                         " bytes that its record announces");
    }
    return blob;
}

}  // namespace quercus::executor
