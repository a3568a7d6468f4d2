#pragma once

// The brain of every process of the tree, as a pure state machine: events in, effects out, time as
// a parameter. No clock, thread, socket or random number inside; the same code runs in the
// executables, in attached mode and in the deterministic simulator. Called on the node's strand
// only.

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "runtime/scheduling/items.hpp"

namespace quercus::scheduling {

using Duration = std::chrono::microseconds;
// Monotonic time since an arbitrary start.
using Time = std::chrono::microseconds;

struct NodeConfig {
    NodeId node;
    std::uint64_t incarnation = 1;
    Role role = Role::kRank;
    std::string name;
    std::string build;
    Digest kernels;
    std::string numeric_profile;
    std::vector<std::string> listening;
    std::map<std::string, std::string> tags;
    std::uint32_t places = 0;  // ranks: number of workers
    Duration heartbeat = std::chrono::seconds(2);
    Duration lease = std::chrono::seconds(10);
    Duration grace = std::chrono::seconds(60);  // how long a child waits for a vanished parent
    std::uint32_t crash_limit = 3;              // crashes of one task that fail its job
    std::uint64_t memo_limit_bytes = std::uint64_t{256} << 20;
    std::uint64_t cache_limit_bytes = std::uint64_t{256} << 20;  // 0: no cache
    // How long what is not urgent may wait for something to travel with. 0: not at all.
    Duration patience = std::chrono::milliseconds(1);
    // How long a task waits for another's equal computation before it is computed as well.
    Duration in_flight_limit = std::chrono::seconds(60);
    // Exit when no parent is left for `lease` (ranks started by a manager).
    bool exit_without_parent = false;
    // The least severity of facts that are reported. kDebug adds two per task.
    Severity facts_from = Severity::kInfo;
};

enum class JobState : std::uint8_t { kQueued, kRunning, kSucceeded, kFailed, kCancelled };
[[nodiscard]] constexpr bool is_final(JobState state) {
    return state >= JobState::kSucceeded;
}

// Sums over the children of a job's workflows; the `report` of a job.
struct WorkerShare {
    NodeId rank;
    std::uint32_t place = 0;
    std::uint64_t tasks = 0;
    std::uint64_t cpu_us = 0;
};
struct Report {
    std::uint64_t tasks = 0;
    std::uint64_t reissued = 0;  // attempts beyond the first
    std::vector<WorkerShare> workers;
    std::uint64_t cached = 0;  // not run: the cache knew their result
};
[[nodiscard]] Bytes encode_report(const Report& report);
[[nodiscard]] Result<Report> decode_report(BytesView bytes);

// ---------------------------------------------------------------- events

// A connection is up; nothing has been said on it. The node answers with its Hello at once.
struct LinkOpened {
    LinkId link;
    Position i_am = Position::kChild;  // what this node is on the link: kParent towards a child
    bool dialled = false;              // by this process
};
struct LinkClosed {
    LinkId link;
    Status reason;
};
struct Received {
    LinkId link;
    Frame frame;
};
// The peer is sending, though no frame is complete yet: a blob may take longer than the lease, and
// heartbeats wait behind it.
struct PeerAlive {
    LinkId link;
};
struct Tick {};

// From clients (server only).
struct JobSubmitted {
    JobId job;
    std::shared_ptr<const TaskHead> head;
    Payload input;
};
struct JobCancelled {
    JobId job;
};
struct JobRemoved {  // a final job's record may go
    JobId job;
};

// From this rank's executors. A place runs its tasks first in, first out.
struct LeafReady {  // (re)started; cpus and pid for `tree`
    PlaceId place;
    WorkerInfo info;
};
struct LeafFinished {
    PlaceId place;
    TaskId id;
    Fence fence;
    Status status;
    Payload output;
    std::uint64_t cpu_us = 0;
};
struct LeafDied {
    PlaceId place;
    std::optional<TaskId> running;  // the task to blame
    bool planned = false;           // stopped by us (hard cancel): nobody is blamed
    std::string detail;
};
// From the flow executor.
struct FlowReady {};
struct FlowSpawned {  // map() or spawn(): children keys in order, one head
    TaskId flow;
    std::uint32_t round = 0;
    std::uint32_t call = 0;
    std::shared_ptr<const TaskHead> head;
    std::vector<std::uint64_t> keys;
    std::vector<Payload> inputs;  // same length
};
struct FlowCancelledChildren {
    TaskId flow;
    std::uint32_t round = 0;
    std::uint32_t call = 0;
    std::vector<std::uint64_t> keys;
};
struct FlowContinued {  // ContinueAs: a round ended
    TaskId flow;
    std::uint32_t next_round = 0;
    Payload state;
    std::uint64_t known = 0;  // children whose results the executor remembered: they are no rows
};
struct FlowFinished {
    TaskId flow;
    Status status;
    Payload output;
    std::uint64_t known = 0;
};
struct FlowProgress {
    TaskId flow;
    Progress progress;
};
struct FlowLogged {
    TaskId task;
    Log log;
};
struct FlowDied {
    std::optional<TaskId> running;
    std::string detail;
};

// A started child process is known to be dead: lost at once instead of when its lease ends.
struct ChildGone {
    NodeId node;
};

// What an earlier server has written down, oldest first.
struct CacheLoaded {
    std::vector<std::pair<Digest, Payload>> entries;
};
struct CacheClearRequested {};  // here and everywhere below (server only)

struct StopRequested {};  // SIGINT/SIGTERM: stop the subtree in order

using Event =
    std::variant<LinkOpened, LinkClosed, Received, PeerAlive, Tick, JobSubmitted, JobCancelled,
                 JobRemoved, LeafReady, LeafFinished, LeafDied, FlowReady, FlowSpawned,
                 FlowCancelledChildren, FlowContinued, FlowFinished, FlowProgress, FlowLogged,
                 FlowDied, ChildGone, CacheLoaded, CacheClearRequested, StopRequested>;

// ---------------------------------------------------------------- effects

// One step of a job as the server's clients see it.
struct JobUpdate {
    JobId job;
    JobState state = JobState::kQueued;
    std::optional<Progress> progress;
    std::optional<Log> log;
    // Final states:
    Status error;
    Payload output;
    Report report;
};

// Facts for the log and for tests: "task_started", "task_reissued", "child_lost", ...; key=value
// text.
struct Fact {
    Severity severity = Severity::kInfo;
    std::string_view what;
    std::string detail;
};

class EffectSink {
 public:
    virtual ~EffectSink() = default;
    // Links.
    virtual void send(LinkId link, Frame frame) = 0;
    virtual void close(LinkId link, const Status& reason) = 0;  // after what was sent has left
    virtual void dial_child(const std::string& address) = 0;    // orphaned grandchildren
    // Executors of this rank.
    virtual void start_leaf(PlaceId place, const Task& task) = 0;
    // Withdraw or stop a task of the place: cooperative first, hard after the cancel grace. Means
    // the start_leaf calls so far; the same id may be started again (under a newer fence) behind
    // it. A LeafFinished or LeafDied follows for what had begun, also after a cancel.
    virtual void cancel_leaf(PlaceId place, const TaskId& id) = 0;
    // `round`/`state`: where to start; round 0 starts from the task's own input.
    virtual void start_flow(const Task& task, std::uint32_t round, const Payload& state) = 0;
    virtual void deliver(const TaskId& flow, std::span<const Done> results) = 0;
    virtual void cancel_flow(const TaskId& flow) = 0;
    // What the flow executor remembers of cacheable children's results goes: the cache is cleared.
    virtual void forget_results() = 0;
    // Server.
    virtual void job_updated(const JobUpdate& update) = 0;
    // A new result in the cache, to be written down.
    virtual void cached(const Digest&, const Payload&) {}
    // Process.
    virtual void fact(const Fact& fact) = 0;
    virtual void exit(int code) = 0;  // everything has been said; stop executors and leave
};

// Of the cache of results.
struct CacheStats {
    std::uint64_t entries = 0;
    std::uint64_t bytes = 0;
    std::uint64_t limit_bytes = 0;
    std::uint64_t hits = 0;  // since the start, or since it was cleared
    std::uint64_t misses = 0;
};

// How much a node holds, for tests, `tree` and metrics.
struct NodeSizes {
    std::size_t tasks = 0;          // entries of any kind
    std::size_t queued_leaves = 0;  // waiting here
    std::size_t flows = 0;          // workflows running here
    std::size_t given = 0;          // tasks that places hold
    std::size_t memo = 0;           // remembered results
    std::size_t in_flight = 0;      // askers whose result is computed somewhere
};

class Node {
 public:
    explicit Node(NodeConfig config);
    ~Node();
    Node(const Node&) = delete;
    Node& operator=(const Node&) = delete;

    void on(std::span<const Event> events, Time now, EffectSink& sink);
    // When the next Tick is due at the latest; the host may tick earlier.
    [[nodiscard]] Time next_tick() const;

    // This node and all below it, for `tree` and tests.
    [[nodiscard]] Subtree subtree(Time now) const;
    [[nodiscard]] std::optional<JobState> job_state(JobId job) const;  // server
    [[nodiscard]] NodeSizes sizes() const;
    [[nodiscard]] CacheStats cache_stats() const;
    // One line per task with its edges, for diagnosis.
    [[nodiscard]] std::string describe_tasks() const;
    // Internal consistency; the first broken invariant by name. For tests and the simulator.
    [[nodiscard]] Status check() const;

 private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace quercus::scheduling
