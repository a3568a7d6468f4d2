#pragma once

// Parameter expressions, compiled to postfix form so that gate bodies evaluate them quickly and can
// be compared.

#include <cstdint>
#include <span>
#include <vector>

namespace quercus::qasm {

enum class Op : std::uint8_t {
    kNumber,
    kParameter,  // of the gate being defined
    kAdd,
    kSubtract,
    kMultiply,
    kDivide,
    kPower,
    kNegate,
    kSin,
    kCos,
    kTan,
    kExp,
    kLn,
    kSqrt,
};

struct ExpressionNode {
    Op op = Op::kNumber;
    std::uint32_t parameter = 0;
    double number = 0;
    friend bool operator==(const ExpressionNode&, const ExpressionNode&) = default;
};

// Well-formed postfix; the parser makes nothing else.
using Expression = std::vector<ExpressionNode>;

// IEEE arithmetic; the result may be infinite or NaN.
[[nodiscard]] double evaluate(const Expression& expression, std::span<const double> parameters);

}  // namespace quercus::qasm
