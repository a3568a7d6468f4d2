// Results of cacheable tasks serve other jobs.

#include "tests/support/catch.hpp"
#include "tests/unit/scheduling/harness.hpp"

namespace quercus::scheduling {

using testing::Harness;
using testing::job_id;

namespace {

constexpr Fence kFirst{0, 1};

Digest digest_of_input(BytesView input) {
    return task_digest(*testing::cacheable_head(), input);
}

TaskId child_of(std::uint8_t job, std::uint64_t key) {
    return {job_id(job), Path().child({0, 0, key})};
}

MemoEntry result(std::uint8_t job, std::uint64_t key, BytesView input, Bytes output) {
    return {child_of(job, key),
            digest_of_input(input),
            Payload(std::move(output)),
            {testing::node_id(8), 0, 5000},
            true};
}

// A server with one child, which asks for one input under another job's name.
struct ServerWithChild {
    explicit ServerWithChild(NodeConfig config = Harness::config(Role::kServer, 1))
        : server(std::move(config)), link(server.child(8, 4)) {}
    // What it answers to a recall: the output, or nothing.
    std::optional<Bytes> ask(BytesView input) {
        server.said<Recalled>(link);
        server.hear(link, {Recall{{{child_of(2, 5), kFirst, digest_of_input(input)}}}});
        const auto done = server.said<DoneBatch>(link);
        return done.empty() ? std::nullopt : std::optional(Bytes(done[0].done[0].output.view()));
    }
    Harness server;
    LinkId link;
};

// A rank whose workflow has spawned cacheable leaves.
struct RankWithFlow {
    RankWithFlow() : rank(Harness::config(Role::kRank, 5)), up(rank.parent(1)) {
        rank.hear(up, {TaskBatch{{{flow, kFirst, testing::flow_head(), Payload("in"), 0, {}}}}});
        rank.said<Load>(up);
        rank.on(FlowSpawned{
            flow, 0, 0, testing::cacheable_head(), {0, 1}, {Payload("a"), Payload("b")}});
    }
    TaskId flow{job_id(1), Path()};
    Harness rank;
    LinkId up;
};

}  // namespace

TEST_CASE("cache: a result serves another job after its own has ended") {
    ServerWithChild t;
    CHECK_FALSE(t.ask("i"));
    t.server.hear(t.link, {Memo{{result(1, 0, "i", "kept")}}});
    t.server.on(JobCancelled{job_id(1)});
    CHECK(t.ask("i") == "kept");
    CHECK_FALSE(t.ask("other"));
    CHECK(t.server.written == std::vector<Digest>{digest_of_input("i")});
    const CacheStats stats = t.server.node.cache_stats();
    CHECK(stats.entries == 1);
    CHECK(stats.hits == 1);
    CHECK(stats.misses == 2);
}

TEST_CASE("cache: what is not cacheable serves nobody else") {
    ServerWithChild t;
    MemoEntry own = result(1, 0, "i", "own");
    own.cacheable = false;
    t.server.hear(t.link, {Memo{{own}}});
    CHECK_FALSE(t.ask("i"));
    CHECK(t.server.written.empty());
}

TEST_CASE("cache: what was written down is known again, until it is cleared everywhere") {
    ServerWithChild t;
    t.server.on(CacheLoaded{{{digest_of_input("i"), Payload("kept")}}});
    CHECK(t.ask("i") == "kept");
    CHECK(t.server.written.empty());  // it is on disk already
    t.server.on(CacheClearRequested{});
    CHECK(t.server.said<CacheCleared>(t.link).size() == 1);
    CHECK_FALSE(t.ask("i"));
}

TEST_CASE("cache: the least recently used results go above the limit") {
    NodeConfig config = Harness::config(Role::kServer, 1);
    config.cache_limit_bytes = 3000;
    ServerWithChild t(config);
    const Bytes large(1000, 'x');
    t.server.hear(t.link, {Memo{{result(1, 0, "a", large), result(1, 1, "b", large)}}});
    CHECK(t.ask("a") == large);
    t.server.hear(t.link, {Memo{{result(1, 2, "c", large)}}});
    CHECK(t.ask("a") == large);
    CHECK_FALSE(t.ask("b"));
    CHECK(t.ask("c") == large);
    CHECK(t.server.node.cache_stats().bytes <= 3000);
}

TEST_CASE("cache: a child of another build neither adds to it nor is served from it") {
    ServerWithChild t;
    t.server.on(CacheLoaded{{{digest_of_input("i"), Payload("kept")}}});
    const LinkId link = t.server.stranger(9);
    t.server.hear(link, {Memo{{result(1, 0, "other", "foreign")}}});
    CHECK_FALSE(t.ask("other"));
    t.server.hear(link, {Recall{{{child_of(2, 7), kFirst, digest_of_input("i")}}}});
    CHECK(t.server.said<DoneBatch>(link).empty());
    CHECK(t.ask("i") == "kept");
}

TEST_CASE("cache: a child that was away hears that it was cleared") {
    ServerWithChild t;
    t.server.on(LinkClosed{t.link, unavailable("gone")});
    t.server.on(CacheClearRequested{});
    const LinkId again = t.server.child(8, 4);
    CHECK(t.server.said<CacheCleared>(again).size() == 1);
}

TEST_CASE("cache: a rank asks upwards before it runs what may be known") {
    RankWithFlow t;
    CHECK(t.rank.started.empty());
    const auto recalls = t.rank.said<Recall>(t.up);
    REQUIRE(recalls.size() == 1);
    REQUIRE(recalls[0].entries.size() == 2);
    CHECK(recalls[0].entries[0].digest == digest_of_input("a"));
    t.rank.hear(t.up, {DoneBatch{{Done{child_of(1, 0), kFirst, {}, Payload("known"), {}, {}}}},
                       Recalled{{}, {child_of(1, 1)}}});
    REQUIRE(t.rank.delivered.size() == 1);
    CHECK(t.rank.delivered[0].output.view() == "known");
    REQUIRE(t.rank.started.size() == 1);
    const auto [place, task] = t.rank.started[0];
    CHECK(task.id == child_of(1, 1));
    t.rank.on(LeafFinished{place, task.id, task.fence, {}, Payload("run"), 5000});
    const auto memo = t.rank.said<Memo>(t.up);
    REQUIRE(memo.size() == 1);
    CHECK(memo[0].entries[0].cacheable);
    t.rank.on(FlowFinished{t.flow, {}, Payload("result")});
    const auto done = t.rank.said<DoneBatch>(t.up);
    REQUIRE(done.size() == 1);
    const auto report = decode_report(done[0].done[0].report);
    CHECK(report->tasks == 1);
    CHECK(report->cached == 1);
    CHECK(t.rank.node.check() == Status::ok());
}

TEST_CASE("cache: a parent that vanishes while it is asked costs nothing") {
    RankWithFlow t;
    REQUIRE(t.rank.started.empty());
    t.rank.on(LinkClosed{t.up, unavailable("gone")});
    CHECK(t.rank.started.size() == 2);
}

TEST_CASE("cache: a manager keeps what its parent knew") {
    Harness manager(Harness::config(Role::kManager, 3));
    const LinkId up = manager.parent(1);
    const LinkId down = manager.child(8, 4);
    manager.hear(down, {Recall{{{child_of(1, 0), kFirst, digest_of_input("a")}}}});
    REQUIRE(manager.said<Recall>(up).size() == 1);
    manager.hear(up, {DoneBatch{{Done{child_of(1, 0), kFirst, {}, Payload("known"), {}, {}}}}});
    REQUIRE(manager.said<DoneBatch>(down).size() == 1);
    manager.hear(down, {Recall{{{child_of(2, 0), kFirst, digest_of_input("a")}}}});
    CHECK(manager.said<Recall>(up).empty());
    const auto done = manager.said<DoneBatch>(down);
    REQUIRE(done.size() == 1);
    CHECK(done[0].done[0].output.view() == "known");
    manager.hear(up, {CacheCleared{}});
    CHECK(manager.node.cache_stats().entries == 0);
    CHECK(manager.said<CacheCleared>(down).size() == 1);
}

}  // namespace quercus::scheduling
