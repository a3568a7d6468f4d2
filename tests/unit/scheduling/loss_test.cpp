#include <algorithm>

#include "tests/support/catch.hpp"
#include "tests/unit/scheduling/harness.hpp"

namespace quercus::scheduling {

using namespace std::chrono_literals;
using testing::Harness;
using testing::job_id;

namespace {

TaskId root(std::uint8_t job) {
    return {job_id(job), Path()};
}

void submit(Harness& server, std::uint8_t job, bool workflow = false) {
    server.on(JobSubmitted{job_id(job), workflow ? testing::flow_head() : testing::leaf_head(),
                           Payload("input")});
}

}  // namespace

TEST_CASE("server: one child gets a bounded number of workflows, the next takes the others") {
    Harness server(Harness::config(Role::kServer, 1));
    for (std::uint8_t job = 1; job <= 200; ++job) {
        server.on(JobSubmitted{job_id(job), testing::flow_head(), Payload("x")});
    }
    const LinkId first = server.child(5, 10);
    const std::size_t given = server.tasks_to(first).size();
    REQUIRE(given > 0);
    REQUIRE(given < 200);
    const LinkId second = server.child(6, 10);
    REQUIRE(server.tasks_to(second).size() == 200 - given);
}

TEST_CASE("inventory: an older attempt that comes back below does not hide the newer one") {
    // The newer one is on its way down when the older one is claimed: simulator, seeds 20578,
    // 33875.
    Harness server(Harness::config(Role::kServer, 1));
    submit(server, 1, true);
    const LinkId link = server.child(8, 4);
    REQUIRE(server.tasks_to(link).size() == 1);
    server.hear(link, {LostBatch{{{root(1), {0, 1}, LossReason::kNodeLost, "rank gone"}}}});
    const auto again = server.tasks_to(link);
    REQUIRE(again.size() == 1);
    REQUIRE(again[0].fence == Fence{0, 2});
    Inventory inventory;
    inventory.held.push_back({root(1), {0, 1}, HeldState::kRunning, true});
    server.hear(link, {inventory});
    server.hear(link, {LostBatch{{{root(1), {0, 2}, LossReason::kNodeLost, "rank gone"}}}});
    const auto third = server.tasks_to(link);
    REQUIRE(third.size() == 1);
    CHECK(third[0].fence == Fence{0, 3});
    CHECK(server.node.check() == Status::ok());
}

TEST_CASE("credits: a child never gets more than its window") {
    Harness server(Harness::config(Role::kServer, 1));
    const LinkId link = server.child(9, 2);
    for (std::uint8_t job = 1; job <= 5; ++job) {
        submit(server, job);
    }
    REQUIRE(server.tasks_to(link).size() == 2);
    server.hear(link, {DoneBatch{{Done{root(1), {0, 1}, {}, Payload("out"), {}, {}}}}});
    REQUIRE(server.tasks_to(link).size() == 1);
    REQUIRE(server.node.job_state(job_id(1)) == JobState::kSucceeded);
}

TEST_CASE("retract: a hungry child is fed from the richest one's queue") {
    Harness server(Harness::config(Role::kServer, 1));
    const LinkId rich = server.child(8, 0);
    const LinkId hungry = server.child(9, 4);
    submit(server, 1, true);
    Load load;
    load.surplus = 10;
    server.hear(rich, {load});
    const auto retract = server.said<Retract>(rich);
    REQUIRE(retract.size() == 1);
    REQUIRE(retract[0].count == 4);
    TaskBatch batch;
    for (std::uint64_t key = 0; key < 3; ++key) {
        batch.tasks.push_back({{job_id(1), Path().child({0, 0, key})},
                               {1, 1},
                               testing::leaf_head(),
                               Payload("i"),
                               0,
                               {}});
    }
    server.hear(rich, {batch, Returned{}});
    REQUIRE(server.tasks_to(hungry).size() == 3);
    const TaskId first = batch.tasks[0].id;
    server.hear(hungry, {DoneBatch{{Done{first, {1, 1}, {}, Payload("o"), {}, {}}}}});
    const auto done = server.said<DoneBatch>(rich);
    REQUIRE(done.size() == 1);
    REQUIRE(done[0].done[0].id == first);
}

TEST_CASE("loss: a silent child keeps its tasks until the lease ends") {
    Harness server(Harness::config(Role::kServer, 1));
    const LinkId first = server.child(8, 1);
    submit(server, 1);
    REQUIRE(server.tasks_to(first).size() == 1);
    const LinkId second = server.child(9, 1);
    server.on(LinkClosed{first, unavailable("gone")});
    for (int i = 0; i < 9; ++i) {
        server.advance(1s);
        server.hear(second, {Heartbeat{}});
    }
    REQUIRE(server.tasks_to(second).empty());
    server.advance(1100ms);
    const auto tasks = server.tasks_to(second);
    REQUIRE(tasks.size() == 1);
    REQUIRE(tasks[0].fence == Fence{0, 2});
}

TEST_CASE("loss: a child that sends a frame for longer than the lease is not lost") {
    Harness server(Harness::config(Role::kServer, 1));
    const LinkId link = server.child(9, 1);
    const LinkId stranger{77};
    server.on(LinkOpened{stranger, Position::kParent, false});
    for (int second = 0; second < 30; ++second) {
        server.advance(1s);
        server.on(PeerAlive{link});
        server.on(PeerAlive{stranger});
        server.on(PeerAlive{LinkId{1234}});  // nobody's
    }
    CHECK_FALSE(server.closed.contains(link));
    CHECK(server.closed.contains(stranger));  // it never said Hello
    server.advance(11s);
    CHECK(server.closed[link].code() == StatusCode::kUnavailable);
}

TEST_CASE("loss: a child that is known to be dead is lost at once") {
    Harness server(Harness::config(Role::kServer, 1));
    const LinkId first = server.child(8, 1);
    submit(server, 1);
    const LinkId second = server.child(9, 1);
    server.on(ChildGone{testing::node_id(8)});
    REQUIRE(server.closed.contains(first));
    REQUIRE(server.tasks_to(second).size() == 1);
}

TEST_CASE(
    "inventory: what is claimed goes on, what is not is re-issued, the unknown is cancelled") {
    Harness server(Harness::config(Role::kServer, 1));
    LinkId link = server.child(8, 2);
    submit(server, 1);
    submit(server, 2);
    REQUIRE(server.tasks_to(link).size() == 2);
    server.on(LinkClosed{link, unavailable("gone")});
    Inventory inventory;
    inventory.held.push_back({root(1), {0, 1}, HeldState::kRunning, false});
    inventory.held.push_back({root(7), {0, 1}, HeldState::kRunning, false});
    link = server.child(8, 2, inventory);
    const LinkId same = link;
    const auto verdict = server.said<Verdict>(same);
    REQUIRE(verdict.size() == 1);
    REQUIRE(verdict[0].cancel == std::vector<TaskId>{root(7)});
    REQUIRE(server.node.check() == Status::ok());
    server.hear(link, {DoneBatch{{Done{root(1), {0, 1}, {}, Payload("o"), {}, {}},
                                  Done{root(2), {0, 2}, {}, Payload("o"), {}, {}}}}});
    REQUIRE(server.node.job_state(job_id(1)) == JobState::kSucceeded);
    REQUIRE(server.node.job_state(job_id(2)) == JobState::kSucceeded);
}

TEST_CASE("inventory: a task follows its rank to another parent") {
    Harness server(Harness::config(Role::kServer, 1));
    const LinkId first = server.child(8, 1);
    submit(server, 1);
    server.on(LinkClosed{first, unavailable("gone")});
    Inventory inventory;
    inventory.held.push_back({root(1), {0, 1}, HeldState::kRunning, false});
    const LinkId second = server.child(9, 0, inventory);
    REQUIRE(server.said<Verdict>(second).empty());
    for (int i = 0; i < 12; ++i) {
        server.advance(1s);
        server.hear(second, {Heartbeat{}});
    }
    REQUIRE(std::count(server.facts.begin(), server.facts.end(), "task_reissued") == 0);
}

TEST_CASE("memo: a result worth keeping answers a recall, a cheap one does not") {
    Harness server(Harness::config(Role::kServer, 1));
    const LinkId link = server.child(8, 4);
    submit(server, 1, true);
    const TaskId dear{job_id(1), Path().child({0, 0, 0})};
    const TaskId other{job_id(1), Path().child({0, 0, 1})};
    const Digest digest = task_digest(*testing::leaf_head(), "i");
    server.hear(link, {Memo{{{dear, digest, Payload("kept"), {testing::node_id(8), 0, 5000}}}}});
    server.said<Verdict>(link);
    server.hear(link, {Recall{{{dear, {2, 1}, digest}, {other, {2, 1}, digest}}}});
    REQUIRE(server.node.sizes().memo == 1);
    server.hear(link, {Recall{{{dear, {2, 1}, Digest{}}}}});
    const auto answers = server.said<Recalled>(link);
    REQUIRE(answers.size() == 2);
    REQUIRE(answers[0].unknown == std::vector<TaskId>{other});
    REQUIRE(answers[1].unknown == std::vector<TaskId>{dear});
    server.on(JobCancelled{job_id(1)});
    REQUIRE(server.node.sizes().memo == 0);
}

TEST_CASE("server: jobs end once, whatever is cancelled twice or unknown") {
    Harness server(Harness::config(Role::kServer, 1));
    const LinkId link = server.child(8, 1);
    submit(server, 1);
    submit(server, 1);
    server.on(JobCancelled{job_id(1)});
    server.on(JobCancelled{job_id(1)});
    server.on(JobCancelled{job_id(2)});
    REQUIRE(server.updates.size() == 2);
    REQUIRE(server.updates[1].state == JobState::kCancelled);
    REQUIRE(server.said<JobEnded>(link).size() == 1);
    server.on(JobRemoved{job_id(1)});
    REQUIRE_FALSE(server.node.job_state(job_id(1)));
}

TEST_CASE("server: stopping fails its jobs and stops the tree") {
    Harness server(Harness::config(Role::kServer, 1));
    const LinkId link = server.child(8, 1);
    submit(server, 1);
    server.on(StopRequested{});
    REQUIRE(server.updates.back().state == JobState::kFailed);
    REQUIRE(server.updates.back().error.code() == StatusCode::kUnavailable);
    REQUIRE(server.said<Bye>(link).at(0).stop);
    REQUIRE(server.exit_code == 0);

    Harness manager(Harness::config(Role::kManager, 5));
    const LinkId up = manager.parent(1);
    const LinkId down = manager.child(9, 1);
    manager.hear(up, {Bye{true, unavailable("stopped")}});
    REQUIRE(manager.said<Bye>(down).at(0).stop);
    REQUIRE(manager.exit_code == 0);
}

}  // namespace quercus::scheduling
