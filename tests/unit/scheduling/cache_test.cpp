// Results of cacheable tasks serve other jobs.

#include "tests/support/catch.hpp"
#include "tests/unit/scheduling/rank_with_flow.hpp"

namespace quercus::scheduling {

using testing::child_of;
using testing::digest_of_input;
using testing::Harness;
using testing::job_id;
using testing::kFirst;
using testing::RankWithFlow;

namespace {

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
        server.hear(link, {Recall{{{child_of(2, 5), kFirst, digest_of_input(input), true}}}});
        const auto done = server.said<DoneBatch>(link);
        return done.empty() ? std::nullopt : std::optional(Bytes(done[0].done[0].output.view()));
    }
    Harness server;
    LinkId link;
};

// A server and two children, of two jobs, that ask for the same input.
struct TwoAskers {
    explicit TwoAskers(bool cacheable = true)
        : is_cacheable(cacheable),
          server(config()),
          first(server.child(8, 4)),
          second(server.child(9, 4)) {
        ask(first, 1);
        ask(second, 2);
    }
    static NodeConfig config() {
        NodeConfig config = Harness::config(Role::kServer, 1);
        config.in_flight_limit = std::chrono::milliseconds(100);  // well within the lease
        return config;
    }
    void ask(LinkId link, std::uint8_t job) {
        server.hear(link,
                    {Recall{{{child_of(job, 0), kFirst, digest_of_input("i"), is_cacheable}}}});
    }
    // Another child, for a third job; nothing else is left to be read.
    LinkId third_waits() {
        told_to_run(first);
        told_to_run(second);
        const LinkId third = server.child(10, 4);
        ask(third, 3);
        REQUIRE(told_to_run(third).empty());
        return third;
    }
    std::vector<TaskId> told_to_run(LinkId link) {
        std::vector<TaskId> ids;
        for (const Recalled& recalled : server.said<Recalled>(link)) {
            ids.insert(ids.end(), recalled.unknown.begin(), recalled.unknown.end());
        }
        return ids;
    }
    bool is_cacheable;
    Harness server;
    LinkId first;
    LinkId second;
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

TEST_CASE("in flight: the second asker of the same input waits for the first one's result") {
    TwoAskers t;
    CHECK(t.told_to_run(t.first) == std::vector<TaskId>{child_of(1, 0)});
    CHECK(t.told_to_run(t.second).empty());
    t.server.hear(t.first, {Memo{{result(1, 0, "i", "once")}}});
    const auto done = t.server.said<DoneBatch>(t.second);
    REQUIRE(done.size() == 1);
    CHECK(done[0].done[0].id == child_of(2, 0));
    CHECK(done[0].done[0].output.view() == "once");
    CHECK(t.server.said<DoneBatch>(t.first).empty());
    CHECK(t.server.node.sizes().in_flight == 0);
}

TEST_CASE("in flight: what is not cacheable waits for nobody") {
    TwoAskers t(false);
    CHECK(t.told_to_run(t.first).size() == 1);
    CHECK(t.told_to_run(t.second).size() == 1);
    CHECK(t.server.node.sizes().in_flight == 0);
}

TEST_CASE("in flight: too cheap to be shared, failed or cancelled: all who wait compute it") {
    TwoAskers t;
    const LinkId third = t.third_waits();
    t.server.hear(t.second, {Cancel{{child_of(1, 0)}}});  // not its own
    REQUIRE(t.told_to_run(third).empty());
    t.server.hear(t.first, {Cancel{{child_of(1, 0)}}});
    CHECK(t.told_to_run(t.second) == std::vector<TaskId>{child_of(2, 0)});
    CHECK(t.told_to_run(third) == std::vector<TaskId>{child_of(3, 0)});
    CHECK(t.server.node.sizes().in_flight == 0);
}

TEST_CASE("in flight: a job that has ended claims nothing") {
    Harness server(TwoAskers::config());
    const LinkId link = server.child(8, 4);
    server.on(JobSubmitted{job_id(1), testing::flow_head(), Payload()});
    server.on(JobCancelled{job_id(1)});
    server.hear(link, {Recall{{{child_of(1, 0), kFirst, digest_of_input("i"), true}}}});
    CHECK(server.node.sizes().in_flight == 0);
    CHECK(server.said<Recalled>(link).size() == 1);
}

TEST_CASE("in flight: an older attempt that asks again takes nobody's place") {
    TwoAskers t;
    t.told_to_run(t.second);
    t.server.hear(t.second, {Recall{{{child_of(2, 0), {4, 1}, digest_of_input("i"), true}}}});
    t.server.hear(t.first, {Recall{{{child_of(2, 0), kFirst, digest_of_input("i"), true}}}});
    CHECK(t.told_to_run(t.first).back() == child_of(2, 0));
    t.server.hear(t.first, {Memo{{result(1, 0, "i", "once")}}});
    const auto done = t.server.said<DoneBatch>(t.second);
    REQUIRE(done.size() == 1);
    CHECK(done[0].done[0].fence == Fence{4, 1});
}

TEST_CASE("in flight: without a result the next in line computes it") {
    TwoAskers t;
    const LinkId third = t.third_waits();
    SECTION("its child fell silent") {
        t.server.on(LinkClosed{t.first, unavailable("gone")});
    }
    SECTION("its job was cancelled") {
        t.server.on(JobSubmitted{job_id(1), testing::flow_head(), Payload()});
        t.server.on(JobCancelled{job_id(1)});
    }
    SECTION("it takes too long") {
        t.server.advance(TwoAskers::config().in_flight_limit);
    }
    CHECK(t.told_to_run(t.second) == std::vector<TaskId>{child_of(2, 0)});
    CHECK(t.told_to_run(third).empty());
    t.server.hear(t.second, {Memo{{result(2, 0, "i", "late")}}});
    REQUIRE(t.server.said<DoneBatch>(third).size() == 1);
    CHECK(t.server.node.sizes().in_flight == 0);
}

TEST_CASE("in flight: who gives up waiting is forgotten, who asks again keeps its place") {
    TwoAskers t;
    t.server.hear(t.second, {Cancel{{child_of(2, 0)}}});
    CHECK(t.server.node.sizes().in_flight == 1);
    t.told_to_run(t.first);
    t.ask(t.first, 1);
    CHECK(t.told_to_run(t.first).size() == 1);  // it computes it, and asked once more
    t.server.hear(t.first, {Cancel{{child_of(1, 0)}}});
    CHECK(t.server.node.sizes().in_flight == 0);
    CHECK(t.told_to_run(t.second).empty());
}

TEST_CASE("in flight: a rank says above that a cheap or cancelled result will not come") {
    RankWithFlow t;
    t.rank.hear(t.up, {Recalled{{}, {child_of(1, 0), child_of(1, 1)}}});
    REQUIRE(t.rank.started.size() == 2);
    const auto [place, task] = t.rank.started[0];
    t.rank.on(LeafFinished{place, task.id, task.fence, {}, Payload("quick"), 10});
    const auto cheap = t.rank.said<Cancel>(t.up);
    REQUIRE(cheap.size() == 1);
    CHECK(cheap[0].tasks == std::vector<TaskId>{task.id});
    const std::uint64_t other = 1 - (task.id == child_of(1, 0) ? 0U : 1U);
    t.rank.on(FlowCancelledChildren{t.flow, 0, 0, {other}});
    const auto cancelled = t.rank.said<Cancel>(t.up);
    REQUIRE(cancelled.size() == 1);
    CHECK(cancelled[0].tasks == std::vector<TaskId>{child_of(1, other)});
}

TEST_CASE("in flight: a manager passes on what it does not hold itself") {
    Harness manager(Harness::config(Role::kManager, 3));
    const LinkId up = manager.parent(1);
    const LinkId down = manager.child(8, 4);
    manager.hear(down, {Cancel{{child_of(1, 0)}}});
    const auto cancel = manager.said<Cancel>(up);
    REQUIRE(cancel.size() == 1);
    CHECK(cancel[0].tasks == std::vector<TaskId>{child_of(1, 0)});
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
    const Report report = t.report();
    CHECK(report.tasks == 1);
    CHECK(report.cached == 1);
    CHECK(t.rank.node.check() == Status::ok());
}

TEST_CASE("cache: a rank asks nobody for what it has computed or been given before") {
    RankWithFlow t;
    t.rank.hear(t.up, {DoneBatch{{Done{child_of(1, 0), kFirst, {}, Payload("known"), {}, {}}}},
                       Recalled{{}, {child_of(1, 1)}}});
    REQUIRE(t.rank.started.size() == 1);
    const auto [place, task] = t.rank.started[0];
    t.rank.on(LeafFinished{place, task.id, task.fence, {}, Payload("run"), 5000});
    t.rank.delivered.clear();
    t.rank.said<Recall>(t.up);
    const FlowSpawned again{t.flow,    0,
                            1,         testing::cacheable_head(),
                            {0, 1, 2}, {Payload("b"), Payload("a"), Payload("c")}};
    t.rank.on(again);
    REQUIRE(t.rank.delivered.size() == 2);
    CHECK(t.rank.delivered[0].output.view() == "run");
    CHECK(t.rank.delivered[1].output.view() == "known");
    const auto asked = t.rank.said<Recall>(t.up);
    REQUIRE(asked.size() == 1);
    REQUIRE(asked[0].entries.size() == 1);
    CHECK(asked[0].entries[0].digest == digest_of_input("c"));
    CHECK(t.rank.node.check() == Status::ok());

    t.rank.hear(t.up, {CacheCleared{}});
    FlowSpawned cleared = again;
    cleared.call = 2;
    t.rank.on(cleared);
    const auto all = t.rank.said<Recall>(t.up);
    REQUIRE(all.size() == 1);
    CHECK(all[0].entries.size() == 3);

    CHECK(t.rank.forgets == 1);
    const Report report = t.report();
    CHECK(report.tasks == 1);
    CHECK(report.cached == 3);
}

TEST_CASE("cache: a cacheable workflow runs where nobody knows its result, which is then kept") {
    RankWithFlow t;
    t.rank.said<Recall>(t.up);
    const TaskId child{job_id(1), Path().child({0, 1, 0})};
    const auto spawn = [&](std::uint32_t call) {
        t.rank.on(
            FlowSpawned{t.flow, 0, call, testing::cacheable_flow_head(), {0}, {Payload("s")}});
    };
    const std::size_t running = t.rank.flows.size();
    spawn(1);
    const auto asked = t.rank.said<Recall>(t.up);
    REQUIRE(asked.size() == 1);
    REQUIRE(asked[0].entries.size() == 1);
    CHECK(asked[0].entries[0].id == child);
    CHECK(asked[0].entries[0].cacheable);
    t.rank.hear(t.up, {Recalled{{}, {child}}});
    REQUIRE(t.rank.flows.size() == running + 1);
    t.rank.on(FlowFinished{child, {}, Payload("segment")});
    REQUIRE(t.rank.delivered.size() == 1);
    CHECK(t.rank.delivered[0].output.view() == "segment");
    const auto memo = t.rank.said<Memo>(t.up);
    REQUIRE(memo.size() == 1);
    REQUIRE(memo[0].entries.size() == 1);
    CHECK(memo[0].entries[0].id == child);
    CHECK(memo[0].entries[0].cacheable);

    spawn(2);
    CHECK(t.rank.flows.size() == running + 1);
    REQUIRE(t.rank.delivered.size() == 2);
    CHECK(t.rank.delivered[1].output.view() == "segment");
    CHECK(t.rank.node.check() == Status::ok());
}

TEST_CASE("cache: a cacheable workflow that fails lets those who wait for it run") {
    RankWithFlow t;
    const TaskId child{job_id(1), Path().child({0, 1, 0})};
    t.rank.on(FlowSpawned{t.flow, 0, 1, testing::cacheable_flow_head(), {0}, {Payload("s")}});
    t.rank.hear(t.up, {Recalled{{}, {child}}});
    t.rank.said<Memo>(t.up);
    t.rank.on(FlowFinished{child, invalid_argument("no segment"), {}});
    const auto forgone = t.rank.said<Cancel>(t.up);
    REQUIRE(forgone.size() == 1);
    CHECK(forgone[0].tasks == std::vector{child});
    REQUIRE(t.rank.delivered.size() == 1);
    CHECK(t.rank.delivered[0].status.code() == StatusCode::kInvalidArgument);
}

TEST_CASE("cache: a parent that vanishes while it is asked costs nothing") {
    RankWithFlow t;
    REQUIRE(t.rank.started.empty());
    t.rank.on(LinkClosed{t.up, unavailable("gone")});
    CHECK(t.rank.started.size() == 2);
}

TEST_CASE("cache: a task that was only asked for belongs to the parent that sends it down") {
    // Its owner asked through this manager, lost its links and came back above: simulator, seed 5.
    Harness manager(Harness::config(Role::kManager, 3));
    const LinkId up = manager.parent(1);
    const LinkId asker = manager.child(8, 0);
    manager.hear(asker, {Recall{{{child_of(1, 0), kFirst, digest_of_input("a"), true}}}});
    REQUIRE(manager.said<Recall>(up).size() == 1);
    manager.hear(
        up,
        {TaskBatch{{{child_of(1, 0), kFirst, testing::cacheable_head(), Payload("a"), 0, {}}}}});
    CHECK(manager.said<LostBatch>(asker).size() == 1);
    const LinkId runner = manager.child(9, 4);
    const auto given = manager.tasks_to(runner);
    REQUIRE(given.size() == 1);
    manager.hear(runner, {DoneBatch{{Done{given[0].id,
                                          given[0].fence,
                                          {},
                                          Payload("out"),
                                          {testing::node_id(9), 0, 5000},
                                          {}}}}});
    const auto done = manager.said<DoneBatch>(up);
    REQUIRE(done.size() == 1);
    CHECK(done[0].done[0].id == child_of(1, 0));
    CHECK(manager.said<DoneBatch>(asker).empty());
    CHECK(manager.node.check() == Status::ok());
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
