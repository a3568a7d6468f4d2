#pragma once

// `quercus compile a.qasm b.qasm ... --output-dir DIR`: one job for each circuit, side by side.

#include <string>
#include <vector>

#include "client/cli/context.hpp"
#include "client/cli/interrupt.hpp"

namespace quercus::cli {

struct CompileList {
    std::vector<std::string> files;
    std::string folder;       // of the outputs, FILE's name each; made if it is missing
    client::CompileJob work;  // checked; without a circuit
    client::JobOptions job;   // without an id; the files' names are the jobs' names
    LocalOptions local;
};

// Whether each file has an output of its own that is not one of the inputs. INVALID_ARGUMENT names
// the files.
[[nodiscard]] Status check_list(const CompileList& list);

// Prints one row per circuit, in the order of the files, when all have ended. A circuit that fails
// leaves the others alone. The exit code is that of the first that failed.
[[nodiscard]] int compile_list(const Globals& globals, Interrupts& interrupts,
                               const CompileList& list);

}  // namespace quercus::cli
