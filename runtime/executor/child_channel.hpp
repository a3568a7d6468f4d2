#pragma once

// The executor's end of what it shares with its control process. May block: the control process
// never does. Exits the process when the control process sends something malformed.

#include <chrono>
#include <cstdint>

#include "runtime/executor/records.hpp"
#include "runtime/executor/ring.hpp"

namespace quercus::executor {

class ChildChannel {
 public:
    // From the inherited descriptors; exits with code 70 when they are not what they should be.
    ChildChannel();

    [[nodiscard]] ControlPage& control() const { return memory_.control(); }
    [[nodiscard]] int socket() const;

    // An empty message to fill; then send() it, which waits for room.
    Message& message();
    void send(RecordType type);
    // Wakes the control process if it sleeps; `idle`: also if it would only look later.
    void flush(bool idle = false);

    // Passes every record there is to `take(const Record&)`. True when there was one.
    template <class Take>
    bool read_records(Take&& take) {
        const BytesView records = reader_.available();
        if (records.empty()) {
            return false;
        }
        RecordCursor cursor(records);
        while (const auto record = cursor.next()) {
            take(*record);
        }
        consumed(records.size(), cursor.ok());
        return true;
    }
    // Returns when there may be something to read.
    void wait();

 private:
    explicit ChildChannel(SharedMemory memory);
    void consumed(std::size_t bytes, bool ok);
    void block();

    SharedMemory memory_;
    RingReader reader_;
    RingWriter writer_;
    Message message_;
};

// Ends this process at once with EX_SOFTWARE and a line on stderr.
[[noreturn]] void die(const char* why);

}  // namespace quercus::executor
