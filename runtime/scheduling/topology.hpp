#pragma once

// Who is at or below this node, for `tree` and for dialling grandchildren.

#include "runtime/scheduling/node.hpp"

namespace quercus::scheduling {

struct Brain;

class Topology {
 public:
    explicit Topology(Brain& brain) : brain_(brain) {}

    [[nodiscard]] Subtree compose(Time now) const;
    void changed() { changed_ = true; }
    // Only task counts have changed: told at most once a second.
    void counted() { counted_ = true; }
    void update();
    [[nodiscard]] Time next_tick() const;

 private:
    Brain& brain_;
    bool changed_ = true;
    bool counted_ = false;
    Time told_{};
};

}  // namespace quercus::scheduling
