#include "runtime/scheduling/table.hpp"

#include "runtime/scheduling/downlinks.hpp"

namespace quercus::scheduling {

void EntryList::insert(Entry& entry, Entry* position) {
    entry.queue = this;
    entry.next = position;
    entry.previous = position != nullptr ? position->previous : last_;
    (entry.previous != nullptr ? entry.previous->next : first_) = &entry;
    (position != nullptr ? position->previous : last_) = &entry;
    ++size_;
}

void EntryList::remove(Entry& entry) {
    (entry.previous != nullptr ? entry.previous->next : first_) = entry.next;
    (entry.next != nullptr ? entry.next->previous : last_) = entry.previous;
    entry.previous = entry.next = nullptr;
    entry.queue = nullptr;
    --size_;
}

TaskTable::Tasks* TaskTable::tasks_of(const JobId& job) {
    if (last_ != nullptr && last_job_ == job) {
        return last_;
    }
    const auto found = jobs_.find(job);
    if (found == jobs_.end()) {
        return nullptr;
    }
    last_job_ = job;
    return last_ = &found->second;
}

Entry* TaskTable::find(const TaskId& id) {
    Tasks* tasks = tasks_of(id.job);
    if (tasks == nullptr) {
        return nullptr;
    }
    const auto found = tasks->find(id.path);
    return found == tasks->end() ? nullptr : &found->second;
}

Entry& TaskTable::create(Task task, Edge from, bool workflow) {
    Tasks* tasks = tasks_of(task.id.job);
    if (tasks == nullptr) {
        last_job_ = task.id.job;
        last_ = tasks = &jobs_[task.id.job];
    }
    Entry& entry = (*tasks)[task.id.path];
    entry.task = std::move(task);
    entry.from = from;
    entry.workflow = workflow;
    account(entry, 1);
    ++size_;
    return entry;
}

void TaskTable::erase(Entry& entry) {
    if (entry.is_queued()) {
        entry.queue->remove(entry);
    }
    account(entry, -1);
    --size_;
    const JobId job = entry.task.id.job;
    const Path path = entry.task.id.path;
    Tasks* tasks = tasks_of(job);
    tasks->erase(path);
    if (tasks->empty()) {
        jobs_.erase(job);
        last_ = nullptr;
    }
}

void TaskTable::account(const Entry& entry, int sign) {
    const auto add = [sign](std::uint64_t& counter) {
        counter = static_cast<std::uint64_t>(static_cast<std::int64_t>(counter) + sign);
    };
    if (entry.to.kind == Edge::Kind::kChild) {
        add(entry.workflow ? entry.to.child->workflows_out : entry.to.child->leaves_out);
    }
    if (entry.phase == Phase::kFinished) {
        return;
    }
    if (entry.workflow) {
        add(counts_.workflows);
    } else if (entry.from.kind == Edge::Kind::kParent) {
        add(counts_.held_leaves);
    } else if (entry.from.kind == Edge::Kind::kFlow && entry.to.kind != Edge::Kind::kParent) {
        add(counts_.own_leaves);
    }
}

void TaskTable::set_from(Entry& entry, Edge from) {
    account(entry, -1);
    entry.from = from;
    account(entry, 1);
}

void TaskTable::set_to(Entry& entry, Edge to, Fence fence) {
    if (entry.is_queued()) {
        entry.queue->remove(entry);
    }
    account(entry, -1);
    entry.to = to;
    entry.to_fence = fence;
    account(entry, 1);
}

void TaskTable::set_phase(Entry& entry, Phase phase) {
    account(entry, -1);
    entry.phase = phase;
    account(entry, 1);
}

void TaskTable::set_queued(Entry& entry, EntryList& queue, Entry* position, Fence token) {
    set_to(entry, Edge::none(), token);
    queue.insert(entry, position);
}

std::vector<Entry*> TaskTable::of_job(const JobId& job) {
    std::vector<Entry*> found;
    if (Tasks* tasks = tasks_of(job)) {
        for (auto& [path, entry] : *tasks) {
            found.push_back(&entry);
        }
    }
    return found;
}

Status TaskTable::check() {
    const Counts kept = counts_;
    std::unordered_map<Child*, std::pair<std::uint64_t, std::uint64_t>> out;
    counts_ = {};
    std::size_t queued = 0;
    std::string wrong;
    for (auto& [job, tasks] : jobs_) {
        for (auto& [path, entry] : tasks) {
            if (entry.to.kind == Edge::Kind::kChild) {
                auto& counters = out[entry.to.child];
                (entry.workflow ? counters.second : counters.first) += 1;
            }
            queued += entry.is_queued() ? 1 : 0;
            const bool must_queue = entry.phase == Phase::kOpen && entry.to == Edge::none();
            if (must_queue != entry.is_queued()) {
                wrong = "an entry waits in no queue, or in one though it has gone: " +
                        entry.task.id.to_string();
            }
            Entry counted;
            counted.phase = entry.phase;
            counted.workflow = entry.workflow;
            counted.from = entry.from;
            counted.to = entry.to.kind == Edge::Kind::kChild ? Edge::job() : entry.to;
            account(counted, 1);
        }
    }
    const bool same = kept == counts_;
    counts_ = kept;
    for (const auto& [child, counters] : out) {
        if (child->leaves_out != counters.first || child->workflows_out != counters.second) {
            wrong = "credits of child " + child->hello.name + " do not add up";
        }
    }
    if (!same) {
        wrong = "task counters do not add up";
    }
    if (queued != leaves.size() + own_leaves.size() + workflows.size()) {
        wrong = "queue sizes do not add up";
    }
    return wrong.empty() ? Status::ok() : internal_error(wrong);
}

}  // namespace quercus::scheduling
