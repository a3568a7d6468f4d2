#include "client/cli/run_input.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>

#include "client/cli/context.hpp"
#include "quantum/base/codec.hpp"
#include "runtime/tasks/map_request.hpp"

namespace quercus::cli {
namespace {

int digit_value(char c) {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

std::string sleep_input(const InputOptions& options) {
    Encoder out;
    out.varint(static_cast<std::uint64_t>(std::llround(options.seconds * 1000)));
    out.boolean(options.busy);
    return out.take();
}

}  // namespace

void add_input_options(CLI::App& command, InputOptions& options) {
    command.add_option("--seconds", options.seconds, "sleep: how long")
        ->check(CLI::Range(0.0, 3.0e7))
        ->capture_default_str();
    command.add_flag("--busy", options.busy, "sleep: keep the core busy");
    command.add_option("--count", options.count, "map: number of tasks")->capture_default_str();
    command.add_option("--child-kind", options.child_kind, "map, tree: kind of the tasks")
        ->capture_default_str();
    command.add_option("--depth", options.depth, "tree: levels")->capture_default_str();
    command.add_option("--fan-out", options.fan_out, "tree: children of each node")
        ->capture_default_str();
}

Result<std::string> make_input(const std::string& kind, const InputOptions& options) {
    if (!options.hex.empty()) {
        return from_hex(options.hex);
    }
    if (!options.file.empty()) {
        return read_input(options.file);
    }
    if (!options.text.empty()) {
        return options.text;
    }
    if (kind == "sleep") {
        return sleep_input(options);
    }
    if (kind == "map") {
        return tasks::counted_map(options.child_kind, options.count);
    }
    if (kind == "tree") {
        return tasks::tree_input(options.depth, options.fan_out, options.child_kind);
    }
    return std::string();
}

std::string readable_output(const std::string& kind, const std::string& bytes) {
    if (kind == "map" || kind == "tree") {
        if (const auto output = tasks::map_output_from_bytes(bytes)) {
            return std::to_string(output->count) + " tasks, SHA-256 of their outputs " +
                   to_hex(output->digest);
        }
    }
    const bool is_text = std::all_of(bytes.begin(), bytes.end(), [](char c) {
        return (c >= ' ' && c <= '~') || c == '\n' || c == '\t';
    });
    return is_text ? bytes : to_hex(bytes);
}

std::string to_hex(const std::string& bytes) {
    static constexpr char kDigits[] = "0123456789abcdef";
    std::string text;
    for (const char c : bytes) {
        text.push_back(kDigits[static_cast<unsigned char>(c) >> 4]);
        text.push_back(kDigits[static_cast<unsigned char>(c) & 15]);
    }
    return text;
}

Result<std::string> from_hex(const std::string& digits) {
    std::string bytes;
    for (std::size_t i = 0; i + 1 < digits.size(); i += 2) {
        const int high = digit_value(digits[i]);
        const int low = digit_value(digits[i + 1]);
        if (high < 0 || low < 0) {
            return invalid_argument("--hex: '" + digits.substr(i, 2) + "' is no pair of digits");
        }
        bytes.push_back(static_cast<char>(high * 16 + low));
    }
    return digits.size() % 2 == 0 ? Result<std::string>(std::move(bytes))
                                  : Result<std::string>(invalid_argument(
                                        "--hex: an odd number of hexadecimal digits"));
}

}  // namespace quercus::cli
