#pragma once

// Finished child results of live jobs that are worth keeping: at least 1 ms of processor time per
// KiB. Each node above the worker stores them; a speed-up, never a promise.

#include <list>
#include <unordered_map>
#include <unordered_set>

#include "runtime/scheduling/table.hpp"

namespace quercus::scheduling {

struct Brain;

class MemoStore {
 public:
    explicit MemoStore(Brain& brain) : brain_(brain) {}

    // A result passes by or ends here: stored, in the cache too if it may serve other jobs, and
    // passed on upwards unless it travels there anyway.
    void keep(Entry& entry, const Done& done);
    void from_child(const Memo& memo);
    // Null unless the task with just this digest is known.
    [[nodiscard]] const MemoEntry* find(const TaskId& id, const Digest& digest);
    void drop_job(const JobId& job);
    [[nodiscard]] std::size_t size() const { return index_.size(); }
    [[nodiscard]] std::uint64_t size_bytes() const { return bytes_; }

 private:
    using Order = std::list<MemoEntry>;  // most recently used first
    void store(const MemoEntry& entry);
    void erase(Order::iterator at);

    Brain& brain_;
    Order order_;
    std::unordered_map<TaskId, Order::iterator> index_;
    std::unordered_map<JobId, std::unordered_set<TaskId>> jobs_;
    std::uint64_t bytes_ = 0;
};

}  // namespace quercus::scheduling
