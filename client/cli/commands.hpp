#pragma once

// The commands of `quercus`: each adds itself to the command line and, when chosen, leaves a
// function that does the work. One file per group.

#include <functional>

#include "client/cli/context.hpp"
#include "client/cli/interrupt.hpp"

namespace CLI {
class App;
}

namespace quercus::cli {

// What the chosen command does; returns the exit code.
using Action = std::function<int(const Globals&, Interrupts&)>;

void add_compile(CLI::App& app, Action& chosen);
void add_synthesize(CLI::App& app, Action& chosen);
void add_instantiate(CLI::App& app, Action& chosen);
void add_passes(CLI::App& app, Action& chosen);    // passes list, passes show
void add_machines(CLI::App& app, Action& chosen);  // machines list, machines show
void add_run(CLI::App& app, Action& chosen);
void add_jobs(CLI::App& app, Action& chosen);  // jobs, status, wait, watch, result, cancel, remove
void add_tree(CLI::App& app, Action& chosen);
void add_cache(CLI::App& app, Action& chosen);   // cache stats, cache clear
void add_server(CLI::App& app, Action& chosen);  // server wait
void add_doctor(CLI::App& app, Action& chosen);
void add_completion(CLI::App& app, Action& chosen);  // last: it describes all others

// --workers, --memory-per-task and --in-process of the commands that can do without a server.
void add_local_options(CLI::App& command, LocalOptions& local);

// The whole command line, with the commands' own options; `globals` and `chosen` are filled by
// parsing.
std::unique_ptr<CLI::App> make_app(Globals& globals, Action& chosen);

}  // namespace quercus::cli
