#include "runtime/host/process_options.hpp"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>

#include <CLI/CLI.hpp>
#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>

#include "runtime/host/build_info.hpp"
#include "runtime/transport/address.hpp"

namespace quercus::host {

void add_process_options(CLI::App& app, ProcessOptions& options, const std::string& program) {
    options.log.program = program;
    app.set_version_flag("--version", version_text(program));
    app.add_flag("-v,--verbose", options.log.verbosity,
                 "Log state changes; twice: every message and task");
    app.add_option("--log-file", options.log.file, "Write the log here instead of to stderr");
    app.add_option("--log-format", options.log.format, "text or json (one object a line)")
        ->transform(CLI::CheckedTransformer(std::map<std::string, LogFormat>{
            {"text", LogFormat::kText}, {"json", LogFormat::kJson}}))
        ->option_text("text|json");
    const auto seconds = CLI::Range(0.05, 86400.0);
    app.add_option("--heartbeat", options.heartbeat_s, "Seconds between signs of life")
        ->check(seconds)
        ->capture_default_str();
    app.add_option("--lease", options.lease_s, "Seconds a silent neighbour is trusted")
        ->check(seconds)
        ->capture_default_str();
    app.add_option("--grace", options.grace_s, "Seconds to hold work for a vanished parent")
        ->check(seconds)
        ->capture_default_str();
}

int parse_command_line(CLI::App& app, int argc, char** argv, bool& ends) {
    ends = false;
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        ends = true;
        const int code = app.exit(error);
        return code == 0 ? 0 : 2;
    }
    return 0;
}

void apply(const ProcessOptions& options, scheduling::NodeConfig& node) {
    const auto to_duration = [](double seconds) {
        return std::chrono::duration_cast<scheduling::Duration>(
            std::chrono::duration<double>(seconds));
    };
    node.heartbeat = to_duration(options.heartbeat_s);
    node.lease = to_duration(options.lease_s);
    node.grace = to_duration(options.grace_s);
    node.facts_from = options.log.verbosity >= 2   ? scheduling::Severity::kDebug
                      : options.log.verbosity == 1 ? scheduling::Severity::kInfo
                                                   : scheduling::Severity::kWarning;
}

Result<std::vector<std::string>> addresses_from(const std::vector<std::string>& words,
                                                std::uint16_t default_port) {
    if (words.empty()) {
        return std::vector<std::string>{};
    }
    std::string text;
    for (const std::string& word : words) {
        text += word + " ";
    }
    auto parsed = transport::parse_address_list(text, default_port);
    if (!parsed) {
        return parsed.error();
    }
    std::vector<std::string> addresses;
    for (const transport::Address& address : *parsed) {
        addresses.push_back(address.to_string());
    }
    return addresses;
}

bool is_loopback(const std::string& bind) {
    return bind == "localhost" || bind == "::1" || bind.rfind("127.", 0) == 0;
}

namespace {

// Empty: not an address that others could dial.
std::string dialable(const sockaddr& address) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (address.sa_family == AF_INET) {
        const auto& v4 = reinterpret_cast<const sockaddr_in&>(address);
        inet_ntop(AF_INET, &v4.sin_addr, text.data(), text.size());
        return text.data();
    }
    if (address.sa_family == AF_INET6) {
        const auto& v6 = reinterpret_cast<const sockaddr_in6&>(address);
        if (!IN6_IS_ADDR_LINKLOCAL(&v6.sin6_addr)) {
            inet_ntop(AF_INET6, &v6.sin6_addr, text.data(), text.size());
            return "[" + std::string(text.data()) + "]";
        }
    }
    return {};
}

}  // namespace

std::vector<std::string> addresses_of(const ifaddrs* interfaces, std::uint16_t port) {
    const std::string suffix = ":" + std::to_string(port);
    std::vector<std::string> v4;
    std::vector<std::string> v6;
    for (const ifaddrs* entry = interfaces; entry != nullptr; entry = entry->ifa_next) {
        const bool counts =
            (entry->ifa_flags & IFF_UP) != 0 && (entry->ifa_flags & IFF_LOOPBACK) == 0;
        if (!counts || entry->ifa_addr == nullptr) {
            continue;
        }
        if (const std::string address = dialable(*entry->ifa_addr); !address.empty()) {
            (entry->ifa_addr->sa_family == AF_INET ? v4 : v6).push_back(address + suffix);
        }
    }
    v4.insert(v4.end(), v6.begin(), v6.end());
    if (v4.empty()) {
        v4.push_back("127.0.0.1" + suffix);
    }
    return v4;
}

std::vector<std::string> reachable_addresses(const std::string& bind, std::uint16_t port) {
    if (bind != "0.0.0.0" && bind != "::") {
        const bool is_v6 = bind.find(':') != std::string::npos;
        return {(is_v6 ? "[" + bind + "]" : bind) + ":" + std::to_string(port)};
    }
    ifaddrs* first = nullptr;
    if (getifaddrs(&first) != 0) {
        return addresses_of(nullptr, port);
    }
    const std::unique_ptr<ifaddrs, decltype(&freeifaddrs)> owner(first, &freeifaddrs);
    return addresses_of(first, port);
}

Status write_address_file(const std::string& path, const std::string& address) {
    if (path.empty()) {
        return Status::ok();
    }
    const std::string partial = path + ".partial";
    std::ofstream file(partial);
    file << address << "\n";
    file.close();
    std::error_code error;
    if (file) {
        std::filesystem::rename(partial, path, error);
    }
    if (!file || error) {
        return invalid_argument("cannot write address file '" + path + "' (--address-file)");
    }
    return Status::ok();
}

int report_failure(const std::string& program, const Status& status) {
    std::cerr << program << ": " << status.to_string() << "\n";
    return status.code() == StatusCode::kInvalidArgument ? 2 : 1;
}

void warn_about_bind(const std::string& bind) {
    if (is_loopback(bind)) {
        log_event(scheduling::Severity::kInfo, "bind",
                  "no credentials: only processes of this machine can connect (" + bind + ")");
    } else {
        log_event(scheduling::Severity::kWarning, "bind",
                  "no credentials: whoever reaches " + bind +
                      " can connect; bind to a private network (--bind)");
    }
}

}  // namespace quercus::host
