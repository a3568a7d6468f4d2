#include "client/cli/compile_list.hpp"

#include <chrono>
#include <filesystem>
#include <iostream>
#include <map>
#include <optional>

#include "client/cli/table.hpp"
#include "client/cli/waiting.hpp"

namespace quercus::cli {
namespace {

namespace fs = std::filesystem;

struct Row {
    std::string file;
    std::string output;
    std::optional<Job> job;
    client::CircuitFigures before;
    std::optional<JobInfo> info;  // once final
    std::optional<client::CompileResult> result;
    Status error;
    ExitCode code = kExitOk;

    void fail(const Status& status, ExitCode as) {
        error = status;
        code = as;
    }
};

std::string output_of(const CompileList& list, const std::string& file) {
    return (fs::path(list.folder) / (fs::path(file).stem().string() + ".qasm")).string();
}

// Reads and submits one circuit.
Row submitted(const Client& client, const CompileList& list, const std::string& file) {
    Row row;
    row.file = file;
    row.output = output_of(list, file);
    client::CompileJob work = list.work;
    work.path = file;
    const Result<client::CircuitFigures> before = client::inspect_circuit(work);
    if (!before) {
        row.fail(before.error(), kExitUsage);
        return row;
    }
    row.before = *before;
    client::JobOptions options = list.job;
    options.name = fs::path(file).filename().string().substr(0, 256);
    const Result<Job> job = client.submit(work, options);
    if (!job) {
        row.fail(job.error(), exit_code(job.error()));
        return row;
    }
    row.job = *job;
    return row;
}

// Takes what became of a job that has ended.
void collect(Row& row, const Result<JobInfo>& info) {
    if (!info) {
        row.fail(info.error(), exit_code(info.error()));
        return;
    }
    row.info = *info;
    const bool has_result =
        info->state == client::JobState::kSucceeded || info->result_size_bytes > 0;
    if (!has_result) {
        const bool is_cancelled = info->state == client::JobState::kCancelled;
        row.fail(is_cancelled          ? Status(StatusCode::kCancelled, "the job was cancelled")
                 : info->error.is_ok() ? Status(StatusCode::kUnknown, "the job failed")
                                       : info->error,
                 exit_code(*info));
        return;
    }
    Result<client::CompileResult> result = row.job->compile_result();
    if (!result) {
        row.fail(result.error(), exit_code(result.error()));
        return;
    }
    result->before = row.before;
    if (const Status status = write_output(row.output, result->qasm); !status.is_ok()) {
        row.fail(status, exit_code(status));
        return;
    }
    row.result = std::move(*result);
}

// In the order of the files; while one is waited for, the others run too. False after a signal.
bool wait_for_all(const Globals& globals, Interrupts& interrupts, std::vector<Row>& rows) {
    for (Row& row : rows) {
        if (!row.job) {
            continue;
        }
        WaitOptions options;
        options.show_progress = !globals.json;
        options.on_lost = say_lost(globals);
        const Waited waited = wait_for(*row.job, interrupts, options);
        if (waited.ending != Ending::kFinished) {
            return false;
        }
        collect(row, *waited.info);
    }
    return true;
}

double seconds_of(const JobInfo& info) {
    return info.finished_at
               ? std::chrono::duration<double>(*info.finished_at - info.submitted_at).count()
               : 0;
}

json::object to_json(const Row& row) {
    json::object object{{"file", row.file}};
    if (row.info) {
        object["job"] = cli::to_json(*row.info);
    }
    if (!row.result) {
        object["error"] = cli::to_json(row.error);
        return object;
    }
    object["output"] = row.output;
    add_result(object, *row.result);
    return object;
}

std::string change(std::uint64_t before, std::uint64_t after) {
    return std::to_string(before) + " -> " + std::to_string(after);
}

std::string table_of(const std::vector<Row>& rows) {
    Table table(
        {Align::kLeft, Align::kRight, Align::kRight, Align::kRight, Align::kRight, Align::kLeft});
    table.add({"circuit", "two-qubit gates", "two-qubit depth", "error bound", "s", ""});
    for (const Row& row : rows) {
        if (!row.result) {
            table.add({row.file, "-", "-", "-", "-", "failed"});
            continue;
        }
        const client::CircuitFigures& before = row.result->before;
        const client::CircuitFigures& after = row.result->after;
        table.add({row.file, change(before.two_qubit, after.two_qubit),
                   change(before.two_qubit_depth, after.two_qubit_depth),
                   short_number(row.result->distance_bound), short_number(seconds_of(*row.info)),
                   row.output});
    }
    return table.to_string();
}

int print_rows(const Globals& globals, const std::vector<Row>& rows) {
    ExitCode code = kExitOk;
    json::array all;
    for (const Row& row : rows) {
        if (!row.error.is_ok()) {
            std::cerr << "quercus: " << row.file << ": " << row.error.message() << "\n";
            code = code == kExitOk ? row.code : code;
        }
        all.push_back(to_json(row));
    }
    if (globals.json) {
        print_json(json::object{{"circuits", all}});
    } else {
        print_line(table_of(rows));
    }
    return code;
}

// What has ended is written all the same; without a server the rest is cancelled first.
int end_interrupted(const Globals& globals, std::vector<Row>& rows) {
    const bool is_attached = globals.server.empty();
    for (const Row& row : rows) {
        if (is_attached && row.job && !row.info) {
            (void)row.job->cancel();
        }
    }
    std::string open;
    for (Row& row : rows) {
        if (!row.job || row.info) {
            continue;
        }
        const auto info = is_attached ? row.job->wait(std::chrono::seconds(5)) : row.job->info();
        if (info && client::is_final(info->state)) {
            collect(row, info);
        } else {
            open += " " + row.job->id().to_string();
            row.fail(Status(StatusCode::kCancelled, "not finished"), kExitInterrupted);
        }
    }
    print_rows(globals, rows);
    const std::string what =
        globals.server.empty() ? "interrupted; what had not finished was cancelled"
                               : "interrupted; these jobs go on at " + globals.server + ":" + open;
    report(globals, Status(StatusCode::kCancelled, what));
    return kExitInterrupted;
}

}  // namespace

Status check_list(const CompileList& list) {
    std::map<std::string, std::string> outputs;
    std::error_code no_file;
    for (const std::string& file : list.files) {
        const std::string output = output_of(list, file);
        const auto [known, is_new] = outputs.emplace(output, file);
        if (!is_new) {
            return invalid_argument("'" + known->second + "' and '" + file +
                                    "' would both be written to '" + output + "'");
        }
    }
    for (const auto& [output, file] : outputs) {
        for (const std::string& input : list.files) {
            if (fs::equivalent(output, input, no_file)) {
                return invalid_argument("'" + file + "' would be written over the input '" + input +
                                        "' (--output-dir)");
            }
        }
    }
    return Status::ok();
}

int compile_list(const Globals& globals, Interrupts& interrupts, const CompileList& list) {
    std::error_code failed;
    fs::create_directories(list.folder, failed);
    if (failed || !fs::is_directory(list.folder, failed)) {
        return report(globals, invalid_argument("cannot make the folder '" + list.folder +
                                                "' (--output-dir)"));
    }
    for (const std::string& file : list.files) {
        if (const Status status = check_output(output_of(list, file)); !status.is_ok()) {
            return report(globals, status);
        }
    }
    const Result<Client> client = connect_anywhere(globals, list.local);
    if (!client) {
        return report(globals, client.error());
    }
    interrupts.hold();
    std::vector<Row> rows;
    for (const std::string& file : list.files) {
        rows.push_back(submitted(*client, list, file));
    }
    return wait_for_all(globals, interrupts, rows) ? print_rows(globals, rows)
                                                   : end_interrupted(globals, rows);
}

}  // namespace quercus::cli
