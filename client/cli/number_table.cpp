#include "client/cli/number_table.hpp"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <functional>
#include <numeric>
#include <optional>
#include <utility>

namespace quercus::cli {
namespace {

using Complex = std::complex<double>;

// The number at the front of `text`, which is cut off; "+1" is allowed.
std::optional<double> take_number(std::string_view& text) {
    std::string_view rest = text;
    if (rest.starts_with('+')) {
        rest.remove_prefix(1);
    }
    double value = 0;
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), value);
    if (error != std::errc{}) {
        return std::nullopt;
    }
    text = rest.substr(static_cast<std::size_t>(end - rest.data()));
    return value;
}

bool take_imaginary_unit(std::string_view& text) {
    const bool found = text.starts_with('i') || text.starts_with('j') || text.starts_with('J');
    if (found) {
        text.remove_prefix(1);
    }
    return found;
}

// "+i", "-j", "i": an imaginary unit without a number before it.
std::optional<double> take_bare_unit(std::string_view& text) {
    std::string_view rest = text;
    const double sign = rest.starts_with('-') ? -1 : 1;
    if (rest.starts_with('-') || rest.starts_with('+')) {
        rest.remove_prefix(1);
    }
    if (!take_imaginary_unit(rest)) {
        return std::nullopt;
    }
    text = rest;
    return sign;
}

std::optional<Complex> complex_pair(std::string_view text) {  // "1,2"
    const auto real = take_number(text);
    if (!real || !text.starts_with(',')) {
        return std::nullopt;
    }
    text.remove_prefix(1);
    const auto imaginary = take_number(text);
    return imaginary && text.empty() ? std::optional(Complex(*real, *imaginary)) : std::nullopt;
}

std::optional<Complex> complex_sum(std::string_view text) {  // "1", "2j", "1-2j", "1+j"
    if (const auto unit = take_bare_unit(text)) {
        return text.empty() ? std::optional(Complex(0, *unit)) : std::nullopt;
    }
    const auto first = take_number(text);
    if (!first) {
        return std::nullopt;
    }
    if (text.empty()) {
        return Complex(*first, 0);
    }
    if (take_imaginary_unit(text)) {
        return text.empty() ? std::optional(Complex(0, *first)) : std::nullopt;
    }
    if (!text.starts_with('+') && !text.starts_with('-')) {
        return std::nullopt;
    }
    std::optional<double> second = take_bare_unit(text);
    if (!second) {
        second = take_number(text);
        if (!second || !take_imaginary_unit(text)) {
            return std::nullopt;
        }
    }
    return text.empty() ? std::optional(Complex(*first, *second)) : std::nullopt;
}

// Entries of a line; parentheses keep their comma.
std::vector<std::string> split_entries(std::string_view line) {
    std::vector<std::string> entries;
    std::string current;
    int depth = 0;
    for (const char c : line.substr(0, line.find('#'))) {
        depth += c == '(' ? 1 : (c == ')' ? -1 : 0);
        const bool blank = c == ' ' || c == '\t' || c == '\r' || c == '[' || c == ']';
        if (depth > 0 ? !blank : !(blank || c == ',' || c == ';')) {
            current.push_back(c);
        } else if (depth <= 0 && !current.empty()) {
            entries.push_back(std::exchange(current, {}));
        }
    }
    if (!current.empty()) {
        entries.push_back(std::move(current));
    }
    return entries;
}

Status error_at(const std::string& name, std::size_t line, const std::string& what) {
    return invalid_argument(name + ": line " + std::to_string(line) + ": " + what);
}

Status too_large(const std::string& name) {
    return invalid_argument(name + ": more than " + std::to_string(kMaxTableSize) +
                            " rows or columns");
}

Result<NumberTable> parse_text(std::string_view content, const std::string& name) {
    NumberTable table;
    std::size_t rows = 0;
    std::size_t columns = 0;
    for (std::size_t number = 1; !content.empty(); ++number) {
        const std::string_view line = content.substr(0, content.find('\n'));
        content.remove_prefix(std::min(content.size(), line.size() + 1));
        const std::vector<std::string> entries = split_entries(line);
        if (entries.empty()) {
            continue;
        }
        columns = rows == 0 ? entries.size() : columns;
        if (entries.size() != columns) {
            return error_at(name, number,
                            std::to_string(entries.size()) + " entries, the rows before have " +
                                std::to_string(columns));
        }
        if (++rows > kMaxTableSize || columns > kMaxTableSize) {
            return too_large(name);
        }
        for (const std::string& entry : entries) {
            const auto value = parse_complex(entry);
            if (!value) {
                return error_at(name, number, value.error().message());
            }
            table.entries.push_back(*value);
        }
    }
    if (rows == 0) {
        return invalid_argument(name + ": the file holds no numbers");
    }
    table.shape = {rows, columns};
    return table;
}

// ---------------------------------------------------------------- .npy

struct NpyHeader {
    std::vector<std::size_t> shape;
    std::size_t real_bytes = 8;
    bool is_complex = false;
    bool is_big_endian = false;
    bool is_fortran_order = false;
};

// What follows `'key':` in the header, a Python dictionary literal with fixed keys.
std::optional<std::string_view> header_value(std::string_view header, const std::string& key) {
    const auto found = header.find("'" + key + "'");
    if (found == std::string_view::npos) {
        return std::nullopt;
    }
    const auto colon = header.find(':', found);
    const auto begin = header.find_first_not_of(' ', colon + 1);
    if (colon == std::string_view::npos || begin == std::string_view::npos) {
        return std::nullopt;
    }
    return header.substr(begin);
}

bool read_type(std::string_view text, NpyHeader& header) {
    if (text.size() < 5 || text[0] != '\'') {
        return false;
    }
    header.is_big_endian = text[1] == '>';
    header.is_complex = text[2] == 'c';
    const std::string_view size = text.substr(3, text.find('\'', 1) - 3);
    const bool is_double = size == (header.is_complex ? "16" : "8");
    const bool is_float = size == (header.is_complex ? "8" : "4");
    header.real_bytes = is_double ? 8 : 4;
    return (text[1] == '<' || text[1] == '>' || text[1] == '=') &&
           (text[2] == 'f' || text[2] == 'c') && (is_double || is_float);
}

// "(2,)", "(2, 3)", "(2, 3, 4)".
bool read_shape(std::string_view text, NpyHeader& header) {
    while (header.shape.size() < 4) {
        const auto begin = text.find_first_not_of("(, ");
        if (begin == std::string_view::npos) {
            return false;
        }
        text.remove_prefix(begin);
        if (text.starts_with(')')) {
            break;
        }
        std::size_t size = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), size);
        if (error != std::errc{}) {
            return false;
        }
        text.remove_prefix(static_cast<std::size_t>(end - text.data()));
        header.shape.push_back(size);
    }
    return !header.shape.empty() && header.shape.size() < 4;
}

Result<NpyHeader> parse_npy_header(std::string_view text, const std::string& name) {
    NpyHeader header;
    const auto type = header_value(text, "descr");
    const auto order = header_value(text, "fortran_order");
    const auto shape = header_value(text, "shape");
    if (!type || !order || !shape) {
        return invalid_argument(name + ": damaged .npy header");
    }
    if (!read_type(*type, header)) {
        return invalid_argument(name + ": entries of type " +
                                std::string(type->substr(0, type->find(','))) +
                                ", expected float32, float64, complex64 or complex128");
    }
    if (!read_shape(*shape, header)) {
        return invalid_argument(name + ": the array has not one to three dimensions");
    }
    header.is_fortran_order = order->starts_with("True");
    return header;
}

double read_real(const char* bytes, const NpyHeader& header) {
    char copy[8];
    std::memcpy(copy, bytes, header.real_bytes);
    if (header.is_big_endian != (std::endian::native == std::endian::big)) {
        std::reverse(copy, copy + header.real_bytes);
    }
    if (header.real_bytes == 4) {
        float value = 0;
        std::memcpy(&value, copy, 4);
        return value;
    }
    double value = 0;
    std::memcpy(&value, copy, 8);
    return value;
}

// Where entry `i` of Fortran order (first index fastest) belongs in C order.
std::size_t place_in_c_order(std::size_t i, const std::vector<std::size_t>& shape) {
    std::size_t place = 0;
    std::size_t stride =
        std::accumulate(shape.begin(), shape.end(), std::size_t{1}, std::multiplies<>());
    for (const std::size_t size : shape) {
        stride /= size;
        place += (i % size) * stride;
        i /= size;
    }
    return place;
}

Result<NumberTable> read_entries(std::string_view data, const NpyHeader& header,
                                 const std::string& name) {
    std::size_t count = 1;
    for (const std::size_t size : header.shape) {
        if (size > kMaxTableSize) {
            return too_large(name);
        }
        count *= size;
    }
    if (count == 0) {
        return invalid_argument(name + ": the file holds no numbers");
    }
    const std::size_t entry_bytes = header.real_bytes * (header.is_complex ? 2 : 1);
    if (data.size() / entry_bytes != count || data.size() % entry_bytes != 0) {
        return invalid_argument(name + ": " + std::to_string(data.size()) + " bytes of data, " +
                                std::to_string(count * entry_bytes) + " expected");
    }
    NumberTable table{header.shape, std::vector<Complex>(count)};
    for (std::size_t i = 0; i < count; ++i) {
        const char* entry = data.data() + i * entry_bytes;
        const double imaginary =
            header.is_complex ? read_real(entry + header.real_bytes, header) : 0;
        const std::size_t place = header.is_fortran_order ? place_in_c_order(i, header.shape) : i;
        table.entries[place] = Complex(read_real(entry, header), imaginary);
    }
    return table;
}

Result<NumberTable> parse_npy(std::string_view content, const std::string& name) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(content[i]); };
    const std::size_t prefix = content.size() > 6 && byte(6) >= 2 ? 12 : 10;
    if (content.size() < prefix) {
        return invalid_argument(name + ": damaged .npy header");
    }
    std::size_t length = 0;
    for (std::size_t i = prefix; i-- > 8;) {
        length = length << 8 | byte(i);
    }
    if (length > content.size() - prefix) {
        return invalid_argument(name + ": damaged .npy header");
    }
    const auto header = parse_npy_header(content.substr(prefix, length), name);
    return header ? read_entries(content.substr(prefix + length), *header, name)
                  : Result<NumberTable>(header.error());
}

}  // namespace

Result<Complex> parse_complex(std::string_view text) {
    const std::string_view whole = text;
    if (text.size() >= 2 && text.front() == '(' && text.back() == ')') {
        text = text.substr(1, text.size() - 2);
    }
    auto value = complex_pair(text);
    value = value ? value : complex_sum(text);
    if (!value) {
        return invalid_argument("'" + std::string(whole.substr(0, 40)) +
                                "' is no number (expected e.g. 0.5, 1e-3, 1+2i, -2j)");
    }
    return *value;
}

Result<NumberTable> parse_table(std::string_view content, const std::string& name) {
    if (content.empty()) {
        return invalid_argument(name + ": the file is empty");
    }
    if (content.starts_with("\x93NUMPY")) {
        return parse_npy(content, name);
    }
    if (content.find('\0') != std::string_view::npos) {
        return invalid_argument(name + ": neither a .npy file nor text");
    }
    return parse_text(content, name);
}

}  // namespace quercus::cli
