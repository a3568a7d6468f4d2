#include "runtime/executor/ring.hpp"

#include <unistd.h>

#include <cstring>
#include <deque>
#include <random>
#include <string>
#include <thread>

#include "quantum/base/random.hpp"
#include "runtime/executor/process.hpp"
#include "tests/support/catch.hpp"

using namespace quercus;
using namespace quercus::executor;

namespace {

SharedMemory make_memory() {
    auto fd = SharedMemory::create();
    REQUIRE(fd);
    const Fd owner(*fd);
    auto memory = SharedMemory::map(*fd);
    REQUIRE(memory);
    return std::move(*memory);
}

std::string random_body(Philox& random) {
    const std::uint64_t scale = random.below(10);
    const std::size_t size = random.below(scale == 0 ? kMaxBodyBytes + 1 : scale < 4 ? 5000 : 40);
    return std::string(size, static_cast<char>(random.below(256)));
}

}  // namespace

TEST_CASE("records come out as they went in, around the ring's end many times") {
    const Seed seed = std::random_device{}();
    CAPTURE(seed);
    Philox random(seed);
    const SharedMemory memory = make_memory();
    RingWriter writer(memory, 1);
    RingReader reader(memory, 1);
    std::deque<std::pair<std::uint8_t, std::string>> expected;
    std::size_t written = 0;
    while (written < 20 * kRingBytes) {
        const auto type = static_cast<std::uint8_t>(random.below(256));
        std::string body = random_body(random);
        if (writer.push(type, body)) {
            written += body.size();
            expected.emplace_back(type, std::move(body));
        }
        if (random.below(20) != 0 && writer.has_room(kMaxBodyBytes)) {
            continue;
        }
        const BytesView bytes = reader.available();
        RecordCursor cursor(bytes);
        while (const auto record = cursor.next()) {
            REQUIRE_FALSE(expected.empty());
            REQUIRE(record->type == expected.front().first);
            REQUIRE(record->body == expected.front().second);
            expected.pop_front();
        }
        REQUIRE(cursor.ok());
        REQUIRE(expected.empty());
        static_cast<void>(reader.consume(bytes.size()));
    }
    CHECK_FALSE(writer.broken());
    CHECK_FALSE(reader.broken());
}

TEST_CASE("two threads pass a million numbers, and each end hears when the other sleeps") {
    const SharedMemory memory = make_memory();
    constexpr std::uint64_t kCount = 1'000'000;
    std::thread producer([&] {
        RingWriter writer(memory, 0);
        for (std::uint64_t i = 0; i < kCount;) {
            const BytesView body(reinterpret_cast<const char*>(&i), sizeof(i));
            if (writer.push(1, body)) {
                ++i;
            } else {
                std::this_thread::yield();
            }
        }
    });
    RingReader reader(memory, 0);
    std::uint64_t next = 0;
    bool right = true;
    while (next < kCount) {
        const BytesView bytes = reader.available();
        RecordCursor cursor(bytes);
        while (const auto record = cursor.next()) {
            std::uint64_t value = 0;
            std::memcpy(&value, record->body.data(), sizeof(value));
            right = right && value == next++;
        }
        static_cast<void>(reader.consume(bytes.size()));
        if (bytes.empty()) {
            std::this_thread::yield();
        }
    }
    producer.join();
    CHECK(right);
}

TEST_CASE("sleeping and waiting are announced once") {
    const SharedMemory memory = make_memory();
    RingWriter writer(memory, 0);
    RingReader reader(memory, 0);
    CHECK_FALSE(writer.publish());
    CHECK(reader.prepare_sleep());
    CHECK(writer.push(1, "x"));
    CHECK(writer.publish());
    CHECK_FALSE(writer.publish());
    CHECK_FALSE(reader.prepare_sleep());

    reader.doze();
    CHECK_FALSE(writer.publish());
    CHECK(writer.publish(true));
    CHECK_FALSE(writer.publish(true));
    static_cast<void>(reader.consume(reader.available().size()));
    reader.doze();
    CHECK_FALSE(writer.publish(true));  // nothing to read

    const std::string body(100'000, 'b');
    while (writer.push(2, body)) {
    }
    CHECK_FALSE(writer.wait_for_room(body.size()));
    CHECK(reader.consume(reader.available().size()));
    CHECK_FALSE(reader.consume(0));
    CHECK(writer.wait_for_room(body.size()));
}

TEST_CASE("impossible positions break an end for good") {
    const SharedMemory memory = make_memory();
    SECTION("reader: more bytes than the ring has") {
        RingReader reader(memory, 1);
        memory.header(1).head = kRingBytes + 8;
        CHECK(reader.available().empty());
        CHECK(reader.broken());
        memory.header(1).head = 8;
        CHECK(reader.available().empty());
    }
    SECTION("reader: a position that went back") {
        RingWriter writer(memory, 1);
        RingReader reader(memory, 1);
        REQUIRE(writer.push(1, "abcdefgh"));
        static_cast<void>(reader.consume(reader.available().size()));
        memory.header(1).head = 8;
        CHECK(reader.available().empty());
        CHECK(reader.broken());
    }
    SECTION("writer: more read than written") {
        RingWriter writer(memory, 0);
        const std::string body(kMaxBodyBytes, 'x');
        memory.header(0).tail = kRingBytes;
        while (writer.push(1, body)) {
        }
        CHECK(writer.broken());
        memory.header(0).tail = 0;
        CHECK_FALSE(writer.push(1, ""));
    }
}

TEST_CASE("random bytes are never more than a failed cursor") {
    const Seed seed = std::random_device{}();
    CAPTURE(seed);
    Philox random(seed);
    std::size_t failed = 0;
    for (int round = 0; round < 20'000; ++round) {
        std::string bytes(8 * random.below(40), '\0');
        for (char& c : bytes) {
            c = static_cast<char>(random.below(3) == 0 ? random.below(256) : 0);
        }
        RecordCursor cursor(bytes);
        while (const auto record = cursor.next()) {
            REQUIRE(record->body.size() <= bytes.size());
        }
        failed += cursor.ok() ? 0 : 1;
    }
    CHECK(failed > 1000);
}
