#include "client/cli/matrix_file.hpp"

#include <bit>
#include <cstring>

#include "tests/support/catch.hpp"

using quercus::StatusCode;
using quercus::cli::parse_complex;
using quercus::cli::parse_matrix;
using Complex = std::complex<double>;

namespace {

std::string npy(const std::string& header, const std::string& data, char major = 1) {
    std::string text = "\x93NUMPY";
    text += major;
    text += '\0';
    const std::size_t length = header.size();
    text += static_cast<char>(length & 0xff);
    text += static_cast<char>(length >> 8);
    if (major >= 2) {
        text += std::string(2, '\0');
    }
    return text + header + data;
}

std::string header(const std::string& descr, const std::string& order, const std::string& shape) {
    return "{'descr': '" + descr + "', 'fortran_order': " + order + ", 'shape': " + shape + ", }\n";
}

template <class T>
std::string raw(std::initializer_list<T> values) {
    std::string bytes;
    for (const T value : values) {
        char buffer[sizeof(T)];
        std::memcpy(buffer, &value, sizeof(T));
        bytes.append(buffer, sizeof(T));
    }
    return bytes;
}

std::string message_of(const std::string& content) {
    const auto matrix = parse_matrix(content, "m");
    REQUIRE_FALSE(matrix);
    CHECK(matrix.error().code() == StatusCode::kInvalidArgument);
    return matrix.error().message();
}

}  // namespace

TEST_CASE("complex numbers in every accepted spelling", "[correctness]") {
    const std::pair<std::string, Complex> cases[] = {
        {"0.5", {0.5, 0}},        {"-1e-3", {-1e-3, 0}}, {"+2", {2, 0}},
        {"1+2i", {1, 2}},         {"1-2j", {1, -2}},     {"3j", {0, 3}},
        {"-j", {0, -1}},          {"i", {0, 1}},         {"1+j", {1, 1}},
        {"(1,2)", {1, 2}},        {"(1-2j)", {1, -2}},   {"1e2-1e-2j", {100, -0.01}},
        {"(-0.5,-1)", {-0.5, -1}}};
    for (const auto& [text, value] : cases) {
        CAPTURE(text);
        const auto parsed = parse_complex(text);
        REQUIRE(parsed);
        CHECK(*parsed == value);
    }
}

TEST_CASE("text that is no complex number is refused", "[bad input]") {
    for (const std::string text :
         {"", "x", "1+", "1++2j", "1+2", "2jj", "(1,2", "(1,)", "1,2,3", "--1", "1 2", "jx"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_complex(text));
    }
}

TEST_CASE("text matrices", "[correctness]") {
    const auto matrix = parse_matrix("# a comment\n0 1\n\n(0,-1), 2j # end\n", "m");
    REQUIRE(matrix);
    CHECK(matrix->size == 2);
    CHECK(matrix->entries == std::vector<Complex>{0, 1, {0, -1}, {0, 2}});
    const auto listed = parse_matrix("[[1, 0],\n [0, 1]]", "m");
    REQUIRE(listed);
    CHECK(listed->entries == std::vector<Complex>{1, 0, 0, 1});
}

TEST_CASE("npy: types, byte order, storage order, versions", "[correctness]") {
    const std::string shape = "(2, 2)";
    const std::vector<Complex> expected{1, 2, 3, 4};
    const auto check = [&](const std::string& content) {
        const auto matrix = parse_matrix(content, "m");
        REQUIRE(matrix);
        CHECK(matrix->size == 2);
        CHECK(matrix->entries == expected);
    };
    check(npy(header("<f8", "False", shape), raw<double>({1, 2, 3, 4})));
    check(npy(header("<f4", "False", shape), raw<float>({1, 2, 3, 4})));
    check(npy(header("<c16", "False", shape), raw<double>({1, 0, 2, 0, 3, 0, 4, 0})));
    check(npy(header("<c8", "False", shape), raw<float>({1, 0, 2, 0, 3, 0, 4, 0})));
    check(npy(header("<f8", "True", shape), raw<double>({1, 3, 2, 4})));
    check(npy(header("<f8", "False", shape), raw<double>({1, 2, 3, 4}), 2));
    check(npy(header("<f8", "False", shape), raw<double>({1, 2, 3, 4}), 3));
    std::string swapped = raw<double>({1, 2, 3, 4});
    for (std::size_t i = 0; i < swapped.size(); i += 8) {
        std::reverse(swapped.begin() + static_cast<long>(i),
                     swapped.begin() + static_cast<long>(i) + 8);
    }
    check(npy(header(">f8", "False", shape), swapped));
}

TEST_CASE("npy: the imaginary part comes second", "[correctness]") {
    const auto matrix =
        parse_matrix(npy(header("<c16", "False", "(1, 1)"), raw<double>({3, -4})), "m");
    REQUIRE(matrix);
    CHECK(matrix->entries == std::vector<Complex>{{3, -4}});
}

TEST_CASE("files that hold no square matrix say why", "[bad input]") {
    CHECK(message_of("") == "m: the file is empty");
    CHECK(message_of("# nothing\n\n") == "m: the file holds no matrix");
    CHECK(message_of("1 0\n0 1 2\n") == "m: line 2: 3 entries, the rows before have 2");
    CHECK(message_of("1 0\n0 one\n") ==
          "m: line 2: 'one' is no number (expected e.g. 0.5, 1e-3, 1+2i, -2j)");
    CHECK(message_of("1 0\n") == "m: the matrix is 1 x 2, expected as many rows as columns");
    CHECK(message_of(std::string("a\0b", 3)) == "m: neither a .npy file nor text");
    CHECK(message_of("\x93NUMPY") == "m: damaged .npy header");
    CHECK(message_of(npy("{}", "")) == "m: damaged .npy header");
    CHECK(message_of(npy(header("<i8", "False", "(2, 2)"), "")) ==
          "m: entries of type '<i8', expected float32, float64, complex64 or complex128");
    CHECK(message_of(npy(header("<f8", "False", "(4,)"), raw<double>({1, 2, 3, 4}))) ==
          "m: the array is not two-dimensional");
    CHECK(message_of(npy(header("<f8", "False", "(2, 2, 1)"), raw<double>({1, 2, 3, 4}))) ==
          "m: the array is not two-dimensional");
    CHECK(message_of(npy(header("<f8", "False", "(1, 2)"), raw<double>({1, 2}))) ==
          "m: the matrix is 1 x 2, expected as many rows as columns");
    CHECK(message_of(npy(header("<f8", "False", "(2, 2)"), raw<double>({1, 2, 3}))) ==
          "m: 24 bytes of data, 32 expected");
    CHECK(message_of(npy(header("<f8", "False", "(999999999999, 999999999999)"), "")) ==
          "m: more than 4096 rows or columns");
}
