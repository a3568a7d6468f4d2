#pragma once

// Reads complex numbers in rows from a NumPy .npy file (format 1.0 - 3.0: float32, float64,
// complex64, complex128, either byte order, C or Fortran order, one to three dimensions) or from
// text: one row a line, entries separated by blanks, commas or semicolons and written 0.5, 1e-3,
// 1+2i, -2j, (1,2); '#' begins a comment. Format:
// https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html

#include <complex>
#include <string>
#include <string_view>
#include <vector>

#include "quantum/base/status.hpp"

namespace quercus::cli {

struct NumberTable {
    // As in NumPy: {columns}, {rows, columns} or {layers, rows, columns}; text always has rows.
    std::vector<std::size_t> shape;
    std::vector<std::complex<double>> entries;  // the last index runs fastest
};

inline constexpr std::size_t kMaxTableSize = 4096;  // of each dimension

// At least one entry. INVALID_ARGUMENT "name: line 3: ...". `name` is only used in messages.
[[nodiscard]] Result<NumberTable> parse_table(std::string_view content, const std::string& name);
// One entry of the text form; INVALID_ARGUMENT.
[[nodiscard]] Result<std::complex<double>> parse_complex(std::string_view text);

}  // namespace quercus::cli
