#pragma once

// Cacheable tasks that somebody computes just now. The topmost node that is asked for one (Recall)
// and does not know its result tells the first asker to compute it; the others wait for the same
// result. A computation that ends without one passes to the next in line (its job or child has
// gone) or to all who wait (too cheap to be kept, failed, cancelled: Cancel). The word may be lost
// with a connection further down; after `in_flight_limit` the next in line computes it as well.

#include <deque>
#include <unordered_map>

#include "runtime/scheduling/table.hpp"

namespace quercus::scheduling {

struct Brain;

class InFlight {
 public:
    explicit InFlight(Brain& brain) : brain_(brain) {}

    // True: the child computes it. False: an answer follows when the result comes, or when it is to
    // be computed after all.
    [[nodiscard]] bool claim(Child& child, const RecallEntry& one);
    void arrived(const Digest& digest, const Payload& output);
    // The child that asked does not want this task any more, or its result will not be shared. A
    // word from another child is about an older attempt.
    void gone(const Edge& from, const TaskId& id);
    void child_gone(const Child& child);
    void drop_job(const JobId& job);
    void tick();
    [[nodiscard]] Time next_tick() const;
    // One line per computation, for logs.
    [[nodiscard]] std::string describe() const;
    // Tasks that are computed or waited for.
    [[nodiscard]] std::size_t size() const;

 private:
    struct Asker {
        Child* child;
        TaskId id;
        Fence fence;
    };
    struct Computation {
        std::deque<Asker> askers;  // the first computes it, the others wait
        Time give_up{};
    };
    using Computations = std::unordered_map<Digest, Computation>;

    [[nodiscard]] Computations::iterator find(const TaskId& id);
    void forget(const TaskId& id);
    void leave(const TaskId& id);
    void tell_to_compute(const Asker& asker);
    void set_deadline(const Digest& digest, Computation& computation);

    Brain& brain_;
    Computations computations_;
    std::unordered_map<JobId, std::unordered_map<TaskId, Digest>> asked_;
    std::deque<std::pair<Time, Digest>> deadlines_;  // rising
};

}  // namespace quercus::scheduling
