// An executor that breaks its contract, in the way that the variable QUERCUS_ROGUE names. It says
// that it is ready, then misbehaves, then waits to be killed.

#include <unistd.h>

#include <cstdlib>
#include <string_view>

#include "quantum/base/codec.hpp"
#include "runtime/executor/process.hpp"
#include "runtime/executor/records.hpp"
#include "runtime/executor/ring.hpp"

using namespace quercus;
using namespace quercus::executor;

namespace {

void misbehave(std::string_view how, const SharedMemory& memory, RingWriter& writer) {
    if (how == "garbage") {
        const std::string bytes(64, '\xff');
        bytes.copy(memory.data(1) + memory.header(1).head % kRingBytes, bytes.size());
        memory.header(1).head += bytes.size();
    } else if (how == "head") {
        memory.header(1).head = ~std::uint64_t{0};
    } else if (how == "type") {
        writer.push(200, "?");
    } else if (how == "serial") {
        Message message;
        message.body.varint(4711);
        message.body.varint(0);
        message.outcome({}, "unasked");
        writer.push(static_cast<std::uint8_t>(RecordType::kResult), message.body.view());
    } else if (how == "blob") {
        Encoder body;
        body.varint(1);
        body.varint(0);
        body.u8(0);
        body.u8(1);
        body.varint(100'000);
        writer.push(static_cast<std::uint8_t>(RecordType::kResult), body.view());
    } else if (how == "running") {
        memory.control().running = 4711;
        std::_Exit(9);
    }
}

}  // namespace

int main(int argc, char** argv) {
    const char* how = std::getenv("QUERCUS_ROGUE");
    auto memory = SharedMemory::map(kMemoryFd);
    if (argc < 2 || how == nullptr || !memory) {
        return 2;
    }
    RingWriter writer(*memory, 1);
    writer.push(static_cast<std::uint8_t>(RecordType::kReady), "");
    // Waits for the first task of a leaf: it is woken for it.
    std::uint64_t count = 0;
    RingReader reader(*memory, 0);
    while (std::string_view(argv[1]) == "flow" || reader.prepare_sleep()) {
        const std::uint64_t one = 1;
        [[maybe_unused]] const auto told = ::write(kPeerWakeFd, &one, sizeof(one));
        [[maybe_unused]] const auto slept = ::read(kOwnWakeFd, &count, sizeof(count));
    }
    misbehave(how, *memory, writer);
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto told = ::write(kPeerWakeFd, &one, sizeof(one));
    while (true) {
        ::pause();
    }
}
