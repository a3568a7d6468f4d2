#include "client/cli/number_table.hpp"

#include <bit>
#include <cstring>

#include "tests/support/catch.hpp"

using quercus::StatusCode;
using quercus::cli::parse_complex;
using quercus::cli::parse_table;
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
    const auto table = parse_table(content, "m");
    REQUIRE_FALSE(table);
    CHECK(table.error().code() == StatusCode::kInvalidArgument);
    return table.error().message();
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

TEST_CASE("text tables", "[correctness]") {
    const auto table = parse_table("# a comment\n0 1\n\n(0,-1), 2j # end\n", "m");
    REQUIRE(table);
    CHECK(table->shape == std::vector<std::size_t>{2, 2});
    CHECK(table->entries == std::vector<Complex>{0, 1, {0, -1}, {0, 2}});
    const auto listed = parse_table("[[1, 0],\n [0, 1]]", "m");
    REQUIRE(listed);
    CHECK(listed->entries == std::vector<Complex>{1, 0, 0, 1});
}

TEST_CASE("npy: types, byte order, storage order, versions", "[correctness]") {
    const std::string shape = "(2, 2)";
    const std::vector<Complex> expected{1, 2, 3, 4};
    const auto check = [&](const std::string& content) {
        const auto table = parse_table(content, "m");
        REQUIRE(table);
        CHECK(table->shape == std::vector<std::size_t>{2, 2});
        CHECK(table->entries == expected);
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

TEST_CASE("npy: one and three dimensions, either order", "[correctness]") {
    const auto line = parse_table(npy(header("<f8", "False", "(3,)"), raw<double>({1, 2, 3})), "m");
    REQUIRE(line);
    CHECK(line->shape == std::vector<std::size_t>{3});
    CHECK(line->entries == std::vector<Complex>{1, 2, 3});
    for (const bool fortran : {false, true}) {
        const auto data =
            fortran ? raw<double>({1, 5, 3, 7, 2, 6, 4, 8}) : raw<double>({1, 2, 3, 4, 5, 6, 7, 8});
        const auto cube =
            parse_table(npy(header("<f8", fortran ? "True" : "False", "(2, 2, 2)"), data), "m");
        REQUIRE(cube);
        CHECK(cube->shape == std::vector<std::size_t>{2, 2, 2});
        CHECK(cube->entries == std::vector<Complex>{1, 2, 3, 4, 5, 6, 7, 8});
    }
}

TEST_CASE("npy: the imaginary part comes second", "[correctness]") {
    const auto table =
        parse_table(npy(header("<c16", "False", "(1, 1)"), raw<double>({3, -4})), "m");
    REQUIRE(table);
    CHECK(table->entries == std::vector<Complex>{{3, -4}});
}

TEST_CASE("files that hold no table say why", "[bad input]") {
    CHECK(message_of("") == "m: the file is empty");
    CHECK(message_of("# nothing\n\n") == "m: the file holds no numbers");
    CHECK(message_of("1 0\n0 1 2\n") == "m: line 2: 3 entries, the rows before have 2");
    CHECK(message_of("1 0\n0 one\n") ==
          "m: line 2: 'one' is no number (expected e.g. 0.5, 1e-3, 1+2i, -2j)");
    CHECK(message_of(std::string("a\0b", 3)) == "m: neither a .npy file nor text");
    CHECK(message_of("\x93NUMPY") == "m: damaged .npy header");
    CHECK(message_of(npy("{}", "")) == "m: damaged .npy header");
    CHECK(message_of(npy(header("<i8", "False", "(2, 2)"), "")) ==
          "m: entries of type '<i8', expected float32, float64, complex64 or complex128");
    for (const std::string shape : {"()", "(1, 1, 2, 2)"}) {
        CHECK(message_of(npy(header("<f8", "False", shape), raw<double>({1, 2, 3, 4}))) ==
              "m: the array has not one to three dimensions");
    }
    CHECK(message_of(npy(header("<f8", "False", "(0, 2)"), "")) == "m: the file holds no numbers");
    CHECK(message_of(npy(header("<f8", "False", "(2, 2)"), raw<double>({1, 2, 3}))) ==
          "m: 24 bytes of data, 32 expected");
    CHECK(message_of(npy(header("<f8", "False", "(999999999999, 999999999999)"), "")) ==
          "m: more than 4096 rows or columns");
}
