#include <CLI/CLI.hpp>
#include <memory>

#include "client/cli/commands.hpp"
#include "runtime/host/build_info.hpp"

namespace quercus::cli {
namespace {

constexpr const char* kModes =
    "Without --server, compile, synthesize, instantiate, run and tree work in attached mode:\n"
    "server and workers live inside this command, one executor process per core that it may use;\n"
    "nothing else has to be started and nothing is left behind.\n";

void add_globals(CLI::App& app, Globals& globals) {
    app.add_option(
           "--server", globals.server,
           "Server, host[:port] (IPv6 in brackets, default port 7472); without it: attached "
           "mode")
        ->envname("QUERCUS_SERVER")
        ->type_name("HOST[:PORT]");
    app.add_flag("--json", globals.json, "Answers and errors as JSON on standard output");
    app.add_flag(
        "-v,--verbose",
        [&globals](std::int64_t count) { globals.verbosity = static_cast<int>(count); },
        "Log state changes, -vv every task (repeatable)");
    app.add_option("--log-file", globals.log_file, "Log to this file instead of standard error")
        ->type_name("FILE");
    app.add_option("--log-format", globals.log_format, "text or json")
        ->check(CLI::IsMember({"text", "json"}))
        ->capture_default_str();
    app.set_version_flag("--version", [] { return host::version_text("quercus"); });
}

}  // namespace

void add_local_options(CLI::App& command, LocalOptions& local) {
    command
        .add_option("--workers", local.workers,
                    "Attached mode: number of workers (default: one per allowed core)")
        ->check(CLI::Range(1, 4096))
        ->type_name("N");
    command
        .add_option("--memory-per-task", local.memory_per_task,
                    "Memory limit of each task, e.g. 2G (not with --in-process)")
        ->type_name("SIZE");
    command.add_flag(
        "--in-process", local.in_process,
        "Threads of this process instead of executors: no hard cancel, no memory limit, "
        "no crash isolation");
}

std::unique_ptr<CLI::App> make_app(Globals& globals, Action& chosen) {
    auto app = std::make_unique<CLI::App>(
        "Compiles quantum circuits on a tree of Quercus servers, managers and workers.\n",
        "quercus");
    app->footer(std::string(kModes) + "\n" + exit_code_help());
    app->require_subcommand(1);
    app->fallthrough();  // global options may follow the command
    app->get_formatter()->column_width(34);
    add_globals(*app, globals);
    add_compile(*app, chosen);
    add_synthesize(*app, chosen);
    add_instantiate(*app, chosen);
    add_passes(*app, chosen);
    add_machines(*app, chosen);
    add_run(*app, chosen);
    add_jobs(*app, chosen);
    add_tree(*app, chosen);
    add_cache(*app, chosen);
    add_server(*app, chosen);
    add_doctor(*app, chosen);
    add_completion(*app, chosen);
    return app;
}

}  // namespace quercus::cli
