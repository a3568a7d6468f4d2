// `quercus`: the command line of a Quercus tree.

#include <CLI/CLI.hpp>
#include <iostream>

#include "client/cli/commands.hpp"
#include "runtime/host/logging.hpp"

namespace {

using namespace quercus;

Status begin_logging(const cli::Globals& globals) {
    host::LogOptions options;
    // Without -v a command says what it has to say itself; the log adds errors only.
    options.verbosity = globals.verbosity == 0 ? -1 : globals.verbosity;
    options.file = globals.log_file;
    options.format = globals.log_format == "json" ? host::LogFormat::kJson : host::LogFormat::kText;
    options.program = "quercus";
    return host::start_logging(options);
}

// --help and --version end parsing with an "error" whose code is 0.
int explain_parse_error(const CLI::App& app, const CLI::ParseError& error,
                        const cli::Globals& globals) {
    if (error.get_exit_code() == 0) {
        return app.exit(error);
    }
    return cli::report(globals,
                       invalid_argument(std::string(error.what()) + " (see: quercus --help)"));
}

}  // namespace

int main(int argc, char** argv) {
    cli::Interrupts interrupts;  // before any other thread
    cli::Globals globals;
    cli::Action chosen;
    const auto app = cli::make_app(globals, chosen);
    try {
        app->parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return explain_parse_error(*app, error, globals);
    }
    if (const Status status = begin_logging(globals); !status.is_ok()) {
        return cli::report(globals, status);
    }
    return chosen(globals, interrupts);
}
