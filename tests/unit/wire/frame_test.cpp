#include <set>

#include "quercus/v1/tree.pb.h"
#include "runtime/wire/frame.hpp"
#include "runtime/wire/limits.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/wire/frame_samples.hpp"

namespace quercus::wire::test {
namespace {

BlobMap to_map(const std::vector<Blob>& blobs) {
    BlobMap out;
    for (const auto& blob : blobs) {
        out.emplace(blob.digest, blob.payload);
    }
    return out;
}

// Through bytes, as on the network.
std::vector<std::shared_ptr<v1::Frame>> over_the_network(const EncodedFrame& encoded) {
    std::vector<std::shared_ptr<v1::Frame>> out;
    for (const auto& part : encoded.parts) {
        auto copy = std::make_shared<v1::Frame>();
        REQUIRE(copy->ParseFromString(part->SerializeAsString()));
        out.push_back(std::move(copy));
    }
    return out;
}

Frame round_trip(const Frame& frame) {
    auto encoded = encode_frame(frame);
    REQUIRE(encoded.has_value());
    for (const auto& part : encoded->parts) {
        REQUIRE(inspect_part(*part).has_value());
        REQUIRE(part->ByteSizeLong() <= kMaxFrameBytes);
    }
    auto decoded = decode_frame(over_the_network(*encoded), to_map(encoded->blobs));
    INFO(decoded.status().to_string());
    REQUIRE(decoded.has_value());
    return std::move(*decoded);
}

std::string wire_bytes(const Frame& frame) {
    const auto encoded = encode_frame(frame);
    std::string out;
    for (const auto& part : encoded->parts) {
        out += part->SerializeAsString();
    }
    return out;
}

template <class T>
const T& get(const Frame& frame) {
    for (const auto& item : frame.items) {
        if (const auto* found = std::get_if<T>(&item)) {
            return *found;
        }
    }
    FAIL("item is missing");
    throw 0;
}

}  // namespace

TEST_CASE("frame: every item comes back, in order") {
    const Frame in = full_frame();
    const Frame out = round_trip(in);
    CHECK(out.seq == 77);
    CHECK(out.ack == 66);
    REQUIRE(out.items.size() == in.items.size());
    std::set<std::size_t> kinds;
    for (std::size_t i = 0; i < in.items.size(); ++i) {
        CHECK(out.items[i].index() == in.items[i].index());
        kinds.insert(in.items[i].index());
    }
    CHECK(kinds.size() == std::variant_size_v<Item>);  // the sample has all kinds
    CHECK(wire_bytes(out) == wire_bytes(in));
}

TEST_CASE("frame: fields of tasks and results") {
    const Frame out = round_trip(full_frame());
    const auto& tasks = get<TaskBatch>(out).tasks;
    const auto expected = task_batch().tasks;
    REQUIRE(tasks.size() == expected.size());
    for (std::size_t i = 0; i < tasks.size(); ++i) {
        CAPTURE(i);
        CHECK(tasks[i].id == expected[i].id);
        CHECK(tasks[i].fence == expected[i].fence);
        CHECK(*tasks[i].head == *expected[i].head);
        CHECK(tasks[i].input == expected[i].input);
        CHECK(tasks[i].round == expected[i].round);
        CHECK(tasks[i].state == expected[i].state);
    }
    CHECK(tasks[0].head == tasks[2].head);  // one object

    const auto& done = get<DoneBatch>(out).done;
    REQUIRE(done.size() == 3);
    CHECK(done[0].status.is_ok());
    CHECK(done[0].output.view() == "out");
    CHECK(done[1].status == Status(StatusCode::kInternal, "boom"));
    CHECK(done[1].report == "report");
    CHECK(done[1].execution.rank == node(2));
    CHECK(done[1].execution.cpu_us == 1002);
    CHECK(done[2].output.size() == 3);
    CHECK(done[2].execution.rank == node(1));

    const auto& lost = get<LostBatch>(out).lost;
    REQUIRE(lost.size() == 2);
    CHECK(lost[0].reason == LossReason::kExecutorCrashed);
    CHECK(lost[0].detail == "SIGSEGV");
    const auto& memo = get<Memo>(out).entries.at(0);
    CHECK(memo.digest == digest(1));
    CHECK(memo.output.view() == "memo");
    const auto& round = get<RoundState>(out);
    CHECK(round.id.path.is_root());
    CHECK(round.fence == Fence{1, 2});
    CHECK(round.round == 3);
    CHECK(round.state.view() == "round");
}

TEST_CASE("frame: fields of the other items") {
    const Frame out = round_trip(full_frame());
    const auto& hello = get<Hello>(out);
    CHECK(hello.protocol_minor == 2);
    CHECK(hello.build == "0.1 abc");
    CHECK(hello.kernels == digest(1));
    CHECK(hello.numeric_profile == "x86-64-v3");
    CHECK(hello.i_am == Position::kParent);
    CHECK(hello.role == Role::kManager);
    CHECK(hello.node == node(4));
    CHECK(hello.incarnation == 99);
    CHECK(hello.name == "host:1");
    CHECK(hello.listening == std::vector<std::string>{"a:1", "[::1]:2"});
    CHECK(get<Ancestors>(out).nodes == std::vector<NodeId>{node(1), node(2)});
    CHECK(get<Ancestors>(out).reaches_server);
    const auto& load = get<Load>(out);
    CHECK(load.window == 1);
    CHECK(load.surplus == 2);
    CHECK(load.places == 3);
    CHECK(load.flows == 4);
    CHECK(load.takes_flows);
    CHECK(get<Retract>(out).count == 12);
    CHECK(get<Recalled>(out).unknown == std::vector<TaskId>{task(2), task(3)});
    const auto& held = get<Inventory>(out).held;
    REQUIRE(held.size() == 3);
    CHECK(held[1].state == HeldState::kRunning);
    CHECK(held[1].is_workflow);
    CHECK(held[2].fence == Fence{2, 1});
    CHECK(get<Inventory>(out).waiting.at(1).digest == digest(5));
    CHECK(get<Verdict>(out).lost.at(0).second == Fence{9, 9});
    CHECK(get<Progress>(out).fraction == 0.25);
    CHECK(get<Log>(out).severity == Severity::kWarning);
    const auto& info = get<Subtree>(out).nodes.at(0);
    CHECK(info.parent == node(2));
    CHECK(info.tags.at("numa") == "0");
    REQUIRE(info.workers.size() == 2);
    CHECK(info.workers[0].cpus == std::vector<int>{0, 1});
    CHECK(info.workers[1].tasks_done == 8);
    CHECK(info.state == "up");
    CHECK(get<Bye>(out).stop);
    CHECK(get<Bye>(out).reason == Status(StatusCode::kUnavailable, "stop"));
}

TEST_CASE("frame: empty batches and no items at all") {
    CHECK(round_trip(Frame{1, 5, {}}).ack == 5);
    const Frame out = round_trip(
        Frame{1, 0, {TaskBatch{}, Returned{}, Inventory{}, Recalled{}, Subtree{}, DoneBatch{}}});
    REQUIRE(out.items.size() == 6);
    CHECK(get<Returned>(out).tasks.empty());
    CHECK(get<Inventory>(out).held.empty());
}

TEST_CASE("frame: large payloads become blobs, once per content") {
    Frame frame{1, 0, {}};
    const Payload large(Bytes(kMaxInlineBytes + 1, 'L'));
    const Payload limit(Bytes(kMaxInlineBytes, 'l'));
    DoneBatch batch;
    batch.done.push_back({task(1), {}, {}, large, {}, Bytes(kMaxInlineBytes + 1, 'R')});
    batch.done.push_back({task(2), {}, {}, limit, {}, {}});
    batch.done.push_back({task(3), {}, {}, large, {}, {}});
    frame.items.push_back(batch);
    frame.items.push_back(RoundState{task(1), {}, 1, large});
    const auto encoded = encode_frame(frame);
    REQUIRE(encoded.has_value());
    CHECK(encoded->blobs.size() == 2);
    const Frame out = round_trip(frame);
    const auto& done = get<DoneBatch>(out).done;
    CHECK(done[0].output == large);
    CHECK(done[0].report == batch.done[0].report);
    CHECK(done[1].output == limit);
    CHECK(done[2].output == large);
    CHECK(get<RoundState>(out).state == large);
}

TEST_CASE("frame: large batches are cut into parts and put together again") {
    Frame frame{3, 0, {}};
    TaskBatch batch;
    Inventory held;
    for (std::uint64_t i = 0; i < 40; ++i) {
        batch.tasks.push_back(
            {task(i), {1, 1}, head("k"), Payload(Bytes(100'000, static_cast<char>(i))), 0, {}});
    }
    for (std::uint64_t i = 0; i < 30'000; ++i) {
        held.held.push_back(
            {task(i << 30), {static_cast<std::uint32_t>(i), 1}, HeldState::kQueued, false});
        held.waiting.push_back({task(i), {1, 1}, digest(static_cast<std::uint8_t>(i))});
    }
    frame.items.push_back(batch);
    frame.items.push_back(held);
    frame.items.push_back(Heartbeat{});
    CHECK(encode_frame(frame)->parts.size() > 4);
    const Frame out = round_trip(frame);
    REQUIRE(out.items.size() == 3);
    const auto& tasks = get<TaskBatch>(out).tasks;
    REQUIRE(tasks.size() == 40);
    CHECK(tasks[39].input == batch.tasks[39].input);
    CHECK(get<Inventory>(out).held.size() == 30'000);
    CHECK(get<Inventory>(out).held[29'999].id == held.held[29'999].id);
    CHECK(get<Inventory>(out).waiting[12'345].digest == held.waiting[12'345].digest);
}

TEST_CASE("frame: tiny sibling tasks take few bytes") {
    Frame frame{1, 0, {}};
    TaskBatch batch;
    const auto shared = head("noop");
    for (std::uint64_t i = 0; i < 1000; ++i) {
        batch.tasks.push_back({task(i), {1, 1}, shared, Payload(Bytes("ab")), 0, {}});
    }
    frame.items.push_back(batch);
    CHECK(encode_frame(frame)->size_bytes < 6000);
}

TEST_CASE("frame: texts are made fit to travel") {
    Frame frame{1, 0, {}};
    frame.items.push_back(LostBatch{{{task(1), {}, LossReason::kNodeLost, "bad \xFF\xC0 byte"}}});
    frame.items.push_back(Log{job(1), Severity::kInfo, std::string(kMaxTextBytes + 10, 'x')});
    frame.items.push_back(Progress{job(1), std::nan(""), "t"});
    const Frame out = round_trip(frame);
    CHECK(get<LostBatch>(out).lost[0].detail == "bad ?? byte");
    CHECK(get<Log>(out).text.size() == kMaxTextBytes);
    CHECK(get<Progress>(out).fraction == 0);
}

TEST_CASE("blob: chunks, in order only") {
    const Payload payload(Bytes(kMaxChunkBytes * 2 + 5, 'c'));
    const Blob blob{digest_of(payload.view()), payload};
    const auto first = make_chunk(blob, 0);
    const auto second = make_chunk(blob, kMaxChunkBytes);
    const auto third = make_chunk(blob, 2 * kMaxChunkBytes);
    BlobAssembler good;
    REQUIRE(good.add(*first).has_value());
    REQUIRE(good.add(*second).has_value());
    const auto end = good.add(*third);
    REQUIRE(end.has_value());
    REQUIRE(end->complete);
    CHECK(end->blob.payload == payload);
    CHECK(good.add(*first).has_value());  // and the next one

    const auto refused = [&](const std::function<void(v1::Chunk&)>& spoil) {
        BlobAssembler assembler;
        (void)assembler.add(*first);
        v1::Chunk chunk = *second;
        spoil(chunk);
        const auto result = assembler.add(chunk);
        return !result && result.error().code() == StatusCode::kDataLoss;
    };
    CHECK(refused([](v1::Chunk& c) { c.set_offset_bytes(1); }));
    CHECK(refused([](v1::Chunk& c) { c.set_total_bytes(c.total_bytes() + 1); }));
    CHECK(refused([](v1::Chunk& c) { c.set_digest(std::string(16, 'd')); }));
    CHECK(refused([](v1::Chunk& c) { c.set_digest("short"); }));
    CHECK(refused([](v1::Chunk& c) { c.clear_data(); }));
    CHECK(refused([](v1::Chunk& c) { c.mutable_data()->push_back('x'); }));
    BlobAssembler spoilt;
    (void)spoilt.add(*first);
    v1::Chunk changed = *second;
    (*changed.mutable_data())[7] = '!';
    (void)spoilt.add(changed);
    CHECK(spoilt.add(*third).status().code() == StatusCode::kDataLoss);
    v1::Chunk huge = *first;
    huge.set_total_bytes(kMaxBlobBytes + 1);
    CHECK(BlobAssembler().add(huge).status().code() == StatusCode::kDataLoss);
}

}  // namespace quercus::wire::test
