// What happens when a child falls silent, says goodbye, dies or loses its lease, and when its own
// children come back without it: ARCHITECTURE section 4, table of losses.

#include <algorithm>
#include <utility>

#include "runtime/scheduling/brain.hpp"
#include "runtime/scheduling/downlinks.hpp"

namespace quercus::scheduling {
namespace {

constexpr Duration kLostShown = std::chrono::seconds(60);

}  // namespace

void Downlinks::link_lost(Child& child, Link& link, const Status& reason) {
    if (child.link != &link) {
        return;
    }
    child.link = nullptr;
    child.retracting = false;
    brain_.in_flight.child_gone(child);
    if (std::exchange(child.attached, false)) {
        child.last_word = link.heard;
        brain_.fact(brain_.stopping ? Severity::kInfo : Severity::kWarning, "child_silent",
                    "child=" + child.hello.name + " reason=" + reason.to_string());
    }
    brain_.dispatch.child_gone();
    brain_.topology.changed();
}

void Downlinks::gone(const NodeId& node) {
    const auto found = children_.find(node);
    if (found == children_.end() || found->second->lost) {
        return;
    }
    Child& child = *found->second;
    if (child.link != nullptr) {
        brain_.links.close(*child.link, unavailable("its process has ended"), false);
    }
    resolve(child, LossReason::kNodeLost, "its process has ended");
}

void Downlinks::tick() {
    std::vector<NodeId> forget;
    for (auto& [id, child] : children_) {
        if (child->attached) {
            continue;
        }
        if (!child->ever_attached) {
            if (child->link == nullptr) {
                forget.push_back(id);
            }
        } else if (child->lost) {
            if (child->link == nullptr && brain_.now >= child->lost_at + kLostShown) {
                forget.push_back(id);
            }
        } else if (child->limbo_until != Time{}) {
            if (brain_.now >= child->limbo_until) {
                resolve(*child, LossReason::kNodeLost, "its children did not come back");
            }
        } else if (brain_.now >= child->last_word + brain_.config.lease) {
            lease_ended(*child);
        }
    }
    for (const NodeId& id : forget) {
        children_.erase(id);
        brain_.topology.changed();
    }
}

Time Downlinks::next_tick() const {
    Time next = Time::max();
    for (const auto& [id, child] : children_) {
        if (child->attached || !child->ever_attached || (child->lost && child->link != nullptr)) {
            continue;
        }
        const Time lease_end = child->last_word + brain_.config.lease;
        next = std::min(next, child->lost                    ? child->lost_at + kLostShown
                              : child->limbo_until != Time{} ? child->limbo_until
                                                             : lease_end);
    }
    return next;
}

void Downlinks::lease_ended(Child& child) {
    for (const NodeInfo& info : child.subtree.nodes) {
        if (info.parent == child.hello.node && info.state == "up" && !info.listening.empty() &&
            link_of(info.node) == nullptr) {
            child.limbo_for.push_back(info.node);
            for (const std::string& address : info.listening) {
                brain_.sink->dial_child(address);
            }
        }
    }
    if (child.limbo_for.empty()) {
        resolve(child, LossReason::kNodeLost, "lease ended");
    } else {
        child.limbo_until = brain_.now + brain_.config.lease;
    }
}

void Downlinks::resolve(Child& child, LossReason reason, std::string_view why) {
    brain_.fact(Severity::kWarning, "child_lost",
                "child=" + child.hello.name + " why=" + std::string(why));
    child.lost = true;
    child.lost_at = brain_.now;
    child.limbo_until = {};
    child.limbo_for.clear();
    child.outbox.clear();
    brain_.router.child_lost(child, reason);
    brain_.topology.changed();
}

void Downlinks::came_back(const NodeId& node) {
    for (auto& [id, other] : children_) {
        if (std::erase(other->limbo_for, node) > 0 && other->limbo_for.empty()) {
            resolve(*other, LossReason::kNodeLost, "its children are back");
        }
    }
}

bool Downlinks::claims_may_come() const {
    return std::any_of(children_.begin(), children_.end(), [&](const auto& item) {
        const Child& child = *item.second;
        return !child.attached && child.ever_attached &&
               (!child.lost || brain_.now < child.lost_at + brain_.config.lease);
    });
}

}  // namespace quercus::scheduling
