#pragma once

// Text tables for people: columns padded to their widest cell.

#include <cstdint>
#include <string>
#include <vector>

namespace quercus::cli {

enum class Align { kLeft, kRight };

class Table {
 public:
    explicit Table(std::vector<Align> columns) : columns_(std::move(columns)) {}
    // Missing cells are empty, surplus ones a broken precondition.
    void add(std::vector<std::string> cells);
    // Rows separated by '\n', two spaces between columns, no trailing spaces.
    [[nodiscard]] std::string to_string() const;

 private:
    std::vector<Align> columns_;
    std::vector<std::vector<std::string>> rows_;
};

// "1.23" style: three significant figures; scientific below 1e-3.
[[nodiscard]] std::string short_number(double value);
// "0-2,5" for {0, 1, 2, 5}.
[[nodiscard]] std::string short_list(const std::vector<int>& values);
// Of UTF-8 text, one column per code point.
[[nodiscard]] std::size_t display_width(const std::string& text);

}  // namespace quercus::cli
