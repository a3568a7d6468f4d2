#pragma once

// What a decoder carries along: the first thing that was wrong, and how much memory it may still
// take. After a failure decoders go on returning empty values; whoever started asks `ok()` at the
// end.

#include <cstddef>
#include <string>
#include <utility>

#include "quantum/base/status.hpp"

namespace quercus::wire {

class Intake {
 public:
    explicit Intake(std::size_t budget_bytes) : budget_bytes_(budget_bytes) {}

    void fail(std::string message) {
        if (status_.is_ok()) {
            status_ = invalid_argument(std::move(message));
        }
    }
    // Fails with `message` unless `condition`; returns `condition`.
    bool require(bool condition, const char* message) {
        if (!condition) {
            fail(message);
        }
        return condition;
    }
    // Fails when all that was spent exceeds the budget.
    bool spend(std::size_t size_bytes) {
        if (size_bytes > budget_bytes_) {
            status_ = status_.is_ok()
                          ? resource_exhausted("message takes too much memory once unpacked")
                          : status_;
            return false;
        }
        budget_bytes_ -= size_bytes;
        return true;
    }
    [[nodiscard]] bool ok() const { return status_.is_ok(); }
    [[nodiscard]] const Status& status() const { return status_; }

 private:
    Status status_;
    std::size_t budget_bytes_;
};

}  // namespace quercus::wire
