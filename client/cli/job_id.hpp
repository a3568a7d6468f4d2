#pragma once

// Job ids as people type them.

#include <string_view>
#include <vector>

#include "quercus/client.hpp"

namespace quercus::cli {

inline constexpr std::size_t kMinPrefix = 4;

// A whole UUID, or the first hexadecimal digits of one (dashes may be left out) that fit exactly
// one of `jobs`. INVALID_ARGUMENT for text that is no id, too short or ambiguous; NOT_FOUND.
[[nodiscard]] Result<client::JobId> match_job_id(std::string_view text,
                                                 const std::vector<client::JobInfo>& jobs);
// The same against the server's list, which is only asked for when `text` is abbreviated.
[[nodiscard]] Result<client::Job> find_job(const client::Client& client, std::string_view text);

}  // namespace quercus::cli
