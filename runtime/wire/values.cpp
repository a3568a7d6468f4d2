#include "runtime/wire/values.hpp"

#include <algorithm>

#include "quercus/v1/types.pb.h"
#include "runtime/wire/limits.hpp"

namespace quercus::wire {
namespace {

// Length of the UTF-8 character at the start of `text`, 0 if there is none (RFC 3629: no overlong
// forms, no surrogates, nothing above U+10FFFF).
std::size_t character_size(std::string_view text) {
    const auto at = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const auto trail = [&](std::size_t i, unsigned char low, unsigned char high) {
        return i < text.size() && at(i) >= low && at(i) <= high;
    };
    const unsigned char lead = at(0);
    if (lead < 0x80) {
        return 1;
    }
    if (lead >= 0xC2 && lead <= 0xDF) {
        return trail(1, 0x80, 0xBF) ? 2 : 0;
    }
    if (lead >= 0xE0 && lead <= 0xEF) {
        const bool second = trail(1, lead == 0xE0 ? 0xA0 : 0x80, lead == 0xED ? 0x9F : 0xBF);
        return second && trail(2, 0x80, 0xBF) ? 3 : 0;
    }
    if (lead >= 0xF0 && lead <= 0xF4) {
        const bool second = trail(1, lead == 0xF0 ? 0x90 : 0x80, lead == 0xF4 ? 0x8F : 0xBF);
        return second && trail(2, 0x80, 0xBF) && trail(3, 0x80, 0xBF) ? 4 : 0;
    }
    return 0;
}

bool is_ascii(std::string_view text) {
    return std::all_of(text.begin(), text.end(),
                       [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

}  // namespace

std::string clean_text(std::string_view text, std::size_t limit_bytes) {
    if (is_ascii(text)) {
        return std::string(text.substr(0, limit_bytes));
    }
    std::string out;
    while (!text.empty()) {
        const std::size_t size = character_size(text);
        if (out.size() + std::max<std::size_t>(size, 1) > limit_bytes) {
            break;
        }
        if (size == 0) {
            out.push_back('?');
        } else {
            out.append(text.substr(0, size));
        }
        text.remove_prefix(std::max<std::size_t>(size, 1));
    }
    return out;
}

std::string from_text(const std::string& text, std::size_t limit_bytes, const char* what,
                      Intake& intake) {
    if (text.size() > limit_bytes) {
        intake.fail(std::string(what) + ": " + std::to_string(text.size()) + " bytes, limit is " +
                    std::to_string(limit_bytes));
        return {};
    }
    return text;
}

std::string to_bytes(const std::array<std::uint8_t, 16>& id) {
    return std::string(reinterpret_cast<const char*>(id.data()), id.size());
}

std::array<std::uint8_t, 16> from_bytes16(std::string_view bytes, const char* what,
                                          Intake& intake) {
    std::array<std::uint8_t, 16> out{};
    if (bytes.size() != out.size()) {
        intake.fail(std::string(what) + ": " + std::to_string(bytes.size()) +
                    " bytes instead of 16");
        return out;
    }
    std::copy(bytes.begin(), bytes.end(), out.begin());
    return out;
}

scheduling::JobId from_job_id(std::string_view bytes, Intake& intake) {
    const scheduling::JobId id{from_bytes16(bytes, "job id", intake)};
    intake.require(!id.is_nil(), "job id: all zero");
    return id;
}

scheduling::NodeId from_node_id(std::string_view bytes, Intake& intake) {
    const scheduling::NodeId id{from_bytes16(bytes, "node id", intake)};
    intake.require(!id.is_nil(), "node id: all zero");
    return id;
}

void to_proto(const Status& status, v1::Status& out) {
    out.set_code(static_cast<int>(status.code()));
    out.set_message(clean_text(status.message(), kMaxTextBytes));
}

Status from_proto(const v1::Status& status, Intake& intake) {
    const int code = status.code();
    if (code < 0 || code > static_cast<int>(StatusCode::kUnauthenticated)) {
        intake.fail("status: unknown code " + std::to_string(code));
        return {};
    }
    if (code == 0) {
        return {};
    }
    return {static_cast<StatusCode>(code),
            from_text(status.message(), kMaxTextBytes, "status message", intake)};
}

}  // namespace quercus::wire
