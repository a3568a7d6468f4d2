#pragma once

// This rank's leaf executors: who has been given which tasks ahead.

#include <deque>

#include "runtime/scheduling/table.hpp"

namespace quercus::scheduling {

struct Brain;

class Places {
 public:
    explicit Places(Brain& brain);

    void ready(const LeafReady& event);
    void finished(const LeafFinished& event);
    void died(const LeafDied& event);
    // Stops or withdraws a task that was given to the place.
    void withdraw(PlaceId place, const TaskId& id, Fence fence);
    // Gives waiting tasks to places.
    void fill();

    // Tasks that all ready places want to be given together.
    [[nodiscard]] std::uint64_t capacity() const { return ready_ * depth(); }
    [[nodiscard]] std::uint64_t given() const { return given_; }
    // More ready places have nothing to do than tasks wait for one.
    [[nodiscard]] bool has_idle() const;
    // A task with this digest is in a place or, of a workflow, waits for one.
    [[nodiscard]] bool works_on(const Digest& digest) const;
    [[nodiscard]] const std::vector<WorkerInfo>& workers() const { return infos_; }
    [[nodiscard]] Status check() const;

 private:
    struct Slot {
        TaskId id;
        Fence fence;
        bool withdrawn = false;  // before it can have begun; frees its room at once
    };
    struct Place {
        bool ready = false;
        std::deque<Slot> slots;
        std::size_t live = 0;  // slots that are not withdrawn
        Time busy_since{};
    };
    [[nodiscard]] std::uint64_t depth() const;
    bool give_next(std::uint32_t place);
    Entry* next_for(std::uint32_t place);
    void measure(Place& place);
    void release(Place& place, const Slot& slot);

    Brain& brain_;
    std::vector<Place> places_;
    std::vector<WorkerInfo> infos_;
    std::uint64_t ready_ = 0;
    std::uint64_t given_ = 0;
    double task_us_ = 2000;  // running mean of a task's wall time
};

}  // namespace quercus::scheduling
