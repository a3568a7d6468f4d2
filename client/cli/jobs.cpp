// quercus jobs, status, wait, watch, result, cancel, remove: what a server knows of its jobs.

#include <CLI/CLI.hpp>
#include <cmath>
#include <iostream>
#include <memory>

#include "client/cli/circuit_report.hpp"
#include "client/cli/commands.hpp"
#include "client/cli/job_id.hpp"
#include "client/cli/table.hpp"
#include "client/cli/waiting.hpp"

namespace quercus::cli {
namespace {

struct JobOptions {
    std::string id;
    std::string output;
    bool raw = false;
    double timeout_s = 0;
};

using JobAction = int (*)(const Globals&, Interrupts&, const Client&, const Job&,
                          const JobOptions&);

std::string age(const JobInfo& job) {
    const auto end = job.finished_at.value_or(std::chrono::system_clock::now());
    return short_number(std::chrono::duration<double>(end - job.submitted_at).count());
}

void print_job(const Globals& globals, const Client& client, const JobInfo& job) {
    if (globals.json) {
        print_json(to_json(job));
        return;
    }
    Table table({Align::kLeft, Align::kLeft});
    table.add({"job", job.id.to_string()});
    table.add({"name", job.name});
    table.add({"kind", job.kind});
    table.add({"state", std::string(to_string(job.state))});
    table.add({"progress",
               std::to_string(static_cast<int>(job.progress * 100)) + "%  " + job.progress_text});
    table.add({"submitted", iso_time(job.submitted_at)});
    table.add({"seconds", age(job)});
    if (!job.error.is_ok()) {
        table.add({"error", job.error.to_string()});
    }
    if (job.result_size_bytes > 0) {
        table.add({"result",
                   std::to_string(job.result_size_bytes) + " bytes, SHA-256 " + job.result_sha256});
    }
    if (client::is_final(job.state)) {
        table.add({"tasks", std::to_string(job.report.tasks) + " (" +
                                std::to_string(job.report.reissued) + " reissued, " +
                                std::to_string(job.report.cached) + " more known)"});
    }
    print_line(table.to_string());
    if (!job.report.workers.empty()) {
        print_line("\n" + workers_table(job.report, node_names(client)));
    }
}

int show_status(const Globals& globals, Interrupts&, const Client& client, const Job& job,
                const JobOptions&) {
    const Result<JobInfo> info = job.info();
    if (!info) {
        return report(globals, info.error());
    }
    print_job(globals, client, *info);
    return kExitOk;
}

std::optional<std::chrono::milliseconds> limit_of(const JobOptions& options) {
    if (options.timeout_s <= 0) {
        return std::nullopt;
    }
    return std::chrono::milliseconds(std::llround(options.timeout_s * 1000));
}

int wait_until_final(const Globals& globals, Interrupts& interrupts, const Client& client,
                     const Job& job, const JobOptions& options) {
    WaitOptions waiting;
    waiting.limit = limit_of(options);
    waiting.show_progress = true;
    const Outcome outcome = wait_and_explain(globals, job, interrupts, waiting);
    if (outcome.succeeded) {
        print_job(globals, client, *outcome.succeeded);
    }
    return outcome.code;
}

void print_event(const Globals& globals, const client::JobEvent& event) {
    if (globals.json) {
        print_json(to_json(event));
        return;
    }
    std::string line = std::to_string(event.sequence) + "  " + std::string(to_string(event.state));
    if (event.progress) {
        line += "  " + std::to_string(static_cast<int>(event.progress->fraction * 100)) + "%  " +
                event.progress->text;
    }
    print_line(event.log ? line + "  " + *event.log : line);
}

int watch_events(const Globals& globals, Interrupts& interrupts, const Client&, const Job& job,
                 const JobOptions& options) {
    WaitOptions waiting;
    waiting.limit = limit_of(options);
    waiting.on_event = [&](const client::JobEvent& event) { print_event(globals, event); };
    return wait_and_explain(globals, job, interrupts, waiting).code;
}

// The payload as people want it: the circuit of a compile, synthesize or instantiate job, else the
// bytes.
Result<std::string> readable_result(const Job& job, const JobInfo& info, bool raw) {
    if (!raw && info.kind.starts_with("compile")) {
        const auto result = job.compile_result();
        return result ? Result<std::string>(result->qasm) : Result<std::string>(result.error());
    }
    if (!raw && (info.kind.starts_with("synthesize") || info.kind == "instantiate")) {
        const auto result = job.synthesize_result();
        return result ? Result<std::string>(result->qasm) : Result<std::string>(result.error());
    }
    return job.result_bytes();
}

int fetch_result(const Globals& globals, Interrupts&, const Client&, const Job& job,
                 const JobOptions& options) {
    const Result<JobInfo> info = job.info();
    if (!info) {
        return report(globals, info.error());
    }
    if (!client::is_final(info->state)) {
        return report(globals, failed_precondition("job " + job.id().to_string() + " is still " +
                                                   std::string(to_string(info->state)) +
                                                   " (see: quercus wait)"));
    }
    const bool is_incumbent =
        info->state == client::JobState::kCancelled && info->result_size_bytes > 0;
    if (info->state != client::JobState::kSucceeded && !is_incumbent) {
        return explain_failure(globals, *info);
    }
    if (is_incumbent) {
        note(globals, "quercus: the job was cancelled; this is the best that it had found");
    }
    const Result<std::string> result = readable_result(job, *info, options.raw);
    if (!result) {
        return report(globals, result.error());
    }
    const bool to_stdout = options.output.empty() || options.output == "-";
    if (globals.json && to_stdout) {
        return report(globals,
                      invalid_argument("with --json the result needs a file: give -o FILE"));
    }
    if (const Status status = write_output(options.output, *result); !status.is_ok()) {
        return report(globals, status);
    }
    if (globals.json) {
        json::object object = to_json(*info);
        object["output"] = options.output;
        print_json(object);
    }
    return kExitOk;
}

int cancel_job(const Globals& globals, Interrupts&, const Client&, const Job& job,
               const JobOptions&) {
    const Result<JobInfo> info = job.cancel();
    if (!info) {
        return report(globals, info.error());
    }
    globals.json ? print_json(to_json(*info)) : print_line("cancelled " + job.id().to_string());
    return kExitOk;
}

int remove_job(const Globals& globals, Interrupts&, const Client&, const Job& job,
               const JobOptions&) {
    if (const Status status = job.remove(); !status.is_ok()) {
        return report(globals, status);
    }
    globals.json ? print_json({{"removed", job.id().to_string()}})
                 : print_line("removed " + job.id().to_string());
    return kExitOk;
}

int list_jobs(const Globals& globals) {
    const Result<Client> client = connect_to_server(globals, "jobs");
    if (!client) {
        return report(globals, client.error());
    }
    const auto jobs = client->list();
    if (!jobs) {
        return report(globals, jobs.error());
    }
    if (globals.json) {
        json::array array;
        for (const JobInfo& job : *jobs) {
            array.push_back(to_json(job));
        }
        print_json({{"jobs", array}});
        return kExitOk;
    }
    Table table(
        {Align::kLeft, Align::kLeft, Align::kLeft, Align::kRight, Align::kRight, Align::kLeft});
    table.add({"job", "state", "kind", "done", "seconds", "name"});
    for (const JobInfo& job : *jobs) {
        table.add({job.id.to_string().substr(0, 8), std::string(to_string(job.state)), job.kind,
                   std::to_string(static_cast<int>(job.progress * 100)) + "%", age(job), job.name});
    }
    print_line(table.to_string());
    return kExitOk;
}

// A command about one job of the server.
CLI::App* add_job_command(CLI::App& app, Action& chosen, const std::string& name,
                          const std::string& description, JobAction action,
                          const std::shared_ptr<JobOptions>& options) {
    CLI::App* command = app.add_subcommand(name, description);
    command->add_option("id", options->id, "Job id, or its first 4 or more hexadecimal digits")
        ->required();
    command->callback([&chosen, options, name, action] {
        chosen = [options, name, action](const Globals& globals, Interrupts& interrupts) -> int {
            const Result<Client> client = connect_to_server(globals, name);
            if (!client) {
                return report(globals, client.error());
            }
            const Result<Job> job = find_job(*client, options->id);
            if (!job) {
                return report(globals, job.error());
            }
            return action(globals, interrupts, *client, *job, *options);
        };
    });
    return command;
}

}  // namespace

void add_jobs(CLI::App& app, Action& chosen) {
    CLI::App* jobs = app.add_subcommand("jobs", "List the server's jobs, newest first");
    jobs->callback([&chosen] {
        chosen = [](const Globals& globals, Interrupts&) { return list_jobs(globals); };
    });
    const auto options = std::make_shared<JobOptions>();
    const auto add = [&](const char* name, const char* description, JobAction action) {
        return add_job_command(app, chosen, name, description, action, options);
    };
    add("status", "Show a job", show_status);
    CLI::App* wait = add("wait", "Wait until a job ends; the exit code says how", wait_until_final);
    CLI::App* watch = add("watch", "Print a job's events until it ends", watch_events);
    for (CLI::App* command : {wait, watch}) {
        command->add_option("--timeout", options->timeout_s, "Give up after that many seconds")
            ->check(CLI::NonNegativeNumber)
            ->type_name("S");
    }
    CLI::App* result = add("result", "Fetch the result of a succeeded job", fetch_result);
    result->add_option("-o,--output", options->output, "File (default: standard output)")
        ->type_name("FILE");
    result->add_flag("--raw", options->raw, "The payload's bytes as they are");
    add("cancel", "Cancel a job", cancel_job);
    add("remove", "Forget a finished job and its result", remove_job);
}

}  // namespace quercus::cli
