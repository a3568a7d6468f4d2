#include "runtime/transport/session.hpp"

#include <random>

namespace quercus::transport {

using scheduling::Position;

std::string random_session() {
    std::random_device device;
    std::string out;
    for (int i = 0; i < 32; ++i) {
        out.push_back("0123456789abcdef"[device() % 16]);
    }
    return out;
}

std::optional<std::string> metadata(const grpc::CallbackServerContext& context, const char* key) {
    const auto& all = context.client_metadata();
    const auto found = all.find(key);
    if (found == all.end()) {
        return std::nullopt;
    }
    return std::string(found->second.data(), found->second.size());
}

bool is_session(const std::string& text) {
    return text.size() == 32 && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

Position opposite(Position position) {
    return position == Position::kParent ? Position::kChild : Position::kParent;
}

}  // namespace quercus::transport
