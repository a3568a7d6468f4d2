#pragma once

// Cacheable tasks, and the children of a re-issued workflow, are asked for upwards before they run.

#include <optional>

#include "runtime/scheduling/table.hpp"

namespace quercus::scheduling {

struct Brain;

class Recalls {
 public:
    explicit Recalls(Brain& brain) : brain_(brain) {}

    void asked(Child& child, const Recall& recall);
    void answered(const Recalled& recalled);
    // Of what was begun meanwhile: it is left to those above.
    void wait_for_answer(Entry& entry);
    // Others may wait above for a result that will not be shared.
    void forgo(Entry& entry);
    // What has been asked above stays unknown.
    void parent_gone();

 private:
    [[nodiscard]] std::optional<Done> known(const RecallEntry& one);
    void unknown(Entry& entry);
    Brain& brain_;
};

}  // namespace quercus::scheduling
