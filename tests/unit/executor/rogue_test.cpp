#include <cstdlib>

#include "tests/support/catch.hpp"
#include "tests/unit/executor/rank.hpp"

using namespace quercus;
using namespace quercus::scheduling;
using quercus::testing::make_task;
using quercus::testing::Rank;

TEST_CASE("an executor that sends what no honest one does is killed") {
    struct Case {
        const char* how;
        const char* detail;
    };
    const Case cases[] = {{"garbage", "no record"},           {"head", "write position"},
                          {"type", "bad record of type 200"}, {"serial", "bad record of type 17"},
                          {"blob", "bad record of type 17"},  {"running", "exit code 9"}};
    for (const Case& one : cases) {
        CAPTURE(one.how);
        ::setenv("QUERCUS_ROGUE", one.how, 1);
        auto o = quercus::testing::options(1);
        o.binary = QUERCUS_ROGUE_BINARY;
        o.visible_env.emplace_back("QUERCUS_ROGUE");
        Rank rank(o);
        REQUIRE(rank.start().is_ok());
        const Task task = make_task("noop", "");
        rank.leaf(0, task);
        const auto died = rank.next<LeafDied>();
        REQUIRE(died);
        CHECK(died->detail.find(one.detail) != std::string::npos);
        CHECK_FALSE(died->running);  // it never said so truthfully
        CHECK(rank.next<LeafReady>());
        CHECK_FALSE(rank.has<LeafFinished>());
    }
}

TEST_CASE("an executor that never comes up is reported and tried again") {
    auto o = quercus::testing::options(1);
    o.binary = "/bin/false";
    Rank rank(o);
    REQUIRE(rank.start_only().is_ok());
    for (int attempt = 0; attempt < 3; ++attempt) {
        const auto died = rank.next<LeafDied>();
        REQUIRE(died);
        CHECK(died->detail.find("exit code 1") != std::string::npos);
    }
    CHECK(rank.stop());
}
