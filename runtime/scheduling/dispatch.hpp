#pragma once

// Who gets which waiting task, and what this node tells its parent about what it could take and
// give. Level-triggered: `run` is called after every batch of events and looks only at the present
// state.

#include "runtime/scheduling/table.hpp"

namespace quercus::scheduling {

struct Brain;

class Dispatch {
 public:
    explicit Dispatch(Brain& brain) : brain_(brain) {}

    // Open, wherever it was before: waits here. `position`: before that one of its queue.
    void enqueue(Entry& entry, Entry* position = nullptr);
    // The same attempt that went away waits here again.
    void come_back(Entry& entry);
    void run();
    [[nodiscard]] Load load() const;

    // The parent wants up to `count` unstarted tasks.
    void retracted(std::uint64_t count);
    // A child has answered a Retract of ours.
    void retract_answered(Child& child);
    void parent_gone();
    // Answers may be missing now.
    void child_gone();

 private:
    void queue(Entry& entry, Entry* position, Fence token);
    void place_workflows();
    void feed_children();
    std::uint64_t feed(Child& child, std::uint64_t count);
    void retract_for_the_hungry();
    [[nodiscard]] bool is_retracting() const;
    [[nodiscard]] std::uint64_t own_idle() const;
    bool ask_richest(std::uint64_t count);
    std::uint64_t ask(Child& child, std::uint64_t count);
    std::uint64_t give_up_tasks(std::uint64_t count);
    void send_up(Entry& entry);
    void answer_parent();
    void send_to(Child& child, Entry& entry);
    [[nodiscard]] bool hands_out() const;
    [[nodiscard]] Load rank_load() const;

    Brain& brain_;
    std::uint64_t fed_ = 0;     // tasks handed to children so far
    bool owes_answer_ = false;  // the parent's Retract has been passed on
    std::uint64_t owed_ = 0;
    Returned handed_back_;
};

}  // namespace quercus::scheduling
