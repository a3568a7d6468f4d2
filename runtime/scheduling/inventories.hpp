#pragma once

// Two neighbours compare what they hold after every (re)connect, so that nothing that a broken
// connection has swallowed is waited for, and nothing that still runs is run again.

#include "runtime/scheduling/table.hpp"

namespace quercus::scheduling {

struct Brain;

class Inventories {
 public:
    explicit Inventories(Brain& brain) : brain_(brain) {}

    // What this node tells a parent when it attaches.
    [[nodiscard]] Inventory own_inventory();
    // The first one of a link settles everything; later ones only claim more.
    void of_child(Child& child, const Inventory& inventory);
    void verdict(const Verdict& verdict);
    void tick();
    [[nodiscard]] Time next_tick() const;

 private:
    struct Settlement {
        Child& child;
        Verdict verdict;
        Inventory upward;  // what this node cannot decide
    };
    void unclaimed_are_lost(Child& child, const Inventory& inventory);
    void claim(Settlement& settlement, const HeldTask& held);
    void claim_unknown(Settlement& settlement, const HeldTask& held);
    void await(Settlement& settlement, const RecallEntry& waiting);
    void await_unknown(Settlement& settlement, const RecallEntry& waiting);

    Brain& brain_;
    Time next_deadline_ = Time::max();
};

}  // namespace quercus::scheduling
