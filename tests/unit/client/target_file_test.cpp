#include "client/cli/target_file.hpp"

#include "tests/support/catch.hpp"

using quercus::StatusCode;
using quercus::cli::TargetKind;
using Complex = std::complex<double>;

namespace {

using Numbers = std::vector<Complex>;

quercus::Result<quercus::client::SynthesizeJob> parse_target(const std::string& content,
                                                             const std::string& name,
                                                             TargetKind kind) {
    return quercus::cli::with_target({}, content, name, kind);
}

std::string refusal(const std::string& content, TargetKind kind) {
    const auto job = parse_target(content, "m", kind);
    REQUIRE_FALSE(job);
    CHECK(job.error().code() == StatusCode::kInvalidArgument);
    return job.error().message();
}

}  // namespace

TEST_CASE("the kind of a target is guessed from its shape", "[correctness]") {
    const auto unitary = parse_target("0 1\n1 0\n", "m", TargetKind::kGuess);
    REQUIRE(unitary);
    CHECK(unitary->unitary == Numbers{0, 1, 1, 0});
    CHECK(unitary->state.empty());
    for (const std::string text : {"0 1 2j 3\n", "0\n1\n2j\n3\n"}) {
        const auto state = parse_target(text, "m", TargetKind::kGuess);
        REQUIRE(state);
        CHECK(state->state == Numbers{0, 1, {0, 2}, 3});
        CHECK(state->unitary.empty());
    }
    const auto map = parse_target("1 0 0 0\n0 1 0 0\n", "m", TargetKind::kGuess);
    REQUIRE(map);
    REQUIRE(map->state_map.size() == 1);
    CHECK(map->state_map[0].input == Numbers{1, 0, 0, 0});
    CHECK(map->state_map[0].output == Numbers{0, 1, 0, 0});
}

TEST_CASE("a named kind decides where shapes are the same", "[correctness]") {
    const auto map =
        parse_target("1 0 0 0\n0 1 0 0\n0 0 1 0\n0 0 0 1\n", "m", TargetKind::kStateMap);
    REQUIRE(map);
    REQUIRE(map->state_map.size() == 2);
    CHECK(map->state_map[1].input == Numbers{0, 0, 1, 0});
    CHECK(map->state_map[1].output == Numbers{0, 0, 0, 1});
    CHECK(map->unitary.empty());
}

TEST_CASE("shapes that are not of the kind are refused", "[bad input]") {
    CHECK(refusal("1 0\n", TargetKind::kUnitary) ==
          "m: the numbers are 1 x 2, a unitary has as many rows as columns (--kind)");
    CHECK(refusal("1 0\n0 1\n", TargetKind::kState) ==
          "m: the numbers are 2 x 2, a state is one row or one column (--kind)");
    CHECK(refusal("1 0\n0 1\n1 0\n", TargetKind::kStateMap) ==
          "m: the numbers are 3 x 2, a state map has inputs and outputs in turn (--kind)");
    CHECK(refusal("1 0\n0 1\n1 0\n", TargetKind::kGuess) ==
          "m: the numbers are 3 x 2, which is neither a unitary nor a state nor a state map "
          "(--kind)");
    CHECK(refusal("", TargetKind::kState) == "m: the file is empty");
}
