// quercus doctor: what this machine offers and whether the server can be reached.

#include <CLI/CLI.hpp>
#include <chrono>
#include <memory>

#include "client/cli/commands.hpp"
#include "client/cli/table.hpp"
#include "client/cli/tree_text.hpp"
#include "runtime/host/build_info.hpp"
#include "runtime/host/machine.hpp"
#include "runtime/host/node_host.hpp"

namespace quercus::cli {
namespace {

struct Reachability {
    Status status;
    double round_trip_ms = 0;
    std::size_t workers = 0;
    std::string build;
};

Reachability probe_server(const std::string& address) {
    Reachability found;
    const auto client = Client::connect(address, std::chrono::seconds(5));
    found.status = client.status();
    if (!client) {
        return found;
    }
    const auto begin = std::chrono::steady_clock::now();
    const auto nodes = client->tree();
    found.round_trip_ms =
        std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
    found.status = nodes.status();
    if (nodes && !nodes->empty()) {
        found.workers = count_workers(*nodes);
        found.build = nodes->front().build;
    }
    return found;
}

struct Findings {
    host::Machine machine = host::inspect_machine();
    Result<std::string> executor = host::find_executor();
    std::optional<Reachability> server;
};

std::string cores_text(const host::Machine& machine) {
    std::string text = std::to_string(machine.usable_cores()) + " usable (allowed cpus " +
                       short_list(machine.allowed_cpus);
    if (machine.cpu_quota > 0) {
        text += ", cgroup quota " + short_number(machine.cpu_quota) + " cpus";
    }
    return text + ")";
}

std::string server_text(const Globals& globals, const Findings& findings) {
    if (!findings.server) {
        return "none given (--server, QUERCUS_SERVER): attached mode";
    }
    if (!findings.server->status.is_ok()) {
        return globals.server + ": " + findings.server->status.message();
    }
    return globals.server + ": version " + findings.server->build + ", " +
           std::to_string(findings.server->workers) + " workers, round trip " +
           short_number(findings.server->round_trip_ms) + " ms";
}

void print_text(const Globals& globals, const Findings& findings) {
    Table table({Align::kLeft, Align::kLeft});
    table.add({"version", host::build_text()});
    table.add({"host", findings.machine.host_name});
    table.add({"numeric profile", host::numeric_profile()});
    table.add({"cpu features", host::cpu_features()});
    table.add({"cores", cores_text(findings.machine)});
    table.add({"memory", short_number(static_cast<double>(findings.machine.memory_bytes) /
                                      (1024.0 * 1024 * 1024)) +
                             " GiB"});
    table.add({"executor", findings.executor ? *findings.executor
                                             : "missing: " + findings.executor.error().message()});
    table.add({"server", server_text(globals, findings)});
    table.add({"--in-process", "threads without hard cancel, memory limit or crash isolation"});
    print_line(table.to_string());
}

json::object server_json(const Globals& globals, const Reachability& server) {
    json::object object{{"address", globals.server}, {"reachable", server.status.is_ok()}};
    if (server.status.is_ok()) {
        object["build"] = server.build;
        object["workers"] = server.workers;
        object["round_trip_ms"] = server.round_trip_ms;
    } else {
        object["error"] = to_json(server.status);
    }
    return object;
}

void print_as_json(const Globals& globals, const Findings& findings) {
    json::object object{{"version", host::build_text()},
                        {"host", findings.machine.host_name},
                        {"numeric_profile", host::numeric_profile()},
                        {"cpu_features", host::cpu_features()},
                        {"usable_cores", findings.machine.usable_cores()},
                        {"allowed_cpus", json::value_from(findings.machine.allowed_cpus)},
                        {"cpu_quota", findings.machine.cpu_quota},
                        {"memory_bytes", findings.machine.memory_bytes}};
    if (findings.executor) {
        object["executor"] = *findings.executor;
    } else {
        object["executor_error"] = to_json(findings.executor.error());
    }
    if (findings.server) {
        object["server"] = server_json(globals, *findings.server);
    }
    print_json(object);
}

int run_doctor(const Globals& globals) {
    Findings findings;
    if (!globals.server.empty()) {
        findings.server = probe_server(globals.server);
    }
    globals.json ? print_as_json(globals, findings) : print_text(globals, findings);
    if (findings.server && !findings.server->status.is_ok()) {
        return kExitUnreachable;
    }
    return findings.executor || findings.server ? kExitOk : kExitFailed;
}

}  // namespace

void add_doctor(CLI::App& app, Action& chosen) {
    app.add_subcommand("doctor",
                       "Check this machine: versions, cpu features, allowed cores, memory, whether "
                       "the server can be reached")
        ->callback([&chosen] {
            chosen = [](const Globals& globals, Interrupts&) { return run_doctor(globals); };
        });
}

}  // namespace quercus::cli
