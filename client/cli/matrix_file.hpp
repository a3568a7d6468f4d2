#pragma once

// Reads a square matrix from a NumPy .npy file (format 1.0 - 3.0: float32, float64, complex64,
// complex128, either byte order, C or Fortran order) or from text: one row a line, entries
// separated by blanks, commas or semicolons and written 0.5, 1e-3, 1+2i, -2j, (1,2); '#' begins a
// comment. Format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html

#include <complex>
#include <string>
#include <string_view>
#include <vector>

#include "quantum/base/status.hpp"

namespace quercus::cli {

struct SquareMatrix {
    std::size_t size = 0;
    std::vector<std::complex<double>> entries;  // row-major, size * size
};

inline constexpr std::size_t kMaxMatrixSize = 4096;

// INVALID_ARGUMENT "name: line 3: ...". `name` is only used in messages.
[[nodiscard]] Result<SquareMatrix> parse_matrix(std::string_view content, const std::string& name);
// One entry of the text form; INVALID_ARGUMENT.
[[nodiscard]] Result<std::complex<double>> parse_complex(std::string_view text);

}  // namespace quercus::cli
