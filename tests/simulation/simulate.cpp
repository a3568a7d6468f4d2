// quercus_simulate [first seed] [count] [faults] [trace]: runs the simulator and says what it
// found.

#include <chrono>
#include <cstdio>
#include <cstdlib>

#include "tests/simulation/world.hpp"

int main(int argc, char** argv) {
    const auto number = [&](int i, std::uint64_t fallback) {
        return argc > i ? std::strtoull(argv[i], nullptr, 10) : fallback;
    };
    const std::uint64_t first = number(1, 1);
    const std::uint64_t count = number(2, 100);
    quercus::simulation::WorldOptions options;
    options.faults = number(3, 12);
    options.trace = number(4, 0) != 0;
    std::uint64_t failed = 0;
    std::uint64_t events = 0;
    std::uint64_t tasks = 0;
    std::uint64_t runs = 0;
    quercus::scheduling::Duration idle{};
    const auto begin = std::chrono::steady_clock::now();
    for (std::uint64_t seed = first; seed < first + count; ++seed) {
        options.seed = seed;
        const auto result = quercus::simulation::World(options).run();
        events += result.events;
        tasks += result.tasks;
        runs += result.leaf_runs;
        idle = std::max(idle, result.longest_idle);
        if (!result.status.is_ok()) {
            ++failed;
            std::printf("seed %llu: %s\n", static_cast<unsigned long long>(seed),
                        result.status.to_string().c_str());
        }
    }
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    std::printf(
        "%llu seeds, %llu failed, %.1f s, %llu steps, %llu leaf tasks, %llu begun, longest idle "
        "%.1f ms\n",
        static_cast<unsigned long long>(count), static_cast<unsigned long long>(failed),
        took.count(), static_cast<unsigned long long>(events),
        static_cast<unsigned long long>(tasks), static_cast<unsigned long long>(runs),
        static_cast<double>(idle.count()) / 1000);
    return failed == 0 ? 0 : 1;
}
