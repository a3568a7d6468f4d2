#include "runtime/scheduling/in_flight.hpp"

#include <algorithm>

#include "runtime/scheduling/brain.hpp"

namespace quercus::scheduling {

bool InFlight::claim(Child& child, const RecallEntry& one) {
    const auto before = digests_.find(one.id);
    if (before != digests_.end() && before->second != one.digest) {
        leave(one.id);
    }
    digests_[one.id] = one.digest;
    Computation& computation = computations_[one.digest];
    std::deque<Asker>& askers = computation.askers;
    const auto known = std::find_if(askers.begin(), askers.end(),
                                    [&](const Asker& asker) { return asker.id == one.id; });
    if (known != askers.end()) {
        if (one.fence < known->fence) {
            return true;  // an older attempt of the same task waits for nobody
        }
        if (known->child != &child) {
            brain_.downlinks.say(*known->child, Recalled{{}, {one.id}});
        }
        known->child = &child;
        known->fence = one.fence;
        return known == askers.begin();
    }
    askers.push_back({&child, one.id, one.fence});
    if (askers.size() == 2) {
        set_deadline(one.digest, computation);
    }
    return askers.size() == 1;
}

void InFlight::arrived(const Digest& digest, const Payload& output) {
    const auto found = computations_.find(digest);
    if (found == computations_.end()) {
        return;
    }
    const std::deque<Asker> askers = std::move(found->second.askers);
    computations_.erase(found);
    for (const Asker& asker : askers) {
        digests_.erase(asker.id);
        if (&asker != &askers.front()) {
            brain_.downlinks.send_done(*asker.child,
                                       Done{asker.id, asker.fence, {}, output, {}, Bytes()});
        }
    }
}

void InFlight::gone(const Edge& from, const TaskId& id) {
    const auto digest = digests_.find(id);
    if (digest == digests_.end() || from.kind != Edge::Kind::kChild) {
        return;
    }
    const std::deque<Asker>& askers = computations_.at(digest->second).askers;
    const bool has_asked = std::any_of(askers.begin(), askers.end(), [&](const Asker& asker) {
        return asker.id == id && asker.child == from.child;
    });
    if (has_asked) {
        leave(id);
    }
}

void InFlight::leave(const TaskId& id) {
    const auto digest = digests_.find(id);
    if (digest == digests_.end()) {
        return;
    }
    const auto found = computations_.find(digest->second);
    digests_.erase(digest);
    std::deque<Asker>& askers = found->second.askers;
    const bool computed_it = askers.front().id == id;
    std::erase_if(askers, [&](const Asker& asker) { return asker.id == id; });
    if (askers.empty()) {
        computations_.erase(found);
    } else if (computed_it) {
        const Asker& next = askers.front();
        brain_.downlinks.say(*next.child, Recalled{{}, {next.id}});
        set_deadline(found->first, found->second);
    }
}

void InFlight::set_deadline(const Digest& digest, Computation& computation) {
    computation.give_up = brain_.now + brain_.config.in_flight_limit;
    deadlines_.emplace_back(computation.give_up, digest);
}

template <class Predicate>
void InFlight::leave_if(Predicate predicate) {
    // Those that wait go first: none of them is to be told to compute it.
    std::vector<TaskId> waiting;
    std::vector<TaskId> computing;
    for (const auto& [digest, computation] : computations_) {
        for (const Asker& asker : computation.askers) {
            if (predicate(asker)) {
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

void InFlight::child_gone(const Child& child) {
    leave_if([&](const Asker& asker) { return asker.child == &child; });
}

void InFlight::drop_job(const JobId& job) {
    leave_if([&](const Asker& asker) { return asker.id.job == job; });
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
