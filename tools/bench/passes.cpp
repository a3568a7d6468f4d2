// quercus_bench_passes: the cx count of OpenQASM files after each circuit-to-circuit pass, one file
// after the other on one thread; every result up to 20 qubits is checked against its input.
//
//     quercus_bench_passes [--no-check] [--rounds N] [--passes a,b,...] FILE-OR-FOLDER...
//
// Every round runs the named passes in order, each followed by the clean-up of level 1 (cancel,
// fold, merge), until a round changes nothing. Exit code 0 when every check passed.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <functional>

#include "quantum/circuit/equivalence.hpp"
#include "quantum/passes/cancel_two_qubit.hpp"
#include "quantum/passes/drop_near_identity.hpp"
#include "quantum/passes/fold_two_qubit.hpp"
#include "quantum/passes/merge_one_qubit.hpp"
#include "quantum/passes/merge_rotations.hpp"
#include "quantum/passes/pauli_network.hpp"
#include "quantum/passes/rebase_to_cx_u3.hpp"
#include "quantum/passes/resynthesize.hpp"
#include "quantum/passes/steps.hpp"
#include "quantum/qasm/reader.hpp"
#include "tools/bench/circuit_files.hpp"

namespace {

using namespace quercus;
namespace fs = std::filesystem;
using circuit::Circuit;
using passes::PassResult;
using Clock = std::chrono::steady_clock;
using Pass = std::function<Result<PassResult>(const Circuit&)>;

// "pauli:5:32" is the pass "pauli" on at most 5 qubits with 32 restarts; "pauli:5:32:equal" also
// accepts as many cx. Regions of less than 12 qubits overlap.
Pass resynthesis_pass(const std::string& name, Seed seed) {
    passes::ResynthesizeOptions options;
    options.seed = seed;
    options.accept_equal = name.ends_with(":equal");
    const auto colon = name.find(':');
    const std::string base = name.substr(0, colon);
    if (colon != std::string::npos) {
        options.most_qubits = std::stoul(name.substr(colon + 1));
        options.overlapping = options.most_qubits < 12;
        const auto second = name.find(':', colon + 1);
        if (second != std::string::npos) {
            options.restarts = std::stoi(name.substr(second + 1));
        }
    }
    return [options, base](const Circuit& c) {
        return base == "linear"     ? passes::resynthesize_linear(c, options)
               : base == "clifford" ? passes::resynthesize_clifford(c, options)
                                    : passes::resynthesize_pauli(c, options);
    };
}

// walk:ROUNDS[:QUBITS] or walk-seconds:SECONDS[:QUBITS]
Pass walk_pass(const std::string& name, Seed seed) {
    const auto first = name.find(':');
    const auto second = name.find(':', first + 1);
    const double amount = std::stod(name.substr(first + 1));
    passes::WalkOptions options;
    options.seed = seed;
    if (second != std::string::npos) {
        options.most_qubits = std::stoul(name.substr(second + 1));
    }
    if (name.starts_with("walk:")) {
        options.rounds = static_cast<int>(amount);
        return [options](const Circuit& c) { return passes::walk_pauli_regions(c, options); };
    }
    return [options, amount](const Circuit& c) {
        passes::WalkOptions timed = options;
        timed.rounds = 1'000'000'000;
        const auto end = Clock::now() + std::chrono::duration<double>(amount);
        timed.stop = [end] { return Clock::now() >= end; };
        return passes::walk_pauli_regions(c, timed);
    };
}

Pass pass_of(const std::string& name, Seed seed) {
    if (name == "rotations") {
        return [](const Circuit& c) { return passes::merge_rotations(c); };
    }
    if (name == "rotations-last") {
        return [](const Circuit& c) { return passes::merge_rotations(c, {.keep_last = true}); };
    }
    if (name == "drop") {
        return [](const Circuit& c) { return passes::drop_near_identity(c); };
    }
    if (name.starts_with("walk:") || name.starts_with("walk-seconds:")) {
        return walk_pass(name, seed);
    }
    return resynthesis_pass(name, seed);
}

Result<PassResult> clean_up(const Circuit& circuit) {
    PassResult all{circuit};
    for (int round = 0; round < 8; ++round) {
        auto merged = passes::merge_one_qubit(all.circuit);
        auto cancelled = passes::cancel_two_qubit(merged.circuit);
        auto folded = passes::fold_two_qubit(cancelled.circuit);
        if (!folded) {
            return folded.error();
        }
        all.circuit = std::move(folded->circuit);
        all.delta += folded->delta;
        if (!cancelled.changed && !folded->changed) {
            break;
        }
    }
    all.circuit = passes::merge_one_qubit(all.circuit).circuit;
    return all;
}

struct Options {
    std::vector<std::string> inputs;
    std::vector<std::string> passes = {"rotations", "linear", "clifford", "pauli:4", "pauli:6"};
    int rounds = 3;
    bool no_check = false;
};

// What each pass took off, in the order of the options.
struct Row {
    std::uint64_t input = 0;
    std::uint64_t cleaned = 0;
    std::vector<std::int64_t> gains;
    std::vector<double> seconds;
    Circuit output;
    double delta = 0;
};

Result<Row> run(const Circuit& input, const Options& options) {
    Row row;
    row.gains.assign(options.passes.size(), 0);
    row.seconds.assign(options.passes.size(), 0);
    auto rebased = passes::rebase_to_cx_u3(input);
    if (!rebased) {
        return rebased.error();
    }
    row.input = circuit::count_two_qubit(rebased->circuit);
    auto current = clean_up(rebased->circuit);
    if (!current) {
        return current.error();
    }
    row.cleaned = circuit::count_two_qubit(current->circuit);
    row.delta = rebased->delta + current->delta;
    row.output = std::move(current->circuit);
    for (int round = 0; round < options.rounds; ++round) {
        bool changed = false;
        for (std::size_t p = 0; p < options.passes.size(); ++p) {
            const auto start = Clock::now();
            const auto before = circuit::count_two_qubit(row.output);
            auto result = pass_of(options.passes[p], static_cast<Seed>(round) + 1)(row.output);
            auto cleaned = result ? clean_up(result->circuit) : result;
            if (!cleaned) {
                return cleaned.error();
            }
            changed = changed || result->changed;
            row.output = std::move(cleaned->circuit);
            row.delta += result->delta + cleaned->delta;
            row.gains[p] +=
                static_cast<std::int64_t>(before - circuit::count_two_qubit(row.output));
            row.seconds[p] += std::chrono::duration<double>(Clock::now() - start).count();
        }
        if (!changed) {
            break;
        }
    }
    return row;
}

// For more qubits than can be simulated: does one circuit, then the other's inverse, merge to
// nothing? Sufficient, not necessary. Measurements and barriers are left out.
bool undoes(const Circuit& a, const Circuit& b) {
    auto steps = passes::to_steps(a).steps;
    auto back = passes::to_steps(b).steps;
    passes::invert(back);
    steps.insert(steps.end(), back.begin(), back.end());
    std::erase_if(steps,
                  [](const auto& s) { return s.kind == passes::RotationStep::Kind::kFixed; });
    const auto program = passes::detail::pauli_program(steps, a.num_qubits());
    bool nothing = program.rotations.empty();
    for (std::size_t q = 0; nothing && q < program.qubits; ++q) {
        const auto &x = program.x[q], &z = program.z[q];
        const std::uint64_t here = std::uint64_t{1} << q;
        nothing = x.x == here && x.z == 0 && !x.negative && z.x == 0 && z.z == here && !z.negative;
    }
    return nothing;
}

// "-" when nothing is known.
std::string verdict(const Circuit& input, const Circuit& output, bool& correct) {
    if (input.num_qubits() > circuit::kMaxEquivalenceQubits) {
        const auto rebased = passes::rebase_to_cx_u3(input);
        return rebased && undoes(rebased->circuit, output) ? "ok (Pauli rotations)" : "-";
    }
    circuit::EquivalenceOptions check;
    check.num_states = input.num_qubits() > 16 ? 1 : 2;
    const auto same = circuit::check_equivalence(input, output, check);
    if (!same) {
        return "-";
    }
    correct = same->equivalent;
    return same->equivalent ? "ok" : "WRONG";
}

bool report(const fs::path& file, const Options& options) {
    auto input = qasm::read_file(file);
    if (!input) {
        return true;
    }
    const auto row = run(*input, options);
    if (!row) {
        std::printf("%-28s %s\n", file.stem().c_str(), row.status().to_string().c_str());
        return false;
    }
    bool correct = true;
    const std::string checked = options.no_check ? "-" : verdict(*input, row->output, correct);
    std::printf("%-28s %3u %6llu %6llu |", file.stem().c_str(), input->num_qubits(),
                static_cast<unsigned long long>(row->input),
                static_cast<unsigned long long>(row->cleaned));
    for (std::size_t p = 0; p < options.passes.size(); ++p) {
        std::printf(" %5lld %6.2fs", static_cast<long long>(row->gains[p]), row->seconds[p]);
    }
    std::printf(" | %6llu delta %.1e %s\n",
                static_cast<unsigned long long>(circuit::count_two_qubit(row->output)), row->delta,
                checked.c_str());
    std::fflush(stdout);
    return correct;
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app("cx counts after each pass");
    Options options;
    app.add_option("inputs", options.inputs, "OpenQASM files or folders")->required();
    app.add_option("--passes", options.passes, "the passes of a round")->delimiter(',');
    app.add_option("--rounds", options.rounds, "most rounds");
    app.add_flag("--no-check", options.no_check, "leave out the equivalence checks");
    CLI11_PARSE(app, argc, argv);
    std::printf("%-28s %3s %6s %6s |", "circuit", "n", "rebase", "clean");
    for (const auto& name : options.passes) {
        std::printf(" %13s", name.c_str());
    }
    std::printf(" | %6s\n", "cx");
    bool all = true;
    for (const auto& file : bench::files_of(options.inputs)) {
        all = report(file, options) && all;
    }
    return all ? 0 : 1;
}
