#pragma once

// A rank whose workflow wants cacheable tasks.

#include "tests/support/catch.hpp"
#include "tests/unit/scheduling/harness.hpp"

namespace quercus::scheduling::testing {

inline constexpr Fence kFirst{0, 1};

inline Digest digest_of_input(BytesView input) {
    return task_digest(*cacheable_head(), input);
}

inline TaskId child_of(std::uint8_t job, std::uint64_t key) {
    return {job_id(job), Path().child({0, 0, key})};
}

// A rank whose workflow has spawned the cacheable leaves "a" and "b". Its places come up before, or
// when it has asked for them.
struct RankWithFlow {
    explicit RankWithFlow(bool has_idle_places = false, NodeConfig config = default_config())
        : rank(std::move(config)), up(rank.parent(1)) {
        rank.hear(up, {TaskBatch{{{flow, kFirst, flow_head(), Payload("in"), 0, {}}}}});
        rank.said<Load>(up);
        if (has_idle_places) {
            spawn(0, {"a", "b"});
            return;
        }
        for (const std::uint32_t place : {0, 1, 2}) {
            rank.on(LeafDied{PlaceId{place}, {}, true, ""});
        }
        spawn(0, {"a", "b"});
        for (const std::uint32_t place : {0, 1, 2}) {
            rank.on(LeafReady{PlaceId{place}, {}});
        }
    }
    static NodeConfig default_config() {
        NodeConfig config = Harness::config(Role::kRank, 5);
        config.places = 3;
        return config;
    }
    void spawn(std::uint32_t call, const std::vector<Bytes>& inputs,
               const std::shared_ptr<const TaskHead>& head = cacheable_head()) {
        FlowSpawned spawned{flow, 0, call, head, {}, {}};
        for (const Bytes& input : inputs) {
            spawned.keys.push_back(spawned.keys.size());
            spawned.inputs.emplace_back(input);
        }
        rank.on(std::move(spawned));
    }
    [[nodiscard]] Report report() {
        rank.on(FlowFinished{flow, {}, Payload("result"), 0});
        const auto done = rank.said<DoneBatch>(up);
        REQUIRE(done.size() == 1);
        const auto decoded = decode_report(done[0].done[0].report);
        REQUIRE(decoded);
        return *decoded;
    }
    TaskId flow{job_id(1), Path()};
    Harness rank;
    LinkId up;
};

}  // namespace quercus::scheduling::testing
