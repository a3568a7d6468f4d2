#pragma once

// One source text as tokens with one token of lookahead, and the expressions in it. Errors stick:
// after the first one the stream is at its end, so that callers unwind without checking each step.

#include <span>
#include <string>
#include <string_view>

#include "quantum/base/status.hpp"
#include "quantum/qasm/expression.hpp"
#include "quantum/qasm/lexer.hpp"

namespace quercus::qasm {

class TokenStream {
 public:
    // `text` must outlive the stream.
    TokenStream(std::string_view text, std::string name);

    [[nodiscard]] const Token& peek() const { return token_; }
    [[nodiscard]] bool at(TokenKind kind) const { return token_.kind == kind; }
    Token take() {
        const Token taken = token_;
        if (ok()) {
            token_ = lexer_.next();
        }
        return taken;
    }
    // Takes the token if it is of that kind.
    bool accept(TokenKind kind) {
        if (token_.kind != kind) {
            return false;
        }
        take();
        return true;
    }
    // Takes a token of that kind, else fails with "expected <what>, found <token>".
    Token expect(TokenKind kind, std::string_view what) {
        if (token_.kind != kind) {
            fail_expected(what);
        }
        return take();
    }
    // An integer token's value of at most `max`.
    std::uint64_t expect_integer(std::string_view what, std::uint64_t max);

    // `parameters`: the names a gate body may use.
    Expression expression(std::span<const std::string_view> parameters);

    // The value of an expression without parameters; may be infinite or NaN.
    double constant();

    // INVALID_ARGUMENT "<name>:<line>:<column>: message". Only the first failure counts.
    void fail(std::size_t offset, const std::string& message);
    void fail(std::size_t offset, const Status& status);
    // An error that names its own place.
    void fail(Status status);
    [[nodiscard]] bool ok() const { return status_.is_ok(); }
    [[nodiscard]] const Status& status() const { return status_; }
    [[nodiscard]] const std::string& name() const { return name_; }

 private:
    void fail_expected(std::string_view what);
    // Precedence climbing: + - below * / below unary minus below ^, which is right-associative.
    void sum(Expression& out);
    void product(Expression& out);
    void negation(Expression& out);
    void power(Expression& out);
    void primary(Expression& out);
    void number(Expression& out);
    void named(Expression& out);
    void parenthesised(Expression& out);

    std::string_view text_;
    std::string name_;
    Lexer lexer_;
    Token token_;
    Status status_;
    std::span<const std::string_view> parameters_;
    int nesting_ = 0;
    Expression scratch_;  // of constant(), to save an allocation per parameter
};

}  // namespace quercus::qasm
