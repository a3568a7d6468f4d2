// What a rank begins while it asks for it above, and what it says a little later.

#include "tests/unit/scheduling/rank_with_flow.hpp"

namespace quercus::scheduling {

using testing::child_of;
using testing::job_id;
using testing::kFirst;
using testing::RankWithFlow;

TEST_CASE("cache: a rank with idle places begins what it asks for") {
    RankWithFlow t(true);
    REQUIRE(t.rank.started.size() == 2);
    const auto recalls = t.rank.said<Recall>(t.up);
    REQUIRE(recalls.size() == 1);
    CHECK(recalls[0].entries.size() == 2);
    const auto [place, task] = t.rank.started[0];
    const auto [other_place, other_task] = t.rank.started[1];

    t.rank.hear(t.up, {DoneBatch{{Done{task.id, kFirst, {}, Payload("known"), {}, {}}}},
                       Recalled{{}, {other_task.id}}});
    REQUIRE(t.rank.delivered.size() == 1);
    CHECK(t.rank.delivered[0].output.view() == "known");
    REQUIRE(t.rank.cancelled.size() == 1);
    CHECK(t.rank.cancelled[0].second == task.id);
    CHECK(t.rank.node.check() == Status::ok());
    t.rank.on(LeafFinished{place, task.id, task.fence, {}, Payload("too late"), 5000});
    CHECK(t.rank.delivered.size() == 1);

    CHECK(t.rank.started.size() == 2);
    t.rank.on(LeafFinished{other_place, other_task.id, other_task.fence, {}, Payload("run"), 5000});
    REQUIRE(t.rank.delivered.size() == 2);
    CHECK(t.rank.delivered[1].output.view() == "run");
    t.rank.hear(t.up, {DoneBatch{{Done{other_task.id, kFirst, {}, Payload("late"), {}, {}}}}});
    CHECK(t.rank.delivered.size() == 2);
    const Report report = t.report();
    CHECK(report.tasks == 1);
    CHECK(report.cached == 1);
    CHECK(t.rank.node.check() == Status::ok());
}

TEST_CASE("cache: a rank begins nothing twice that it asks for") {
    RankWithFlow t(true);
    REQUIRE(t.rank.started.size() == 2);  // of three places
    t.spawn(1, {"b", "c"});
    REQUIRE(t.rank.started.size() == 3);
    CHECK(t.rank.started[2].second.input.view() == "c");
    // It waits for the first "b", as it would for another rank's.
    const TaskId first = child_of(1, 1);
    const TaskId second{job_id(1), Path().child({0, 1, 0})};
    t.rank.hear(t.up, {DoneBatch{{Done{second, kFirst, {}, Payload("once"), {}, {}}}}});
    REQUIRE(t.rank.delivered.size() == 1);
    CHECK(t.rank.delivered[0].id == second);
    CHECK(t.rank.cancelled.empty());
    t.rank.hear(t.up, {DoneBatch{{Done{first, kFirst, {}, Payload("once"), {}, {}}}}});
    CHECK(t.rank.cancelled.size() == 1);
    CHECK(t.rank.node.check() == Status::ok());
}

TEST_CASE("cache: of cacheable workflows a rank begins one, and drops it when it is known") {
    RankWithFlow t;
    t.rank.said<Recall>(t.up);
    const std::size_t running = t.rank.flows.size();
    t.spawn(1, {"s", "t", "u"}, testing::cacheable_flow_head());
    REQUIRE(t.rank.flows.size() == running + 1);
    const TaskId begun = t.rank.flows.back().id;
    const auto asked = t.rank.said<Recall>(t.up);
    REQUIRE(asked.size() == 1);
    CHECK(asked[0].entries.size() == 3);
    // Of another call, and equal: it waits.
    t.spawn(2, {"s"}, testing::cacheable_flow_head());
    CHECK(t.rank.flows.size() == running + 1);

    t.rank.hear(t.up, {DoneBatch{{Done{begun, kFirst, {}, Payload("segment"), {}, {}}}}});
    CHECK(t.rank.cancelled_flows == std::vector<TaskId>{begun});
    REQUIRE(t.rank.delivered.size() == 1);
    CHECK(t.rank.delivered[0].output.view() == "segment");
    CHECK(t.rank.said<Cancel>(t.up).empty());
    CHECK(t.rank.node.check() == Status::ok());
}

TEST_CASE("links: what can wait leaves with what cannot, or when its patience is over") {
    NodeConfig config = RankWithFlow::default_config();
    config.patience = std::chrono::milliseconds(1);
    RankWithFlow t(true, config);
    t.rank.advance(config.patience);
    t.rank.said<Load>(t.up);
    REQUIRE(t.rank.started.size() == 2);
    const auto finish = [&](std::size_t which) {
        const auto [place, task] = t.rank.started[which];
        t.rank.on(LeafFinished{place, task.id, task.fence, {}, Payload("run"), 5000});
    };
    finish(0);
    CHECK(t.rank.said<Memo>(t.up).empty());
    CHECK(t.rank.node.next_tick() == t.rank.now + config.patience);
    t.rank.advance(config.patience);
    CHECK(t.rank.said<Memo>(t.up).size() == 1);
    finish(1);
    CHECK(t.rank.said<Memo>(t.up).empty());
    t.rank.on(FlowFinished{t.flow, {}, Payload("result"), 0});
    CHECK(t.rank.said<Memo>(t.up).size() == 1);
}

TEST_CASE("cache: a rank reports what its executor has remembered") {
    RankWithFlow t;
    t.rank.on(FlowFinished{t.flow, {}, Payload("result"), 7});
    const auto done = t.rank.said<DoneBatch>(t.up);
    REQUIRE(done.size() == 1);
    CHECK(decode_report(done[0].done[0].report)->cached == 7);
}

TEST_CASE("begun: what went up after all is taken back when it is answered") {
    RankWithFlow t(true);
    t.spawn(1, {"c"});  // all places are taken
    const TaskId begun = t.rank.started[0].second.id;
    t.rank.on(LeafDied{t.rank.started[0].first, {}, true, ""});
    t.rank.hear(t.up, {Retract{8}});
    const auto sent = t.rank.tasks_to(t.up);
    REQUIRE(sent.size() == 1);
    REQUIRE(sent[0].id == begun);
    t.rank.hear(t.up, {DoneBatch{{Done{begun, kFirst, {}, Payload("known"), {}, {}}}}});
    REQUIRE(t.rank.delivered.size() == 1);
    CHECK(t.rank.delivered[0].output.view() == "known");
    const auto cancelled = t.rank.said<Cancel>(t.up);
    REQUIRE(cancelled.size() == 1);
    CHECK(cancelled[0].tasks == std::vector<TaskId>{begun});
    CHECK(t.rank.node.check() == Status::ok());
}

TEST_CASE("begun: what fails before it is answered waits for the answer") {
    RankWithFlow t(true);
    const auto [place, task] = t.rank.started[0];
    const auto fail = [&t](const std::pair<PlaceId, Task>& given) {
        t.rank.on(LeafFinished{given.first, given.second.id, given.second.fence,
                               resource_exhausted("no memory"), Payload(), 5000});
    };
    fail(t.rank.started[0]);
    CHECK(t.rank.delivered.empty());
    CHECK(t.rank.said<Cancel>(t.up).empty());
    SECTION("which is a result") {
        t.rank.hear(t.up, {DoneBatch{{Done{task.id, kFirst, {}, Payload("known"), {}, {}}}}});
        REQUIRE(t.rank.delivered.size() == 1);
        CHECK(t.rank.delivered[0].output.view() == "known");
    }
    SECTION("which is none: it runs once more") {
        t.rank.hear(t.up, {Recalled{{}, {task.id}}});
        REQUIRE(t.rank.started.size() == 3);
        CHECK(t.rank.started[2].second.id == task.id);
        fail(t.rank.started[2]);
        REQUIRE(t.rank.delivered.size() == 1);
        CHECK(t.rank.delivered[0].status.code() == StatusCode::kResourceExhausted);
    }
    SECTION("which never comes: the parent has gone") {
        t.rank.on(LinkClosed{t.up, unavailable("gone")});
        REQUIRE(t.rank.started.size() == 3);
        fail(t.rank.started[2]);
        CHECK(t.rank.delivered.size() == 1);
        fail(t.rank.started[1]);  // begun as well, and nobody is left to answer
        CHECK(t.rank.delivered.size() == 2);
    }
    CHECK(t.rank.node.check() == Status::ok());
}

TEST_CASE("cache: what is known so far is delivered before it is to be forgotten") {
    RankWithFlow t;
    t.rank.hear(t.up, {DoneBatch{{Done{child_of(1, 0), kFirst, {}, Payload("known"), {}, {}}}},
                       CacheCleared{}});
    CHECK(t.rank.forgets == 1);
    CHECK(t.rank.delivered_before_forget == 1);
}

}  // namespace quercus::scheduling
