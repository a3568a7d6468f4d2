#pragma once

#include <string>
#include <vector>

#include "quercus/client.hpp"

namespace quercus::cli {

// The tree as an indented drawing: role, name, the first 8 digits of the id, version, state,
// addresses and tags; below each rank its workers with cores, pid and tasks done. A node whose
// parent is not in the list is drawn at the left edge.
[[nodiscard]] std::string tree_text(const std::vector<client::NodeInfo>& nodes);

// Workers of ranks that are not lost.
[[nodiscard]] std::size_t count_workers(const std::vector<client::NodeInfo>& nodes);

}  // namespace quercus::cli
