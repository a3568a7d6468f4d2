#pragma once

// Where a process listens: host[:port], [IPv6]:port, bare IPv6.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "quantum/base/status.hpp"

namespace quercus::transport {

inline constexpr std::uint16_t kServerPort = 7472;
inline constexpr std::uint16_t kManagerPort = 7473;

struct Address {
    std::string host;  // name or IP; IPv6 without brackets
    std::uint16_t port = 0;
    friend bool operator==(const Address&, const Address&) = default;
    // "host:port", with brackets around an IPv6 address.
    [[nodiscard]] std::string to_string() const;
};

// INVALID_ARGUMENT shows the text and what is wrong with it. A port is 1 ... 65535. Surrounding
// white space is ignored.
[[nodiscard]] Result<Address> parse_address(std::string_view text, std::uint16_t default_port);

// Addresses separated by commas or white space; INVALID_ARGUMENT when one is wrong or there is
// none.
[[nodiscard]] Result<std::vector<Address>> parse_address_list(std::string_view text,
                                                              std::uint16_t default_port);

[[nodiscard]] bool is_ipv4(const std::string& host);
[[nodiscard]] bool is_ipv6(const std::string& host);

// As gRPC wants it: numeric addresses bypass its name resolution.
[[nodiscard]] std::string grpc_target(const Address& address);

}  // namespace quercus::transport
