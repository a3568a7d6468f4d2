#pragma once

// The files that `include` names: inside one folder, not in a circle, limited in number and size.

#include <deque>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "quantum/base/status.hpp"

namespace quercus::qasm {

// The whole file. NOT_FOUND when it cannot be opened, RESOURCE_EXHAUSTED above 1 GiB.
[[nodiscard]] Result<std::string> read_text(const std::filesystem::path& path);

struct IncludedFile {
    std::string_view text;  // lives as long as the IncludeFiles
    std::string name;
};

class IncludeFiles {
 public:
    // Empty: no file may be included.
    explicit IncludeFiles(std::filesystem::path folder) : folder_(std::move(folder)) {}

    // Until close() a further open() is from inside this file. INVALID_ARGUMENT for a path that is
    // absolute, leaves the folder, or is open already; NOT_FOUND; RESOURCE_EXHAUSTED.
    Result<IncludedFile> open(std::string_view name);
    void close();

 private:
    std::filesystem::path folder_;
    std::vector<std::filesystem::path> open_;
    std::deque<std::string> texts_;
};

}  // namespace quercus::qasm
