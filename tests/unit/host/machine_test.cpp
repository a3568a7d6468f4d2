#include "runtime/host/machine.hpp"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <sched.h>

#include <list>

#include "runtime/host/pinning.hpp"
#include "runtime/host/process_options.hpp"
#include "tests/support/catch.hpp"

using namespace quercus;
using namespace quercus::host;

TEST_CASE("cpu lists are read and written") {
    CHECK(*parse_cpu_list("0,2,4-7") == std::vector<int>{0, 2, 4, 5, 6, 7});
    CHECK(format_cpu_list({0, 2, 4, 5, 6, 7}) == "0,2,4-7");
    CHECK(format_cpu_list({}).empty());
    for (const char* bad : {"", "a", "1-", "-1", "3-1", "1,,2", "1;2", "70000"}) {
        CAPTURE(bad);
        CHECK_FALSE(parse_cpu_list(bad));
    }
}

TEST_CASE("sizes are read with binary units") {
    CHECK(*parse_size("1024") == 1024);
    CHECK(*parse_size("2K") == 2048);
    CHECK(*parse_size("1.5GiB") == 1610612736);
    for (const char* bad : {"", "G", "-1", "1X", "1e30", "nan"}) {
        CAPTURE(bad);
        CHECK_FALSE(parse_size(bad));
    }
}

TEST_CASE("the machine is what the affinity mask allows") {
    cpu_set_t before;
    REQUIRE(sched_getaffinity(0, sizeof(before), &before) == 0);
    const Machine all = inspect_machine();
    REQUIRE_FALSE(all.allowed_cpus.empty());
    CHECK(all.memory_bytes > 0);

    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(all.allowed_cpus.back(), &one);
    REQUIRE(sched_setaffinity(0, sizeof(one), &one) == 0);
    const Machine restricted = inspect_machine();
    const auto places = place_workers(0, {});
    const auto outside = place_workers(1, {all.allowed_cpus.front()});
    REQUIRE(sched_setaffinity(0, sizeof(before), &before) == 0);

    CHECK(restricted.allowed_cpus == std::vector<int>{all.allowed_cpus.back()});
    CHECK(restricted.usable_cores() == 1);
    REQUIRE(places);
    CHECK(*places == std::vector<std::vector<int>>{{all.allowed_cpus.back()}});
    if (all.allowed_cpus.size() > 1) {
        CHECK_FALSE(outside);
    }
}

TEST_CASE("workers are placed on a start index, on a list, or share what there is") {
    const int first = inspect_machine().allowed_cpus.front();
    CHECK(place_workers(1, {first}));
    CHECK_FALSE(place_workers(3, {first, first}));
    CHECK_FALSE(place_workers(1, {99999}));
    const auto shared = place_workers(64, {});
    REQUIRE(shared);
    CHECK(shared->size() == 64);
}

TEST_CASE("addresses: lists, defaults, brackets") {
    const auto parsed = addresses_from({"a,b:1", "[::1]:5"}, 7473);
    REQUIRE(parsed);
    CHECK(*parsed == std::vector<std::string>{"a:7473", "b:1", "[::1]:5"});
    CHECK_FALSE(addresses_from({"a:99999"}, 1));
    CHECK(reachable_addresses("::1", 5) == std::vector<std::string>{"[::1]:5"});
    CHECK_FALSE(reachable_addresses("0.0.0.0", 5).empty());
}

TEST_CASE("host: a wildcard publishes every address that others can dial, IPv4 first") {
    std::list<sockaddr_storage> addresses;
    std::list<ifaddrs> interfaces;
    const auto add = [&](const char* text, unsigned flags) {
        auto& storage = addresses.emplace_back();
        auto* v4 = reinterpret_cast<sockaddr_in*>(&storage);
        auto* v6 = reinterpret_cast<sockaddr_in6*>(&storage);
        storage.ss_family = inet_pton(AF_INET, text, &v4->sin_addr) == 1 ? AF_INET : AF_INET6;
        REQUIRE((storage.ss_family == AF_INET || inet_pton(AF_INET6, text, &v6->sin6_addr) == 1));
        ifaddrs entry{};
        entry.ifa_addr = reinterpret_cast<sockaddr*>(&storage);
        entry.ifa_flags = flags;
        auto* before = interfaces.empty() ? nullptr : &interfaces.back();
        interfaces.push_back(entry);
        if (before != nullptr) {
            before->ifa_next = &interfaces.back();
        }
    };
    add("127.0.0.1", IFF_UP | IFF_LOOPBACK);
    add("::1", IFF_UP | IFF_LOOPBACK);
    CHECK(addresses_of(&interfaces.front(), 5) == std::vector<std::string>{"127.0.0.1:5"});
    add("2001:db8::7", IFF_UP);
    add("fe80::7", IFF_UP);
    add("10.0.0.7", IFF_UP);
    add("10.9.9.9", 0);  // down
    add("192.168.1.7", IFF_UP);
    CHECK(addresses_of(&interfaces.front(), 5) ==
          std::vector<std::string>{"10.0.0.7:5", "192.168.1.7:5", "[2001:db8::7]:5"});
    CHECK(addresses_of(nullptr, 5) == std::vector<std::string>{"127.0.0.1:5"});
}
