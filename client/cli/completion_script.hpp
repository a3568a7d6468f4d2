#pragma once

#include <string>
#include <vector>

#include "quantum/base/status.hpp"

namespace quercus::cli {

// One command as the shells need it; `path` is "jobs" or "server wait", empty for the program
// itself.
struct CommandWords {
    std::string path;
    std::string description;
    std::vector<std::string> options;      // "--seed", "-o"
    std::vector<std::string> subcommands;  // names, or fixed arguments such as "bash"
};

// The completion script of a shell: bash, zsh or fish; INVALID_ARGUMENT for any other.
[[nodiscard]] Result<std::string> completion_script(const std::string& shell,
                                                    const std::vector<CommandWords>& commands);

}  // namespace quercus::cli
