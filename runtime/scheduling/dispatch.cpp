#include "runtime/scheduling/dispatch.hpp"

#include <algorithm>

#include "runtime/scheduling/brain.hpp"

namespace quercus::scheduling {
namespace {

// Workflows that a child may hold from here; more wait here, where another child can take them.
constexpr std::uint64_t kMaxWorkflowsOut = 128;

std::uint64_t above(std::uint64_t a, std::uint64_t b) {
    return a > b ? a - b : 0;
}

}  // namespace

void Dispatch::enqueue(Entry& entry, Entry* position) {
    queue(entry, position, entry.task.fence);
}

void Dispatch::come_back(Entry& entry) {
    queue(entry, nullptr, entry.to_fence);
}

void Dispatch::queue(Entry& entry, Entry* position, Fence token) {
    TaskTable& table = brain_.table;
    EntryList& list = entry.workflow                         ? table.workflows
                      : entry.from.kind == Edge::Kind::kFlow ? table.own_leaves
                                                             : table.leaves;
    // A rank's own child workflows go first, so that their waiting parents can end.
    if (entry.workflow && entry.from.kind == Edge::Kind::kFlow) {
        position = list.front();
    }
    table.set_queued(entry, list, position, token);
}

bool Dispatch::hands_out() const {
    return brain_.config.role == Role::kServer || brain_.uplink.reaches_server();
}

void Dispatch::run() {
    if (brain_.config.role == Role::kRank) {
        brain_.flows.start_waiting();
        brain_.places.fill();
        return;
    }
    if (!hands_out()) {
        return;
    }
    place_workflows();
    feed_children();
    retract_for_the_hungry();
}

void Dispatch::place_workflows() {
    while (Entry* entry = brain_.table.workflows.front()) {
        Child* best = nullptr;
        for (const auto& [id, child] : brain_.downlinks.all()) {
            if (!child->takes_tasks() || !child->load.takes_flows ||
                child->workflows_out >= kMaxWorkflowsOut) {
                continue;
            }
            if (id == entry->prefer) {
                best = child.get();
                break;
            }
            const auto rank = [&](const Child& c) {
                return std::tuple(c.hello.node == entry->avoid, c.workflows_out, c.load.flows);
            };
            if (best == nullptr || rank(*child) < rank(*best)) {
                best = child.get();
            }
        }
        if (best != nullptr) {
            send_to(*best, *entry);
        } else if (entry->from.kind == Edge::Kind::kParent && brain_.uplink.link() != nullptr) {
            // The ranks that could have run it have gone: others above may have some.
            brain_.router.lost(*entry, LossReason::kStopped, "no rank below " + brain_.config.name);
        } else {
            return;
        }
    }
}

void Dispatch::send_to(Child& child, Entry& entry) {
    const std::size_t bytes = 96 + entry.task.input.size() + entry.task.state.size();
    if (child.link == nullptr) {
        return;
    }
    std::vector<Task>& tasks = brain_.links.batch<TaskBatch>(*child.link, bytes).tasks;
    tasks.push_back(entry.task);
    tasks.back().fence = entry.to_fence;
    if (entry.from == Edge::to_child(child)) {
        brain_.table.erase(entry);  // back to where it came from
    } else {
        brain_.table.set_to(entry, Edge::to_child(child), entry.to_fence);
    }
    child.sent_since_load += 1;
    child.fed = ++fed_;
}

std::uint64_t Dispatch::feed(Child& child, std::uint64_t count) {
    std::uint64_t given = 0;
    while (given < count && !brain_.table.leaves.empty()) {
        Entry* entry = brain_.table.leaves.front();
        if (entry->avoid == child.hello.node && entry->next != nullptr) {
            entry = entry->next;  // it crashed there; let another go first
        }
        send_to(child, *entry);
        ++given;
    }
    return given;
}

void Dispatch::feed_children() {
    EntryList& queue = brain_.table.leaves;
    if (queue.empty()) {
        return;
    }
    std::vector<Child*> open;
    for (const auto& [id, child] : brain_.downlinks.all()) {
        if (child->room() > 0) {
            open.push_back(child.get());
        }
    }
    // A task that crashed somewhere goes elsewhere when somebody else has room as well; otherwise
    // whoever has waited longest comes first, so that a trickle reaches everybody.
    std::sort(open.begin(), open.end(), [&](const Child* a, const Child* b) {
        const NodeId avoid = queue.front()->avoid;
        return std::tuple(a->hello.node == avoid, a->fed, a->hello.node) <
               std::tuple(b->hello.node == avoid, b->fed, b->hello.node);
    });
    for (bool fed = true; fed && !queue.empty();) {
        fed = false;
        for (Child* child : open) {
            fed = (child->idle() > 0 && feed(*child, 1) > 0) || fed;
        }
    }
    while (!queue.empty() && !open.empty()) {
        const std::uint64_t share = queue.size() / open.size() + 1;
        for (Child* child : open) {
            feed(*child, std::min(child->room(), share));
        }
        std::erase_if(open, [](const Child* child) { return child->room() == 0; });
    }
}

void Dispatch::retract_for_the_hungry() {
    std::uint64_t idle = 0;
    std::uint64_t room = 0;
    std::uint64_t coming = brain_.table.leaves.size();
    for (const auto& [id, child] : brain_.downlinks.all()) {
        idle += child->idle();
        room += child->room();
        coming += child->retracting ? child->retracted : 0;
    }
    while (idle > coming) {
        Child* richest = nullptr;
        for (const auto& [id, child] : brain_.downlinks.all()) {
            if (child->surplus() > 0 && !child->retracting && idle > child->idle() + coming &&
                (richest == nullptr || child->surplus() > richest->surplus())) {
                richest = child.get();
            }
        }
        if (richest == nullptr) {
            return;
        }
        const std::uint64_t needed = idle - richest->idle() - coming;
        const std::uint64_t fair = std::min(room - richest->room(), (richest->surplus() + 1) / 2);
        coming += ask(*richest, std::max(needed, fair));
    }
}

std::uint64_t Dispatch::ask(Child& child, std::uint64_t count) {
    child.retracting = true;
    child.retracted = std::min(count, child.surplus());  // what to reckon with
    brain_.downlinks.say(child, Retract{count});         // by now it may have more
    return child.retracted;
}

bool Dispatch::ask_richest(std::uint64_t count) {
    Child* richest = nullptr;
    for (const auto& [id, child] : brain_.downlinks.all()) {
        if (child->surplus() > 0 && !child->retracting &&
            (richest == nullptr || child->surplus() > richest->surplus())) {
            richest = child.get();
        }
    }
    if (richest != nullptr) {
        ask(*richest, count);
    }
    return richest != nullptr;
}

void Dispatch::send_up(Entry& entry) {
    const std::size_t bytes = 96 + entry.task.input.size();
    std::vector<Task>& tasks = brain_.links.batch<TaskBatch>(*brain_.uplink.link(), bytes).tasks;
    tasks.push_back(entry.task);
    tasks.back().fence = entry.to_fence;
    brain_.table.set_to(entry, Edge::parent(), entry.to_fence);
    if (entry.from.kind == Edge::Kind::kChild) {
        entry.task.input = {};  // its owner and the nodes above have it
        entry.task.head = nullptr;
    }
}

std::uint64_t Dispatch::give_up_tasks(std::uint64_t count) {
    std::uint64_t given = 0;
    TaskTable& table = brain_.table;
    for (EntryList* list : {&table.leaves, &table.own_leaves}) {
        const bool newest_first = list == &table.leaves && brain_.config.role == Role::kRank;
        while (given < count && !list->empty()) {
            // The own queue has its oldest at the back; what came from the parent is worth least
            // here.
            Entry& entry =
                newest_first || list == &table.own_leaves ? *list->back() : *list->front();
            if (!entry.has_body()) {
                break;
            }
            if (entry.from.kind == Edge::Kind::kParent) {
                handed_back_.tasks.emplace_back(entry.task.id, entry.task.fence);
                table.erase(entry);
            } else {
                send_up(entry);
            }
            ++given;
        }
    }
    return given;
}

void Dispatch::retracted(std::uint64_t count) {
    if (owes_answer_) {
        owed_ += count;
        return;
    }
    owes_answer_ = true;
    owed_ = count;
    // What lies here goes at once. Otherwise the parent waits until a child has answered.
    const std::uint64_t given = give_up_tasks(owed_);
    const bool asked = given < count && ask_richest(owed_ - given + own_idle());
    if (given > 0 || (!asked && !is_retracting())) {
        answer_parent();
    }
}

std::uint64_t Dispatch::own_idle() const {
    std::uint64_t idle = 0;
    for (const auto& [id, child] : brain_.downlinks.all()) {
        idle += child->idle();
    }
    return idle;
}

bool Dispatch::is_retracting() const {
    const auto& children = brain_.downlinks.all();
    return std::any_of(children.begin(), children.end(),
                       [](const auto& item) { return item.second->retracting; });
}

void Dispatch::retract_answered(Child& child) {
    child.retracting = false;
    child.load.surplus = 0;  // its next Load, which follows every answer, says what is left
    if (!owes_answer_) {
        return;
    }
    // The own children may be hungry too: at most half of what has come is theirs.
    const std::uint64_t here = brain_.table.leaves.size();
    const std::uint64_t spare = std::max((here + 1) / 2, above(here, own_idle()));
    if (give_up_tasks(std::min(owed_, spare)) > 0 ||
        (!ask_richest(owed_ + own_idle()) && !is_retracting())) {
        answer_parent();
    }
}

void Dispatch::answer_parent() {
    owes_answer_ = false;
    owed_ = 0;
    const std::size_t bytes = 64 * handed_back_.tasks.size();
    brain_.uplink.say(std::exchange(handed_back_, {}), bytes);
    brain_.uplink.force_load();
}

void Dispatch::parent_gone() {
    owes_answer_ = false;
    owed_ = 0;
    handed_back_ = {};
}

void Dispatch::child_gone() {
    if (owes_answer_ && !is_retracting()) {
        answer_parent();
    }
}

Load Dispatch::rank_load() const {
    const TaskTable& table = brain_.table;
    Load load;
    const std::uint64_t capacity = brain_.places.capacity();
    const std::uint64_t waiting = table.leaves.size() + table.own_leaves.size();
    load.window = capacity == 0 ? 0 : above(2 * capacity + 1, table.counts().own_leaves);
    load.surplus = waiting;
    load.places = brain_.config.places;
    load.takes_flows = brain_.flows.ready();
    load.idle = above(capacity, brain_.places.given() + waiting);
    return load;
}

Load Dispatch::load() const {
    Load load;
    const TaskTable& table = brain_.table;
    if (brain_.config.role == Role::kRank) {
        load = rank_load();
    } else {
        std::uint64_t room = 0;
        for (const auto& [id, child] : brain_.downlinks.all()) {
            room += child->room();
            load.idle += child->idle();
            load.surplus += child->surplus();
            if (child->takes_tasks()) {
                load.places += child->load.places;
                load.takes_flows = load.takes_flows || child->load.takes_flows;
            }
        }
        const std::uint64_t queued = table.leaves.size();
        const std::uint64_t movable = load.surplus + queued;
        load.window = table.counts().held_leaves + above(room, queued);
        load.surplus = above(movable, load.idle);
        load.idle = above(load.idle, movable);
    }
    load.flows = static_cast<std::uint32_t>(table.counts().workflows);
    return load;
}

}  // namespace quercus::scheduling
