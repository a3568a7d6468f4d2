// quercus_bench_generate: writes random circuits of four families as OpenQASM files, for
// comparisons with other compilers.
//
//     quercus_bench_generate [--count 50] [--seed 1] [--max-qubits 10] FOLDER
//
// Prints the seed; the same seed writes the same files. Names: <family>_<number>_n<qubits>.qasm.

#include <CLI/CLI.hpp>
#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "quantum/circuit/generate.hpp"
#include "quantum/qasm/writer.hpp"

namespace {

using namespace quercus;

struct FamilyPlan {
    circuit::Family family;
    const char* name;
    std::uint32_t smallest_size;  // see circuit::generate
    std::uint32_t largest_size;
};
constexpr std::array<FamilyPlan, 4> kFamilies = {{
    {circuit::Family::kRandom, "random", 20, 80},
    {circuit::Family::kTrotter, "trotter", 1, 4},
    {circuit::Family::kVariational, "variational", 2, 6},
    {circuit::Family::kArithmetic, "arithmetic", 1, 2},
}};

std::uint32_t between(std::uint32_t low, std::uint32_t high, Philox& random) {
    return low + static_cast<std::uint32_t>(random.below(high - low + 1));
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app("Write random circuits of four families", "quercus_bench_generate");
    std::filesystem::path folder;
    std::uint32_t count = 50;
    std::uint32_t max_qubits = 10;
    Seed seed = 1;
    app.add_option("folder", folder, "where to write; made if absent")->required();
    app.add_option("--count", count, "number of circuits");
    app.add_option("--seed", seed, "seed");
    app.add_option("--max-qubits", max_qubits, "qubits: 4 to this")->check(CLI::Range(4, 30));
    CLI11_PARSE(app, argc, argv);

    std::filesystem::create_directories(folder);
    Philox random(seed);
    for (std::uint32_t i = 0; i < count; ++i) {
        const FamilyPlan& plan = kFamilies[i % kFamilies.size()];
        const std::uint32_t qubits = between(4, max_qubits, random);
        const std::uint32_t size = between(plan.smallest_size, plan.largest_size, random);
        const circuit::Circuit circuit = circuit::generate(plan.family, qubits, size, random());
        const auto text = qasm::write(circuit);
        if (!text) {
            std::fprintf(stderr, "%s\n", text.error().to_string().c_str());
            return 1;
        }
        char name[64];
        std::snprintf(name, sizeof(name), "%s_%02u_n%u.qasm", plan.name, i, qubits);
        std::ofstream file(folder / name);
        file << *text;
        if (!file.flush()) {
            std::fprintf(stderr, "cannot write %s\n", (folder / name).c_str());
            return 1;
        }
    }
    std::printf("wrote %u circuits to %s (seed %llu)\n", count, folder.c_str(),
                static_cast<unsigned long long>(seed));
    return 0;
}
