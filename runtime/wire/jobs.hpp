#pragma once

// The job API between its domain and its wire form (proto/quercus/v1/jobs.proto). Decoding is the
// clients' trust boundary. Pure functions; any thread.

#include <cstdint>
#include <string>
#include <string_view>

#include "quantum/base/status.hpp"
#include "runtime/scheduling/node.hpp"
#include "runtime/wire/job_types.hpp"

namespace quercus::v1 {
class GetCacheResponse;
class GetTreeResponse;
class Job;
class JobEvent;
class SubmitJobRequest;
}  // namespace quercus::v1

namespace quercus::wire {

// A UUID. INVALID_ARGUMENT shows what was given instead.
[[nodiscard]] Result<JobId> from_job_text(std::string_view text);

void to_proto(const JobSpec& spec, v1::SubmitJobRequest& out);
// INVALID_ARGUMENT names the field; RESOURCE_EXHAUSTED for what is too large.
[[nodiscard]] Result<JobSpec> from_proto(const v1::SubmitJobRequest& request);

void to_proto(const JobStatus& job, v1::Job& out);
[[nodiscard]] Result<JobStatus> from_proto(const v1::Job& job);

void to_proto(const JobEvent& event, v1::JobEvent& out);
[[nodiscard]] Result<JobEvent> from_proto(const v1::JobEvent& event, JobId job);

void to_proto(const scheduling::Subtree& tree, v1::GetTreeResponse& out);
[[nodiscard]] Result<scheduling::Subtree> from_proto(const v1::GetTreeResponse& response);
void to_proto(const scheduling::CacheStats& stats, v1::GetCacheResponse& out);
[[nodiscard]] scheduling::CacheStats from_proto(const v1::GetCacheResponse& response);

}  // namespace quercus::wire
