#include "quantum/qasm/expression.hpp"

#include <boost/container/small_vector.hpp>
#include <cmath>

namespace quercus::qasm {
namespace {

double unary(Op op, double x) {
    switch (op) {
        case Op::kNegate:
            return -x;
        case Op::kSin:
            return std::sin(x);
        case Op::kCos:
            return std::cos(x);
        case Op::kTan:
            return std::tan(x);
        case Op::kExp:
            return std::exp(x);
        case Op::kLn:
            return std::log(x);
        default:
            return std::sqrt(x);
    }
}

double binary(Op op, double x, double y) {
    switch (op) {
        case Op::kAdd:
            return x + y;
        case Op::kSubtract:
            return x - y;
        case Op::kMultiply:
            return x * y;
        case Op::kDivide:
            return x / y;
        default:
            return std::pow(x, y);
    }
}

}  // namespace

double evaluate(const Expression& expression, std::span<const double> parameters) {
    boost::container::small_vector<double, 8> stack;
    for (const ExpressionNode& node : expression) {
        if (node.op == Op::kNumber) {
            stack.push_back(node.number);
        } else if (node.op == Op::kParameter) {
            stack.push_back(parameters[node.parameter]);
        } else if (node.op >= Op::kNegate) {
            stack.back() = unary(node.op, stack.back());
        } else {
            const double right = stack.back();
            stack.pop_back();
            stack.back() = binary(node.op, stack.back(), right);
        }
    }
    return stack.back();
}

}  // namespace quercus::qasm
