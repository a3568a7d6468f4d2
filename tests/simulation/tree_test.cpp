#include <cstdlib>
#include <string>

#include "tests/simulation/world.hpp"
#include "tests/support/catch.hpp"

namespace quercus::simulation {
namespace {

std::uint64_t from_environment(const char* name, std::uint64_t fallback) {
    const char* text = std::getenv(name);
    return text != nullptr ? std::strtoull(text, nullptr, 10) : fallback;
}

// QUERCUS_SIM_SEEDS: how many; QUERCUS_SIM_FIRST: the first of them.
std::uint64_t seeds(std::uint64_t fallback) {
    return from_environment("QUERCUS_SIM_SEEDS", fallback);
}
std::uint64_t first_seed() {
    return from_environment("QUERCUS_SIM_FIRST", 1);
}

}  // namespace

TEST_CASE("every job ends with the right result whatever is lost on the way") {
    const std::uint64_t first = first_seed();
    for (std::uint64_t seed = first; seed < first + seeds(100); ++seed) {
        INFO("seed " << seed << " (quercus_simulate " << seed << " 1 14 1 shows it)");
        WorldOptions options;
        options.seed = seed;
        options.faults = 14;
        const WorldResult result = World(options).run();
        REQUIRE(result.status == Status::ok());
        REQUIRE(result.nodes >= 8);
        REQUIRE(result.tasks >= 200);
        REQUIRE(result.faults >= 10);
        REQUIRE(result.manager_crashes >= 1);
    }
}

TEST_CASE(
    "without faults every task runs once, equal ones hardly ever twice, and nobody idles while "
    "work waits") {
    const std::uint64_t first = first_seed();
    const std::uint64_t count = seeds(100);
    std::uint64_t late = 0;
    for (std::uint64_t seed = first; seed < first + count; ++seed) {
        INFO("seed " << seed << " (quercus_simulate " << seed << " 1 0 1 shows it)");
        WorldOptions options;
        options.seed = seed;
        options.faults = 0;
        const WorldResult result = World(options).run();
        REQUIRE(result.status == Status::ok());
        // What is begun while it is asked for may be known, or computed elsewhere, after all.
        constexpr std::uint64_t kOvertaken = 3;
        REQUIRE(result.leaf_runs + result.cached <= result.tasks + kOvertaken);
        REQUIRE(result.leaf_runs + result.cached + kOvertaken >= result.tasks);
        REQUIRE(result.cached > 0);
        REQUIRE(result.repeated <= kOvertaken);
        // Where one rank feeds all others through three managers, those nearer to it are served
        // first: the far ones may wait for a second turn.
        REQUIRE(result.longest_idle_in_plenty <= 2 * result.idle_limit);
        late += result.longest_idle_in_plenty > result.idle_limit ? 1 : 0;
    }
    INFO(late << " of " << count << " seeds from " << first << " with a worker idle for longer");
    REQUIRE(late * 100 <= count);
}

TEST_CASE("the same seed is the same run") {
    WorldOptions options;
    options.seed = first_seed();
    const WorldResult once = World(options).run();
    const WorldResult again = World(options).run();
    REQUIRE(once.events == again.events);
    REQUIRE(once.ended == again.ended);
    REQUIRE(once.leaf_runs == again.leaf_runs);
}

}  // namespace quercus::simulation
