#include "runtime/executor/ring.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

namespace quercus::executor {

namespace {

constexpr std::size_t kPage = 4096;
constexpr std::size_t kHeaders = 3 * kPage;  // control page, two ring headers
constexpr std::size_t kFileBytes = kHeaders + 2 * kRingBytes;
constexpr std::size_t kMapBytes = kHeaders + 4 * kRingBytes;
static_assert(sizeof(ControlPage) <= kPage && sizeof(RingHeader) <= kPage);

struct RecordHeader {
    std::uint32_t body_bytes;
    std::uint32_t type;
};

constexpr std::size_t record_bytes(std::size_t body_bytes) {
    return (sizeof(RecordHeader) + body_bytes + 7) & ~std::size_t{7};
}

Status system_error(const char* what) {
    return resource_exhausted(std::string(what) + ": " + std::strerror(errno));
}

bool map_at(char* at, std::size_t bytes, int fd, std::size_t offset) {
    return ::mmap(at, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd,
                  static_cast<off_t>(offset)) != MAP_FAILED;
}

}  // namespace

Result<int> SharedMemory::create() {
    const int fd = ::memfd_create("quercus-ring", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (fd < 0) {
        return system_error("memfd_create");
    }
    // With a sealed size the executor cannot truncate the file under the control process (SIGBUS).
    if (::ftruncate(fd, static_cast<off_t>(kFileBytes)) != 0 ||
        ::fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0) {
        const Status status = system_error("memfd of the ring");
        ::close(fd);
        return status;
    }
    return fd;
}

Result<SharedMemory> SharedMemory::map(int fd) {
    void* reserved =
        ::mmap(nullptr, kMapBytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (reserved == MAP_FAILED) {
        return system_error("mmap of the ring");
    }
    SharedMemory memory(static_cast<char*>(reserved));
    bool mapped = map_at(memory.base_, kHeaders, fd, 0);
    for (int ring = 0; ring < 2; ++ring) {
        const std::size_t offset = kHeaders + static_cast<std::size_t>(ring) * kRingBytes;
        mapped = mapped && map_at(memory.data(ring), kRingBytes, fd, offset) &&
                 map_at(memory.data(ring) + kRingBytes, kRingBytes, fd, offset);
    }
    if (!mapped) {
        return system_error("mmap of the ring");
    }
    return memory;
}

SharedMemory::SharedMemory(SharedMemory&& other) noexcept
    : base_(std::exchange(other.base_, nullptr)) {}

SharedMemory& SharedMemory::operator=(SharedMemory&& other) noexcept {
    std::swap(base_, other.base_);
    return *this;
}

SharedMemory::~SharedMemory() {
    if (base_ != nullptr) {
        ::munmap(base_, kMapBytes);
    }
}

ControlPage& SharedMemory::control() const {
    return *reinterpret_cast<ControlPage*>(base_);
}

RingHeader& SharedMemory::header(int ring) const {
    return *reinterpret_cast<RingHeader*>(base_ + kPage * static_cast<std::size_t>(1 + ring));
}

char* SharedMemory::data(int ring) const {
    return base_ + kHeaders + static_cast<std::size_t>(ring) * 2 * kRingBytes;
}

// ---------------------------------------------------------------- writer

bool RingWriter::has_room(std::size_t body_bytes) {
    const std::size_t need = record_bytes(body_bytes);
    if (head_ + need - known_tail_ <= kRingBytes) {
        return !broken_;
    }
    const std::uint64_t tail = header_->tail.load(std::memory_order_acquire);
    if (tail < known_tail_ || tail > head_) {
        broken_ = true;
    } else {
        known_tail_ = tail;
    }
    return !broken_ && head_ + need - known_tail_ <= kRingBytes;
}

bool RingWriter::push(std::uint8_t type, BytesView body) {
    if (!has_room(body.size())) {
        return false;
    }
    char* at = data_ + head_ % kRingBytes;
    const RecordHeader header{static_cast<std::uint32_t>(body.size()), type};
    std::memcpy(at, &header, sizeof(header));
    if (!body.empty()) {
        std::memcpy(at + sizeof(header), body.data(), body.size());
    }
    head_ += record_bytes(body.size());
    header_->head.store(head_, std::memory_order_release);
    return true;
}

bool RingWriter::publish(bool idle) {
    // Pairs with the fence in prepare_sleep: either the reader sees the new head, or this end sees
    // that it sleeps.
    std::atomic_thread_fence(std::memory_order_seq_cst);
    ReaderState state = header_->reader.load(std::memory_order_relaxed);
    const bool unread = idle && state == ReaderState::kDozing &&
                        header_->tail.load(std::memory_order_relaxed) != head_;
    return (unread || state == ReaderState::kAsleep) &&
           header_->reader.compare_exchange_strong(state, ReaderState::kAwake,
                                                   std::memory_order_relaxed);
}

bool RingWriter::wait_for_room(std::size_t body_bytes) {
    header_->writer_waits.store(1, std::memory_order_relaxed);
    std::atomic_thread_fence(std::memory_order_seq_cst);
    if (has_room(body_bytes)) {
        header_->writer_waits.store(0, std::memory_order_relaxed);
        return true;
    }
    return false;
}

// ---------------------------------------------------------------- reader

BytesView RingReader::available() {
    const std::uint64_t head = header_->head.load(std::memory_order_acquire);
    const std::uint64_t bytes = head - tail_;
    if (broken_ || bytes > kRingBytes) {
        broken_ = true;
        return {};
    }
    return {data_ + tail_ % kRingBytes, static_cast<std::size_t>(bytes)};
}

bool RingReader::consume(std::size_t bytes) {
    tail_ += bytes;
    header_->tail.store(tail_, std::memory_order_release);
    std::atomic_thread_fence(std::memory_order_seq_cst);
    return header_->writer_waits.load(std::memory_order_relaxed) != 0 &&
           header_->writer_waits.exchange(0, std::memory_order_relaxed) != 0;
}

bool RingReader::prepare_sleep() {
    header_->reader.store(ReaderState::kAsleep, std::memory_order_relaxed);
    std::atomic_thread_fence(std::memory_order_seq_cst);
    if (header_->head.load(std::memory_order_relaxed) != tail_) {
        wake_up();
        return false;
    }
    return true;
}

void RingReader::doze() {
    header_->reader.store(ReaderState::kDozing, std::memory_order_relaxed);
}

void RingReader::wake_up() {
    header_->reader.store(ReaderState::kAwake, std::memory_order_relaxed);
}

std::optional<Record> RecordCursor::next() {
    if (rest_.empty()) {
        return std::nullopt;
    }
    RecordHeader header{};
    if (rest_.size() >= sizeof(header)) {
        std::memcpy(&header, rest_.data(), sizeof(header));
    }
    if (rest_.size() < sizeof(header) || header.type > 0xff || header.body_bytes > kMaxBodyBytes ||
        record_bytes(header.body_bytes) > rest_.size()) {
        ok_ = false;
        rest_ = {};
        return std::nullopt;
    }
    const Record record{static_cast<std::uint8_t>(header.type),
                        rest_.substr(sizeof(header), header.body_bytes)};
    rest_.remove_prefix(record_bytes(header.body_bytes));
    return record;
}

}  // namespace quercus::executor
