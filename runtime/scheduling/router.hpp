#pragma once

// Moves tasks, results and losses along the edges. A result is welcome from anywhere, for tasks are
// pure; everything else counts only from the edge that it concerns and under the current fence.

#include "runtime/scheduling/table.hpp"

namespace quercus::scheduling {

struct Brain;

class Router {
 public:
    explicit Router(Brain& brain) : brain_(brain) {}

    void from_parent(const Task& task);
    void from_child(Child& child, const Task& task);
    void done(const Edge& via, const Done& done);
    void lost_by(const Edge& via, const Lost& lost);
    void returned_by(Child& child, const Returned& returned);
    void cancelled_by(const Edge& via, const TaskId& id);
    void started(const Started& started);

    // The task's result goes to who waits for it.
    void finish(Entry& entry, Done done);
    // The current attempt is gone; the owner decides.
    void lost(Entry& entry, LossReason reason, const std::string& detail);
    // Nobody wants it any more: withdrawn from where it went, and forgotten.
    void cancel(Entry& entry);
    // Tells `to` to drop it; the entry itself stays.
    void withdraw(Entry& entry);
    // The new `from`; the former one, if it still listens, hears that it lost the task.
    void take_over(Entry& entry, const Edge& from, Fence fence);

    void child_lost(Child& child, LossReason reason);
    void forget_parent();
    void drop_job(const JobId& job);

 private:
    void tell_lost(const Edge& from, Lost lost);
    Brain& brain_;
};

}  // namespace quercus::scheduling
