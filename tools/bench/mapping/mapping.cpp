// quercus_bench_mapping: compiles OpenQASM files in this process, maps them onto machine models,
// resynthesises the result on the coupling graph, rebases it to {cz, rz, sx, x}, and checks every
// output: coupling, gate set, and equivalence under the reported layouts where at most 20 physical
// qubits are used (beyond that the routing is checked step by step and the bound is printed). As a
// compilation does, it also maps the circuit as it came, with its cheapest passes only, where the
// compiled one has fewer cx, and takes the better; the idle qubits' layout, which the check needs,
// is no part of a compilation's result.
//
//     quercus_bench_mapping --model NAME [--model ...] [--trials N] [--json] [--no-check] FILE...
//
// Exit code 0 when everything that fits was mapped and every check passed.

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <chrono>
#include <cstdio>
#include <filesystem>

#include "quantum/mapping/check_mapped.hpp"
#include "quantum/mapping/free_ends.hpp"
#include "quantum/mapping/presets.hpp"
#include "quantum/passes/compile.hpp"
#include "quantum/qasm/reader.hpp"

namespace {

using namespace quercus;
namespace fs = std::filesystem;

struct Row {
    std::string file, model;
    std::uint64_t compiled = 0, routed = 0, out = 0, pulses = 0;
    double seconds = 0, compile_seconds = 0, check_seconds = 0;
    double delta_bound = 0, distance = 0;
    std::string method = "steps";  // of the equivalence check
    std::string error;
};

double now() {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

struct Settings {
    mapping::OptimizeOptions optimize;
    int level = 2;  // of the compilation before mapping
    bool check = true;
};

// Searches less on large circuits, so that all of them take about equally long.
mapping::ResynthesisOptions resynthesis_for(std::uint64_t two_qubit,
                                            mapping::ResynthesisOptions options) {
    if (two_qubit > 400) {
        options.effort = 0;
        options.max_rounds = std::min(options.max_rounds, 6);
    }
    return options;
}

Status map_one(Row& row, const circuit::Circuit& input, const passes::CompileResult& compiled,
               const mapping::MachineModel& model, const Settings& settings) {
    const double start = now();
    mapping::OptimizeOptions options = settings.optimize;
    options.resynthesis = resynthesis_for(row.compiled, options.resynthesis);
    // One placement of one form on one thread; --target runs several and takes the best.
    auto mapped = mapping::map_and_resynthesize(compiled.circuit, model, options);
    if (!mapped) {
        return mapped.error();
    }
    row.routed = static_cast<std::uint64_t>(mapped->figures.cost);
    const auto set = mapping::native_set({"cz", "rz", "sx", "x"});
    if (!set) {
        return set.error();
    }
    const auto native = mapping::rebase_to_native(mapped->circuit, *set, &model);
    if (!native) {
        return native.error();
    }
    row.seconds = now() - start;
    row.out = circuit::count_two_qubit(native->circuit);
    row.pulses = native->pulses;
    row.delta_bound = compiled.delta_bound + mapped->delta + native->delta;
    if (Status status = mapping::check_mapped(native->circuit, model, &*set); !status.is_ok()) {
        return status;
    }
    if (!settings.check) {
        return Status::ok();
    }
    const double checking = now();
    mapped->circuit = native->circuit;
    circuit::EquivalenceOptions how;
    how.num_states = input.num_qubits() > 14 ? 1 : 2;
    how.tolerance = 1e-5;
    const auto same = mapping::check_mapping(input, *mapped, how);
    row.check_seconds = now() - checking;
    if (same) {
        row.method = circuit::to_string(same->method);
        row.distance = same->distance;
        return same->equivalent ? Status::ok() : internal_error("the output is not equivalent");
    }
    return same.error().code() == StatusCode::kResourceExhausted ? Status::ok() : same.error();
}

Row map_and_check(const std::string& file, const std::string& model_name,
                  const circuit::Circuit& input, const passes::CompileResult& compiled,
                  const mapping::MachineModel& model, const Settings& settings) {
    Row row;
    row.file = file;
    row.model = model_name;
    row.compiled = circuit::count_two_qubit(compiled.circuit);
    const Status status = map_one(row, input, compiled, model, settings);
    row.error = status.is_ok() ? "" : status.to_string();
    return row;
}

void print(const Row& row) {
    std::printf("%-24s %-13s %6llu %6llu %6llu %7llu %9.1e %9.1e %-13s %6.2f %6.2f  %s\n",
                fs::path(row.file).stem().c_str(), row.model.c_str(),
                static_cast<unsigned long long>(row.compiled),
                static_cast<unsigned long long>(row.routed),
                static_cast<unsigned long long>(row.out),
                static_cast<unsigned long long>(row.pulses), row.delta_bound, row.distance,
                row.method.c_str(), row.compile_seconds, row.seconds, row.error.c_str());
    std::fflush(stdout);
}

void print_json(const Row& row) {
    const boost::json::object out = {
        {"file", row.file},
        {"model", row.model},
        {"compiled", row.compiled},
        {"routed", row.routed},
        {"two_qubit", row.out},
        {"pulses", row.pulses},
        {"delta_bound", row.delta_bound},
        {"distance", row.distance},
        {"checked", row.method},
        {"compile_seconds", row.compile_seconds},
        {"seconds", row.seconds},
        {"check_seconds", row.check_seconds},
        {"error", row.error},
    };
    std::printf("%s\n", boost::json::serialize(out).c_str());
    std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app("Compile and map OpenQASM files and check the outputs", "quercus_bench_mapping");
    std::vector<std::string> files, names;
    Settings settings;
    bool as_json = false, no_check = false;
    app.add_option("--model", names, "machine model preset, repeatable")->required();
    app.add_option("--level", settings.level, "of the compilation before mapping (default 2)");
    app.add_option("--trials", settings.optimize.map.trials, "SABRE trials (0: by size)");
    app.add_option("--seed", settings.optimize.map.seed, "seed of the mapping");
    app.add_option("--rounds", settings.optimize.resynthesis.max_rounds, "rounds of resynthesis");
    app.add_option("--effort", settings.optimize.resynthesis.effort, "effort of block synthesis");
    app.add_option("--finalists", settings.optimize.finalists,
                   "routings to resynthesise (0: by size)");
    app.add_flag("--json", as_json, "print one JSON object per line instead of a table");
    app.add_flag("--no-check", no_check, "do not compare outputs with inputs");
    app.add_option("files", files, "OpenQASM files")->required()->check(CLI::ExistingFile);
    CLI11_PARSE(app, argc, argv);
    settings.check = !no_check;
    const auto pipeline = passes::level_pipeline(settings.level);
    if (!pipeline) {
        std::fprintf(stderr, "%s\n", pipeline.error().message().c_str());
        return 2;
    }

    const auto cheapest = passes::pipeline_from_json(
        R"({"passes": [{"pass": "rebase_cx_u3"}, {"pass": "cancel_two_qubit"}, {"pass": "clean_up"}]})");
    bool good = cheapest.status().is_ok();
    for (const std::string& file : files) {
        const auto input = qasm::read_file(file);
        if (!input) {
            std::fprintf(stderr, "%s\n", input.error().message().c_str());
            good = false;
            continue;
        }
        const double start = now();
        const auto compiled = passes::compile_locally(*input, *pipeline);
        const double compile_seconds = now() - start;
        const auto plain = passes::compile_locally(*input, *cheapest);
        if (!compiled) {
            std::fprintf(stderr, "%s: %s\n", file.c_str(), compiled.error().to_string().c_str());
            good = false;
            continue;
        }
        for (const std::string& name : names) {
            const auto model = mapping::preset(name);
            if (!model) {
                std::fprintf(stderr, "%s\n", model.error().message().c_str());
                return 2;
            }
            if (input->num_qubits() > model->num_qubits) {
                continue;
            }
            // Whatever the machine's own gates: every tool is measured with cz.
            mapping::MachineModel with_cz = *model;
            with_cz.two_qubit_gates = {circuit::Gate::kCZ};
            Row row = map_and_check(file, name, *input, *compiled, with_cz, settings);
            if (plain && circuit::count_two_qubit(plain->circuit) >
                             circuit::count_two_qubit(compiled->circuit)) {
                Row other = map_and_check(file, name, *input, *plain, with_cz, settings);
                good = good && other.error.empty();
                other.seconds += row.seconds;
                row.seconds = other.seconds;
                if (row.error.empty() && other.out < row.out) {
                    row = std::move(other);
                }
            }
            row.compile_seconds = compile_seconds;
            good = good && row.error.empty();
            as_json ? print_json(row) : print(row);
        }
    }
    return good ? 0 : 1;
}
