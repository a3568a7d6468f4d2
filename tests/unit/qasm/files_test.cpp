// Circuits in the wild: all files of the shared data folder, where it exists.

#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <map>

#include "quantum/qasm/writer.hpp"
#include "tests/unit/qasm/qasm_support.hpp"

namespace quercus::qasm {
namespace {

namespace fs = std::filesystem;
using namespace testing;

fs::path circuits_folder() {
    const char* shared = std::getenv("QUERCUS_SHARED");
    const fs::path root =
        shared != nullptr ? fs::path(shared) : fs::path(QUERCUS_SOURCE_DIR) / ".." / "shared";
    return root / "data" / "circuits";
}

TEST_CASE("every file of the data folder is read and round trips, but for two broken ones") {
    if (!fs::is_directory(circuits_folder())) {
        WARN("skipped: no circuits in " << circuits_folder() << " (set QUERCUS_SHARED)");
        return;
    }
    const std::map<std::string, std::string> broken = {
        {"vqe_uccsd_n4.qasm", "vqe_uccsd_n4.qasm:225:8: unknown register 'q'"},
        {"vqe_uccsd_n6.qasm", "vqe_uccsd_n6.qasm:2286:8: unknown register 'q'"}};
    int files = 0;
    for (const auto& entry : fs::recursive_directory_iterator(circuits_folder())) {
        if (entry.path().extension() != ".qasm") {
            continue;
        }
        ++files;
        CAPTURE(entry.path().string());
        const Result<circuit::Circuit> circuit = read_file(entry.path());
        const auto expected = broken.find(entry.path().filename().string());
        if (expected != broken.end()) {
            REQUIRE_FALSE(circuit);
            CHECK(circuit.error().message() == expected->second);
            continue;
        }
        REQUIRE(circuit.status().message().empty());
        CHECK(validate(*circuit).is_ok());
        const Result<std::string> text = write(*circuit);
        REQUIRE(text);
        CHECK(*read(*text) == *circuit);
    }
    CHECK(files > 100);
}

TEST_CASE("ten megabytes are read quickly") {
    std::string text = kHead + "qreg q[20];\n";
    while (text.size() < 10'000'000) {
        text += "cx q[3],q[17];\nrz(0.7853981633974483) q[5];\nu3(pi/2,-0.25,1.5e-3) q[11];\n";
    }
    const auto begin = std::clock();  // processor time: other tests may be running
    const Result<circuit::Circuit> circuit = read(text);
    const double seconds = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
    REQUIRE(circuit);
    CHECK(circuit->operations.size() > 300'000);
    CAPTURE(seconds);
    CHECK(seconds < 5);  // far above the usual 0.2 s: sanitizers and slow machines
}

}  // namespace
}  // namespace quercus::qasm
