#pragma once

// The OpenQASM files that a bench was asked for.

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

namespace quercus::bench {

// Files as they are, folders searched to the bottom for *.qasm; sorted.
inline std::vector<std::filesystem::path> files_of(const std::vector<std::string>& arguments) {
    std::vector<std::filesystem::path> files;
    for (const std::filesystem::path path : arguments) {
        if (!std::filesystem::is_directory(path)) {
            files.push_back(path);
            continue;
        }
        for (const auto& entry : std::filesystem::recursive_directory_iterator(path)) {
            if (entry.path().extension() == ".qasm") {
                files.push_back(entry.path());
            }
        }
    }
    std::sort(files.begin(), files.end());
    return files;
}

}  // namespace quercus::bench
