#include "runtime/scheduling/places.hpp"

#include <algorithm>

#include "runtime/scheduling/brain.hpp"
#include "runtime/scheduling/fence.hpp"

namespace quercus::scheduling {
namespace {

// Work given ahead to a place, so that it need not wait for this process between tiny tasks.
constexpr double kAheadUs = 2000;
constexpr double kMaxDepth = 64;

}  // namespace

Places::Places(Brain& brain)
    : brain_(brain), places_(brain.config.places), infos_(brain.config.places) {}

std::uint64_t Places::depth() const {
    return static_cast<std::uint64_t>(
        std::clamp(kAheadUs / std::max(task_us_, 1.0), 1.0, kMaxDepth));
}

void Places::ready(const LeafReady& event) {
    if (event.place.value >= places_.size()) {
        return;
    }
    Place& place = places_[event.place.value];
    if (!place.ready) {
        place.ready = true;
        ++ready_;
    }
    WorkerInfo& info = infos_[event.place.value];
    const std::uint64_t done = info.tasks_done;
    info = event.info;
    info.tasks_done = done;
    brain_.topology.changed();
}

bool Places::has_idle() const {
    const auto idle = std::count_if(places_.begin(), places_.end(), [](const Place& place) {
        return place.ready && place.live == 0;
    });
    const std::size_t waiting = brain_.table.own_leaves.size() + brain_.table.leaves.size();
    return static_cast<std::size_t>(idle) > waiting;
}

bool Places::works_on(const Digest& digest) const {
    for (const Entry* entry = brain_.table.own_leaves.front(); entry != nullptr;
         entry = entry->next) {
        if (entry->digest == digest) {
            return true;
        }
    }
    const auto has_it = [&](const Slot& slot) {
        const Entry* entry = slot.withdrawn ? nullptr : brain_.table.find(slot.id);
        return entry != nullptr && entry->has_digest && entry->digest == digest;
    };
    return std::any_of(places_.begin(), places_.end(), [&](const Place& place) {
        return std::any_of(place.slots.begin(), place.slots.end(), has_it);
    });
}

void Places::release(Place& place, const Slot& slot) {
    if (!slot.withdrawn) {
        --place.live;
        --given_;
    }
}

void Places::measure(Place& place) {
    const double took = static_cast<double>((brain_.now - place.busy_since).count());
    place.busy_since = brain_.now;
    // Quick to believe that tasks are long, slow to believe that they are short: what lies behind a
    // long task cannot be taken back.
    task_us_ = took > kAheadUs ? std::max(task_us_, took) : task_us_ + (took - task_us_) / 16;
}

void Places::finished(const LeafFinished& event) {
    if (event.place.value >= places_.size()) {
        return;
    }
    Place& place = places_[event.place.value];
    const auto is_it = [&](const Slot& s) {
        return s.id == event.id && is_current(event.fence, s.fence);
    };
    const auto found = std::find_if(place.slots.begin(), place.slots.end(), is_it);
    if (found == place.slots.end()) {
        return;
    }
    release(place, *found);
    // A place works in order: what was withdrawn before this one has gone without a word.
    auto index = found - place.slots.begin();
    place.slots.erase(found);
    while (index-- > 0) {
        if (place.slots[static_cast<std::size_t>(index)].withdrawn) {
            place.slots.erase(place.slots.begin() + index);
        }
    }
    measure(place);
    Entry* entry = brain_.table.find(event.id);
    if (entry == nullptr || entry->to != Edge::to_place(event.place) ||
        !is_current(event.fence, entry->to_fence)) {
        return;  // cancelled, or an older attempt
    }
    infos_[event.place.value].tasks_done += 1;
    brain_.topology.counted();
    if (brain_.reports(Severity::kDebug)) {
        brain_.task_fact(Severity::kDebug, "task_finished", *entry,
                         " place=" + std::to_string(event.place.value) +
                             " cpu_us=" + std::to_string(event.cpu_us));
    }
    const Execution execution{brain_.config.node, event.place.value, event.cpu_us};
    brain_.router.finish(
        *entry, Done{event.id, event.fence, event.status, event.output, execution, Bytes()});
}

void Places::died(const LeafDied& event) {
    if (event.place.value >= places_.size()) {
        return;
    }
    Place& place = places_[event.place.value];
    ready_ -= place.ready ? 1 : 0;
    place.ready = false;
    std::deque<Slot> slots = std::exchange(place.slots, {});
    std::optional<TaskId> blamed = event.planned ? std::nullopt : event.running;
    for (const Slot& slot : slots) {
        release(place, slot);
        const bool guilty = blamed == slot.id;
        if (guilty) {
            blamed.reset();
        }
        Entry* entry = brain_.table.find(slot.id);
        if (entry == nullptr || entry->to != Edge::to_place(event.place) ||
            !is_current(slot.fence, entry->to_fence)) {
            continue;
        }
        entry->avoid_place = guilty ? static_cast<std::int32_t>(event.place.value) : -1;
        if (guilty) {
            brain_.router.lost(*entry, LossReason::kExecutorCrashed,
                               brain_.config.name + ": " + event.detail);
        } else {
            brain_.dispatch.enqueue(*entry, brain_.table.own_leaves.front() != nullptr &&
                                                    entry->from.kind == Edge::Kind::kFlow
                                                ? brain_.table.own_leaves.front()
                                                : nullptr);
        }
    }
    brain_.fact(event.planned ? Severity::kDebug : Severity::kWarning, "executor_died",
                "place=" + std::to_string(event.place.value) + " " + event.detail);
}

void Places::withdraw(PlaceId place_id, const TaskId& id, Fence fence) {
    Place& place = places_[place_id.value];
    for (std::size_t i = 0; i < place.slots.size(); ++i) {
        Slot& slot = place.slots[i];
        if (slot.id == id && slot.fence == fence && !slot.withdrawn) {
            if (i > 0) {
                release(place, slot);
                slot.withdrawn = true;
            }
            break;
        }
    }
    brain_.sink->cancel_leaf(place_id, id);
}

Entry* Places::next_for(std::uint32_t place) {
    TaskTable& table = brain_.table;
    EntryList& queue = table.own_leaves.empty() ? table.leaves : table.own_leaves;
    Entry* entry = queue.front();
    if (entry == nullptr || entry->avoid_place != static_cast<std::int32_t>(place)) {
        return entry;
    }
    // It crashed here. Another place takes it, if there is one; meanwhile another task goes first.
    bool has_other = false;
    for (const Place& other : places_) {
        if (&other != &places_[place] && other.ready) {
            has_other = true;
            if (other.live == 0) {
                return entry->next;
            }
        }
    }
    return has_other && entry->next != nullptr ? entry->next : entry;
}

bool Places::give_next(std::uint32_t number) {
    Entry* entry = next_for(number);
    if (entry == nullptr) {
        return false;
    }
    Place& place = places_[number];
    if (place.live == 0) {
        place.busy_since = brain_.now;
    }
    ++place.live;
    ++given_;
    const Fence token = entry->to_fence;
    place.slots.push_back({entry->task.id, token, false});
    brain_.table.set_to(*entry, Edge::to_place(PlaceId{number}), token);
    if (entry->from.kind != Edge::Kind::kFlow && entry->task.id.path.is_root()) {
        brain_.router.started({{entry->task.id}});
    }
    if (brain_.reports(Severity::kDebug)) {
        brain_.task_fact(Severity::kDebug, "task_started", *entry,
                         " place=" + std::to_string(number));
    }
    if (token == entry->task.fence) {
        brain_.sink->start_leaf(PlaceId{number}, entry->task);
    } else {
        Task task = entry->task;
        task.fence = token;
        brain_.sink->start_leaf(PlaceId{number}, task);
    }
    return true;
}

void Places::fill() {
    const auto waiting = [&] {
        return brain_.table.own_leaves.size() + brain_.table.leaves.size();
    };
    for (std::uint32_t i = 0; i < places_.size() && waiting() > 0; ++i) {
        if (places_[i].ready && places_[i].live == 0) {
            give_next(i);
        }
    }
    const std::uint64_t limit = depth();
    const std::uint64_t share = waiting() / std::max<std::size_t>(places_.size(), 1) + 1;
    for (std::uint32_t i = 0; i < places_.size() && waiting() > 0; ++i) {
        Place& place = places_[i];
        for (std::uint64_t n = 0; n < share && place.ready && place.live < limit; ++n) {
            if (!give_next(i)) {
                break;
            }
        }
    }
}

Status Places::check() const {
    std::uint64_t live = 0;
    for (const Place& place : places_) {
        const auto kept = static_cast<std::size_t>(
            std::count_if(place.slots.begin(), place.slots.end(),
                          [](const Slot& slot) { return !slot.withdrawn; }));
        if (kept != place.live) {
            return internal_error("places are not conserved");
        }
        live += kept;
    }
    return live == given_ ? Status::ok() : internal_error("places are not conserved in sum");
}

}  // namespace quercus::scheduling
