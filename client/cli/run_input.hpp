#pragma once

#include <cstdint>
#include <string>

#include "quantum/base/status.hpp"

namespace CLI {
class App;
}

namespace quercus::cli {

// How the input of `quercus run` was given.
struct InputOptions {
    std::string text;
    std::string hex;
    std::string file;
    // When none of the three is given, the kinds that need an input take it from these:
    double seconds = 1;               // sleep
    bool busy = false;                // sleep
    std::uint64_t count = 1000;       // map
    std::string child_kind = "hash";  // map, tree
    std::uint32_t depth = 2;          // tree
    std::uint32_t fan_out = 10;       // tree
};

void add_input_options(CLI::App& command, InputOptions& options);

// The bytes of the task's input; INVALID_ARGUMENT.
[[nodiscard]] Result<std::string> make_input(const std::string& kind, const InputOptions& options);

// Text where the bytes are printable, hexadecimal digits otherwise.
[[nodiscard]] std::string readable_output(const std::string& kind, const std::string& bytes);

[[nodiscard]] std::string to_hex(const std::string& bytes);
// INVALID_ARGUMENT unless an even number of hexadecimal digits.
[[nodiscard]] Result<std::string> from_hex(const std::string& digits);

}  // namespace quercus::cli
