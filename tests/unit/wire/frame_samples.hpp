#pragma once

// One frame with every item and every field set, and a field-by-field comparison through the
// encoding.

#include <string>

#include "runtime/scheduling/items.hpp"

namespace quercus::wire::test {

using namespace scheduling;

inline JobId job(std::uint8_t n) {
    JobId id;
    id.bytes = {n, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 255};
    return id;
}
inline NodeId node(std::uint8_t n) {
    NodeId id;
    id.bytes[15] = n;
    return id;
}
inline Path path(std::uint64_t key) {
    return Path{}.child({1, 2, 3}).child({4, 5, key});
}
inline TaskId task(std::uint64_t key) {
    return {job(1), path(key)};
}
inline Digest digest(std::uint8_t n) {
    return {{n, 9, 8}};
}
inline Execution execution(std::uint8_t n) {
    return {node(n), n, 1000u + n};
}

inline std::shared_ptr<const TaskHead> head(const std::string& kind) {
    return std::make_shared<const TaskHead>(TaskHead{kind, 3, true, ~Seed{0}, 1u << 20});
}

inline TaskBatch task_batch() {
    const auto shared = head("hash");
    TaskBatch out;
    out.tasks.push_back({task(7), {1, 2}, shared, Payload(Bytes("in7")), 0, {}});
    out.tasks.push_back({task(8), {1, 2}, shared, Payload(Bytes("")), 0, {}});
    out.tasks.push_back({task(9), {1, 3}, shared, Payload(Bytes("in9")), 0, {}});
    out.tasks.push_back({{job(2), {}},
                         {0, 1},
                         head("compile"),
                         Payload(Bytes("root")),
                         4,
                         Payload(Bytes("state"))});
    out.tasks.push_back({{job(2), Path{}.child({0, 0, 1})},
                         {5, 1},
                         std::make_shared<const TaskHead>(TaskHead{"noop", 1, false, 0, 0, true}),
                         {},
                         0,
                         {}});
    return out;
}

inline Inventory inventory() {
    return {{{task(1), {1, 1}, HeldState::kQueued, false},
             {task(2), {1, 2}, HeldState::kRunning, true},
             {task(3), {2, 1}, HeldState::kFinished, false}},
            {{task(4), {3, 3}, digest(4)}, {{job(3), {}}, {3, 4}, digest(5)}}};
}

inline Frame full_frame() {
    Frame frame{77, 66, {}};
    auto& items = frame.items;
    items.push_back(Hello{1,
                          2,
                          "0.1 abc",
                          digest(1),
                          "x86-64-v3",
                          Position::kParent,
                          Role::kManager,
                          node(4),
                          99,
                          "host:1",
                          {"a:1", "[::1]:2"}});
    items.push_back(Ancestors{{node(1), node(2)}, true});
    items.push_back(Heartbeat{});
    items.push_back(Load{1, 2, 3, 4, true});
    items.push_back(task_batch());
    items.push_back(Started{{task(1), {job(5), {}}}});
    items.push_back(
        DoneBatch{{{task(1), {1, 1}, {}, Payload(Bytes("out")), execution(1), {}},
                   {task(2), {1, 1}, {StatusCode::kInternal, "boom"}, {}, execution(2), "report"},
                   {task(3), {1, 1}, {}, Payload(Bytes(std::string(3, '\0'))), execution(1), {}}}});
    items.push_back(LostBatch{{{task(1), {1, 2}, LossReason::kExecutorCrashed, "SIGSEGV"},
                               {task(2), {1, 2}, LossReason::kStopped, ""}}});
    items.push_back(Retract{12});
    items.push_back(Returned{{{task(1), {1, 2}}, {task(2), {3, 4}}}});
    items.push_back(Cancel{{task(1)}});
    items.push_back(JobEnded{job(1)});
    items.push_back(Memo{{{task(1), digest(1), Payload(Bytes("memo")), execution(3)},
                          {task(2), digest(2), Payload(Bytes("all")), execution(3), true}}});
    items.push_back(CacheCleared{});
    items.push_back(Recall{{{task(1), {1, 2}, digest(7), true}, {task(2), {1, 2}, digest(8)}}});
    items.push_back(Recalled{{task(1)}, {task(2), task(3)}});
    items.push_back(inventory());
    items.push_back(Verdict{{task(1)}, {{task(2), {9, 9}}}});
    items.push_back(RoundState{{job(1), {}}, {1, 2}, 3, Payload(Bytes("round"))});
    items.push_back(Progress{job(1), 0.25, "a quarter"});
    items.push_back(Progress{job(1), 0.5, "half", Payload(Bytes("so far"))});
    items.push_back(Log{job(1), Severity::kWarning, "careful"});
    items.push_back(Subtree{{{node(1),
                              node(2),
                              Role::kRank,
                              "h:2",
                              "b",
                              {"c:3"},
                              {{"numa", "0"}},
                              {{{0, 1}, 42, 7}, {{}, 43, 8}},
                              "up"}}});
    items.push_back(Drain{});
    items.push_back(Bye{true, {StatusCode::kUnavailable, "stop"}});
    return frame;
}

}  // namespace quercus::wire::test
