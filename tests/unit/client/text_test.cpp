#include "client/cli/circuit_report.hpp"
#include "client/cli/completion_script.hpp"
#include "client/cli/context.hpp"
#include "client/cli/run_input.hpp"
#include "client/cli/table.hpp"
#include "client/cli/tree_text.hpp"
#include "client/cli/waiting.hpp"
#include "tests/support/catch.hpp"

using namespace quercus;
using namespace quercus::cli;

TEST_CASE("tables pad columns and count characters, not bytes", "[correctness]") {
    Table table({Align::kLeft, Align::kRight, Align::kLeft});
    table.add({"a", "1", "x"});
    table.add({"äöü", "22"});
    CHECK(table.to_string() == "a     1  x\näöü  22");
    CHECK(display_width("└─ ä") == 4);
}

TEST_CASE("short numbers", "[correctness]") {
    CHECK(short_number(0) == "0");
    CHECK(short_number(1.23456) == "1.23");
    CHECK(short_number(1234.4) == "1234");
    CHECK(short_number(3.2e-9) == "3.20e-09");
    CHECK(short_list({0, 1, 2, 5}) == "0-2,5");
}

TEST_CASE("the progress bar stays within its width whatever the fraction", "[correctness]") {
    CHECK(progress_bar(0.5, "round 1", 80) == "[============>           ]  50%  round 1");
    CHECK(progress_bar(1, "", 80) == "[========================] 100%  ");
    CHECK(progress_bar(7, "", 80) == progress_bar(1, "", 80));
    CHECK(progress_bar(-1, "", 80) == progress_bar(0, "", 80));
    CHECK(progress_bar(std::numeric_limits<double>::quiet_NaN(), "", 80) ==
          progress_bar(0, "", 80));
    CHECK(progress_bar(0.5, std::string(200, 'x'), 40).size() == 40);
}

TEST_CASE("errors and final jobs have the documented exit codes", "[correctness]") {
    CHECK(exit_code(Status()) == 0);
    CHECK(exit_code(failed_precondition("")) == 1);
    CHECK(exit_code(not_found("")) == 1);
    CHECK(exit_code(internal_error("")) == 1);
    CHECK(exit_code(invalid_argument("")) == 2);
    CHECK(exit_code(unavailable("")) == 3);
    CHECK(exit_code(Status(StatusCode::kCancelled, "")) == 4);
    CHECK(exit_code(Status(StatusCode::kDeadlineExceeded, "")) == 5);
    JobInfo job;
    job.state = client::JobState::kSucceeded;
    CHECK(exit_code(job) == 0);
    job.state = client::JobState::kFailed;
    CHECK(exit_code(job) == 1);
    job.state = client::JobState::kCancelled;
    CHECK(exit_code(job) == 4);
}

TEST_CASE("before and after stand side by side, missing gates as a dash", "[correctness]") {
    client::CircuitFigures before{{{"ccx", 2}, {"cx", 3}}, 3, 5, 9, 4};
    client::CircuitFigures after{{{"cx", 2}, {"u3", 10}}, 2, 12, 7, 2};
    CHECK(figures_table(before, after) ==
          "                 before  after\n"
          "ccx                   2      -\n"
          "cx                    3      2\n"
          "u3                    -     10\n"
          "two-qubit gates       3      2\n"
          "operations            5     12\n"
          "depth                 9      7\n"
          "two-qubit depth       4      2");
}

TEST_CASE("a tree is drawn with its workers; circles and orphans do no harm", "[correctness]") {
    client::NodeInfo server{"11111111-x", "", "server", "s:1", "0.1", {"h:7472"}, {}, {}, "up"};
    client::NodeInfo manager{"22222222-x", "11111111-x", "manager", "m:2", "0.1", {}, {}, {}, "up"};
    client::NodeInfo rank{"33333333-x", "22222222-x", "rank",          "r:3",
                          "0.1",        {},           {{"gpu", "no"}}, {{{0}, 42, 7}, {{1}, 43, 8}},
                          "up"};
    client::NodeInfo second{"44444444-x", "11111111-x",      "rank", "r:4", "0.1", {},
                            {},           {{{2, 3}, 44, 0}}, "lost"};
    CHECK(tree_text({server, manager, rank, second}) ==
          "server s:1  11111111  0.1  up  h:7472\n"
          "├─ manager m:2  22222222  0.1  up\n"
          "│  └─ rank r:3  33333333  0.1  up  gpu=no\n"
          "│     ├─ worker 0  cpus 0  pid 42  7 tasks\n"
          "│     └─ worker 1  cpus 1  pid 43  8 tasks\n"
          "└─ rank r:4  44444444  0.1  lost\n"
          "   └─ worker 0  cpus 2-3  pid 44  0 tasks");
    CHECK(count_workers({server, manager, rank, second}) == 2);
    rank.parent = rank.id;
    CHECK(tree_text({rank}).empty());
    CHECK(tree_text({manager}) == "manager m:2  22222222  0.1  up");
}

TEST_CASE("hexadecimal digits", "[correctness]") {
    CHECK(to_hex(std::string("\x00\xff\x1a", 3)) == "00ff1a");
    CHECK(*from_hex("00fF1a") == std::string("\x00\xff\x1a", 3));
    CHECK_FALSE(from_hex("0"));
    CHECK_FALSE(from_hex("0g"));
    CHECK(readable_output("hash", "\x01\x02") == "0102");
    CHECK(readable_output("probe", "{\"a\":1}") == "{\"a\":1}");
}

TEST_CASE("completion scripts name every command and option", "[correctness]") {
    const std::vector<CommandWords> commands{{"", "", {"--json"}, {"jobs", "server"}},
                                             {"server wait", "", {"--workers"}, {}}};
    for (const std::string shell : {"bash", "zsh", "fish"}) {
        const auto script = completion_script(shell, commands);
        REQUIRE(script);
        CHECK(script->find("jobs server") != std::string::npos);
        CHECK(script->find("workers") != std::string::npos);
    }
    CHECK(completion_script("csh", commands).status().code() == StatusCode::kInvalidArgument);
}
