#pragma once

// The options that compile and synthesize have in common: how to compile, and for what.

#include <string>

#include "quantum/base/status.hpp"
#include "quercus/jobs.hpp"

namespace CLI {
class App;
}

namespace quercus::cli {

// Those that are not yet in the form a job has them.
struct CompileFlags {
    std::string pipeline_file;
    std::string target;
    std::string gates;
    std::string time_budget;
};

// Here, Job is client::CompileJob or client::SynthesizeJob.

// --level, --pipeline, --threshold, --error-budget, --optimize, --target, --gates, --time-budget,
// --iterations, --block-size; `job` and `flags` are filled by parsing.
template <class Job>
void add_compile_flags(CLI::App& command, Job& job, CompileFlags& flags);

// The job with what the flags say: files read, all checked (client::check_work). INVALID_ARGUMENT
// names the flag.
template <class Job>
[[nodiscard]] Result<Job> with_flags(Job job, const CompileFlags& flags);

}  // namespace quercus::cli
