// quercus instantiate

#include <CLI/CLI.hpp>
#include <charconv>
#include <memory>
#include <sstream>
#include <utility>

#include "client/cli/commands.hpp"
#include "client/cli/synthesis_run.hpp"
#include "client/cli/target_file.hpp"

namespace quercus::cli {
namespace {

constexpr const char* kHelp =
    "Every angle of the circuit is free, and every opaque gate an unknown unitary, e.g.\n"
    "  opaque any a, b;\n"
    "  any q[0], q[1];\n"
    "on 1 to 3 qubits (each use another one); it comes back in {cx, u3}. All else stays as\n"
    "it is. The first descent starts from the circuit's own angles, the others from random\n"
    "ones; the first (by number) that reaches the threshold is the result.\n"
    "\n"
    "Methods:\n"
    "  lm       Levenberg-Marquardt, angles and unknown gates\n"
    "  lbfgs    L-BFGS, the same with less memory\n"
    "  qfactor  sweeps over the unknown gates, angles stay\n"
    "  auto     lm, after some sweeps where gates are unknown; lbfgs where lm's matrices are "
    "large\n";

struct InstantiateOptions {
    client::InstantiateJob work;
    std::string circuit;
    std::string frozen;
    TargetKind kind = TargetKind::kGuess;
    SynthesisRun run;
};

// "0,3,4".
Result<std::vector<std::uint32_t>> numbers_in(const std::string& list) {
    std::vector<std::uint32_t> out;
    std::istringstream in(list);
    for (std::string word; std::getline(in, word, ',');) {
        std::uint32_t number = 0;
        const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
        if (error != std::errc() || end != word.data() + word.size()) {
            return invalid_argument("'" + word.substr(0, 40) + "' is no number (--frozen 0,3,4)");
        }
        out.push_back(number);
    }
    return out;
}

Result<client::InstantiateJob> read_work(const InstantiateOptions& options) {
    if (options.circuit == "-" && options.run.input == "-") {
        return invalid_argument("only one of circuit and numbers can come from standard input");
    }
    client::InstantiateJob work = options.work;
    auto frozen = numbers_in(options.frozen);
    if (!frozen) {
        return frozen.error();
    }
    work.frozen = std::move(*frozen);
    Result<std::string> circuit = read_input(options.circuit);
    if (!circuit) {
        return circuit.error();
    }
    work.qasm = *std::move(circuit);
    work.path = options.circuit;
    const Result<std::string> content = read_input(options.run.input);
    if (!content) {
        return content.error();
    }
    auto target = with_target({}, *content, options.run.input, options.kind);
    if (!target) {
        return target.error();
    }
    work.unitary = std::move(target->unitary);
    work.state = std::move(target->state);
    work.state_map = std::move(target->state_map);
    const Status status = client::check_work(work);
    return status.is_ok() ? Result<client::InstantiateJob>(std::move(work)) : status;
}

int run_instantiate(const Globals& globals, Interrupts& interrupts,
                    const InstantiateOptions& options) {
    Result<client::InstantiateJob> work = read_work(options);
    if (!work) {
        return report(globals, work.error());
    }
    return run_synthesis(globals, interrupts, *std::move(work), options.run);
}

}  // namespace

void add_instantiate(CLI::App& app, Action& chosen) {
    auto options = std::make_shared<InstantiateOptions>();
    CLI::App* command = app.add_subcommand(
        "instantiate", "Fit the angles of a circuit to a unitary, a state or a state map");
    command->footer(std::string(kHelp) + "\n" + target_file_help());
    command->add_option("circuit", options->circuit, "OpenQASM 2 file; - for standard input")
        ->required();
    command->add_option("file", options->run.input, "Numbers, see below; - for standard input")
        ->required();
    add_target_kind(*command, options->kind);
    command->add_option("--starts", options->work.starts, "Descents at most, 1 to 100000")
        ->capture_default_str()
        ->type_name("N");
    command->add_option("--method", options->work.method, "auto (default), lm, lbfgs or qfactor")
        ->type_name("METHOD");
    command
        ->add_option("--threshold", options->work.threshold,
                     "A smaller 1 - |Tr|/N is a success, up to 1 (default 1e-8)")
        ->type_name("D");
    command
        ->add_option("--frozen", options->frozen,
                     "Operations that stay as they are, counted from 0, e.g. 0,3,4 (definitions of "
                     "gates written out)")
        ->type_name("LIST");
    add_run_options(*command, options->run);
    command->callback([&chosen, options] {
        chosen = [options](const Globals& globals, Interrupts& interrupts) {
            return run_instantiate(globals, interrupts, *options);
        };
    });
}

}  // namespace quercus::cli
