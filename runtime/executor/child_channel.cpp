#include "runtime/executor/child_channel.hpp"

#include <sysexits.h>
#include <unistd.h>

#include <cstdio>
#include <utility>

#include "runtime/executor/process.hpp"

namespace quercus::executor {

void die(const char* why) {
    std::fprintf(stderr, "quercus-executor: %s\n", why);
    std::_Exit(EX_SOFTWARE);
}

namespace {
SharedMemory mapped() {
    auto memory = SharedMemory::map(kMemoryFd);
    if (!memory) {
        die(memory.error().message().c_str());
    }
    return std::move(*memory);
}
}  // namespace

ChildChannel::ChildChannel() : ChildChannel(mapped()) {}

ChildChannel::ChildChannel(SharedMemory memory)
    : memory_(std::move(memory)), reader_(memory_, 0), writer_(memory_, 1) {}

int ChildChannel::socket() const {
    return kSocketFd;
}

Message& ChildChannel::message() {
    message_.clear();
    return message_;
}

void ChildChannel::send(RecordType type) {
    for (const BytesView blob : message_.blobs()) {
        flush();  // the socket may be full of what the control process has not been told about
        if (const Status sent = send_blob(kSocketFd, blob); !sent.is_ok()) {
            die(sent.message().c_str());
        }
    }
    const Bytes& body = message_.body.view();
    while (!writer_.push(static_cast<std::uint8_t>(type), body)) {
        if (writer_.broken()) {
            die("the ring's read position is impossible");
        }
        flush();
        if (!writer_.wait_for_room(body.size())) {
            block();
        }
    }
}

void ChildChannel::flush(bool idle) {
    if (writer_.publish(idle)) {
        const std::uint64_t one = 1;
        [[maybe_unused]] const ssize_t n = ::write(kPeerWakeFd, &one, sizeof(one));
    }
}

void ChildChannel::consumed(std::size_t bytes, bool ok) {
    if (!ok || reader_.broken()) {
        die("the control process sent something malformed");
    }
    if (reader_.consume(bytes)) {
        const std::uint64_t one = 1;
        [[maybe_unused]] const ssize_t n = ::write(kPeerWakeFd, &one, sizeof(one));
    }
}

void ChildChannel::wait() {
    if (reader_.prepare_sleep()) {
        block();
        reader_.wake_up();
    }
}

void ChildChannel::block() {
    std::uint64_t count = 0;
    [[maybe_unused]] const ssize_t n = ::read(kOwnWakeFd, &count, sizeof(count));
}

}  // namespace quercus::executor
