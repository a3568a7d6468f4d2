#include "runtime/transport/address.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstddef>
#include <utility>

namespace quercus::transport {
namespace {

constexpr std::string_view kBlanks = " \t\r\n";

std::string_view trim(std::string_view text) {
    const auto begin = text.find_first_not_of(kBlanks);
    if (begin == std::string_view::npos) {
        return {};
    }
    return text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

Status bad(std::string_view text, const std::string& why) {
    return invalid_argument("address '" + std::string(text.substr(0, 300)) + "': " + why +
                            " (host, host:port, [IPv6]:port)");
}

bool is_name(std::string_view host) {
    return !host.empty() && host.size() <= 253 && host.front() != '-' &&
           std::all_of(host.begin(), host.end(), [](unsigned char c) {
               return std::isalnum(c) != 0 || c == '-' || c == '.' || c == '_';
           });
}

// IPv6 with an optional zone ("fe80::1%eth0").
bool is_ipv6_with_zone(const std::string& host) {
    const auto percent = host.find('%');
    return is_ipv6(host.substr(0, percent)) &&
           (percent == std::string::npos || is_name(std::string_view(host).substr(percent + 1)));
}

struct Parts {
    std::string host;
    std::string_view port;  // empty: none given
    bool has_port = false;
    bool is_bracketed = false;
};

Result<Parts> split(std::string_view text) {
    if (text.front() == '[') {
        const auto close = text.find(']');
        if (close == std::string_view::npos) {
            return bad(text, "']' is missing");
        }
        const auto rest = text.substr(close + 1);
        if (!rest.empty() && rest.front() != ':') {
            return bad(text, "only ':port' may follow ']'");
        }
        return Parts{std::string(text.substr(1, close - 1)), rest.empty() ? rest : rest.substr(1),
                     !rest.empty(), true};
    }
    if (std::count(text.begin(), text.end(), ':') > 1) {
        return Parts{std::string(text), {}, false, false};  // bare IPv6, or nothing
    }
    const auto colon = text.find(':');
    const bool has_port = colon != std::string_view::npos;
    return Parts{std::string(text.substr(0, colon)),
                 has_port ? text.substr(colon + 1) : std::string_view{}, has_port, false};
}

}  // namespace

bool is_ipv4(const std::string& host) {
    in_addr parsed{};
    return inet_pton(AF_INET, host.c_str(), &parsed) == 1;
}

bool is_ipv6(const std::string& host) {
    in6_addr parsed{};
    return inet_pton(AF_INET6, host.c_str(), &parsed) == 1;
}

std::string Address::to_string() const {
    const bool brackets = host.find(':') != std::string::npos;
    return (brackets ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

Result<Address> parse_address(std::string_view text, std::uint16_t default_port) {
    text = trim(text);
    if (text.empty()) {
        return bad(text, "empty");
    }
    const auto parts = split(text);
    if (!parts) {
        return parts.error();
    }
    const bool has_colon = parts->host.find(':') != std::string::npos;
    if (parts->is_bracketed || has_colon ? !is_ipv6_with_zone(parts->host)
                                         : !is_name(parts->host)) {
        return bad(text, has_colon || parts->is_bracketed ? "not an IPv6 address"
                                                          : "not a host name or IP address");
    }
    if (!parts->has_port) {
        return Address{parts->host, default_port};
    }
    unsigned port = 0;
    const char* end = parts->port.data() + parts->port.size();
    const auto [stop, error] = std::from_chars(parts->port.data(), end, port);
    if (parts->port.empty() || error != std::errc{} || stop != end || port < 1 || port > 65535) {
        return bad(text, "the port is not a number from 1 to 65535");
    }
    return Address{parts->host, static_cast<std::uint16_t>(port)};
}

Result<std::vector<Address>> parse_address_list(std::string_view text, std::uint16_t default_port) {
    std::vector<Address> out;
    constexpr std::string_view kSeparators = ", \t\r\n";
    while (true) {
        const auto begin = text.find_first_not_of(kSeparators);
        if (begin == std::string_view::npos) {
            break;
        }
        text.remove_prefix(begin);
        const auto end = std::min(text.find_first_of(kSeparators), text.size());
        auto address = parse_address(text.substr(0, end), default_port);
        if (!address) {
            return address.error();
        }
        out.push_back(std::move(*address));
        text.remove_prefix(end);
    }
    if (out.empty()) {
        return invalid_argument(
            "no address given (host, host:port, [IPv6]:port; several are "
            "separated by commas)");
    }
    return out;
}

std::string grpc_target(const Address& address) {
    if (is_ipv4(address.host)) {
        return "ipv4:" + address.to_string();
    }
    if (address.host.find(':') != std::string::npos) {
        std::string text = address.to_string();
        // gRPC reads targets as URIs.
        if (const auto percent = text.find('%'); percent != std::string::npos) {
            text.replace(percent, 1, "%25");
        }
        return "ipv6:" + text;
    }
    return "dns:///" + address.to_string();
}

}  // namespace quercus::transport
