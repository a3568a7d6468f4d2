#include "runtime/executor/process.hpp"

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>

#include "tests/support/catch.hpp"

using namespace quercus::executor;

TEST_CASE("cpu lists are read as the kernel writes them") {
    CHECK(parse_cpu_list("0") == std::vector<int>{0});
    CHECK(parse_cpu_list("0-2,5,8-9") == std::vector<int>{0, 1, 2, 5, 8, 9});
    for (const char* bad : {"", "a", "1-", "-1-", "1,,2", "1-2-3", "0-99999999", "1 2"}) {
        CAPTURE(bad);
        CHECK(parse_cpu_list(bad).empty());
    }
}

TEST_CASE("the environment of an executor is short") {
    ::setenv("QUERCUS_PROCESS_TEST", "1", 1);
    const auto environment = child_environment({"QUERCUS_PROCESS_TEST", "QUERCUS_NOT_SET"});
    bool shown = false;
    for (const std::string& entry : environment) {
        CAPTURE(entry);
        shown = shown || entry == "QUERCUS_PROCESS_TEST=1";
        CHECK((entry.starts_with("PATH=") || entry.starts_with("HOME=") ||
               entry.starts_with("LANG=") || entry.starts_with("LD_LIBRARY_PATH=") ||
               entry.starts_with("QUERCUS_")));
    }
    CHECK(shown);
    CHECK(environment.back() == "QUERCUS_VISIBLE_ENV=QUERCUS_PROCESS_TEST,QUERCUS_NOT_SET");
}

TEST_CASE("the executor binary links neither gRPC nor Protocol Buffers") {
    std::string command = "ldd ";
    command += QUERCUS_EXECUTOR_BINARY;
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> pipe(::popen(command.c_str(), "r"),
                                                               &::pclose);
    REQUIRE(pipe != nullptr);
    std::string libraries;
    for (int c = std::fgetc(pipe.get()); c != EOF; c = std::fgetc(pipe.get())) {
        libraries.push_back(static_cast<char>(c));
    }
    CAPTURE(libraries);
    CHECK(libraries.find("libc.so") != std::string::npos);
    CHECK(libraries.find("grpc") == std::string::npos);
    CHECK(libraries.find("protobuf") == std::string::npos);
}
