#pragma once

// The workflows that run on this rank, and the rows of their open children.

#include <unordered_map>

#include "runtime/scheduling/table.hpp"

namespace quercus::scheduling {

struct Brain;

struct FlowRun {
    Entry* entry = nullptr;
    TaskId id;
    std::uint32_t round = 0;
    Payload state;
    bool running = false;   // the flow executor has it
    bool repeated = false;  // another instance may have run before: its children may be known
    bool counts = false;    // towards the most that run at a time
    std::uint32_t crashes = 0;
    std::vector<Entry*> rows;  // of the present round
    std::vector<Done> ready;   // goes to the executor at the end of the batch
    bool in_ready = false;
    Report report;
    std::size_t last_share = 0;
};

class Flows {
 public:
    explicit Flows(Brain& brain) : brain_(brain) {}

    void executor_ready();
    void executor_died(const FlowDied& event);
    void spawned(const FlowSpawned& event);
    void cancelled_children(const FlowCancelledChildren& event);
    void continued(const FlowContinued& event);
    void finished(const FlowFinished& event);

    // Starts queued workflows up to the limit.
    void start_waiting();
    void deliver();

    void row_finished(Entry& row, Done done);
    void row_lost(Entry& row, LossReason reason, const std::string& detail);
    void forget_row(Entry& row);
    // A recalled row that nobody knows: runs here after all.
    void run_row(Entry& row) { open_row(row, nullptr); }
    // Ends the run with all its open children; its entry stays. `tell`: the executor still has it.
    void drop(FlowRun& run, bool tell);
    void drop_job(const JobId& job);

    [[nodiscard]] bool ready() const { return ready_; }
    [[nodiscard]] std::size_t size() const { return runs_.size(); }
    [[nodiscard]] bool owns(const TaskId& flow) const { return runs_.contains(flow); }
    [[nodiscard]] Status check() const;

 private:
    static constexpr std::size_t kMaxRunning = 256;  // those that are no children of others here
    FlowRun* find_running(const TaskId& id);
    void start(Entry& entry);
    void run(FlowRun& run);
    void fail(FlowRun& run, Status status);
    void end(FlowRun& run, Status status, Payload output);
    void drop_rows(FlowRun& run);
    void open_row(Entry& row, Entry* position);
    // False: the row with this id has another digest.
    bool join(FlowRun& run, Entry& row, const Digest& digest);
    bool join_known(FlowRun& run, Entry& known, const Task& task, const Digest& digest);
    // Of a new row: answered, opened, or asked for above; opened and asked for where nobody else
    // wants to work meanwhile.
    void begin(const FlowRun& run, Entry& row, Entry* newest, Recall& recall);
    [[nodiscard]] bool may_begin(const Entry& row) const;
    void hand_over(FlowRun& run, const Entry& row);
    void count(FlowRun& run, const Execution& execution);
    void erase(FlowRun& run);

    Brain& brain_;
    bool ready_ = false;
    std::unordered_map<TaskId, std::unique_ptr<FlowRun>> runs_;
    std::size_t counted_ = 0;  // runs that count
    std::vector<FlowRun*> to_deliver_;
};

}  // namespace quercus::scheduling
