#pragma once

// Small values between their domain and their proto form: ids, digests, statuses, texts, enums.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "quantum/base/bytes.hpp"
#include "quantum/base/digest.hpp"
#include "quantum/base/status.hpp"
#include "runtime/scheduling/ids.hpp"
#include "runtime/wire/intake.hpp"

namespace quercus::v1 {
class Status;
}

namespace quercus::wire {

// `text` as valid UTF-8 of at most `limit_bytes`: what does not decode becomes '?', what is too
// long is cut between characters. Protobuf refuses a whole message because of one bad byte, and log
// lines of crashed processes have them.
[[nodiscard]] std::string clean_text(std::string_view text, std::size_t limit_bytes);

// Decoding: fails when `text` is longer than `limit_bytes`. `what` names the field.
[[nodiscard]] std::string from_text(const std::string& text, std::size_t limit_bytes,
                                    const char* what, Intake& intake);

[[nodiscard]] std::string to_bytes(const std::array<std::uint8_t, 16>& id);
// Fails unless `bytes` are 16.
[[nodiscard]] std::array<std::uint8_t, 16> from_bytes16(std::string_view bytes, const char* what,
                                                        Intake& intake);
// Fails also for the nil id.
[[nodiscard]] scheduling::JobId from_job_id(std::string_view bytes, Intake& intake);
[[nodiscard]] scheduling::NodeId from_node_id(std::string_view bytes, Intake& intake);

void to_proto(const Status& status, v1::Status& out);
[[nodiscard]] Status from_proto(const v1::Status& status, Intake& intake);

// Domain enums count from 0, proto enums have 0 = unspecified and count from 1.
template <class Proto, class Domain>
[[nodiscard]] Proto to_enum(Domain value) {
    return static_cast<Proto>(static_cast<int>(value) + 1);
}
template <class Domain>
[[nodiscard]] Domain from_enum(int value, Domain last, const char* what, Intake& intake) {
    if (value < 1 || value > static_cast<int>(last) + 1) {
        intake.fail(std::string(what) + ": unknown value " + std::to_string(value));
        return last;
    }
    return static_cast<Domain>(value - 1);
}

}  // namespace quercus::wire
