#pragma once

// This node's side of the edges to its children: who they are, what they want, when they are lost.

#include <algorithm>
#include <map>

#include "runtime/scheduling/links.hpp"
#include "runtime/scheduling/table.hpp"

namespace quercus::scheduling {

struct Child {
    Hello hello;
    Link* link = nullptr;        // null: silent or lost
    bool attached = false;       // its inventory has been settled; tasks may go there
    bool ever_attached = false;  // it has not only knocked
    bool compatible = true;      // same kernels and numeric profile
    bool draining = false;
    bool lost = false;            // kept only for `tree`
    bool retracting = false;      // an answer to Retract is outstanding
    std::uint64_t retracted = 0;  // as many were asked for
    Time last_word{};
    Time lost_at{};
    // After the lease: its children have been dialled and may claim until then.
    Time limbo_until{};
    std::vector<NodeId> limbo_for;
    Load load;
    std::uint64_t sent_since_load = 0;
    std::uint64_t fed = 0;         // number of the last task that was handed to it
    std::uint64_t leaves_out = 0;  // entries with to = this child
    std::uint64_t workflows_out = 0;
    Outbox outbox;
    Subtree subtree;

    [[nodiscard]] bool takes_tasks() const { return attached && compatible && !draining; }
    // Further leaf tasks it wants to hold.
    [[nodiscard]] std::uint64_t room() const {
        return takes_tasks() && load.window > leaves_out ? load.window - leaves_out : 0;
    }
    // Leaf tasks that free places there could start at once.
    [[nodiscard]] std::uint64_t idle() const {
        const std::uint64_t wanted = load.idle > sent_since_load ? load.idle - sent_since_load : 0;
        return std::min(wanted, room());
    }
    [[nodiscard]] std::uint64_t surplus() const { return attached ? load.surplus : 0; }
};

class Downlinks {
 public:
    explicit Downlinks(Brain& brain) : brain_(brain) {}

    [[nodiscard]] Status consider(const Link& link, const Hello& hello) const;
    void attach(Link& link, const Hello& hello);
    // The inventory is settled: what waited goes out, tasks may follow.
    void settled(Child& child);
    void link_lost(Child& child, Link& link, const Status& reason);
    void gone(const NodeId& node);
    void handle(Child& child, const Item& item);
    void tick();
    [[nodiscard]] Time next_tick() const;

    void announce_ancestors();
    void send_done(Child& child, Done done);
    void send_lost(Child& child, Lost lost);
    // Without a link nothing happens.
    void say(Child& child, const Item& item, std::size_t bytes = 64);
    void say_all(const Item& item);
    // Bye{stop} to all.
    void stop_all(const Status& reason);
    [[nodiscard]] Link* link_of(const NodeId& node) const;
    // A child is silent, or was lost less than a lease ago: tasks may still be claimed by others.
    [[nodiscard]] bool claims_may_come() const;

    // By node id, so that ties break the same way everywhere.
    [[nodiscard]] const std::map<NodeId, std::unique_ptr<Child>>& all() const { return children_; }

 private:
    void resolve(Child& child, LossReason reason, std::string_view why);
    void lease_ended(Child& child);
    void came_back(const NodeId& node);

    Brain& brain_;
    std::map<NodeId, std::unique_ptr<Child>> children_;
};

}  // namespace quercus::scheduling
