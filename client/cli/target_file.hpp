#pragma once

// What `quercus synthesize` reads: a unitary, a state or a state map as numbers in rows
// (number_table.hpp).

#include <string>
#include <string_view>

#include "quantum/base/status.hpp"
#include "quercus/jobs.hpp"

namespace quercus::cli {

enum class TargetKind : std::uint8_t { kGuess, kUnitary, kState, kStateMap };

// For --help: how a file of each kind looks and how the kind is guessed.
[[nodiscard]] std::string target_file_help();

// The job with its target. A unitary is a square of numbers; a state one row, one column or an
// array of one dimension; a state map 2 k rows, input and output in turn, or an array of shape (k,
// 2, 2^n). Guessed: what is square is a unitary. INVALID_ARGUMENT "name: ..." where the shape does
// not fit; the numbers are not looked at.
[[nodiscard]] Result<client::SynthesizeJob> with_target(client::SynthesizeJob job,
                                                        std::string_view content,
                                                        const std::string& name, TargetKind kind);

}  // namespace quercus::cli
