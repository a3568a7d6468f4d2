#include "quantum/qasm/lexer.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

namespace quercus::qasm {
namespace {

constexpr std::size_t kShownBytes = 40;

enum Class : unsigned char { kOther, kBlank, kLetter, kDigit };

constexpr std::array<Class, 256> kClasses = [] {
    std::array<Class, 256> classes{};
    for (const char c : {' ', '\t', '\r', '\n', '\f', '\v'}) {
        classes[static_cast<unsigned char>(c)] = kBlank;
    }
    for (int c = 'a'; c <= 'z'; ++c) {
        classes[static_cast<std::size_t>(c)] = kLetter;
        classes[static_cast<std::size_t>(c) - 'a' + 'A'] = kLetter;
    }
    classes['_'] = kLetter;
    for (int c = '0'; c <= '9'; ++c) {
        classes[static_cast<std::size_t>(c)] = kDigit;
    }
    return classes;
}();

Class class_of(char c) {
    return kClasses[static_cast<unsigned char>(c)];
}

TokenKind symbol(char c) {
    switch (c) {
        case '(':
            return TokenKind::kLeftParen;
        case ')':
            return TokenKind::kRightParen;
        case '[':
            return TokenKind::kLeftBracket;
        case ']':
            return TokenKind::kRightBracket;
        case '{':
            return TokenKind::kLeftBrace;
        case '}':
            return TokenKind::kRightBrace;
        case ';':
            return TokenKind::kSemicolon;
        case ',':
            return TokenKind::kComma;
        case '+':
            return TokenKind::kPlus;
        case '-':
            return TokenKind::kMinus;
        case '*':
            return TokenKind::kTimes;
        case '/':
            return TokenKind::kDivide;
        case '^':
            return TokenKind::kPower;
        default:
            return TokenKind::kBad;
    }
}

}  // namespace

Lexer::Lexer(std::string_view text) : text_(text) {
    if (text_.starts_with("\xef\xbb\xbf")) {  // a byte order mark, as Windows editors write it
        at_ = 3;
    }
}

Token Lexer::token(TokenKind kind, std::size_t begin, std::size_t end) {
    at_ = end;
    return {kind, text_.substr(begin, end - begin), begin};
}

void Lexer::skip_blanks() {
    while (at_ < text_.size()) {
        if (class_of(text_[at_]) == kBlank) {
            ++at_;
        } else if (text_[at_] == '/' && at_ + 1 < text_.size() && text_[at_ + 1] == '/') {
            at_ = std::min(text_.find('\n', at_), text_.size());
        } else {
            return;
        }
    }
}

Token Lexer::number(std::size_t begin) {
    std::size_t end = begin;
    const auto digits = [&] {
        while (end < text_.size() && class_of(text_[end]) == kDigit) {
            ++end;
        }
    };
    bool is_real = false;
    digits();
    if (end < text_.size() && text_[end] == '.') {
        is_real = true;
        ++end;
        digits();
    }
    if (end < text_.size() && (text_[end] == 'e' || text_[end] == 'E')) {
        std::size_t exponent = end + 1;
        if (exponent < text_.size() && (text_[exponent] == '+' || text_[exponent] == '-')) {
            ++exponent;
        }
        if (exponent < text_.size() && class_of(text_[exponent]) == kDigit) {
            is_real = true;
            end = exponent;
            digits();
        }
    }
    if (end < text_.size() && class_of(text_[end]) == kLetter) {  // 3x, 1e
        while (end < text_.size() && class_of(text_[end]) >= kLetter) {
            ++end;
        }
        return token(TokenKind::kBad, begin, end);
    }
    return token(is_real ? TokenKind::kReal : TokenKind::kInteger, begin, end);
}

Token Lexer::string(std::size_t begin) {
    std::size_t end = begin + 1;
    while (end < text_.size() && text_[end] != text_[begin] && text_[end] != '\n') {
        ++end;
    }
    if (end == text_.size() || text_[end] == '\n') {
        return token(TokenKind::kBad, begin, end);
    }
    Token result = token(TokenKind::kString, begin + 1, end);
    result.offset = begin;
    ++at_;
    return result;
}

Token Lexer::next() {
    skip_blanks();
    const std::size_t begin = at_;
    if (begin == text_.size()) {
        return {TokenKind::kEnd, {}, begin};
    }
    const char c = text_[begin];
    const char following = begin + 1 < text_.size() ? text_[begin + 1] : '\0';
    if (class_of(c) == kLetter) {
        std::size_t end = begin + 1;
        while (end < text_.size() && class_of(text_[end]) >= kLetter) {
            ++end;
        }
        return token(TokenKind::kIdentifier, begin, end);
    }
    if (class_of(c) == kDigit || (c == '.' && class_of(following) == kDigit)) {
        return number(begin);
    }
    if (c == '-' && following == '>') {
        return token(TokenKind::kArrow, begin, begin + 2);
    }
    if (c == '=' && following == '=') {
        return token(TokenKind::kEquals, begin, begin + 2);
    }
    if (c == '"' || c == '\'') {
        return string(begin);
    }
    return token(symbol(c), begin, begin + 1);
}

std::string describe(const Token& token) {
    if (token.kind == TokenKind::kEnd) {
        return "end of file";
    }
    std::string shown;
    for (const char c : token.text.substr(0, kShownBytes)) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte >= 0x20 && byte < 0x7f) {
            shown += c;
        } else {
            char hex[8];
            std::snprintf(hex, sizeof hex, "\\x%02x", byte);
            shown += hex;
        }
    }
    if (token.text.size() > kShownBytes) {
        shown += "...";
    }
    return "'" + shown + "'";
}

std::string position(std::string_view text, std::size_t offset) {
    const std::string_view before = text.substr(0, offset);
    const auto line = 1 + std::count(before.begin(), before.end(), '\n');
    const std::size_t newline = before.rfind('\n');
    const std::size_t column = newline == std::string_view::npos ? offset : offset - newline - 1;
    return std::to_string(line) + ":" + std::to_string(column);
}

}  // namespace quercus::qasm
