// quercus synthesize

#include <CLI/CLI.hpp>
#include <memory>

#include "client/cli/commands.hpp"
#include "client/cli/compile_options.hpp"
#include "client/cli/synthesis_run.hpp"
#include "client/cli/target_file.hpp"

namespace quercus::cli {
namespace {

struct SynthesizeOptions {
    client::SynthesizeJob work;
    TargetKind kind = TargetKind::kGuess;
    CompileFlags flags;
    SynthesisRun run;
};

Result<client::SynthesizeJob> read_work(const SynthesizeOptions& options) {
    const Result<std::string> content = read_input(options.run.input);
    if (!content) {
        return content.error();
    }
    const auto work = with_target(options.work, *content, options.run.input, options.kind);
    return work ? with_flags(*work, options.flags) : work;
}

int run_synthesize(const Globals& globals, Interrupts& interrupts,
                   const SynthesizeOptions& options) {
    Result<client::SynthesizeJob> work = read_work(options);
    if (!work) {
        return report(globals, work.error());
    }
    return run_synthesis(globals, interrupts, *std::move(work), options.run);
}

}  // namespace

void add_synthesize(CLI::App& app, Action& chosen) {
    auto options = std::make_shared<SynthesizeOptions>();
    CLI::App* command = app.add_subcommand(
        "synthesize", "Find a circuit for a unitary, a state or a state map of 1 to 8 qubits");
    command->footer(target_file_help());
    command->add_option("file", options->run.input, "Numbers, see below; - for standard input")
        ->required();
    add_target_kind(*command, options->kind);
    add_compile_flags(*command, options->work, options->flags);
    add_run_options(*command, options->run);
    command->callback([&chosen, options] {
        chosen = [options](const Globals& globals, Interrupts& interrupts) {
            return run_synthesize(globals, interrupts, *options);
        };
    });
}

}  // namespace quercus::cli
