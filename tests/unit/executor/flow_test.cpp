#include "quantum/base/codec.hpp"
#include "runtime/tasks/map_request.hpp"
#include "runtime/tasks/registry.hpp"
#include "runtime/workflow/local_runtime.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/executor/rank.hpp"

using namespace quercus;
using namespace quercus::scheduling;
using quercus::testing::options;
using quercus::testing::Rank;

namespace {

Task make_flow(std::string kind, Bytes input, std::uint64_t key = 0, Seed job_seed = 0) {
    Task task = quercus::testing::make_task("", std::move(input), key);
    task.head = std::make_shared<const TaskHead>(TaskHead{std::move(kind), 1, true, job_seed, 0});
    return task;
}

Bytes number(std::uint64_t value) {
    Encoder out;
    out.varint(value);
    return out.take();
}

}  // namespace

TEST_CASE("100,000 children stream through the ring and back") {
    Rank rank(options(2));
    REQUIRE(rank.start().is_ok());
    rank.flow(make_flow("map", tasks::counted_map("hash", 100'000)));
    const auto finished = rank.next<FlowFinished>();
    REQUIRE(finished);
    CHECK(finished->status.is_ok());
    CHECK(finished->output.view() == tasks::expected_hash_map(100'000));
    CHECK(rank.children() == 100'000);
    CHECK(rank.next<FlowProgress>());
}

TEST_CASE("executors and threads give the same bytes") {
    Rank rank(options(2));
    REQUIRE(rank.start().is_ok());
    workflow::LocalRuntime local(tasks::builtin_registry(), 2);
    rank.flow(make_flow("tree", tasks::tree_input(3, 6, "test.seed"), 1, 77));
    CHECK(rank.next<FlowFinished>()->output.view() ==
          *local.run("tree", tasks::tree_input(3, 6, "test.seed"), 77));

    // Path seeds are those of the job's root task only if it stands at the root.
    Task root = make_flow("map", tasks::counted_map("test.path_seed", 50), 2, 77);
    root.id.path = Path();
    rank.flow(root);
    CHECK(rank.next<FlowFinished>()->output.view() ==
          *local.run("map", tasks::counted_map("test.path_seed", 50), 77));

    ByteColumn large;
    large.push_back(Bytes(200'000, 'l'));
    large.push_back("small");
    large.push_back(Bytes(70'000, 'm'));
    rank.flow(make_flow("map", tasks::listed_map("hash", large), 1000));
    CHECK(rank.next<FlowFinished>()->output.view() ==
          *local.run("map", tasks::listed_map("hash", large)));
}

TEST_CASE("a failing child, an unknown kind and a kernel as workflow are told apart") {
    Rank rank(options(1));
    REQUIRE(rank.start().is_ok());
    ByteColumn inputs;
    inputs.push_back(BytesView("\0", 1));
    inputs.push_back("");
    rank.flow(make_flow("map", tasks::listed_map("sleep", inputs), 1));
    CHECK(rank.next<FlowFinished>()->status.message().find("task 1") != std::string::npos);
    rank.flow(make_flow("nobody", "", 2));
    CHECK(rank.next<FlowFinished>()->status.message().find("not registered") != std::string::npos);
    rank.flow(make_flow("hash", "", 3));
    CHECK(rank.next<FlowFinished>()->status.message().find("no workflow") != std::string::npos);
}

TEST_CASE("results of cacheable children are remembered until they are to be forgotten") {
    Rank rank(options(2));
    REQUIRE(rank.start().is_ok());
    std::uint64_t key = 0;
    const auto run = [&](std::uint64_t children, Seed seed = 0) {
        rank.flow(make_flow("test.cacheable", number(children), ++key, seed));
        auto finished = rank.next<FlowFinished>();
        REQUIRE(finished);
        REQUIRE(finished->status.is_ok());
        return std::move(*finished);
    };
    const FlowFinished first = run(5);
    CHECK(first.output.size() == 5 * 8);
    CHECK(first.known == 0);
    CHECK(rank.children() == 5);

    const FlowFinished more = run(8);
    CHECK(more.known == 5);
    CHECK(more.output.view().substr(0, 5 * 8) == first.output.view());
    CHECK(rank.children() == 8);
    const FlowFinished all_known = run(8);
    CHECK(all_known.known == 8);
    CHECK(all_known.output.view() == more.output.view());
    CHECK(rank.children() == 8);

    const FlowFinished other_seed = run(5, 1);
    CHECK(other_seed.known == 0);
    CHECK(other_seed.output.view() != first.output.view());

    rank.forget_results();
    const FlowFinished again = run(5);
    CHECK(again.known == 0);
    CHECK(again.output.view() == first.output.view());
}

TEST_CASE("a flow executor that is to remember nothing does not") {
    auto o = options(1);
    o.remembered_bytes = 0;
    Rank rank(o);
    REQUIRE(rank.start().is_ok());
    for (const std::uint64_t key : {1, 2}) {
        rank.flow(make_flow("test.cacheable", number(3), key));
        const auto finished = rank.next<FlowFinished>();
        REQUIRE(finished);
        CHECK(finished->known == 0);
    }
    CHECK(rank.children() == 6);
}

TEST_CASE("a round ends with its state, and the next one starts from it") {
    Rank rank(options(1));
    REQUIRE(rank.start().is_ok());
    const Task flow = make_flow("test.rounds", number(3));
    rank.flow(flow);
    for (std::uint32_t round = 1; round < 3; ++round) {
        const auto continued = rank.next<FlowContinued>();
        REQUIRE(continued);
        CHECK(continued->next_round == round);
        CHECK(continued->state.view() == Bytes(round, '.'));
        rank.flow(flow, round, Bytes(continued->state.view()));
    }
    CHECK(rank.next<FlowFinished>()->output.view() == "...");
}

TEST_CASE("a workflow that crashes is blamed, the executor comes back, others are replayed") {
    Rank rank(options(1));
    REQUIRE(rank.start().is_ok());
    const Task waiting = make_flow("map", tasks::counted_map("test.stubborn", 0), 1);
    const Task crashing = make_flow("test.crashing_flow", "", 2);
    rank.flow(crashing);
    const auto died = rank.next<FlowDied>();
    REQUIRE(died);
    CHECK(died->running == crashing.id);
    CHECK(died->detail.find("signal 6") != std::string::npos);
    rank.flow(waiting);  // before it is up again
    REQUIRE(rank.next<FlowReady>());
    CHECK(rank.next<FlowFinished>()->flow == waiting.id);
}

TEST_CASE("a cancelled workflow says nothing more; one that hogs its thread loses the process") {
    auto o = options(1);
    o.cancel_grace = std::chrono::milliseconds(30);
    Rank rank(o);
    REQUIRE(rank.start().is_ok());
    ByteColumn hour;
    hour.push_back(number(3'600'000));
    const Task waits = make_flow("map", tasks::listed_map("sleep", hour), 1);
    rank.flow(waits);
    rank.cancel_flow(waits);
    const Task quick = make_flow("map", tasks::counted_map("hash", 0), 2);
    rank.flow(quick);
    CHECK(rank.next<FlowFinished>()->flow == quick.id);

    const Task hog = make_flow("test.hog", number(3'600'000), 3);
    rank.flow(hog);
    REQUIRE(rank.next<FlowProgress>());  // it has begun
    rank.cancel_flow(hog);
    const auto died = rank.next<FlowDied>();
    REQUIRE(died);
    CHECK_FALSE(died->running);
    rank.flow(quick);
    CHECK(rank.next<FlowFinished>()->flow == quick.id);
}
