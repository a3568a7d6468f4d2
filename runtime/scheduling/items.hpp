#pragma once

// What neighbours say to each other: the domain form of proto/quercus/v1/tree.proto. A Frame is a
// sequence of items; `runtime/wire` converts and validates, in-process links pass frames as they
// are.

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "quantum/base/bytes.hpp"
#include "quantum/base/digest.hpp"
#include "quantum/base/random.hpp"
#include "quantum/base/status.hpp"
#include "runtime/scheduling/ids.hpp"

namespace quercus::scheduling {

inline constexpr std::uint32_t kProtocolMajor = 1;
inline constexpr std::uint32_t kProtocolMinor = 0;

// What the tasks of one map() share. Immutable and shared by all of them.
struct TaskHead {
    std::string kind;           // registered name, e.g. "hash"
    std::uint32_t version = 0;  // of the kind
    bool is_workflow = false;
    Seed job_seed = 0;
    std::uint64_t memory_bytes = 0;  // limit per task; 0: the rank's default
    bool cacheable = false;          // its output may serve other jobs
    friend bool operator==(const TaskHead&, const TaskHead&) = default;
};

struct Task {
    TaskId id;
    Fence fence;
    std::shared_ptr<const TaskHead> head;  // never null
    Payload input;
    // Root workflows whose earlier rounds are over: where to go on. 0 and empty: from the input.
    std::uint32_t round = 0;
    Payload state;
};

// Identifies what a task computes: digest over (kind, version, seed, input).
[[nodiscard]] Digest task_digest(const TaskHead& head, BytesView input);

// The `owner` number of the fences of a workflow's children. Every level of nesting weighs 32 times
// less than the one above it, so that the number grows with every re-issue further up whatever the
// levels below it have counted (31 re-issues per level, 6 levels).
[[nodiscard]] std::uint32_t owner_number(const TaskId& flow, Fence fence);
// Nobody can have run this task, or any of its children, before.
[[nodiscard]] bool is_first_instance(const TaskId& task, Fence fence);

// Where and how long a task ran. Goes into the job's report, never into its payload.
struct Execution {
    NodeId rank;
    std::uint32_t place = 0;
    std::uint64_t cpu_us = 0;
};

struct Done {
    TaskId id;
    Fence fence;
    Status status;  // failure of the work; OK with an output otherwise
    Payload output;
    Execution execution;
    // Root workflows only: how their children went (see Report). Empty otherwise.
    Bytes report;
};

enum class LossReason : std::uint8_t { kExecutorCrashed, kNodeLost, kStopped };
struct Lost {
    TaskId id;
    Fence fence;
    LossReason reason = LossReason::kNodeLost;
    std::string detail;  // host, signal, last log lines
};

enum class Role : std::uint8_t { kServer, kManager, kRank };
enum class Position : std::uint8_t { kParent, kChild };  // what the sender is to the receiver

struct Hello {
    std::uint32_t protocol_major = kProtocolMajor;
    std::uint32_t protocol_minor = kProtocolMinor;
    std::string build;            // version and commit, for people
    Digest kernels;               // digest of the registered kinds and versions
    std::string numeric_profile;  // e.g. "x86-64-v3"
    Position i_am = Position::kChild;
    Role role = Role::kRank;
    NodeId node;
    std::uint64_t incarnation = 0;       // differs after every restart of the same node id
    std::string name;                    // for people: host:pid
    std::vector<std::string> listening;  // addresses under which this node can be dialled
};

// The parent's own id and all above it, nearest first. Empty `nodes` never occurs.
struct Ancestors {
    std::vector<NodeId> nodes;
    bool reaches_server = false;
};

struct Heartbeat {};

// Level-triggered account of what a child could take and give; sent when it changes noticeably.
struct Load {
    std::uint64_t window = 0;   // unfinished leaf tasks from the parent that it wants to hold
    std::uint64_t surplus = 0;  // unstarted leaf tasks at or below it that could run elsewhere
    std::uint32_t places = 0;   // workers at or below it
    std::uint32_t flows = 0;    // workflows held at or below it
    bool takes_flows = false;   // a rank with a flow executor is at or below it
    // Leaf tasks that free places at or below it could start at once; what it is hungry for.
    std::uint64_t idle = 0;
};

struct TaskBatch {
    std::vector<Task> tasks;
};
struct Started {
    std::vector<TaskId> tasks;
};
struct DoneBatch {
    std::vector<Done> done;
};
struct LostBatch {
    std::vector<Lost> lost;
};

// Parent -> child: hand back up to `count` unstarted tasks. The child answers with one Returned
// (ids of tasks that came from this parent) and, for tasks of its own or from below, a TaskBatch;
// the answer may be empty.
struct Retract {
    std::uint64_t count = 0;
};
struct Returned {
    std::vector<std::pair<TaskId, Fence>> tasks;
};

// Cancel the task and everything below it. From a child also: its result will not be shared with
// those who asked for an equal one.
struct Cancel {
    std::vector<TaskId> tasks;
};
// Parent -> child: the job has ended; drop its memo and whatever is left of it.
struct JobEnded {
    JobId job;
};
// Parent -> child: forget all cached results, here and below.
struct CacheCleared {};

// Child -> parent: finished results worth keeping, while their job lives or, if cacheable, for all.
struct MemoEntry {
    TaskId id;
    Digest digest;
    Payload output;
    Execution execution;
    bool cacheable = false;
};
struct Memo {
    std::vector<MemoEntry> entries;
};

// Child -> parent, for cacheable tasks and for the children of a re-issued workflow: who knows
// these already? Each hop answers with Done (from its memo or cache) or takes over the edge of a
// task that still runs below it, and passes the rest on; the root answers the rest as unknown, at
// once or, for a cacheable one that another computes, when that has ended without a result.
struct RecallEntry {
    TaskId id;
    Fence fence;
    Digest digest;
    bool cacheable = false;  // another's equal result will do
};
struct Recall {
    std::vector<RecallEntry> entries;
};
struct Recalled {
    std::vector<TaskId> running;  // a Done or Lost will follow
    std::vector<TaskId> unknown;  // run it yourself
};

// Child -> parent after every (re)connect: all that it holds. Finished but unacknowledged results
// follow as Done.
enum class HeldState : std::uint8_t { kQueued, kRunning, kFinished };
struct HeldTask {
    TaskId id;
    Fence fence;
    HeldState state = HeldState::kQueued;
    bool is_workflow = false;
};
struct Inventory {
    std::vector<HeldTask> held;        // came from a parent
    std::vector<RecallEntry> waiting;  // went up; a result is expected from above
};
struct Verdict {
    std::vector<TaskId> cancel;                  // of `held`
    std::vector<std::pair<TaskId, Fence>> lost;  // of `waiting`: not known here
};

// Up to the server: the state with which a root workflow's next round starts.
struct RoundState {
    TaskId id;
    Fence fence;
    std::uint32_t round = 0;
    Payload state;
};

struct Progress {
    JobId job;
    double fraction = 0;  // 0 ... 1
    std::string text;
    Payload incumbent{};  // the job's result if it were stopped now; empty: as before
};
enum class Severity : std::uint8_t { kDebug, kInfo, kWarning, kError };
struct Log {
    JobId job;
    Severity severity = Severity::kInfo;
    std::string text;
};

// Up: who is at or below the sender. Level-triggered.
struct WorkerInfo {
    std::vector<int> cpus;  // the kernel's allowed list of this worker's executor
    std::int64_t pid = 0;
    std::uint64_t tasks_done = 0;
};
struct NodeInfo {
    NodeId node;
    NodeId parent;
    Role role = Role::kRank;
    std::string name;
    std::string build;
    std::vector<std::string> listening;
    std::map<std::string, std::string> tags;
    std::vector<WorkerInfo> workers;  // ranks only
    std::string state;                // "up", "silent for 3 s", "lost"
};
struct Subtree {
    std::vector<NodeInfo> nodes;  // the sender first, parents before children
};

struct Drain {};
// The last item of a link: why. With `stop`, the receiver (a child) stops itself and its subtree.
struct Bye {
    bool stop = false;
    Status reason;
};

using Item =
    std::variant<Hello, Ancestors, Heartbeat, Load, TaskBatch, Started, DoneBatch, LostBatch,
                 Retract, Returned, Cancel, JobEnded, Memo, Recall, Recalled, Inventory, Verdict,
                 RoundState, Progress, Log, Subtree, Drain, Bye, CacheCleared>;

struct Frame {
    std::uint64_t seq = 0;  // 1, 2, 3 ... per link and direction
    std::uint64_t ack = 0;  // highest seq of the peer that has been acted upon
    std::vector<Item> items;
};

}  // namespace quercus::scheduling
