#include "runtime/transport/address.hpp"

#include "tests/support/catch.hpp"

namespace quercus::transport {

TEST_CASE("address: what is accepted") {
    const auto parse = [](const char* text) {
        const auto address = parse_address(text, 7472);
        INFO(text);
        REQUIRE(address.has_value());
        return *address;
    };
    CHECK(parse("node1") == Address{"node1", 7472});
    CHECK(parse(" node-1.cluster:99 ") == Address{"node-1.cluster", 99});
    CHECK(parse("10.0.0.1:1") == Address{"10.0.0.1", 1});
    CHECK(parse("::1") == Address{"::1", 7472});
    CHECK(parse("fd00::2") == Address{"fd00::2", 7472});
    CHECK(parse("[::1]") == Address{"::1", 7472});
    CHECK(parse("[fe80::1%eth0]:65535") == Address{"fe80::1%eth0", 65535});
    CHECK(parse("[::1]:80").to_string() == "[::1]:80");
    CHECK(parse("node1").to_string() == "node1:7472");
}

TEST_CASE("address: what is refused") {
    for (const char* text :
         {"", "  ", ":80", "host:", "host:0", "host:65536", "host:8o", "host:-1", "[::1", "[::1]80",
          "[::1]:", "[node]:80", "1:2:3:x", "ho st", "a/b", "host:80:90", "-x", "http://host"}) {
        const auto address = parse_address(text, 7472);
        INFO(text);
        REQUIRE_FALSE(address.has_value());
        CHECK(address.error().code() == StatusCode::kInvalidArgument);
    }
}

TEST_CASE("address: lists") {
    const auto list = parse_address_list(" a:1,b  [::1]:2,\n::1 ", 7473);
    REQUIRE(list.has_value());
    CHECK(*list == std::vector<Address>{{"a", 1}, {"b", 7473}, {"::1", 2}, {"::1", 7473}});
    CHECK_FALSE(parse_address_list(" , ", 1).has_value());
    CHECK_FALSE(parse_address_list("a b:x", 1).has_value());
}

TEST_CASE("address: gRPC targets") {
    CHECK(grpc_target({"127.0.0.1", 5}) == "ipv4:127.0.0.1:5");
    CHECK(grpc_target({"::1", 5}) == "ipv6:[::1]:5");
    CHECK(grpc_target({"node", 5}) == "dns:///node:5");
}

}  // namespace quercus::transport
