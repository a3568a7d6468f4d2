#pragma once

#include "runtime/scheduling/ids.hpp"

namespace quercus::scheduling {

// A report (finished, lost, returned) speaks of the attempt that is under way, and not of an older
// one of the same task. Whatever frees a place or a credit or re-issues a task asks this first.
[[nodiscard]] inline bool is_current(Fence reported, Fence expected) {
    return reported == expected;
}

}  // namespace quercus::scheduling
