#include "client/cli/table.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstdio>

#include "runtime/host/machine.hpp"

namespace quercus::cli {

std::size_t display_width(const std::string& text) {
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xc0) != 0x80;  // not a continuation byte
    }));
}

void Table::add(std::vector<std::string> cells) {
    assert(cells.size() <= columns_.size() && "a row has more cells than the table has columns");
    cells.resize(columns_.size());
    rows_.push_back(std::move(cells));
}

std::string Table::to_string() const {
    std::vector<std::size_t> widths(columns_.size());
    for (const auto& row : rows_) {
        for (std::size_t i = 0; i < row.size(); ++i) {
            widths[i] = std::max(widths[i], display_width(row[i]));
        }
    }
    std::string text;
    for (const auto& row : rows_) {
        std::string line;
        for (std::size_t i = 0; i < row.size(); ++i) {
            const std::string padding(widths[i] - display_width(row[i]), ' ');
            line += i == 0 ? "" : "  ";
            line += columns_[i] == Align::kLeft ? row[i] + padding : padding + row[i];
        }
        line.erase(line.find_last_not_of(' ') + 1);
        text += text.empty() ? line : "\n" + line;
    }
    return text;
}

std::string short_number(double value) {
    char text[32];
    const double size = std::abs(value);
    if (size != 0 && (size < 1e-3 || size >= 1e6)) {
        std::snprintf(text, sizeof(text), "%.2e", value);
    } else if (size >= 100) {
        std::snprintf(text, sizeof(text), "%.0f", value);
    } else {
        std::snprintf(text, sizeof(text), "%.3g", value);
    }
    return text;
}

std::string short_list(const std::vector<int>& values) {
    return host::format_cpu_list(values);
}

}  // namespace quercus::cli
