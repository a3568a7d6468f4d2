#include "tests/support/catch.hpp"
#include "tests/unit/scheduling/harness.hpp"

namespace quercus::scheduling {

using namespace std::chrono_literals;
using testing::Harness;
using testing::job_id;

namespace {

constexpr Fence kFirst{0, 1};

// A rank whose parent has given it a root workflow that has spawned `children` leaves.
struct RankWithFlow {
    explicit RankWithFlow(std::uint64_t children, Fence fence = kFirst)
        : rank(Harness::config(Role::kRank, 5)), up(rank.parent(1)) {
        rank.hear(up, {TaskBatch{{{flow, fence, testing::flow_head(), Payload("in"), 0, {}}}}});
        rank.said<Load>(up);
        spawn(children);
    }
    void spawn(std::uint64_t children) {
        FlowSpawned event{flow, 0, 0, testing::leaf_head(), {}, {}};
        for (std::uint64_t key = 0; key < children; ++key) {
            event.keys.push_back(key);
            event.inputs.emplace_back(Bytes("input ") + std::to_string(key));
        }
        rank.on(event);
    }
    TaskId child(std::uint64_t key) const { return {flow.job, flow.path.child({0, 0, key})}; }
    void finish(std::size_t index) {
        const auto [place, task] = rank.started.at(index);
        rank.on(LeafFinished{place, task.id, task.fence, {}, Payload("out"), 5});
    }
    TaskId flow{job_id(1), Path()};
    Harness rank;
    LinkId up;
};

}  // namespace

TEST_CASE("rank: children fill the places, results are delivered, the report adds up") {
    RankWithFlow t(3);
    REQUIRE(t.rank.flows.size() == 1);
    REQUIRE(t.rank.started.size() == 2);
    t.finish(0);
    t.finish(1);
    t.finish(2);
    REQUIRE(t.rank.delivered.size() == 3);
    t.rank.on(FlowFinished{t.flow, {}, Payload("result")});
    const auto done = t.rank.said<DoneBatch>(t.up);
    REQUIRE(done.size() == 1);
    REQUIRE(done[0].done[0].output.view() == "result");
    REQUIRE(decode_report(done[0].done[0].report)->tasks == 3);
    REQUIRE(t.rank.node.sizes().tasks == 0);
}

TEST_CASE("rank: nested workflows are never starved by parents that wait for them") {
    RankWithFlow t(0);
    // More children than a rank takes from outside, each of which waits for a child of its own.
    constexpr std::uint64_t kChildren = 300;
    FlowSpawned children{t.flow, 0, 1, testing::flow_head(), {}, {}};
    for (std::uint64_t key = 0; key < kChildren; ++key) {
        children.keys.push_back(key);
        children.inputs.emplace_back(Bytes("child ") + std::to_string(key));
    }
    t.rank.on(children);
    const std::vector<Task> running = t.rank.flows;
    REQUIRE(running.size() == 1 + kChildren);
    for (std::size_t i = 1; i < running.size(); ++i) {
        t.rank.on(FlowSpawned{running[i].id, 0, 0, testing::flow_head(), {0}, {Payload("leaf")}});
    }
    REQUIRE(t.rank.flows.size() == 1 + 2 * kChildren);
}

TEST_CASE("rank: what the parent retracts is the oldest, with its input") {
    RankWithFlow t(5);
    t.rank.said<Load>(t.up);
    t.rank.hear(t.up, {Retract{2}});
    const auto tasks = t.rank.tasks_to(t.up);
    REQUIRE(tasks.size() == 2);
    REQUIRE(tasks[0].id == t.child(4));
    REQUIRE(tasks[0].input.view() == "input 4");
    t.rank.hear(t.up, {DoneBatch{{Done{t.child(4), tasks[0].fence, {}, Payload("far"), {}, {}}}}});
    REQUIRE(t.rank.delivered.size() == 1);
    // The other one comes back for want of a taker and runs here.
    t.rank.hear(t.up, {TaskBatch{{tasks[1]}}});
    for (std::size_t i = 0; i < 4; ++i) {
        t.finish(i);
    }
    REQUIRE(t.rank.delivered.size() == 5);
}

TEST_CASE("rank: an empty queue answers a retract at once") {
    RankWithFlow t(1);
    t.rank.hear(t.up, {Retract{3}});
    REQUIRE(t.rank.said<Returned>(t.up).size() == 1);
}

TEST_CASE("rank: three crashes of a task fail it, crashes of its neighbours do not count") {
    RankWithFlow t(1);
    for (int crash = 0; crash < 3; ++crash) {
        REQUIRE(t.rank.delivered.empty());
        const auto [place, task] = t.rank.started.back();
        REQUIRE(task.fence.attempt == static_cast<std::uint32_t>(crash + 1));
        t.rank.on(LeafDied{place, std::nullopt, false, "idle"});
        t.rank.on(LeafReady{place, {}});
        REQUIRE(t.rank.started.back().second.fence == task.fence);
        t.rank.on(LeafDied{t.rank.started.back().first, task.id, false, "signal 11"});
        t.rank.on(LeafReady{PlaceId{0}, {}});
        t.rank.on(LeafReady{PlaceId{1}, {}});
    }
    REQUIRE(t.rank.delivered.size() == 1);
    REQUIRE(t.rank.delivered[0].status.code() == StatusCode::kInternal);
    REQUIRE(t.rank.delivered[0].status.message().find("3 times") != std::string::npos);
    REQUIRE(t.rank.delivered[0].status.message().find("signal 11") != std::string::npos);
}

TEST_CASE("rank: a dead flow executor loses no rows") {
    RankWithFlow t(3);
    t.finish(0);
    t.rank.on(FlowDied{std::nullopt, "signal 9"});
    t.finish(1);
    REQUIRE(t.rank.delivered.size() == 1);
    t.rank.on(FlowReady{});
    REQUIRE(t.rank.flows.size() == 2);
    t.spawn(3);
    REQUIRE(t.rank.delivered.size() == 3);
    REQUIRE(t.rank.started.size() == 3);
}

TEST_CASE("rank: a workflow that crashes its executor three times fails") {
    RankWithFlow t(0);
    for (int i = 0; i < 3; ++i) {
        t.rank.on(FlowDied{t.flow, "signal 6"});
        t.rank.on(FlowReady{});
    }
    const auto done = t.rank.said<DoneBatch>(t.up);
    REQUIRE(done.size() == 1);
    REQUIRE(done[0].done[0].status.code() == StatusCode::kInternal);
}

TEST_CASE("rank: a workflow that spawns something else when replayed is not deterministic") {
    RankWithFlow t(1);
    t.rank.on(FlowDied{std::nullopt, ""});
    t.rank.on(FlowReady{});
    t.rank.on(FlowSpawned{t.flow, 0, 0, testing::leaf_head(), {0}, {Payload("changed")}});
    const auto done = t.rank.said<DoneBatch>(t.up);
    REQUIRE(done.size() == 1);
    REQUIRE(done[0].done[0].status.message().find("not deterministic") != std::string::npos);
}

TEST_CASE("rank: a re-issued workflow asks upwards before it runs its children") {
    RankWithFlow t(3, {0, 2});
    const auto recall = t.rank.said<Recall>(t.up);
    REQUIRE(recall.size() == 1);
    REQUIRE(recall[0].entries.size() == 3);
    REQUIRE(t.rank.started.empty());
    const Fence fence = recall[0].entries[0].fence;
    t.rank.hear(t.up, {DoneBatch{{Done{t.child(0), fence, {}, Payload("known"), {}, {}}}},
                       Recalled{{t.child(1)}, {t.child(2)}}});
    REQUIRE(t.rank.delivered.size() == 1);
    REQUIRE(t.rank.started.size() == 1);
    REQUIRE(t.rank.started[0].second.id == t.child(2));
    t.rank.hear(t.up, {LostBatch{{{t.child(1), fence, LossReason::kNodeLost, "x"}}}});
    REQUIRE(t.rank.started.size() == 2);
    REQUIRE(t.rank.started[1].second.fence.attempt == 2);
}

TEST_CASE("rank: cancelling its job stops everything, twice is once") {
    RankWithFlow t(3);
    t.rank.hear(t.up, {Cancel{{t.flow}}, Cancel{{t.flow}}, JobEnded{t.flow.job}});
    REQUIRE(t.rank.cancelled_flows.size() == 1);
    REQUIRE(t.rank.cancelled.size() == 2);
    REQUIRE(t.rank.node.sizes().tasks == 0);
    t.finish(0);
    REQUIRE(t.rank.delivered.empty());
    REQUIRE(t.rank.node.check() == Status::ok());
}

TEST_CASE("rank: without a parent a started rank leaves when the lease ends, others wait") {
    NodeConfig config = Harness::config(Role::kRank, 5);
    config.exit_without_parent = true;
    Harness started(config);
    started.advance(9s);
    REQUIRE_FALSE(started.exit_code);
    started.advance(2s);
    REQUIRE(started.exit_code == 0);

    RankWithFlow t(2);
    t.rank.on(LinkClosed{t.up, unavailable("gone")});
    t.rank.advance(30s);
    REQUIRE(t.rank.cancelled_flows.empty());
    t.rank.advance(31s);
    REQUIRE(t.rank.cancelled_flows.size() == 1);
    REQUIRE(t.rank.node.sizes().tasks == 0);
}

}  // namespace quercus::scheduling
