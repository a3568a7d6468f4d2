#include "quantum/base/status.hpp"

#include <array>
#include <cstddef>

namespace quercus {

std::string_view to_string(StatusCode code) {
    static constexpr std::array<std::string_view, 17> kNames{"OK",
                                                             "CANCELLED",
                                                             "UNKNOWN",
                                                             "INVALID_ARGUMENT",
                                                             "DEADLINE_EXCEEDED",
                                                             "NOT_FOUND",
                                                             "ALREADY_EXISTS",
                                                             "PERMISSION_DENIED",
                                                             "RESOURCE_EXHAUSTED",
                                                             "FAILED_PRECONDITION",
                                                             "ABORTED",
                                                             "OUT_OF_RANGE",
                                                             "UNIMPLEMENTED",
                                                             "INTERNAL",
                                                             "UNAVAILABLE",
                                                             "DATA_LOSS",
                                                             "UNAUTHENTICATED"};
    const auto index = static_cast<std::size_t>(code);
    return index < kNames.size() ? kNames[index] : "UNKNOWN";
}

std::string Status::to_string() const {
    if (is_ok()) {
        return "OK";
    }
    return std::string(quercus::to_string(code_)) + ": " + message_;
}

Status invalid_argument(std::string message) {
    return {StatusCode::kInvalidArgument, std::move(message)};
}
Status not_found(std::string message) {
    return {StatusCode::kNotFound, std::move(message)};
}
Status unavailable(std::string message) {
    return {StatusCode::kUnavailable, std::move(message)};
}
Status failed_precondition(std::string message) {
    return {StatusCode::kFailedPrecondition, std::move(message)};
}
Status resource_exhausted(std::string message) {
    return {StatusCode::kResourceExhausted, std::move(message)};
}
Status internal_error(std::string message) {
    return {StatusCode::kInternal, std::move(message)};
}
Status data_loss(std::string message) {
    return {StatusCode::kDataLoss, std::move(message)};
}

}  // namespace quercus
