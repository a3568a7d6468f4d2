// quercus_bench_compile: compiles OpenQASM files in this process, one after the other on
// one thread, and checks every output against its input.
//
//     quercus_bench_compile [--json] [--no-check] [--level L] FILE-OR-FOLDER...
//
// Exit code 0 when every readable circuit compiled and every check passed.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <boost/json.hpp>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "quantum/circuit/equivalence.hpp"
#include "quantum/passes/compile.hpp"
#include "quantum/qasm/reader.hpp"
#include "tools/bench/circuit_files.hpp"

namespace {

using namespace quercus;
namespace fs = std::filesystem;

struct Row {
    std::string name;
    passes::CompileResult result;
    double seconds = 0;
    std::string method;  // of the check; empty: not checked
    double distance = 0;
    bool correct = true;
};

// Unitaries up to 12 qubits; random states and branches up to 20, where they fit.
void check(Row& row, const circuit::Circuit& input) {
    circuit::EquivalenceOptions options;
    options.tolerance = std::max(1e-5, row.result.delta_bound);
    options.max_unitary_qubits = 10;
    options.num_states = 2;
    const auto same = circuit::check_equivalence(input, row.result.circuit, options);
    if (!same) {
        row.method = "";
        return;
    }
    row.method = circuit::to_string(same->method);
    row.distance = same->distance;
    row.correct = same->equivalent;
    if (same->method == circuit::EquivalenceMethod::kUnitary) {
        row.correct = row.correct && same->distance <= row.result.delta_bound + 1e-13;
    }
}

void print(const Row& row) {
    const auto& before = row.result.before;
    const auto& after = row.result.after;
    char distance[16] = "";
    if (!row.method.empty()) {
        std::snprintf(distance, sizeof(distance), "%.1e", row.distance);
    }
    std::printf("%-24s %6llu %6llu %6llu %7llu %7llu %9.1e %9s %-13s %6.2f%s\n", row.name.c_str(),
                static_cast<unsigned long long>(before.two_qubit) + before.wider,
                static_cast<unsigned long long>(before.cx_equivalents),
                static_cast<unsigned long long>(after.cx_equivalents),
                static_cast<unsigned long long>(before.depth),
                static_cast<unsigned long long>(after.depth), row.result.delta_bound, distance,
                row.method.empty() ? "not checked" : row.method.c_str(), row.seconds,
                row.correct ? "" : "  WRONG");
    std::fflush(stdout);
}

boost::json::object json_of(const Row& row) {
    return {{"name", row.name},
            {"multi_qubit_in", row.result.before.two_qubit + row.result.before.wider},
            {"cx_in", row.result.before.cx_equivalents},
            {"cx_out", row.result.after.cx_equivalents},
            {"depth_in", row.result.before.depth},
            {"depth_out", row.result.after.depth},
            {"delta_bound", row.result.delta_bound},
            {"checked", row.method},
            {"distance", row.distance},
            {"correct", row.correct},
            {"seconds", row.seconds}};
}

Result<passes::Pipeline> pipeline_of(const std::string& file, int level,
                                     const passes::LevelOptions& options) {
    if (file.empty()) {
        return passes::level_pipeline(level, options);
    }
    std::ifstream in(file);
    std::stringstream text;
    text << in.rdbuf();
    return passes::pipeline_from_json(text.str());
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app("Compile OpenQASM files on this thread and check the outputs",
                 "quercus_bench_compile");
    std::vector<std::string> arguments;
    bool as_json = false;
    bool no_check = false;
    int level = 1;
    passes::LevelOptions options;
    std::string pipeline_file;
    std::string optimize = "two_qubit";
    std::uint64_t seed = 0;
    app.add_option("inputs", arguments, "files or folders")->required()->check(CLI::ExistingPath);
    app.add_flag("--json", as_json, "print one JSON array instead of a table");
    app.add_flag("--no-check", no_check, "do not compare outputs with inputs");
    app.add_option("--level", level, "optimisation level (0-4)");
    app.add_option("--block-size", options.block_size, "qubits of a block (2-5)");
    app.add_option("--iterations", options.iterations, "of level 4, per island");
    app.add_option("--time-budget", options.time_budget_s, "of level 4, seconds");
    app.add_option("--islands", options.islands, "of level 4");
    app.add_option("--error-budget", options.error_budget, "bound that the result may have");
    app.add_option("--optimize", optimize, "two_qubit, depth or fidelity");
    app.add_option("--pipeline", pipeline_file, "JSON file instead of a level");
    app.add_option("--seed", seed, "of the job");
    CLI11_PARSE(app, argc, argv);
    const auto known = passes::optimize_from_text(optimize);
    if (!known) {
        std::fprintf(stderr, "%s\n", known.error().message().c_str());
        return 2;
    }
    options.optimize = *known;
    const auto pipeline = pipeline_of(pipeline_file, level, options);
    if (!pipeline) {
        std::fprintf(stderr, "%s\n", pipeline.error().message().c_str());
        return 2;
    }

    bool good = true;
    boost::json::array rows;
    if (!as_json) {
        std::printf("%-24s %6s %6s %6s %7s %7s %9s %9s %-13s %6s\n", "name", "2q+", "cx in",
                    "cx out", "depth", "->", "bound", "distance", "checked by", "s");
    }
    for (const fs::path& file : bench::files_of(arguments)) {
        const auto input = qasm::read_file(file);
        if (!input) {
            std::fprintf(stderr, "%s\n", input.error().message().c_str());
            continue;
        }
        Row row;
        row.name = file.stem().string();
        const auto start = std::chrono::steady_clock::now();
        auto result = passes::compile_locally(*input, *pipeline, seed);
        row.seconds =
            std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
        if (!result) {
            std::fprintf(stderr, "%s: %s\n", row.name.c_str(), result.error().to_string().c_str());
            good = false;
            continue;
        }
        row.result = std::move(*result);
        if (!no_check) {
            check(row, *input);
        }
        good = good && row.correct;
        as_json ? rows.push_back(json_of(row)) : print(row);
    }
    if (as_json) {
        std::printf("%s\n", boost::json::serialize(rows).c_str());
    }
    return good ? 0 : 1;
}
