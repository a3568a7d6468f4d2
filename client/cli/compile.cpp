// quercus compile

#include <CLI/CLI.hpp>
#include <filesystem>
#include <iostream>
#include <memory>

#include "client/cli/circuit_report.hpp"
#include "client/cli/commands.hpp"
#include "client/cli/compile_list.hpp"
#include "client/cli/compile_options.hpp"
#include "client/cli/table.hpp"
#include "client/cli/waiting.hpp"

namespace quercus::cli {
namespace {

struct CompileOptions {
    client::CompileJob work;
    CompileFlags flags;
    client::JobOptions job;
    std::vector<std::string> files;
    std::string output_folder;  // not empty: of a list of circuits
    std::string output;
    std::string id;
    bool detach = false;
    LocalOptions local;
};

// What only one circuit can have.
Status complete_single(const Globals& globals, CompileOptions& options) {
    if (options.files.size() > 1) {
        return invalid_argument("where should the " + std::to_string(options.files.size()) +
                                " circuits go? give --output-dir DIR");
    }
    options.work.path = options.files.front();
    if (options.detach && globals.server.empty()) {
        return invalid_argument(
            "--detach needs a server, which keeps the job: give --server or set QUERCUS_SERVER");
    }
    if (!options.detach && options.output.empty()) {
        return invalid_argument("where should the circuit go? give -o FILE, -o - or --detach");
    }
    if (!options.id.empty()) {
        options.job.id = client::JobId::parse(options.id);
        if (!options.job.id) {
            return invalid_argument("--id '" + options.id + "' is no UUID");
        }
    }
    if (options.job.name.empty()) {
        options.job.name =
            std::filesystem::path(options.work.path).filename().string().substr(0, 256);
    }
    return Status::ok();
}

Status complete(const Globals& globals, CompileOptions& options) {
    const bool is_list = !options.output_folder.empty();
    if (!is_list) {
        if (Status status = complete_single(globals, options); !status.is_ok()) {
            return status;
        }
    }
    Result<client::CompileJob> work = with_flags(options.work, options.flags);
    if (!work) {
        return work.error();
    }
    options.work = *std::move(work);
    const Result<std::uint64_t> memory = memory_limit(options.local);
    if (!memory) {
        return memory.error();
    }
    options.job.memory_per_task_bytes = *memory;
    return options.detach || is_list ? Status::ok() : check_output(options.output);
}

int run_list(const Globals& globals, Interrupts& interrupts, const CompileOptions& options) {
    const CompileList list{options.files, options.output_folder, options.work, options.job,
                           options.local};
    if (const Status status = check_list(list); !status.is_ok()) {
        return report(globals, status);
    }
    return compile_list(globals, interrupts, list);
}

void print_result(const Globals& globals, const CompileOptions& options, const Client& client,
                  const JobInfo& info, const client::CompileResult& result) {
    if (globals.json) {
        json::object object{{"job", to_json(info)}};
        add_result(object, result);
        if (options.output == "-") {
            object["qasm"] = result.qasm;
        } else {
            object["output"] = options.output;
        }
        print_json(object);
        return;
    }
    // With the circuit on stdout, what people read goes to stderr.
    std::ostream& out = options.output == "-" ? std::cerr : std::cout;
    out << figures_table(result.before, result.after) << "\n\n"
        << "error bound  " << short_number(result.delta_bound) << " (delta), "
        << short_number(result.distance_bound) << " (1 - |Tr|/N)\n\n";
    if (!info.report.workers.empty()) {
        out << workers_table(info.report, node_names(client)) << "\n\n";
    }
    out << job_line(info) << '\n';
}

int finish(const Globals& globals, const CompileOptions& options, const Client& client,
           const Job& job, const JobInfo& info, const client::CircuitFigures& before) {
    Result<client::CompileResult> result = job.compile_result();
    if (!result) {
        return report(globals, result.error());
    }
    result->before = before;
    if (!(globals.json && options.output == "-")) {
        if (const Status status = write_output(options.output, result->qasm); !status.is_ok()) {
            return report(globals, status);
        }
    }
    print_result(globals, options, client, info, *result);
    return kExitOk;
}

int run_compile(const Globals& globals, Interrupts& interrupts, CompileOptions options) {
    if (const Status status = complete(globals, options); !status.is_ok()) {
        return report(globals, status);
    }
    if (!options.output_folder.empty()) {
        return run_list(globals, interrupts, options);
    }
    const Result<client::CircuitFigures> before = client::inspect_circuit(options.work);
    if (!before) {
        report(globals, before.error());
        return kExitUsage;  // whatever the code: also a circuit above the limits is bad input
    }
    const Result<Client> client = connect_anywhere(globals, options.local);
    if (!client) {
        return report(globals, client.error());
    }
    interrupts.hold();
    const Result<Job> job = client->submit(options.work, options.job);
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
    if (outcome.succeeded) {
        return finish(globals, options, *client, *job, *outcome.succeeded, *before);
    }
    if (outcome.code == kExitInterrupted) {
        if (const auto info = incumbent_of(globals, *job)) {
            finish(globals, options, *client, *job, *info, *before);
        }
    }
    return outcome.code;
}

}  // namespace

void add_compile(CLI::App& app, Action& chosen) {
    auto options = std::make_shared<CompileOptions>();
    CLI::App* command = app.add_subcommand(
        "compile", "Compile an OpenQASM 2 circuit into fewer two-qubit gates ({cx, u3})");
    command->add_option("file", options->files, "OpenQASM 2 file, or several with --output-dir")
        ->required();
    auto* output =
        command
            ->add_option("-o,--output", options->output, "Compiled circuit; - for standard output")
            ->type_name("FILE");
    auto* folder = command
                       ->add_option("--output-dir", options->output_folder,
                                    "Folder for the compiled circuits of several files, each under "
                                    "its own name; they run side by side")
                       ->excludes(output)
                       ->type_name("DIR");
    add_compile_flags(*command, options->work, options->flags);
    command->add_option("--seed", options->job.seed, "Same job, same seed: same bytes")
        ->capture_default_str()
        ->type_name("S");
    command->add_option("--name", options->job.name, "Name of the job (default: the file's name)")
        ->excludes(folder);
    command->add_option("--id", options->id, "Job id, a UUID (default: random)")
        ->excludes(folder)
        ->type_name("UUID");
    auto* detach =
        command
            ->add_flag("--detach,--no-wait", options->detach,
                       "Print the job's id and leave; fetch it later with 'quercus result'")
            ->excludes(folder);
    command
        ->add_flag("--cancel-on-disconnect", options->job.cancel_on_disconnect,
                   "Cancel the job when this command goes away")
        ->excludes(detach);
    add_local_options(*command, options->local);
    command->callback([&chosen, options] {
        chosen = [options](const Globals& globals, Interrupts& interrupts) {
            return run_compile(globals, interrupts, *options);
        };
    });
}

}  // namespace quercus::cli
