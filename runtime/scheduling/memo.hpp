#pragma once

// Finished child results of live jobs that are worth keeping: at least 0.1 ms of processor time per
// KiB. Each node above the worker stores them; a speed-up, never a promise.

#include <unordered_map>
#include <unordered_set>

#include "runtime/scheduling/lru_map.hpp"
#include "runtime/scheduling/table.hpp"

namespace quercus::scheduling {

struct Brain;

class MemoStore {
 public:
    MemoStore(Brain& brain, std::uint64_t limit_bytes) : brain_(brain), entries_(limit_bytes) {}

    // A result passes by or ends here: stored, in the cache too if it may serve other jobs, and
    // passed on upwards unless it travels there anyway.
    void keep(Entry& entry, const Done& done);
    void from_child(const Memo& memo);
    // Null unless the task with just this digest is known.
    [[nodiscard]] const MemoEntry* find(const TaskId& id, const Digest& digest);
    void drop_job(const JobId& job);
    [[nodiscard]] std::size_t size() const { return entries_.size(); }

 private:
    void store(const MemoEntry& entry);
    void forget_in_job(const TaskId& id);

    Brain& brain_;
    LruMap<TaskId, MemoEntry> entries_;
    std::unordered_map<JobId, std::unordered_set<TaskId>> jobs_;
};

}  // namespace quercus::scheduling
