#include "quantum/qasm/token_stream.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <limits>
#include <numbers>
#include <utility>

namespace quercus::qasm {
namespace {

// Deeper nesting of parentheses and powers would exhaust the stack.
constexpr int kMaxNesting = 200;

constexpr std::array<std::pair<std::string_view, Op>, 6> kFunctions = {{{"sin", Op::kSin},
                                                                        {"cos", Op::kCos},
                                                                        {"tan", Op::kTan},
                                                                        {"exp", Op::kExp},
                                                                        {"ln", Op::kLn},
                                                                        {"sqrt", Op::kSqrt}}};

double parse_real(std::string_view text) {
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error == std::errc::result_out_of_range) {
        // from_chars does not say whether too large or too small; strtod gives infinity or nearly
        // 0.
        return std::strtod(std::string(text).c_str(), nullptr);
    }
    return value;
}

}  // namespace

TokenStream::TokenStream(std::string_view text, std::string name)
    : text_(text), name_(std::move(name)), lexer_(text) {
    token_ = lexer_.next();
}

void TokenStream::fail_expected(std::string_view what) {
    fail(token_.offset, "expected " + std::string(what) + ", found " + describe(token_));
}

std::uint64_t TokenStream::expect_integer(std::string_view what, std::uint64_t max) {
    const Token token = expect(TokenKind::kInteger, what);
    std::uint64_t value = 0;
    const auto error =
        std::from_chars(token.text.data(), token.text.data() + token.text.size(), value).ec;
    if (ok() && (error != std::errc() || value > max)) {
        fail(token.offset, std::string(what) + " " + describe(token) + " is too large, limit is " +
                               std::to_string(max));
    }
    return ok() ? value : 0;
}

void TokenStream::fail(std::size_t offset, const std::string& message) {
    fail(offset, invalid_argument(message));
}

void TokenStream::fail(std::size_t offset, const Status& status) {
    if (ok()) {
        fail(
            Status(status.code(), name_ + ":" + position(text_, offset) + ": " + status.message()));
    }
}

void TokenStream::fail(Status status) {
    if (ok()) {
        status_ = std::move(status);
        token_ = {TokenKind::kEnd, {}, text_.size()};
    }
}

Expression TokenStream::expression(std::span<const std::string_view> parameters) {
    parameters_ = parameters;
    Expression out;
    sum(out);
    if (!ok()) {
        out.assign(1, {});
    }
    return out;
}

double TokenStream::constant() {
    parameters_ = {};
    scratch_.clear();
    sum(scratch_);
    return ok() ? evaluate(scratch_, {}) : 0;
}

void TokenStream::sum(Expression& out) {
    product(out);
    while (at(TokenKind::kPlus) || at(TokenKind::kMinus)) {
        const Op op = take().kind == TokenKind::kPlus ? Op::kAdd : Op::kSubtract;
        product(out);
        out.push_back({op});
    }
}

void TokenStream::product(Expression& out) {
    negation(out);
    while (at(TokenKind::kTimes) || at(TokenKind::kDivide)) {
        const Op op = take().kind == TokenKind::kTimes ? Op::kMultiply : Op::kDivide;
        negation(out);
        out.push_back({op});
    }
}

void TokenStream::negation(Expression& out) {
    std::size_t minuses = 0;
    while (at(TokenKind::kMinus) || at(TokenKind::kPlus)) {
        minuses += take().kind == TokenKind::kMinus ? 1 : 0;
    }
    power(out);
    if (minuses % 2 == 1) {
        if (out.back().op == Op::kNumber) {
            out.back().number = -out.back().number;
        } else {
            out.push_back({Op::kNegate});
        }
    }
}

void TokenStream::power(Expression& out) {
    primary(out);
    if (at(TokenKind::kPower)) {
        if (++nesting_ > kMaxNesting) {
            return fail(token_.offset, "expression is nested too deeply");
        }
        take();
        negation(out);
        out.push_back({Op::kPower});
        --nesting_;
    }
}

void TokenStream::primary(Expression& out) {
    switch (token_.kind) {
        case TokenKind::kInteger:
        case TokenKind::kReal:
            return number(out);
        case TokenKind::kIdentifier:
            return named(out);
        case TokenKind::kLeftParen:
            return parenthesised(out);
        default:
            out.push_back({});
            fail(token_.offset, "expected a parameter expression, found " + describe(token_));
    }
}

void TokenStream::number(Expression& out) {
    const Token token = take();
    const double value = parse_real(token.text);
    if (value > std::numeric_limits<double>::max()) {
        fail(token.offset, "number " + describe(token) + " is out of range");
    }
    out.push_back({Op::kNumber, 0, value});
}

void TokenStream::parenthesised(Expression& out) {
    if (++nesting_ > kMaxNesting) {
        out.push_back({});
        return fail(token_.offset, "expression is nested too deeply");
    }
    expect(TokenKind::kLeftParen, "'('");
    sum(out);
    expect(TokenKind::kRightParen, "')'");
    --nesting_;
}

void TokenStream::named(Expression& out) {
    const Token token = take();
    const auto parameter = std::find(parameters_.begin(), parameters_.end(), token.text);
    if (parameter != parameters_.end()) {
        const auto index = static_cast<std::uint32_t>(parameter - parameters_.begin());
        out.push_back({Op::kParameter, index});
        return;
    }
    if (token.text == "pi") {
        out.push_back({Op::kNumber, 0, std::numbers::pi});
        return;
    }
    for (const auto& [name, op] : kFunctions) {
        if (token.text == name) {
            parenthesised(out);
            out.push_back({op});
            return;
        }
    }
    out.push_back({});
    fail(token.offset, "unknown name " + describe(token) + " in an expression");
}

}  // namespace quercus::qasm
