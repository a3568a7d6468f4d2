#include "client/cli/compile_options.hpp"

#include <CLI/CLI.hpp>
#include <charconv>
#include <filesystem>
#include <sstream>

#include "client/cli/context.hpp"

namespace quercus::cli {
namespace {

// "60", "60s", "5m" or "2h", in seconds.
Result<double> seconds_of(const std::string& text) {
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
    const double factor = unit.empty() || unit == "s" ? 1
                          : unit == "m"               ? 60
                          : unit == "h"               ? 3600
                                                      : 0;
    if (error != std::errc() || factor == 0 || !(value > 0 && value * factor <= 1e6)) {
        return invalid_argument("'" + text + "' is no time like 60s, 5m or 2h (--time-budget)");
    }
    return value * factor;
}

Result<std::string> text_of_file(const std::string& name) {
    Result<std::string> text = read_input(name);
    return text && text->empty()
               ? Result<std::string>(invalid_argument("cannot read '" + name + "': it is empty"))
               : text;
}

// `text` itself, or what is in the file of that name.
Result<std::string> text_or_file(const std::string& text) {
    std::error_code no_file;
    const bool names_a_file = text.find('/') != std::string::npos || text.ends_with(".json");
    return names_a_file || std::filesystem::is_regular_file(text, no_file)
               ? text_of_file(text)
               : Result<std::string>(text);
}

}  // namespace

template <class Job>
void add_compile_flags(CLI::App& command, Job& job, CompileFlags& flags) {
    auto* level = command
                      .add_option("--level", job.level,
                                  "Optimisation level, 0 to 4 (see quercus passes show)")
                      ->capture_default_str()
                      ->type_name("N");
    auto* pipeline = command.add_option("--pipeline", flags.pipeline_file, "Pipeline, a JSON file")
                         ->excludes(level)
                         ->type_name("FILE");
    command
        .add_option("--threshold", job.threshold,
                    "1 - |Tr|/N that a replaced block may differ by at most (default 1e-8)")
        ->excludes(pipeline)
        ->type_name("D");
    command
        .add_option("--error-budget", job.error_budget,
                    "1 - |Tr|/N that the whole result may differ by at most, up to 0.5: blocks "
                    "are approximated where that saves gates (default 0: exact)")
        ->type_name("EPS");
    command
        .add_option("--optimize", job.optimize,
                    "What decides: two_qubit (default), depth (of two-qubit gates) or fidelity "
                    "(by the error rates of --target)")
        ->type_name("COST");
    command
        .add_option("--target", flags.target,
                    "Machine to compile for: a preset (quercus machines list) or a JSON file")
        ->type_name("NAME|FILE");
    command
        .add_option("--gates", flags.gates,
                    "Gates to compile into, e.g. cz,rz,sx,x (default: the machine's, else cx,u3)")
        ->type_name("LIST");
    auto* budget =
        command
            .add_option("--time-budget", flags.time_budget,
                        "Level 4: how long to search after level 2 is done, e.g. 60s or 5m")
            ->type_name("TIME");
    command
        .add_option("--iterations", job.iterations,
                    "Level 4: moves per search instead of a time; same seed, same bytes")
        ->excludes(budget)
        ->check(CLI::Range(1, 1000000000))
        ->type_name("N");
    command
        .add_option("--islands", job.islands,
                    "Level 4: searches side by side that share the best circuit (default: one per "
                    "worker with --time-budget, else 2)")
        ->check(CLI::Range(1, 1024))
        ->type_name("N");
    command.add_option("--block-size", job.block_size, "Most qubits of a block, 2 to 5")
        ->capture_default_str()
        ->type_name("N");
}

template <class Job>
Result<Job> with_flags(Job job, const CompileFlags& flags) {
    if (!flags.time_budget.empty()) {
        const Result<double> seconds = seconds_of(flags.time_budget);
        if (!seconds) {
            return seconds.error();
        }
        job.time_budget_s = *seconds;
    }
    if (!flags.pipeline_file.empty()) {
        auto text = text_of_file(flags.pipeline_file);
        if (!text) {
            return text.error();
        }
        job.pipeline = *std::move(text);
    }
    std::stringstream gates(flags.gates);
    for (std::string gate; std::getline(gates, gate, ',');) {
        job.gates.push_back(gate);
    }
    auto machine = text_or_file(flags.target);
    if (!machine) {
        return machine.error();
    }
    job.machine = *std::move(machine);
    const Status status = client::check_work(job);
    return status.is_ok() ? Result<Job>(std::move(job)) : status;
}

template void add_compile_flags(CLI::App&, client::CompileJob&, CompileFlags&);
template void add_compile_flags(CLI::App&, client::SynthesizeJob&, CompileFlags&);
template Result<client::CompileJob> with_flags(client::CompileJob, const CompileFlags&);
template Result<client::SynthesizeJob> with_flags(client::SynthesizeJob, const CompileFlags&);

}  // namespace quercus::cli
