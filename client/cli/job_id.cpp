#include "client/cli/job_id.hpp"

#include <algorithm>
#include <cctype>
#include <string>

namespace quercus::cli {
namespace {

std::string digits_of(std::string_view text) {
    std::string digits;
    for (const char c : text) {
        if (c != '-') {
            digits.push_back(static_cast<char>(std::tolower(static_cast<unsigned char>(c))));
        }
    }
    return digits;
}

Status ambiguous(std::string_view text, const std::vector<client::JobId>& matches) {
    std::string message = "job id '" + std::string(text) + "' fits " +
                          std::to_string(matches.size()) + " jobs, give more digits:";
    for (std::size_t i = 0; i < std::min<std::size_t>(matches.size(), 3); ++i) {
        message += " " + matches[i].to_string();
    }
    return invalid_argument(message + (matches.size() > 3 ? " ..." : ""));
}

}  // namespace

Result<client::JobId> match_job_id(std::string_view text,
                                   const std::vector<client::JobInfo>& jobs) {
    if (const auto id = client::JobId::parse(text)) {
        return *id;
    }
    const std::string digits = digits_of(text);
    if (digits.size() < kMinPrefix || digits.size() > 32 ||
        digits.find_first_not_of("0123456789abcdef") != std::string::npos) {
        return invalid_argument("'" + std::string(text) + "' is no job id: a UUID, or its first " +
                                std::to_string(kMinPrefix) + " or more hexadecimal digits");
    }
    std::vector<client::JobId> matches;
    for (const client::JobInfo& job : jobs) {
        if (digits_of(job.id.to_string()).starts_with(digits)) {
            matches.push_back(job.id);
        }
    }
    if (matches.empty()) {
        return not_found("no job begins with '" + std::string(text) + "' (see: quercus jobs)");
    }
    return matches.size() == 1 ? Result<client::JobId>(matches.front())
                               : Result<client::JobId>(ambiguous(text, matches));
}

Result<client::Job> find_job(const client::Client& client, std::string_view text) {
    if (const auto id = client::JobId::parse(text)) {
        return client.job(*id);
    }
    // Text that could never be an id is refused without a question to the server.
    if (const auto id = match_job_id(text, {});
        id.status().code() == StatusCode::kInvalidArgument) {
        return id.error();
    }
    const auto jobs = client.list();
    if (!jobs) {
        return jobs.error();
    }
    const auto id = match_job_id(text, *jobs);
    return id ? Result<client::Job>(client.job(*id)) : Result<client::Job>(id.error());
}

}  // namespace quercus::cli
