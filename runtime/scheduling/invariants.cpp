// What a Node says about itself to tests and to people.

#include "runtime/scheduling/brain.hpp"

namespace quercus::scheduling {
namespace {

std::string describe(const Edge& edge) {
    switch (edge.kind) {
        case Edge::Kind::kNone:
            return "-";
        case Edge::Kind::kParent:
            return "parent";
        case Edge::Kind::kChild:
            return edge.child->hello.name + (edge.child->attached ? "" : "(silent)");
        case Edge::Kind::kFlow:
            return "workflow " + edge.flow->id.path.to_string();
        case Edge::Kind::kJob:
            return "job";
        case Edge::Kind::kPlace:
            return "place " + std::to_string(edge.place);
        case Edge::Kind::kExecutor:
            return "flow executor";
    }
    return "?";
}

std::string_view describe(Phase phase) {
    switch (phase) {
        case Phase::kOpen:
            return "open";
        case Phase::kRecalling:
            return "recalling";
        case Phase::kAwaited:
            return "awaited";
        case Phase::kFinished:
            return "finished";
    }
    return "?";
}

}  // namespace

std::string Brain::describe_tasks() {
    std::string text;
    for (const Entry* entry : table.collect([](const Entry&) { return true; })) {
        text += entry->task.id.to_string() + " fence=" + std::to_string(entry->task.fence.owner) +
                "." + std::to_string(entry->task.fence.attempt) + " from=" + describe(entry->from) +
                " to=" + describe(entry->to) + " " + std::string(describe(entry->phase)) +
                (entry->is_queued() ? " queued" : "") + "\n";
    }
    return text + in_flight.describe();
}

Status Brain::check() {
    for (const Status& status : {table.check(), places.check(), flows.check()}) {
        if (!status.is_ok()) {
            return status;
        }
    }
    return Status::ok();
}

NodeSizes Brain::sizes() const {
    NodeSizes sizes;
    sizes.tasks = table.size();
    sizes.queued_leaves = table.leaves.size() + table.own_leaves.size();
    sizes.flows = flows.size();
    sizes.given = places.given();
    sizes.memo = memo.size();
    sizes.in_flight = in_flight.size();
    return sizes;
}

}  // namespace quercus::scheduling
