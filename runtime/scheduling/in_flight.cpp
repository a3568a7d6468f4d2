#include "runtime/scheduling/in_flight.hpp"

#include <algorithm>

#include "runtime/scheduling/brain.hpp"

namespace quercus::scheduling {

bool InFlight::claim(Child& child, const RecallEntry& one) {
    const auto before = find(one.id);
    if (before != computations_.end() && before->first != one.digest) {
        leave(one.id);
    }
    asked_[one.id.job][one.id] = one.digest;
    Computation& computation = computations_[one.digest];
    std::deque<Asker>& askers = computation.askers;
    const auto known = std::find_if(askers.begin(), askers.end(),
                                    [&](const Asker& asker) { return asker.id == one.id; });
    if (known == askers.end()) {
        askers.push_back({&child, one.id, one.fence});
        if (askers.size() == 2) {
            set_deadline(one.digest, computation);
        }
        return askers.size() == 1;
    }
    if (one.fence < known->fence) {
        return true;  // an older attempt of the same task waits for nobody
    }
    if (known->child != &child) {
        tell_to_compute(*known);
    }
    known->child = &child;
    known->fence = one.fence;
    return known == askers.begin();
}

void InFlight::arrived(const Digest& digest, const Payload& output) {
    const auto found = computations_.find(digest);
    if (found == computations_.end()) {
        return;
    }
    const std::deque<Asker> askers = std::move(found->second.askers);
    computations_.erase(found);
    for (const Asker& asker : askers) {
        forget(asker.id);
        if (&asker != &askers.front()) {
            brain_.downlinks.send_done(*asker.child,
                                       Done{asker.id, asker.fence, {}, output, {}, Bytes()});
        }
    }
}

void InFlight::gone(const Edge& from, const TaskId& id) {
    const auto found = find(id);
    if (found == computations_.end() || from.kind != Edge::Kind::kChild) {
        return;
    }
    std::deque<Asker>& askers = found->second.askers;
    const auto own = std::find_if(askers.begin(), askers.end(), [&](const Asker& asker) {
        return asker.id == id && asker.child == from.child;
    });
    if (own == askers.begin()) {
        // Equal tasks are equally cheap: one after the other they would take longer than at once.
        const std::deque<Asker> all = std::move(askers);
        computations_.erase(found);
        for (const Asker& asker : all) {
            forget(asker.id);
            if (asker.id != id) {
                tell_to_compute(asker);
            }
        }
    } else if (own != askers.end()) {
        leave(id);
    }
}

void InFlight::tell_to_compute(const Asker& asker) {
    brain_.downlinks.say(*asker.child, Recalled{{}, {asker.id}});
}

InFlight::Computations::iterator InFlight::find(const TaskId& id) {
    const auto job = asked_.find(id.job);
    if (job == asked_.end()) {
        return computations_.end();
    }
    const auto asked = job->second.find(id);
    return asked == job->second.end() ? computations_.end() : computations_.find(asked->second);
}

void InFlight::forget(const TaskId& id) {
    const auto job = asked_.find(id.job);
    if (job != asked_.end() && job->second.erase(id) > 0 && job->second.empty()) {
        asked_.erase(job);
    }
}

void InFlight::leave(const TaskId& id) {
    const auto found = find(id);
    if (found == computations_.end()) {
        return;
    }
    forget(id);
    std::deque<Asker>& askers = found->second.askers;
    const bool computed_it = askers.front().id == id;
    std::erase_if(askers, [&](const Asker& asker) { return asker.id == id; });
    if (askers.empty()) {
        computations_.erase(found);
    } else if (computed_it) {
        tell_to_compute(askers.front());
        set_deadline(found->first, found->second);
    }
}

void InFlight::set_deadline(const Digest& digest, Computation& computation) {
    computation.give_up = brain_.now + brain_.config.in_flight_limit;
    deadlines_.emplace_back(computation.give_up, digest);
}

void InFlight::child_gone(const Child& child) {
    // Those that wait go first: none of them is to be told to compute it.
    std::vector<TaskId> waiting;
    std::vector<TaskId> computing;
    for (const auto& [digest, computation] : computations_) {
        for (const Asker& asker : computation.askers) {
            if (asker.child == &child) {
                (&asker == &computation.askers.front() ? computing : waiting).push_back(asker.id);
            }
        }
    }
    for (const auto& ids : {waiting, computing}) {
        for (const TaskId& id : ids) {
            leave(id);
        }
    }
}

void InFlight::drop_job(const JobId& job) {
    const auto found = asked_.find(job);
    if (found == asked_.end()) {
        return;
    }
    const auto asked = found->second;
    for (const auto& [id, digest] : asked) {
        leave(id);
    }
}

void InFlight::tick() {
    while (!deadlines_.empty() && deadlines_.front().first <= brain_.now) {
        const auto [time, digest] = deadlines_.front();
        deadlines_.pop_front();
        const auto found = computations_.find(digest);
        if (found != computations_.end() && found->second.give_up == time &&
            found->second.askers.size() > 1) {
            leave(TaskId(found->second.askers.front().id));
        }
    }
}

Time InFlight::next_tick() const {
    return deadlines_.empty() ? Time::max() : deadlines_.front().first;
}

std::size_t InFlight::size() const {
    std::size_t count = 0;
    for (const auto& [job, asked] : asked_) {
        count += asked.size();
    }
    return count;
}

std::string InFlight::describe() const {
    std::string text;
    for (const auto& [digest, computation] : computations_) {
        text += "in flight:";
        for (const Asker& asker : computation.askers) {
            text += " " + asker.id.to_string() + " of " + asker.child->hello.name;
        }
        text += "\n";
    }
    return text;
}

}  // namespace quercus::scheduling
