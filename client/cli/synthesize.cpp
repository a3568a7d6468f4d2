// quercus synthesize

#include <CLI/CLI.hpp>
#include <filesystem>
#include <iostream>
#include <map>
#include <memory>

#include "client/cli/circuit_report.hpp"
#include "client/cli/commands.hpp"
#include "client/cli/compile_options.hpp"
#include "client/cli/table.hpp"
#include "client/cli/target_file.hpp"
#include "client/cli/waiting.hpp"

namespace quercus::cli {
namespace {

struct SynthesizeOptions {
    client::SynthesizeJob work;
    std::string input;
    std::string output;
    TargetKind kind = TargetKind::kGuess;
    CompileFlags flags;
    client::JobOptions job;
    LocalOptions local;
};

Result<client::SynthesizeJob> read_work(const SynthesizeOptions& options) {
    const Result<std::string> content = read_input(options.input);
    if (!content) {
        return content.error();
    }
    const auto work = with_target(options.work, *content, options.input, options.kind);
    return work ? with_flags(*work, options.flags) : work;
}

void print_result(const Globals& globals, const SynthesizeOptions& options, const JobInfo& info,
                  const client::SynthesizeResult& result) {
    if (globals.json) {
        json::object object{{"job", to_json(info)}};
        add_result(object, result);
        object[options.output == "-" ? "qasm" : "output"] =
            options.output == "-" ? result.qasm : options.output;
        print_json(object);
        return;
    }
    std::ostream& out = options.output == "-" ? std::cerr : std::cout;
    out << figures_table(result.figures) << "\n\nerror bound  " << short_number(result.delta_bound)
        << " (delta), " << short_number(result.distance_bound) << " (1 - |Tr|/N or 1 - |<a|b>|)\n"
        << job_line(info) << '\n';
}

int finish(const Globals& globals, const SynthesizeOptions& options, const Job& job,
           const JobInfo& info) {
    const Result<client::SynthesizeResult> result = job.synthesize_result();
    if (!result) {
        return report(globals, result.error());
    }
    if (!(globals.json && options.output == "-")) {
        if (const Status status = write_output(options.output, result->qasm); !status.is_ok()) {
            return report(globals, status);
        }
    }
    print_result(globals, options, info, *result);
    return kExitOk;
}

int run_synthesize(const Globals& globals, Interrupts& interrupts, SynthesizeOptions options) {
    Result<client::SynthesizeJob> work = read_work(options);
    if (!work) {
        return report(globals, work.error());
    }
    const Result<std::uint64_t> memory = memory_limit(options.local);
    if (!memory) {
        return report(globals, memory.error());
    }
    options.job.memory_per_task_bytes = *memory;
    options.job.name = std::filesystem::path(options.input).filename().string().substr(0, 256);
    if (const Status status = check_output(options.output); !status.is_ok()) {
        return report(globals, status);
    }
    const Result<Client> client = connect_anywhere(globals, options.local);
    if (!client) {
        return report(globals, client.error());
    }
    interrupts.hold();
    const Result<Job> job = client->submit(*std::move(work), options.job);
    if (!job) {
        return report(globals, job.error());
    }
    WaitOptions waiting;
    waiting.show_progress = true;
    const Outcome outcome = wait_and_explain(globals, *job, interrupts, waiting);
    if (outcome.succeeded) {
        return finish(globals, options, *job, *outcome.succeeded);
    }
    if (outcome.code == kExitInterrupted) {
        if (const auto info = incumbent_of(globals, *job)) {
            finish(globals, options, *job, *info);
        }
    }
    return outcome.code;
}

}  // namespace

void add_synthesize(CLI::App& app, Action& chosen) {
    auto options = std::make_shared<SynthesizeOptions>();
    CLI::App* command = app.add_subcommand(
        "synthesize", "Find a circuit for a unitary, a state or a state map of 1 to 8 qubits");
    command->footer(target_file_help());
    command->add_option("file", options->input, "Numbers, see below; - for standard input")
        ->required();
    const std::map<std::string, TargetKind> kinds{{"unitary", TargetKind::kUnitary},
                                                  {"state", TargetKind::kState},
                                                  {"state-map", TargetKind::kStateMap}};
    command->add_option("--kind", options->kind, "What the file holds (default: by its shape)")
        ->transform([kinds](const std::string& text) {
            const auto found = kinds.find(text);
            if (found == kinds.end()) {
                throw CLI::ValidationError("'" + text + "' is none of unitary, state, state-map");
            }
            return std::to_string(static_cast<int>(found->second));
        })
        ->type_name("unitary|state|state-map");
    command->add_option("-o,--output", options->output, "Circuit; - for standard output")
        ->required()
        ->type_name("FILE");
    add_compile_flags(*command, options->work, options->flags);
    command->add_option("--seed", options->job.seed, "Same file, same seed: same bytes")
        ->capture_default_str()
        ->type_name("S");
    add_local_options(*command, options->local);
    command->callback([&chosen, options] {
        chosen = [options](const Globals& globals, Interrupts& interrupts) {
            return run_synthesize(globals, interrupts, *options);
        };
    });
}

}  // namespace quercus::cli
