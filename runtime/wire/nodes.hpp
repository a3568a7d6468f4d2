#pragma once

// Descriptions of processes (proto/quercus/v1/nodes.proto).

#include "runtime/scheduling/items.hpp"
#include "runtime/wire/intake.hpp"

namespace quercus::v1 {
class NodeInfo;
}

namespace quercus::wire {

// Texts and lists above their limits are cut.
void to_proto(const scheduling::NodeInfo& node, v1::NodeInfo& out);
[[nodiscard]] scheduling::NodeInfo from_proto(const v1::NodeInfo& node, Intake& intake);

}  // namespace quercus::wire
