// quercus completion

#include <CLI/CLI.hpp>
#include <memory>

#include "client/cli/commands.hpp"
#include "client/cli/completion_script.hpp"

namespace quercus::cli {
namespace {

void collect(const CLI::App& app, const std::string& path, std::vector<CommandWords>& commands) {
    CommandWords words{path, app.get_description(), {}, {}};
    for (const CLI::Option* option : app.get_options()) {
        for (const std::string& name : option->get_lnames()) {
            words.options.push_back("--" + name);
        }
        for (const std::string& name : option->get_snames()) {
            words.options.push_back("-" + name);
        }
    }
    const auto subcommands = app.get_subcommands([](const CLI::App*) { return true; });
    for (const CLI::App* subcommand : subcommands) {
        words.subcommands.push_back(subcommand->get_name());
    }
    if (path == "completion") {
        words.subcommands = {"bash", "zsh", "fish"};
    }
    commands.push_back(std::move(words));
    for (const CLI::App* subcommand : subcommands) {
        const std::string& name = subcommand->get_name();
        collect(*subcommand, path.empty() ? name : path + " " + name, commands);
    }
}

}  // namespace

void add_completion(CLI::App& app, Action& chosen) {
    const auto shell = std::make_shared<std::string>();
    CLI::App* command = app.add_subcommand("completion", "Print the completion script of a shell");
    command->add_option("shell", *shell, "bash, zsh or fish")->required();
    command->callback([&chosen, &app, shell] {
        chosen = [&app, shell](const Globals& globals, Interrupts&) -> int {
            std::vector<CommandWords> commands;
            collect(app, "", commands);
            const auto script = completion_script(*shell, commands);
            if (!script) {
                return report(globals, script.error());
            }
            return write_output("-", *script).is_ok() ? kExitOk : kExitFailed;
        };
    });
}

}  // namespace quercus::cli
