#pragma once

// Tokens of OpenQASM 2.0 (Cross et al., arXiv:1707.03429, appendix A), as views into the text.

#include <cstddef>
#include <string>
#include <string_view>

namespace quercus::qasm {

enum class TokenKind : unsigned char {
    kEnd,
    kIdentifier,  // keywords too
    kInteger,
    kReal,
    kString,  // text without the quotes
    kArrow,   // ->
    kEquals,  // ==
    kLeftParen,
    kRightParen,
    kLeftBracket,
    kRightBracket,
    kLeftBrace,
    kRightBrace,
    kSemicolon,
    kComma,
    kPlus,
    kMinus,
    kTimes,
    kDivide,
    kPower,
    kBad,  // text = the offending bytes
};

struct Token {
    TokenKind kind = TokenKind::kEnd;
    std::string_view text;
    std::size_t offset = 0;
};

class Lexer {
 public:
    // `text` must outlive the lexer and its tokens.
    explicit Lexer(std::string_view text);
    // Skips blanks and comments; kEnd again and again at the end, kBad for what is no token.
    Token next();

 private:
    void skip_blanks();
    Token number(std::size_t begin);
    Token string(std::size_t begin);
    Token token(TokenKind kind, std::size_t begin, std::size_t end);

    std::string_view text_;
    std::size_t at_ = 0;
};

// How a message names the token: 'cx', end of file, byte 0x00, ...
[[nodiscard]] std::string describe(const Token& token);
// "line:column" of an offset; lines count from 1, columns (bytes) from 0.
[[nodiscard]] std::string position(std::string_view text, std::size_t offset);

}  // namespace quercus::qasm
