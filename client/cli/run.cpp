// quercus run

#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

#include "client/cli/circuit_report.hpp"
#include "client/cli/commands.hpp"
#include "client/cli/run_input.hpp"
#include "client/cli/waiting.hpp"

namespace quercus::cli {
namespace {

struct RunOptions {
    std::string kind;
    InputOptions input;
    std::string output;
    client::JobOptions job;
    bool detach = false;
    LocalOptions local;
};

void print_result(const Globals& globals, const RunOptions& options, const JobInfo& info,
                  const std::string& bytes) {
    if (globals.json) {
        print_json({{"job", to_json(info)}, {"hex", to_hex(bytes)}});
    } else if (options.output.empty()) {
        print_line(readable_output(options.kind, bytes));
        note(globals, job_line(info));
    }
}

Status complete(const Globals& globals, RunOptions& options) {
    if (options.detach && globals.server.empty()) {
        return invalid_argument(
            "--detach needs a server, which keeps the job: give --server or set QUERCUS_SERVER");
    }
    const Result<std::uint64_t> memory = memory_limit(options.local);
    if (!memory) {
        return memory.error();
    }
    options.job.memory_per_task_bytes = *memory;
    if (options.job.name.empty()) {
        options.job.name = options.kind.substr(0, 256);
    }
    return check_output(options.output);
}

int run_task(const Globals& globals, Interrupts& interrupts, RunOptions options) {
    if (const Status status = complete(globals, options); !status.is_ok()) {
        return report(globals, status);
    }
    Result<std::string> input = make_input(options.kind, options.input);
    if (!input) {
        return report(globals, input.error());
    }
    const Result<Client> client = connect_anywhere(globals, options.local);
    if (!client) {
        return report(globals, client.error());
    }
    interrupts.hold();
    const Result<Job> job =
        client->submit(client::TaskJob{options.kind, *std::move(input)}, options.job);
    if (!job) {
        return report(globals, job.error());
    }
    if (options.detach) {
        globals.json ? print_json({{"id", job->id().to_string()}})
                     : print_line(job->id().to_string());
        return kExitOk;
    }
    WaitOptions waiting;
    waiting.show_progress = true;
    const Outcome outcome = wait_and_explain(globals, *job, interrupts, waiting);
    if (!outcome.succeeded) {
        return outcome.code;
    }
    const Result<std::string> bytes = job->result_bytes();
    if (!bytes) {
        return report(globals, bytes.error());
    }
    if (!options.output.empty()) {
        if (const Status status = write_output(options.output, *bytes); !status.is_ok()) {
            return report(globals, status);
        }
    }
    print_result(globals, options, *outcome.succeeded, *bytes);
    return kExitOk;
}

}  // namespace

void add_run(CLI::App& app, Action& chosen) {
    const auto options = std::make_shared<RunOptions>();
    CLI::App* command = app.add_subcommand(
        "run", "Run one task of any kind the tree knows: noop, hash, sleep, probe, map");
    command->add_option("kind", options->kind, "Kind of the task")->required();
    auto* text = command->add_option("--input", options->input.text, "Input as text");
    auto* hex = command->add_option("--hex", options->input.hex, "Input as hexadecimal digits");
    auto* file =
        command->add_option("--input-file", options->input.file, "Input from a file; - stdin");
    text->excludes(hex)->excludes(file);
    hex->excludes(file);
    add_input_options(*command, options->input);
    command->add_option("-o,--output", options->output, "The result's bytes; - for standard output")
        ->type_name("FILE");
    command->add_option("--seed", options->job.seed, "Seed of the job")->capture_default_str();
    command->add_option("--name", options->job.name, "Name of the job (default: the kind)");
    auto* detach =
        command->add_flag("--detach,--no-wait", options->detach, "Print the job's id and leave");
    command
        ->add_flag("--cancel-on-disconnect", options->job.cancel_on_disconnect,
                   "Cancel the job when this command goes away")
        ->excludes(detach);
    add_local_options(*command, options->local);
    command->callback([&chosen, options] {
        chosen = [options](const Globals& globals, Interrupts& interrupts) {
            return run_task(globals, interrupts, *options);
        };
    });
}

}  // namespace quercus::cli
