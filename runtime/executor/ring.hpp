#pragma once

// The shared memory between a control process and one executor: a control page and two
// single-producer single-consumer byte rings in one memfd. Every ring's bytes are mapped twice in a
// row, so that a record is contiguous wherever it starts.
//
// Trust: positions in shared memory are written by the other side. Each end keeps its own position
// to itself and checks the peer's; a peer position that cannot be marks the end as broken, for
// good. The control process copies what it reads before it looks at it.
//
// Thread: each end belongs to one thread. Wake-ups are the caller's business: `publish()` and
// `consume()` say when the peer sleeps or waits.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "quantum/base/bytes.hpp"
#include "quantum/base/status.hpp"

namespace quercus::executor {

inline constexpr std::size_t kRingBytes = std::size_t{1} << 20;
// A record's body; larger contents travel as blobs.
inline constexpr std::size_t kMaxBodyBytes = std::size_t{192} << 10;

struct ControlPage {
    // Written by the control process: the serial of the task that must stop. `stop_signal` is a
    // futex that changes with it.
    alignas(64) std::atomic<std::uint64_t> stop_serial;
    std::atomic<std::uint32_t> stop_signal;
    // Written by the executor: the serial of the task that it is executing, 0 between tasks.
    alignas(64) std::atomic<std::uint64_t> running;
};

enum class ReaderState : std::uint32_t { kAwake, kAsleep, kDozing };

struct RingHeader {
    alignas(64) std::atomic<std::uint64_t> head;  // bytes ever written
    alignas(64) std::atomic<std::uint64_t> tail;  // bytes ever read
    alignas(64) std::atomic<ReaderState> reader;
    std::atomic<std::uint32_t> writer_waits;
};

// Owns the mapping, not the descriptor.
class SharedMemory {
 public:
    // A new sealed-size memfd; the caller owns the descriptor.
    static Result<int> create();
    static Result<SharedMemory> map(int fd);

    SharedMemory(SharedMemory&& other) noexcept;
    SharedMemory& operator=(SharedMemory&& other) noexcept;
    SharedMemory(const SharedMemory&) = delete;
    SharedMemory& operator=(const SharedMemory&) = delete;
    ~SharedMemory();

    [[nodiscard]] ControlPage& control() const;
    // Ring 0 carries records to the executor, ring 1 to the control process.
    [[nodiscard]] RingHeader& header(int ring) const;
    [[nodiscard]] char* data(int ring) const;

 private:
    explicit SharedMemory(char* base) : base_(base) {}
    char* base_ = nullptr;
};

class RingWriter {
 public:
    RingWriter(const SharedMemory& memory, int ring)
        : header_(&memory.header(ring)), data_(memory.data(ring)) {}

    // False when there is no room now, or never again because the peer's position is broken.
    // `body` has at most kMaxBodyBytes. The peer may see the record at once.
    bool push(std::uint8_t type, BytesView body);
    [[nodiscard]] bool has_room(std::size_t body_bytes);
    // True when the reader must be woken: it sleeps, or it dozes and this end has nothing more to
    // do
    // (`idle`) while there is something to read. Call after a batch of push().
    [[nodiscard]] bool publish(bool idle = false);
    // Announces that this end waits for room. True when there is room already.
    [[nodiscard]] bool wait_for_room(std::size_t body_bytes);
    [[nodiscard]] bool broken() const { return broken_; }

 private:
    RingHeader* header_;
    char* data_;
    std::uint64_t head_ = 0;
    std::uint64_t known_tail_ = 0;
    bool broken_ = false;
};

struct Record {
    std::uint8_t type = 0;
    BytesView body;
};

// Walks over whole records; `ok()` is false after the first thing that is none.
class RecordCursor {
 public:
    explicit RecordCursor(BytesView bytes) : rest_(bytes) {}
    std::optional<Record> next();
    [[nodiscard]] bool ok() const { return ok_; }

 private:
    BytesView rest_;
    bool ok_ = true;
};

class RingReader {
 public:
    RingReader(const SharedMemory& memory, int ring)
        : header_(&memory.header(ring)), data_(memory.data(ring)) {}

    // Everything readable, in shared memory; empty when broken.
    [[nodiscard]] BytesView available();
    // True when the writer waits for room and must be woken.
    [[nodiscard]] bool consume(std::size_t bytes);
    // Announces that this end will sleep. False when something has arrived meanwhile: do not sleep.
    [[nodiscard]] bool prepare_sleep();
    // This end will look again soon by itself, and wants to be woken only by a writer that idles.
    void doze();
    void wake_up();
    [[nodiscard]] bool broken() const { return broken_; }

 private:
    RingHeader* header_;
    char* data_;
    std::uint64_t tail_ = 0;
    bool broken_ = false;
};

}  // namespace quercus::executor
