#pragma once

// What synthesize and instantiate have in common: submit, wait, write the circuit, say how good it
// is.

#include <string>

#include "client/cli/context.hpp"
#include "client/cli/interrupt.hpp"
#include "client/cli/target_file.hpp"
#include "quercus/client.hpp"

namespace CLI {
class App;
}

namespace quercus::cli {

struct SynthesisRun {
    std::string input;  // file of numbers
    std::string output;
    client::JobOptions job;
    LocalOptions local;
};

// --kind: what the file of numbers holds.
void add_target_kind(CLI::App& command, TargetKind& kind);
// --output, --seed and those of attached mode.
void add_run_options(CLI::App& command, SynthesisRun& run);

// Returns the exit code; a search that is interrupted leaves the best it had.
[[nodiscard]] int run_synthesis(const Globals& globals, Interrupts& interrupts, client::Work work,
                                SynthesisRun run);

}  // namespace quercus::cli
