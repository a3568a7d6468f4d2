#pragma once

// Internal to the room: the gRPC service over a Jobs backend.

#include <memory>

#include "runtime/transport/jobs.hpp"

namespace grpc {
class Service;
}

namespace quercus::transport {

// `jobs` must outlive the service.
std::unique_ptr<grpc::Service> make_jobs_service(Jobs& jobs);

}  // namespace quercus::transport
