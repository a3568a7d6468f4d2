#pragma once

// Internal to the room: how the two streams of one link find each other, and which side of the tree
// the dialler is, told in the metadata of both calls (docs/protocol.md).

#include <grpcpp/server_context.h>

#include <optional>
#include <string>

#include "runtime/scheduling/items.hpp"

namespace quercus::transport {

// 32 hexadecimal digits from the operating system's generator. Any thread.
[[nodiscard]] std::string random_session();
[[nodiscard]] bool is_session(const std::string& text);

[[nodiscard]] std::optional<std::string> metadata(const grpc::CallbackServerContext& context,
                                                  const char* key);

[[nodiscard]] scheduling::Position opposite(scheduling::Position position);

}  // namespace quercus::transport
