// quercus_bench_synthesis: instantiation and synthesis of small unitaries, one thread.
//
//     quercus_bench_synthesis [--json] [--seeds N] [--seed S] [--only SECTION]
//
// Sections: instantiation, search, haar4, wide. Times are CPU times of this one thread, so that a
// busy machine does not distort them. Every result is compared with its dense target; exit code 1
// if one is further away than 1e-6.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <boost/json.hpp>
#include <boost/json/src.hpp>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <map>

#include "quantum/synthesis/fit_circuit.hpp"
#include "quantum/synthesis/synthesize_unitary.hpp"
#include "tools/bench/synthesis_targets.hpp"

namespace {

using namespace quercus;
using namespace quercus::synthesis;
using base::Matrix;
using bench::base_target;
using bench::dressed;
using bench::haar_unitary;

struct Settings {
    bool json = false;
    int seeds = 100;
    Seed first_seed = 1;
    std::string only;
};

struct Row {
    std::string name;
    std::vector<double> ms;        // per start or per target
    std::map<int, int> two_qubit;  // CX: how many targets
    int good = 0;                  // converged or solved
    double worst = 0;              // distance from the dense target, of the good ones
    double iterations = 0;
    std::string goal;
};

class Clock {
 public:
    [[nodiscard]] double ms() const {
        return 1e3 * static_cast<double>(std::clock() - start_) / CLOCKS_PER_SEC;
    }

 private:
    std::clock_t start_ = std::clock();
};

double quantile(std::vector<double> values, double q) {
    std::sort(values.begin(), values.end());
    return values[static_cast<std::size_t>(
        std::lround(q * static_cast<double>(values.size() - 1)))];
}

std::string histogram(const Row& row) {
    std::string out;
    for (const auto& [count, targets] : row.two_qubit) {
        out += std::to_string(count) + " CX: " + std::to_string(targets) + "  ";
    }
    return out;
}

// Random angles, first layer and CX layers alike.
Ansatz random_ansatz(Template shape, Philox& random) {
    Ansatz out{std::move(shape), {}};
    out.params.resize(out.shape.num_parameters());
    for (double& angle : out.params) {
        angle = random.uniform(-std::numbers::pi, std::numbers::pi);
    }
    return out;
}

struct StartsCase {
    int qubits;
    std::size_t cx;
    bool haar;
    const char* goal;
};

// One random start per target.
Row bench_starts(const StartsCase& c, const Settings& settings) {
    Row row;
    row.name = std::to_string(c.qubits) + " qubits, " + std::to_string(c.cx) + " CX, " +
               (c.haar ? "Haar" : "from the template");
    row.goal = c.goal;
    for (int t = 0; t < settings.seeds; ++t) {
        Philox random(settings.first_seed + static_cast<Seed>(t), 1);
        const Template shape = bench::pairs_in_turn(c.qubits, c.cx);
        const Matrix target = c.haar ? haar_unitary(std::size_t{1} << c.qubits, random)
                                     : unitary_of(random_ansatz(shape, random));
        Instantiator engine = *Instantiator::create(target);
        const Clock clock;
        const Instantiation found = engine.run_random(shape, random, 1);
        row.ms.push_back(clock.ms());
        row.iterations += found.iterations;
        if (found.d <= 1e-12) {
            ++row.good;
            row.worst = std::max(
                row.worst, phase_invariant_distance(target, unitary_of({shape, found.params})));
        }
    }
    return row;
}

// Starts until one succeeds or BQSKit's time for one start (48 ms) is over.
Row bench_restarts(const Settings& settings) {
    Row row;
    row.name = "3 qubits, 7 CX, from the template, restarts";
    row.goal = "must 70 of 100 within 48 ms, reach 95";
    for (int t = 0; t < settings.seeds; ++t) {
        Philox random(settings.first_seed + static_cast<Seed>(t), 2);
        const Template shape = bench::random_pairs(3, 7, random);
        const Matrix target = unitary_of(random_ansatz(shape, random));
        Instantiator engine = *Instantiator::create(target);
        Instantiation found;
        const Clock clock;
        while (!(found.d <= 1e-12) && clock.ms() < 48) {
            found = engine.run_random(shape, random, 1);
            row.iterations += found.iterations;
        }
        row.ms.push_back(clock.ms());
        if (found.d <= 1e-12 && row.ms.back() <= 48) {
            ++row.good;
            row.worst = std::max(
                row.worst, phase_invariant_distance(target, unitary_of({shape, found.params})));
        }
    }
    return row;
}

// Pairs of three qubits in turn: rxx, ryy, rzz with u3 after each; or unknown gates alone.
circuit::Circuit any_gates(std::size_t pairs, bool is_unknown) {
    circuit::Circuit out = circuit::Circuit::with_qubits(3);
    const auto u3 = [&](circuit::Qubit q) { out.append(circuit::Gate::kU3, {q}, {0, 0, 0}); };
    for (circuit::Qubit q = 0; q < 3 && !is_unknown; ++q) {
        u3(q);
    }
    const circuit::Gate kinds[] = {circuit::Gate::kRXX, circuit::Gate::kRYY, circuit::Gate::kRZZ};
    const Template in_turn = bench::pairs_in_turn(3, pairs);
    for (std::size_t i = 0; i < pairs; ++i) {
        const CxPair pair = in_turn.cx[i];
        if (is_unknown) {
            circuit::Operation op;
            op.gate = circuit::Gate::kOpaque;
            op.opaque_name = "any";
            op.qubits = {pair.control, pair.target};
            out.operations.push_back(op);
            continue;
        }
        out.append(kinds[i % 3], {pair.control, pair.target}, {0});
        u3(pair.control);
        u3(pair.target);
    }
    return out;
}

// One random start per target of the engine for any gates.
Row bench_fit(std::size_t pairs, bool is_unknown, const Settings& settings) {
    Row row;
    row.name = "3 qubits, " + std::to_string(pairs) +
               (is_unknown ? " unknown gates, Haar" : " rxx, ryy, rzz, from the template");
    row.goal = "beside BQSKit's start";
    const circuit::Circuit shape = any_gates(pairs, is_unknown);
    for (int t = 0; t < settings.seeds; ++t) {
        Philox random(settings.first_seed + static_cast<Seed>(t), 4);
        circuit::Circuit with_angles = shape;
        for (circuit::Operation& op : with_angles.operations) {
            for (double& angle : op.params) {
                angle = random.uniform(-std::numbers::pi, std::numbers::pi);
            }
        }
        const Matrix target =
            is_unknown ? haar_unitary(8, random) : *circuit::unitary_of(with_angles);
        const Clock clock;
        const auto found = fit_circuit(shape, target, random, true);
        row.ms.push_back(clock.ms());
        row.iterations += found->iterations;
        if (found->success) {
            ++row.good;
            row.worst = std::max(row.worst, *distance_to(target, found->circuit));
        }
    }
    return row;
}

// `name`: see base_target; "haar" is drawn anew for each seed.
Row bench_unitary(const std::string& name, int qubits, int seeds, int effort, const char* goal,
                  const Settings& settings) {
    Row row;
    row.name = name + "-" + std::to_string(qubits);
    row.goal = goal;
    for (int t = 0; t < seeds; ++t) {
        Philox random(settings.first_seed + static_cast<Seed>(t), 3);
        const Matrix target = name == "haar" ? haar_unitary(std::size_t{1} << qubits, random)
                                             : dressed(base_target(name, qubits), random);
        UnitaryOptions options;
        options.seed = random();
        options.effort = effort;
        const Clock clock;
        const Result<UnitaryResult> found = synthesize_unitary(target, options);
        row.ms.push_back(clock.ms());
        if (found) {
            ++row.good;
            ++row.two_qubit[static_cast<int>(found->cx)];
            const Matrix actual = *circuit::unitary_of(found->circuit);
            row.worst = std::max(row.worst, phase_invariant_distance(target, actual));
        }
    }
    return row;
}

void print(const Row& row) {
    const auto runs = static_cast<double>(row.ms.size());
    std::printf("%-44s %3d/%zu  median %9.3f ms  p95 %9.3f  max %9.3f", row.name.c_str(), row.good,
                row.ms.size(), quantile(row.ms, 0.5), quantile(row.ms, 0.95), quantile(row.ms, 1));
    if (row.iterations > 0) {
        double total = 0;
        for (const double ms : row.ms) {
            total += ms;
        }
        std::printf("  %5.1f iterations of %.4f ms", row.iterations / runs, total / row.iterations);
    }
    std::printf("  worst distance %.0e  %s\n    (%s)\n", row.worst, histogram(row).c_str(),
                row.goal.c_str());
    std::fflush(stdout);
}

boost::json::object json_of(const Row& row) {
    boost::json::object counts;
    for (const auto& [count, targets] : row.two_qubit) {
        counts[std::to_string(count)] = targets;
    }
    return {{"name", row.name},
            {"runs", row.ms.size()},
            {"good", row.good},
            {"median_ms", quantile(row.ms, 0.5)},
            {"p95_ms", quantile(row.ms, 0.95)},
            {"max_ms", quantile(row.ms, 1)},
            {"iterations", row.iterations},
            {"worst_distance", row.worst},
            {"cx", counts},
            {"goal", row.goal}};
}

class Bench {
 public:
    explicit Bench(const Settings& settings) : settings_(settings) {}

    int run() {
        instantiation();
        fit();
        search();
        wide();
        if (settings_.json) {
            std::puts(boost::json::serialize(rows_).c_str());
        }
        return correct_ ? 0 : 1;
    }

 private:
    [[nodiscard]] bool wanted(const char* section) const {
        return settings_.only.empty() || settings_.only == section;
    }

    void add(const Row& row) {
        correct_ = correct_ && row.worst <= 1e-6;
        rows_.push_back(json_of(row));
        if (!settings_.json) {
            print(row);
        }
    }

    void instantiation() {
        if (!wanted("instantiation")) {
            return;
        }
        const StartsCase cases[] = {
            {3, 14, true, "must >= 95 converge, 20x under BQSKit's 52 ms; reach 40x"},
            {4, 61, true, "must >= 90 converge, median <= 300 ms; reach 100 ms"},
            {4, 20, false, "cost per iteration"},
            {4, 30, false, "cost per iteration"}};
        for (const StartsCase& c : cases) {
            add(bench_starts(c, settings_));
        }
        add(bench_restarts(settings_));
    }

    void fit() {
        if (wanted("fit")) {
            add(bench_fit(12, false, settings_));
            add(bench_fit(6, true, settings_));
        }
    }

    void search() {
        const int n = settings_.seeds;
        if (wanted("search")) {
            add(bench_unitary("toffoli", 3, n, 1, "must 6 CX in 200 ms, reach 50", settings_));
            add(bench_unitary("fredkin", 3, n, 1, "must 7 CX", settings_));
            add(bench_unitary("qft", 3, n, 1, "must 6 CX", settings_));
            add(bench_unitary("haar", 3, n, 1, "must 14 CX in 100 ms, reach 20", settings_));
        }
        if (wanted("search") || wanted("qft4")) {
            add(bench_unitary("qft", 4, n, 1, "must <= 11 CX in 10 s", settings_));
        }
        if (wanted("search") || wanted("haar4")) {
            add(bench_unitary("haar", 4, n, 1, "must <= 61 CX on 95%, never above 63, in 5 s",
                              settings_));
        }
    }

    void wide() {
        if (wanted("wide")) {
            add(bench_unitary("haar", 5, 3, 0, "block-ZXZ and four-qubit factors", settings_));
            add(bench_unitary("haar", 6, 1, 0, "block-ZXZ and four-qubit factors", settings_));
        }
    }

    const Settings& settings_;
    boost::json::array rows_;
    bool correct_ = true;
};

}  // namespace

int main(int argc, char** argv) {
    Settings settings;
    CLI::App app("Instantiation and synthesis of small unitaries");
    app.add_flag("--json", settings.json, "one JSON array instead of the table");
    app.add_option("--seeds", settings.seeds, "targets per row")->check(CLI::PositiveNumber);
    app.add_option("--seed", settings.first_seed, "the first seed; the others follow");
    app.add_option("--only", settings.only, "one section")
        ->check(CLI::IsMember({"instantiation", "fit", "search", "haar4", "qft4", "wide"}));
    CLI11_PARSE(app, argc, argv);
    if (!settings.json) {
        std::printf("seeds %llu to %llu\n", static_cast<unsigned long long>(settings.first_seed),
                    static_cast<unsigned long long>(settings.first_seed) + settings.seeds - 1);
    }
    return Bench(settings).run();
}
