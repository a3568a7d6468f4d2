#include "client/cli/synthesis_run.hpp"

#include <CLI/CLI.hpp>
#include <filesystem>
#include <iostream>
#include <map>
#include <utility>

#include "client/cli/circuit_report.hpp"
#include "client/cli/commands.hpp"
#include "client/cli/table.hpp"
#include "client/cli/waiting.hpp"

namespace quercus::cli {
namespace {

void print_result(const Globals& globals, const SynthesisRun& run, const JobInfo& info,
                  const client::SynthesizeResult& result) {
    if (globals.json) {
        json::object object{{"job", to_json(info)}};
        add_result(object, result);
        object[run.output == "-" ? "qasm" : "output"] =
            run.output == "-" ? result.qasm : run.output;
        print_json(object);
        return;
    }
    std::ostream& out = run.output == "-" ? std::cerr : std::cout;
    out << figures_table(result.figures) << "\n\nerror bound  " << short_number(result.delta_bound)
        << " (delta), " << short_number(result.distance_bound) << " (1 - |Tr|/N or 1 - |<a|b>|)\n"
        << job_line(info) << '\n';
}

int finish(const Globals& globals, const SynthesisRun& run, const Job& job, const JobInfo& info) {
    const Result<client::SynthesizeResult> result = job.synthesize_result();
    if (!result) {
        return report(globals, result.error());
    }
    if (!(globals.json && run.output == "-")) {
        if (const Status status = write_output(run.output, result->qasm); !status.is_ok()) {
            return report(globals, status);
        }
    }
    print_result(globals, run, info, *result);
    return kExitOk;
}

}  // namespace

void add_target_kind(CLI::App& command, TargetKind& kind) {
    const std::map<std::string, TargetKind> kinds{{"unitary", TargetKind::kUnitary},
                                                  {"state", TargetKind::kState},
                                                  {"state-map", TargetKind::kStateMap}};
    command.add_option("--kind", kind, "What the file of numbers holds (default: by its shape)")
        ->transform([kinds](const std::string& text) {
            const auto found = kinds.find(text);
            if (found == kinds.end()) {
                throw CLI::ValidationError("'" + text + "' is none of unitary, state, state-map");
            }
            return std::to_string(static_cast<int>(found->second));
        })
        ->type_name("unitary|state|state-map");
}

void add_run_options(CLI::App& command, SynthesisRun& run) {
    command.add_option("-o,--output", run.output, "Circuit; - for standard output")
        ->required()
        ->type_name("FILE");
    command.add_option("--seed", run.job.seed, "Same file, same seed: same bytes")
        ->capture_default_str()
        ->type_name("S");
    add_local_options(command, run.local);
}

int run_synthesis(const Globals& globals, Interrupts& interrupts, client::Work work,
                  SynthesisRun run) {
    const Result<std::uint64_t> memory = memory_limit(run.local);
    if (!memory) {
        return report(globals, memory.error());
    }
    run.job.memory_per_task_bytes = *memory;
    run.job.name = std::filesystem::path(run.input).filename().string().substr(0, 256);
    if (const Status status = check_output(run.output); !status.is_ok()) {
        return report(globals, status);
    }
    const Result<Client> client = connect_anywhere(globals, run.local);
    if (!client) {
        return report(globals, client.error());
    }
    interrupts.hold();
    const Result<Job> job = client->submit(work, run.job);
    if (!job) {
        return report(globals, job.error());
    }
    WaitOptions waiting;
    waiting.show_progress = true;
    const Outcome outcome = wait_and_explain(globals, *job, interrupts, waiting);
    if (outcome.succeeded) {
        return finish(globals, run, *job, *outcome.succeeded);
    }
    if (outcome.code == kExitInterrupted) {
        if (const auto info = incumbent_of(globals, *job)) {
            finish(globals, run, *job, *info);
        }
    }
    return outcome.code;
}

}  // namespace quercus::cli
