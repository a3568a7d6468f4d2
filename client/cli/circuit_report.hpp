#pragma once

// What people see of a compiled circuit: before, after, and who did the work.

#include <map>
#include <string>

#include "client/cli/json.hpp"
#include "quercus/client.hpp"

namespace quercus::cli {

// Gates by kind, two-qubit gates, operations and depth, before and after.
[[nodiscard]] std::string figures_table(const client::CircuitFigures& before,
                                        const client::CircuitFigures& after);
[[nodiscard]] std::string figures_table(const client::CircuitFigures& figures);

// Node id -> the name of its process, as far as the tree knows them.
using NodeNames = std::map<std::string, std::string>;
[[nodiscard]] NodeNames node_names(const client::Client& client);

// One row per worker: name, tasks, CPU seconds.
[[nodiscard]] std::string workers_table(const client::Report& report, const NodeNames& names);

// "state succeeded, 1.23 s, 134 tasks (2 reissued), job ..."
[[nodiscard]] std::string job_line(const client::JobInfo& job);

}  // namespace quercus::cli
