// quercus passes list, passes show, machines list, machines show

#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

#include "client/cli/commands.hpp"
#include "client/cli/table.hpp"

namespace quercus::cli {
namespace {

std::string parameters_of(const client::PassInfo& pass) {
    std::string text;
    for (const client::PassParameter& parameter : pass.parameters) {
        text += "    " + parameter.name + " = " + parameter.fallback + "  (" + parameter.values +
                ") " + parameter.doc + "\n";
    }
    return text;
}

int list_passes(const Globals& globals) {
    const std::vector<client::PassInfo> passes = client::known_passes();
    if (globals.json) {
        json::array all;
        for (const client::PassInfo& pass : passes) {
            json::array parameters;
            for (const client::PassParameter& parameter : pass.parameters) {
                parameters.push_back(json::object{{"name", parameter.name},
                                                  {"default", parameter.fallback},
                                                  {"values", parameter.values},
                                                  {"doc", parameter.doc}});
            }
            all.push_back(json::object{{"pass", pass.name},
                                       {"place", pass.place},
                                       {"doc", pass.doc},
                                       {"parameters", parameters}});
        }
        print_json({{"passes", all}});
        return kExitOk;
    }
    for (const client::PassInfo& pass : passes) {
        std::cout << pass.name << "  [" << pass.place << "]\n  " << pass.doc << "\n"
                  << parameters_of(pass);
    }
    std::cout
        << "\nBeside its \"passes\" a pipeline may name\n"
           "  error_budget  the distance bound (1 - |Tr|/N) of the whole result, up to 0.5;\n"
           "                each for_each_block may use its part (spend) of what is left;\n"
           "                without: every block by its threshold\n"
           "  optimize      what decides: two_qubit (default), depth or fidelity\n"
           "  placements    with --target: how often the circuit is placed, 1 to 64\n"
           "  routing_effort  with --target: trials of each routing, times the usual number\n";
    return kExitOk;
}

int show_level(const Globals& globals, const std::string& name, client::CompileJob work) {
    const std::string digits = name.starts_with("level") ? name.substr(5) : name;
    if (digits.size() != 1 || digits[0] < '0' || digits[0] > '9') {
        return report(globals, invalid_argument("'" + name + "' is no level: level0 to level4"));
    }
    work.level = static_cast<std::uint32_t>(digits[0] - '0');
    const Result<std::string> pipeline = client::level_pipeline(work);
    if (!pipeline) {
        return report(globals, pipeline.error());
    }
    std::cout << *pipeline;
    return kExitOk;
}

int list_machines(const Globals& globals) {
    if (globals.json) {
        print_json({{"machines", json::value_from(client::machine_presets())}});
        return kExitOk;
    }
    for (const std::string& name : client::machine_presets()) {
        std::cout << name << "\n";
    }
    return kExitOk;
}

int show_machine(const Globals& globals, const std::string& name) {
    const Result<std::string> text = client::machine_json(name);
    if (!text) {
        return report(globals, text.error());
    }
    std::cout << *text << "\n";
    return kExitOk;
}

}  // namespace

void add_machines(CLI::App& app, Action& chosen) {
    CLI::App* machines = app.add_subcommand("machines", "Machines that compile --target knows");
    machines->require_subcommand(1);
    machines->add_subcommand("list", "Names; N, R and C stand for numbers")->callback([&chosen] {
        chosen = [](const Globals& globals, Interrupts&) { return list_machines(globals); };
    });
    auto name = std::make_shared<std::string>();
    CLI::App* show = machines->add_subcommand("show", "One of them as JSON, to start a file from");
    show->add_option("machine", *name, "e.g. heavy-hex-27 or grid-5x5")->required();
    show->callback([&chosen, name] {
        chosen = [name](const Globals& globals, Interrupts&) {
            return show_machine(globals, *name);
        };
    });
}

void add_passes(CLI::App& app, Action& chosen) {
    CLI::App* passes = app.add_subcommand("passes", "What pipelines are made of");
    passes->require_subcommand(1);
    passes->add_subcommand("list", "All passes with their parameters")->callback([&chosen] {
        chosen = [](const Globals& globals, Interrupts&) { return list_passes(globals); };
    });
    auto name = std::make_shared<std::string>();
    auto work = std::make_shared<client::CompileJob>();
    CLI::App* show = passes->add_subcommand(
        "show", "The pipeline behind a level, as JSON that --pipeline takes");
    show->add_option("level", *name, "level0 to level4")->required();
    show->add_option("--error-budget", work->error_budget, "As of compile")->type_name("EPS");
    show->add_option("--optimize", work->optimize, "As of compile")->type_name("COST");
    show->callback([&chosen, name, work] {
        chosen = [name, work](const Globals& globals, Interrupts&) {
            return show_level(globals, *name, *work);
        };
    });
}

}  // namespace quercus::cli
