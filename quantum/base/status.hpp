#pragma once

// Status and Result: how expected failures travel. The codes are gRPC's canonical codes, number for
// number, so the wire mapping is the identity. A message says what, which id, which limit, and
// which option changes it.

#include <cassert>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace quercus {

enum class StatusCode : int {
    kOk = 0,
    kCancelled = 1,
    kUnknown = 2,
    kInvalidArgument = 3,
    kDeadlineExceeded = 4,
    kNotFound = 5,
    kAlreadyExists = 6,
    kPermissionDenied = 7,
    kResourceExhausted = 8,
    kFailedPrecondition = 9,
    kAborted = 10,
    kOutOfRange = 11,
    kUnimplemented = 12,
    kInternal = 13,
    kUnavailable = 14,
    kDataLoss = 15,
    kUnauthenticated = 16,
};

// The canonical upper-case name, e.g. "INVALID_ARGUMENT".
std::string_view to_string(StatusCode code);

class [[nodiscard]] Status {
 public:
    Status() = default;
    Status(StatusCode code, std::string message) : code_(code), message_(std::move(message)) {}

    static Status ok() { return {}; }

    [[nodiscard]] bool is_ok() const { return code_ == StatusCode::kOk; }
    [[nodiscard]] StatusCode code() const { return code_; }
    [[nodiscard]] const std::string& message() const { return message_; }
    // "INVALID_ARGUMENT: message", or "OK".
    [[nodiscard]] std::string to_string() const;

    friend bool operator==(const Status&, const Status&) = default;

 private:
    StatusCode code_ = StatusCode::kOk;
    std::string message_;
};

Status invalid_argument(std::string message);
Status not_found(std::string message);
Status unavailable(std::string message);
Status failed_precondition(std::string message);
Status resource_exhausted(std::string message);
Status internal_error(std::string message);
Status data_loss(std::string message);

// A value or the Status that says why there is none. Member names follow std::expected.
template <class T>
class [[nodiscard]] Result {
 public:
    Result(T value) : state_(std::move(value)) {}      // NOLINT(google-explicit-constructor)
    Result(Status error) : state_(std::move(error)) {  // NOLINT(google-explicit-constructor)
        assert(!std::get<Status>(state_).is_ok() && "a Result without value needs an error");
    }

    [[nodiscard]] bool has_value() const { return std::holds_alternative<T>(state_); }
    explicit operator bool() const { return has_value(); }

    T& value() & { return std::get<T>(state_); }
    const T& value() const& { return std::get<T>(state_); }
    T&& value() && { return std::get<T>(std::move(state_)); }
    T& operator*() & { return value(); }
    const T& operator*() const& { return value(); }
    T&& operator*() && { return std::move(*this).value(); }
    T* operator->() { return &value(); }
    const T* operator->() const { return &value(); }

    // Only without a value.
    [[nodiscard]] const Status& error() const { return std::get<Status>(state_); }
    // OK with a value, the error without.
    [[nodiscard]] Status status() const { return has_value() ? Status{} : error(); }

 private:
    std::variant<T, Status> state_;
};

}  // namespace quercus
