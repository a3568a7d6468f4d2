#include "runtime/scheduling/uplink.hpp"

#include <algorithm>

#include "runtime/scheduling/brain.hpp"

namespace quercus::scheduling {
namespace {

std::size_t size_of(const Done& done) {
    return 96 + done.output.size() + done.report.size();
}

bool differs_noticeably(std::uint64_t before, std::uint64_t after) {
    if ((before == 0) != (after == 0)) {
        return true;
    }
    const std::uint64_t gap = before > after ? before - after : after - before;
    return gap * 4 >= std::max<std::uint64_t>(before, 1) && gap > 0;
}

bool differs_noticeably(const Load& before, const Load& after) {
    return differs_noticeably(before.window, after.window) ||
           differs_noticeably(before.surplus, after.surplus) ||
           differs_noticeably(before.idle, after.idle) || before.places != after.places ||
           differs_noticeably(before.flows, after.flows) || before.takes_flows != after.takes_flows;
}

}  // namespace

Status Uplink::consider(const Link& link, const Hello& hello) const {
    if (brain_.config.role == Role::kServer) {
        return failed_precondition("node " + brain_.config.name + " is a server and has no parent");
    }
    if (hello.role == Role::kRank) {
        return failed_precondition("node " + hello.name + " is a rank and has no children");
    }
    const bool same = parent_ == hello.node;
    if (link_ != nullptr && !same) {
        return failed_precondition("node " + brain_.config.name +
                                   " already has a parent: " + parent_name_);
    }
    // A vanished parent keeps its rights for the lease, unless this node went to look for another.
    if (!same && !parent_.is_nil() && !link.dialled &&
        brain_.now < last_word_ + brain_.config.lease) {
        return failed_precondition("node " + brain_.config.name + " still waits for its parent " +
                                   parent_name_ + " until the lease ends");
    }
    return Status::ok();
}

void Uplink::attach(Link& link, const Hello& hello) {
    link_ = &link;
    link.outbox = &outbox_;
    confirmed_ = false;
    peer_ = hello.node;
    peer_name_ = hello.name;
    load_known_ = false;
    say(brain_.inventories.own_inventory(), 1024);
    for (Done& done : outbox_.take_waiting()) {
        send_done(std::move(done));
    }
    brain_.topology.changed();
}

void Uplink::link_lost(Link& link, const Status& reason) {
    if (link_ != &link) {
        return;
    }
    link_ = nullptr;
    if (std::exchange(confirmed_, false)) {
        last_word_ = link.heard;
        brain_.fact(brain_.stopping ? Severity::kInfo : Severity::kWarning, "parent_silent",
                    "parent=" + parent_name_ + " reason=" + reason.to_string());
    }
    brain_.recalls.parent_gone();
    brain_.dispatch.parent_gone();
}

void Uplink::handle(const Item& item) {
    const Edge parent = Edge::parent();
    if (const auto* tasks = std::get_if<TaskBatch>(&item)) {
        fed_ = true;
        for (const Task& task : tasks->tasks) {
            brain_.router.from_parent(task);
        }
    } else if (const auto* done = std::get_if<DoneBatch>(&item)) {
        for (const Done& one : done->done) {
            brain_.router.done(parent, one);
        }
    } else if (const auto* lost = std::get_if<LostBatch>(&item)) {
        for (const Lost& one : lost->lost) {
            brain_.router.lost_by(parent, one);
        }
    } else if (const auto* retract = std::get_if<Retract>(&item)) {
        brain_.dispatch.retracted(retract->count);
    } else if (const auto* cancel = std::get_if<Cancel>(&item)) {
        for (const TaskId& id : cancel->tasks) {
            brain_.router.cancelled_by(parent, id);
        }
    } else if (const auto* ended = std::get_if<JobEnded>(&item)) {
        brain_.job_ended(ended->job);
    } else if (std::holds_alternative<CacheCleared>(item)) {
        brain_.clear_cache();
    } else if (const auto* recalled = std::get_if<Recalled>(&item)) {
        brain_.recalls.answered(*recalled);
    } else if (const auto* verdict = std::get_if<Verdict>(&item)) {
        brain_.inventories.verdict(*verdict);
    } else if (const auto* ancestors = std::get_if<Ancestors>(&item)) {
        set_ancestors(*ancestors);
    } else if (const auto* bye = std::get_if<Bye>(&item)) {
        parent_said_bye(*bye);
    }
}

void Uplink::set_ancestors(const Ancestors& ancestors) {
    const auto& nodes = ancestors.nodes;
    if (std::find(nodes.begin(), nodes.end(), brain_.config.node) != nodes.end()) {
        Link& link = *link_;
        const Status reason = failed_precondition("loop: node " + brain_.config.name +
                                                  " is an ancestor of its parent " + peer_name_);
        brain_.fact(Severity::kError, "loop_refused", "parent=" + peer_name_);
        brain_.links.close(link, reason, true);
        reaches_server_ = false;
        ancestors_.clear();
        brain_.downlinks.announce_ancestors();
        return;
    }
    if (!confirmed_) {
        confirmed_ = true;
        parent_ = peer_;
        parent_name_ = peer_name_;
        last_word_ = brain_.now;
        brain_.fact(Severity::kInfo, "parent_attached", "parent=" + parent_name_);
        brain_.topology.changed();
    }
    if (ancestors_ == nodes && reaches_server_ == ancestors.reaches_server) {
        return;
    }
    ancestors_ = nodes;
    reaches_server_ = ancestors.reaches_server;
    brain_.downlinks.announce_ancestors();
}

void Uplink::parent_said_bye(const Bye& bye) {
    Link& link = *link_;
    brain_.fact(Severity::kInfo, confirmed_ ? "parent_left" : "parent_refused",
                "parent=" + peer_name_ + " reason=" + bye.reason.to_string());
    if (bye.stop) {
        brain_.stop();
        return;
    }
    brain_.links.close(link, bye.reason, false);
}

void Uplink::tick() {
    if (confirmed_) {
        return;
    }
    const Time since = parent_.is_nil() ? brain_.started_at : last_word_;
    if (brain_.config.exit_without_parent && brain_.now >= since + brain_.config.lease) {
        brain_.fact(Severity::kWarning, "exit_without_parent", "");
        brain_.exit(0);
    } else if (!parent_.is_nil() && brain_.now >= last_word_ + brain_.config.grace) {
        give_up();
    }
}

Time Uplink::next_tick() const {
    if (confirmed_ || brain_.config.role == Role::kServer) {
        return Time::max();
    }
    const Time since = parent_.is_nil() ? brain_.started_at : last_word_;
    Time next = parent_.is_nil() ? Time::max() : last_word_ + brain_.config.grace;
    if (brain_.config.exit_without_parent) {
        next = std::min(next, since + brain_.config.lease);
    }
    return next;
}

void Uplink::give_up() {
    brain_.fact(Severity::kWarning, "parent_lost", "parent=" + parent_name_);
    parent_ = {};
    parent_name_.clear();
    reaches_server_ = false;
    ancestors_.clear();
    outbox_.clear();
    brain_.router.forget_parent();
    brain_.downlinks.announce_ancestors();
}

void Uplink::send_done(Done done) {
    if (link_ == nullptr) {
        if (!parent_.is_nil()) {
            outbox_.wait(std::move(done));
        }
        return;
    }
    brain_.links.batch<DoneBatch>(*link_, size_of(done)).done.push_back(std::move(done));
}

void Uplink::send_lost(Lost lost) {
    if (link_ != nullptr) {
        brain_.links.batch<LostBatch>(*link_, 128).lost.push_back(std::move(lost));
    }
}

void Uplink::say(Item item, std::size_t bytes) {
    if (link_ != nullptr) {
        brain_.links.say(*link_, std::move(item), bytes);
    }
}

void Uplink::update_load() {
    if (link_ == nullptr) {
        return;
    }
    const Load load = brain_.dispatch.load();
    if (!load_known_ || (fed_ && load.idle > 0) || differs_noticeably(load_, load)) {
        fed_ = false;
        load_ = load;
        load_known_ = true;
        say(load);
    }
}

}  // namespace quercus::scheduling
