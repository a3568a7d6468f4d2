#include "client/cli/job_id.hpp"

#include <set>

#include "tests/support/catch.hpp"

using namespace quercus;
using client::JobId;

namespace {

client::JobInfo job(const std::string& id) {
    client::JobInfo info;
    info.id = *JobId::parse(id);
    return info;
}

const std::vector<client::JobInfo> kJobs{job("7f3a0000-1111-4222-8333-444444444444"),
                                         job("7f3a0000-2222-4222-8333-444444444444"),
                                         job("abcd0000-1111-4222-8333-444444444444")};

}  // namespace

TEST_CASE("job ids: text form and back, random ones differ", "[correctness]") {
    const std::string text = "7f3a0000-1111-4222-8333-4444444444ff";
    REQUIRE(JobId::parse(text));
    CHECK(JobId::parse(text)->to_string() == text);
    CHECK(JobId::parse("7F3A0000-1111-4222-8333-4444444444FF") == JobId::parse(text));
    std::set<JobId> ids;
    for (int i = 0; i < 1000; ++i) {
        ids.insert(JobId::random());
    }
    CHECK(ids.size() == 1000);
    CHECK(JobId::random().to_string()[14] == '4');
}

TEST_CASE("an id may be abbreviated while it fits one job", "[correctness]") {
    CHECK(*cli::match_job_id("abcd", kJobs) == kJobs[2].id);
    CHECK(*cli::match_job_id("ABCD0000-11", kJobs) == kJobs[2].id);
    CHECK(*cli::match_job_id("7f3a00002", kJobs) == kJobs[1].id);
    // A whole id needs no list.
    CHECK(*cli::match_job_id(kJobs[0].id.to_string(), {}) == kJobs[0].id);
}

TEST_CASE("ids that are short, ambiguous, unknown or none", "[bad input]") {
    CHECK(cli::match_job_id("abc", kJobs).status().code() == StatusCode::kInvalidArgument);
    CHECK(cli::match_job_id("", kJobs).status().code() == StatusCode::kInvalidArgument);
    CHECK(cli::match_job_id("nothex", kJobs).status().code() == StatusCode::kInvalidArgument);
    CHECK(cli::match_job_id(std::string(33, 'a'), kJobs).status().code() ==
          StatusCode::kInvalidArgument);
    CHECK(cli::match_job_id("ffff", kJobs).status().code() == StatusCode::kNotFound);
    const auto ambiguous = cli::match_job_id("7f3a", kJobs);
    REQUIRE_FALSE(ambiguous);
    CHECK(ambiguous.error().code() == StatusCode::kInvalidArgument);
    CHECK(ambiguous.error().message().find("fits 2 jobs") != std::string::npos);
}
