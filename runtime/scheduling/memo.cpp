#include "runtime/scheduling/memo.hpp"

#include <algorithm>

#include "runtime/scheduling/brain.hpp"

namespace quercus::scheduling {
namespace {

constexpr std::size_t kOverheadBytes = 256;

std::size_t size_of(const MemoEntry& entry) {
    return kOverheadBytes + entry.output.size();
}

// Processor time per KiB of result, and at least for one.
constexpr std::uint64_t kWorthKeepingUs = 100;

// What a workflow cost is not measured where its children's results were known; a cacheable one is
// worth at least their round trips.
bool is_worth_keeping(const Entry& entry, const Done& done) {
    if (!done.status.is_ok()) {
        return false;
    }
    return entry.workflow
               ? entry.has_body() && entry.task.head->cacheable
               : done.execution.cpu_us >= kWorthKeepingUs &&
                     done.execution.cpu_us * 1024 >= kWorthKeepingUs * done.output.size();
}

}  // namespace

void MemoStore::keep(Entry& entry, const Done& done) {
    if (!is_worth_keeping(entry, done)) {
        brain_.recalls.forgo(entry);
        brain_.in_flight.gone(entry.from, entry.task.id);
    }
    // What comes from the parent is stored above; workflows that are not cacheable are replayed,
    // not remembered.
    const bool ran_below = entry.to.kind == Edge::Kind::kChild ||
                           entry.to.kind == Edge::Kind::kPlace ||
                           entry.to.kind == Edge::Kind::kExecutor;
    const bool came_from_a_cache =
        entry.phase == Phase::kRecalling && done.execution.rank.is_nil() && done.status.is_ok();
    if (came_from_a_cache) {
        brain_.cache.store(entry.digest, done.output);
    }
    if (!ran_below || entry.task.id.path.is_root() || !is_worth_keeping(entry, done) ||
        (!entry.has_digest && !entry.has_body())) {
        return;
    }
    if (!entry.has_digest) {
        entry.digest = task_digest(*entry.task.head, entry.task.input.view());
        entry.has_digest = true;
    }
    const bool cacheable = entry.has_body() && entry.task.head->cacheable;
    MemoEntry memo{done.id, entry.digest, done.output, done.execution, cacheable};
    if (brain_.config.role != Role::kRank) {
        store(memo);
    } else if (cacheable) {
        brain_.cache.store(memo.digest, memo.output);
    }
    if (entry.from.kind != Edge::Kind::kParent && brain_.uplink.link() != nullptr) {
        const std::size_t bytes = size_of(memo);
        brain_.links.batch<Memo>(*brain_.uplink.link(), bytes).entries.push_back(std::move(memo));
    }
}

void MemoStore::from_child(const Memo& memo) {
    for (const MemoEntry& entry : memo.entries) {
        store(entry);
        if (Link* up = brain_.uplink.link()) {
            brain_.links.batch<Memo>(*up, size_of(entry)).entries.push_back(entry);
        }
    }
}

void MemoStore::store(const MemoEntry& entry) {
    if (entry.cacheable) {
        brain_.in_flight.arrived(entry.digest, entry.output);
    }
    if (entry.cacheable && brain_.cache.store(entry.digest, entry.output) &&
        brain_.config.role == Role::kServer) {
        brain_.sink->cached(entry.digest, entry.output);
    }
    if (brain_.knows_job(entry.id.job) &&
        entries_.insert(entry.id, entry, size_of(entry),
                        [this](const TaskId& id) { forget_in_job(id); })) {
        jobs_[entry.id.job].insert(entry.id);
    }
}

void MemoStore::forget_in_job(const TaskId& id) {
    const auto job = jobs_.find(id.job);
    job->second.erase(id);
    if (job->second.empty()) {
        jobs_.erase(job);
    }
}

const MemoEntry* MemoStore::find(const TaskId& id, const Digest& digest) {
    const MemoEntry* found = entries_.find(id);
    return found == nullptr || found->digest != digest ? nullptr : found;
}

void MemoStore::drop_job(const JobId& job) {
    const auto found = jobs_.find(job);
    if (found == jobs_.end()) {
        return;
    }
    for (const TaskId& id : found->second) {
        entries_.erase(id);
    }
    jobs_.erase(found);
}

}  // namespace quercus::scheduling
