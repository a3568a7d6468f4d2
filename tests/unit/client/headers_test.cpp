// The SDK's public headers show the standard library and quantum/base/status.hpp, nothing else.

#include <filesystem>
#include <fstream>
#include <string>

#include "tests/support/catch.hpp"

TEST_CASE("public headers include nothing but std and each other", "[correctness]") {
    const std::filesystem::path folder(QUERCUS_PUBLIC_HEADERS);
    int headers = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        ++headers;
        std::ifstream file(entry.path());
        for (std::string line; std::getline(file, line);) {
            if (!line.starts_with("#include")) {
                continue;
            }
            CAPTURE(entry.path().filename(), line);
            const bool is_std = line.find('<') != std::string::npos &&
                                line.find('/') == std::string::npos &&
                                line.find(".h") == std::string::npos;
            const bool is_own = line.starts_with("#include \"quercus/") ||
                                line == "#include \"quantum/base/status.hpp\"";
            CHECK((is_std || is_own));
        }
    }
    CHECK(headers >= 2);
}
