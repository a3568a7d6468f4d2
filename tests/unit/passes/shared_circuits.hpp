#pragma once

// The benchmark circuits under $QUERCUS_SHARED/data/circuits (by default in ../shared next to the
// repository). Empty, with a warning, where the folder is absent.

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "quantum/circuit/circuit.hpp"
#include "quantum/qasm/reader.hpp"
#include "tests/support/catch.hpp"

namespace quercus::test {

inline std::filesystem::path shared_folder() {
    if (const char* given = std::getenv("QUERCUS_SHARED")) {
        return given;
    }
    const std::filesystem::path here = __FILE__;  // <repository>/tests/unit/passes/...
    return here.parent_path().parent_path().parent_path().parent_path().parent_path() / "shared";
}

// File stem and circuit, sorted by path; files that the reader refuses are left out.
inline std::vector<std::pair<std::string, circuit::Circuit>> shared_circuits() {
    const auto folder = shared_folder() / "data" / "circuits";
    if (!std::filesystem::is_directory(folder)) {
        WARN("skipped: no folder " << folder.string() << " (set QUERCUS_SHARED)");
        return {};
    }
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
        if (entry.path().extension() == ".qasm") {
            files.push_back(entry.path());
        }
    }
    std::sort(files.begin(), files.end());
    std::vector<std::pair<std::string, circuit::Circuit>> out;
    for (const auto& file : files) {
        if (auto circuit = qasm::read_file(file)) {
            out.emplace_back(file.stem().string(), std::move(*circuit));
        }
    }
    return out;
}

}  // namespace quercus::test
