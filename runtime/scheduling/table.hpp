#pragma once

// All tasks this node has to do with: task -> (from edge, to edge). A result returns along `from`,
// the task itself has gone along `to`. The table keeps the counters and queues that follow from the
// edges; every change of an entry's edges goes through it.

#include <unordered_map>
#include <vector>

#include "runtime/scheduling/node.hpp"

namespace quercus::scheduling {

struct Child;
struct FlowRun;
struct Entry;
class EntryList;

struct Edge {
    enum class Kind : std::uint8_t {
        kNone,      // from: nobody waits (orphan); to: queued here
        kParent,    //
        kChild,     //
        kFlow,      // from: a row of this rank's workflow
        kJob,       // from: the server's job book
        kPlace,     // to: given to a leaf executor
        kExecutor,  // to: given to the flow executor
    };
    Kind kind = Kind::kNone;
    std::uint32_t place = 0;
    Child* child = nullptr;
    FlowRun* flow = nullptr;
    friend bool operator==(const Edge&, const Edge&) = default;

    static Edge none() { return {}; }
    static Edge parent() { return {Kind::kParent, 0, nullptr, nullptr}; }
    static Edge to_child(Child& child) { return {Kind::kChild, 0, &child, nullptr}; }
    static Edge of_flow(FlowRun& flow) { return {Kind::kFlow, 0, nullptr, &flow}; }
    static Edge job() { return {Kind::kJob, 0, nullptr, nullptr}; }
    static Edge to_place(PlaceId place) { return {Kind::kPlace, place.value, nullptr, nullptr}; }
    static Edge executor(FlowRun& flow) { return {Kind::kExecutor, 0, nullptr, &flow}; }
};

enum class Phase : std::uint8_t {
    kOpen,       // to be done: queued here or on its way along `to`
    kRecalling,  // asked upwards whether somebody knows it; to = parent
    kAwaited,    // a re-attached child waits for it; the one who runs it may still claim it
    kFinished,   // a row of a workflow whose result is known
};

struct Entry {
    Task task;  // head null: claimed by a child's inventory, its body is unknown here
    Edge from;
    Edge to;
    // The fence of the attempt that lies here or went along `to`; task.fence is the one that `from`
    // knows, which may be newer when a re-issued owner has joined.
    Fence to_fence;
    Phase phase = Phase::kOpen;
    bool workflow = false;
    bool joined = false;  // row: the running instance of the workflow waits for it
    bool has_digest = false;
    bool cacheable = false;  // asked for above as such
    bool claimed = false;    // row: others may wait above for its result
    bool asked = false;      // row: begun here while it is asked for above
    std::uint32_t crashes = 0;
    std::int32_t avoid_place = -1;  // where it crashed
    std::size_t row = 0;            // index in its workflow's rows
    Digest digest;
    NodeId avoid;   // child through which it crashed
    NodeId prefer;  // child whose subtree may know its children
    Time deadline{};
    FlowRun* run = nullptr;  // this rank runs the workflow
    // Result of a finished row.
    Status status;
    Payload output;
    Execution execution;

    EntryList* queue = nullptr;
    Entry* previous = nullptr;
    Entry* next = nullptr;

    [[nodiscard]] bool has_body() const { return task.head != nullptr; }
    [[nodiscard]] bool is_queued() const { return queue != nullptr; }
};

// Intrusive, doubly linked.
class EntryList {
 public:
    [[nodiscard]] Entry* front() const { return first_; }
    [[nodiscard]] Entry* back() const { return last_; }
    [[nodiscard]] std::size_t size() const { return size_; }
    [[nodiscard]] bool empty() const { return size_ == 0; }
    // Before `position`; at the end when null.
    void insert(Entry& entry, Entry* position);
    void remove(Entry& entry);

 private:
    Entry* first_ = nullptr;
    Entry* last_ = nullptr;
    std::size_t size_ = 0;
};

class TaskTable {
 public:
    [[nodiscard]] Entry* find(const TaskId& id);
    // The id must not be known yet.
    Entry& create(Task task, Edge from, bool workflow);
    void erase(Entry& entry);

    void set_from(Entry& entry, Edge from);
    // Leaves its queue.
    void set_to(Entry& entry, Edge to, Fence fence);
    void set_phase(Entry& entry, Phase phase);
    // to = none, waiting in `queue` before `position` (at the end when null).
    void set_queued(Entry& entry, EntryList& queue, Entry* position, Fence token);

    template <class Predicate>
    std::vector<Entry*> collect(Predicate predicate) {
        std::vector<Entry*> found;
        for (auto& [job, tasks] : jobs_) {
            for (auto& [path, entry] : tasks) {
                if (predicate(entry)) {
                    found.push_back(&entry);
                }
            }
        }
        return found;
    }
    [[nodiscard]] std::vector<Entry*> of_job(const JobId& job);
    [[nodiscard]] std::size_t size() const { return size_; }

    EntryList leaves;      // from a neighbour or the job book; first in, first out
    EntryList own_leaves;  // of this rank's workflows; newest batch first
    EntryList workflows;

    struct Counts {
        std::uint64_t held_leaves = 0;  // unfinished leaf tasks from the parent
        std::uint64_t own_leaves = 0;   // of this rank's workflows, queued or in a place
        std::uint64_t workflows = 0;    // held here or below
        friend bool operator==(const Counts&, const Counts&) = default;
    };
    [[nodiscard]] const Counts& counts() const { return counts_; }
    // Counters, queues and edges agree.
    [[nodiscard]] Status check();

 private:
    struct PathHash {
        std::size_t operator()(const Path& path) const noexcept {
            return std::hash<std::string_view>{}(path.bytes());
        }
    };
    using Tasks = std::unordered_map<Path, Entry, PathHash>;
    void account(const Entry& entry, int sign);
    Tasks* tasks_of(const JobId& job);

    std::unordered_map<JobId, Tasks> jobs_;
    JobId last_job_;
    Tasks* last_ = nullptr;
    std::size_t size_ = 0;
    Counts counts_;
};

}  // namespace quercus::scheduling
