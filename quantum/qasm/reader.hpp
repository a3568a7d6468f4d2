#pragma once

// The OpenQASM 2.0 reader. Complete (arXiv:1707.03429), and lenient where files in the wild need
// it: the version line may be missing, register names may be capitalised or equal a gate's name,
// unary plus is accepted. Gate definitions are expanded while reading, except those that say what
// the library says of the same name. A broadcast statement under `if` becomes one conditional
// operation per bit, each of which tests the condition anew (as Qiskit reads it).

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "quantum/base/status.hpp"
#include "quantum/circuit/circuit.hpp"

namespace quercus::qasm {

struct ReadOptions {
    std::string file_name = "<input>";  // for messages
    // Where `include` looks; files outside are refused. Empty: only qelib1.inc and hqslib1.inc,
    // which are built in.
    std::filesystem::path include_dir;
    // Operations and expanded gate calls in all; bounds memory and time whatever the text says.
    std::uint64_t max_operations = 10'000'000;
};

// INVALID_ARGUMENT "file:line:column: what was expected" (lines from 1, columns from 0) for text
// that is not OpenQASM 2; RESOURCE_EXHAUSTED above max_operations or the IR's limits on bits. The
// result is valid in the sense of circuit::validate.
[[nodiscard]] Result<circuit::Circuit> read(std::string_view text, const ReadOptions& options = {});

// As read, with includes from the file's folder. NOT_FOUND when the file cannot be opened.
[[nodiscard]] Result<circuit::Circuit> read_file(const std::filesystem::path& path);

}  // namespace quercus::qasm
