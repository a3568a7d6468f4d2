#include "tests/support/catch.hpp"
#include "tests/unit/scheduling/harness.hpp"

namespace quercus::scheduling {

using testing::Harness;
using testing::job_id;

namespace {

Item random_item(Philox& random) {
    const auto id = [&] {
        TaskId task{job_id(static_cast<std::uint8_t>(1 + random.below(3))), Path()};
        if (random.below(3) > 0) {
            task.path = task.path.child({0, 0, random.below(4)});
        }
        return task;
    };
    const auto fence = [&] {
        return Fence{static_cast<std::uint32_t>(random.below(3)),
                     static_cast<std::uint32_t>(random.below(3))};
    };
    switch (random.below(16)) {
        case 0:
            return DoneBatch{{Done{id(), fence(), {}, Payload("x"), {}, {}}}};
        case 1:
            return LostBatch{{{id(), fence(), LossReason::kExecutorCrashed, "y"}}};
        case 2:
            return Returned{{{id(), fence()}}};
        case 3:
            return TaskBatch{{{id(), fence(), testing::leaf_head(), Payload("i"), 0, {}}}};
        case 4:
            return TaskBatch{{{id(), fence(), testing::flow_head(), Payload("i"), 0, {}}}};
        case 5:
            return Cancel{{id()}};
        case 6:
            return Recall{{{id(), fence(), Digest{}}}};
        case 7:
            return Recalled{{id()}, {id()}};
        case 8:
            return Inventory{{{id(), fence(), HeldState::kRunning, random.below(2) == 0}},
                             {{id(), fence(), Digest{}}}};
        case 9:
            return Verdict{{id()}, {{id(), fence()}}};
        case 10:
            return Retract{random.below(5)};
        case 11:
            return JobEnded{id().job};
        case 12:
            return RoundState{id(), fence(), 1, Payload("s")};
        case 13:
            return Memo{{{id(), Digest{}, Payload("m"), {testing::node_id(1), 0, 9000}}}};
        case 14: {
            Load load;
            load.window = random.below(5);
            load.idle = random.below(5);
            load.surplus = random.below(5);
            load.takes_flows = random.below(2) == 0;
            return load;
        }
        default:
            return Started{{id()}};
    }
}

}  // namespace

TEST_CASE("untrusted: any sequence of items leaves every kind of node consistent") {
    for (std::uint64_t seed = 1; seed <= 300; ++seed) {
        CAPTURE(seed);
        Philox random(seed);
        const Role role = static_cast<Role>(seed % 3);
        Harness node(Harness::config(role, 5));
        std::vector<LinkId> links;
        if (role != Role::kServer) {
            links.push_back(node.parent(1));
        }
        if (role != Role::kRank) {
            links.push_back(node.child(8, 3));
            links.push_back(node.child(9, 3));
        }
        for (std::uint8_t job = 1; job <= 3; ++job) {
            node.on(JobSubmitted{
                job_id(job), job == 1 ? testing::flow_head() : testing::leaf_head(), Payload("i")});
        }
        for (int step = 0; step < 200; ++step) {
            const std::uint64_t kind = random.below(12);
            if (kind == 0 && !node.started.empty()) {
                const auto& [place, task] = node.started[random.below(node.started.size())];
                node.on(LeafFinished{place, task.id, task.fence, {}, Payload("o"), 3});
            } else if (kind == 1 && !node.flows.empty()) {
                const TaskId flow = node.flows[random.below(node.flows.size())].id;
                node.on(FlowSpawned{
                    flow, 0, 0, testing::leaf_head(), {random.below(4)}, {Payload("i")}});
            } else if (kind == 2 && role == Role::kRank) {
                node.on(LeafDied{PlaceId{0}, std::nullopt, false, ""});
                node.on(LeafReady{PlaceId{0}, {}});
            } else {
                node.hear(links[random.below(links.size())], {random_item(random)});
            }
            INFO(node.node.describe_tasks());
            REQUIRE(node.node.check() == Status::ok());
        }
    }
}

TEST_CASE("untrusted: unknown places, flows, links and frames out of order") {
    Harness rank(Harness::config(Role::kRank, 5));
    const LinkId up = rank.parent(1);
    const TaskId id{job_id(1), Path()};
    rank.on(LeafFinished{PlaceId{77}, id, {0, 1}, {}, Payload("o"), 3});
    rank.on(LeafDied{PlaceId{77}, id, false, ""});
    rank.on(LeafReady{PlaceId{77}, {}});
    rank.on(FlowFinished{id, {}, {}});
    rank.on(FlowContinued{id, 4, {}});
    rank.on(LinkClosed{LinkId{999}, {}});
    rank.on(Received{LinkId{999}, Frame{1, 0, {Heartbeat{}}}});
    REQUIRE(rank.closed.empty());
    rank.on(Received{up, Frame{1, 0, {Bye{true, {}}}}});  // a duplicate
    REQUIRE_FALSE(rank.exit_code);
    rank.on(Received{up, Frame{9, 0, {Heartbeat{}}}});  // a gap
    REQUIRE(rank.closed[up].code() == StatusCode::kDataLoss);
}

}  // namespace quercus::scheduling
