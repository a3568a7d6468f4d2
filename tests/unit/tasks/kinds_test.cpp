#include <chrono>
#include <cstdlib>
#include <set>
#include <stop_token>

#include "quantum/base/codec.hpp"
#include "runtime/tasks/map_request.hpp"
#include "runtime/tasks/registry.hpp"
#include "runtime/workflow/kernel_call.hpp"
#include "runtime/workflow/local_runtime.hpp"
#include "tests/support/catch.hpp"

using namespace quercus;
using namespace quercus::tasks;

namespace {

Result<Bytes> call(std::string_view kind, BytesView input, std::stop_token stop = {}) {
    const workflow::KindInfo* info = builtin_registry().find(kind);
    REQUIRE(info != nullptr);
    return workflow::call_kernel(*info, input, {0, std::move(stop)});
}

std::string hex(BytesView bytes) {
    std::string out;
    for (const char c : bytes) {
        out += "0123456789abcdef"[static_cast<unsigned char>(c) >> 4];
        out += "0123456789abcdef"[static_cast<unsigned char>(c) & 15];
    }
    return out;
}

}  // namespace

TEST_CASE("hash is SHA-256") {
    // FIPS 180-4, example values.
    CHECK(hex(*call("hash", "abc")) ==
          "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    CHECK(hex(*call("hash", "")) ==
          "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST_CASE("sleep ends when it is stopped, and refuses what is no time") {
    Encoder hour;
    hour.varint(3'600'000);
    std::stop_source stop;
    stop.request_stop();
    CHECK(call("sleep", hour.view(), stop.get_token()).error().code() == StatusCode::kCancelled);
    Encoder busy;
    busy.varint(3'600'000);
    busy.boolean(true);
    CHECK(call("sleep", busy.view(), stop.get_token()).error().code() == StatusCode::kCancelled);
    CHECK(call("sleep", BytesView("\0", 1)));
    CHECK(call("sleep", "").error().code() == StatusCode::kInvalidArgument);
    CHECK(call("sleep", "\x01\x02").error().code() == StatusCode::kInvalidArgument);
    CHECK(*call("sleep", "\x01\x01label") == "label");  // makes equal sleeps distinct tasks
}

TEST_CASE("probe shows the listed variables and no others") {
    ::setenv("QUERCUS_VISIBLE_ENV", "QUERCUS_A,QUERCUS_ABSENT", 1);
    ::setenv("QUERCUS_A", "say \"hi\"\n", 1);
    ::setenv("QUERCUS_SECRET", "hidden", 1);
    const std::string text = *call("probe", "");
    ::unsetenv("QUERCUS_VISIBLE_ENV");
    CAPTURE(text);
    CHECK(text.find(R"("env":{"QUERCUS_A":"say \"hi\"\u000a"})") != std::string::npos);
    CHECK(text.find("hidden") == std::string::npos);
    CHECK(text.find("\"pid\":") != std::string::npos);
    CHECK(text.find("\"cpus\":\"") != std::string::npos);
}

TEST_CASE("map gives number and digest of the outputs") {
    workflow::LocalRuntime runtime(builtin_registry(), 2);
    CHECK(*runtime.run("map", counted_map("hash", 1000)) == expected_hash_map(1000));
    CHECK(*runtime.run("map", counted_map("hash", 0)) == expected_hash_map(0));
    CHECK(expected_hash_map(999) != expected_hash_map(1000));
    ByteColumn inputs;
    for (std::uint64_t i = 0; i < 1000; ++i) {
        inputs.push_back(counted_input(i));
    }
    CHECK(*runtime.run("map", listed_map("hash", inputs)) == expected_hash_map(1000));
    const auto output = map_output_from_bytes(expected_hash_map(3));
    REQUIRE(output);
    CHECK(output->count == 3);
}

TEST_CASE("map passes on the failure with the smallest key") {
    workflow::LocalRuntime runtime(builtin_registry(), 2);
    ByteColumn inputs;
    inputs.push_back(BytesView("\0", 1));
    inputs.push_back("");
    inputs.push_back("");
    const Status error = runtime.run("map", listed_map("sleep", inputs)).error();
    CHECK(error.code() == StatusCode::kInvalidArgument);
    CHECK(error.message().starts_with("task 1 of the map"));
    CHECK(runtime.run("map", "").error().code() == StatusCode::kInvalidArgument);
    CHECK(runtime.run("map", "garbage").error().code() == StatusCode::kInvalidArgument);
    CHECK(runtime.run("map", counted_map("nobody", 1)).error().code() ==
          StatusCode::kInvalidArgument);
    CHECK(runtime.run("map", counted_map("hash", kMaxMapTasks + 1)).error().code() ==
          StatusCode::kInvalidArgument);
}

TEST_CASE("tree counts its leaves") {
    workflow::LocalRuntime runtime(builtin_registry(), 2);
    const auto output = runtime.run("tree", tree_input(4, 5, "hash"));
    REQUIRE(output);
    CHECK(map_output_from_bytes(*output)->count == 625);
    CHECK(*runtime.run("tree", tree_input(4, 5, "hash")) == *output);
    CHECK(*runtime.run("tree", tree_input(1, 7, "hash")) == expected_hash_map(7));
    CHECK(runtime.run("tree", tree_input(0, 5, "hash")).error().code() ==
          StatusCode::kInvalidArgument);
    CHECK(runtime.run("tree", tree_input(33, 1, "hash")).error().code() ==
          StatusCode::kInvalidArgument);
}

TEST_CASE("workflows and kernels refuse bytes that are none of theirs") {
    workflow::LocalRuntime runtime(builtin_registry(), 1);
    for (const char* kind : {"compile", "synthesize", "compile_part", "compile_segment",
                             "instantiate", "instantiate_start", "tree"}) {
        for (const char* input : {"", "x", "some bytes that mean nothing at all ......."}) {
            CAPTURE(kind, input);
            const auto output = runtime.run(kind, input);
            REQUIRE_FALSE(output);
            CHECK((output.error().code() == StatusCode::kInvalidArgument ||
                   output.error().code() == StatusCode::kDataLoss ||
                   output.error().code() == StatusCode::kResourceExhausted));
        }
    }
}
