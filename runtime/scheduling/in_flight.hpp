#pragma once

// Cacheable tasks that somebody computes just now. The topmost node that is asked for one (Recall)
// and does not know its result tells the first asker to compute it; the others wait for the same
// result. A computation that ends without one (too cheap to be kept, failed, cancelled, lost) or
// takes longer than `in_flight_limit` passes to the next in line, so nobody waits for ever.

#include <deque>
#include <unordered_map>

#include "runtime/scheduling/table.hpp"

namespace quercus::scheduling {

struct Brain;

class InFlight {
 public:
    explicit InFlight(Brain& brain) : brain_(brain) {}

    // True: the child computes it. False: an answer follows when the result, or its turn, comes.
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
    [[nodiscard]] std::size_t size() const { return digests_.size(); }

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
    // Of every asker whose id satisfies the predicate.
    template <class Predicate>
    void leave_if(Predicate predicate);
    void leave(const TaskId& id);
    void set_deadline(const Digest& digest, Computation& computation);

    Brain& brain_;
    std::unordered_map<Digest, Computation> computations_;
    std::unordered_map<TaskId, Digest> digests_;     // of every asker
    std::deque<std::pair<Time, Digest>> deadlines_;  // rising; of those that somebody waits for
};

}  // namespace quercus::scheduling
