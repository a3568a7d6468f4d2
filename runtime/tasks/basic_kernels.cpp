#include <sched.h>
#include <unistd.h>

#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <fstream>
#include <mutex>
#include <string>
#include <string_view>

#include "quantum/base/codec.hpp"
#include "runtime/tasks/kinds.hpp"
#include "runtime/tasks/sha256.hpp"

namespace quercus::tasks {

using workflow::KernelContext;
using Clock = std::chrono::steady_clock;

Result<Bytes> run_noop(BytesView, const KernelContext&) {
    return Bytes();
}

Result<Bytes> run_echo(BytesView input, const KernelContext&) {
    return Bytes(input);
}

Result<Bytes> run_hash(BytesView input, const KernelContext&) {
    return sha256(input);
}

namespace {

void wait_idle(Clock::time_point end, const std::stop_token& stop) {
    std::mutex mutex;
    std::condition_variable_any never;
    std::unique_lock lock(mutex);
    never.wait_until(lock, stop, end, [] { return false; });
}

void wait_busy(Clock::time_point end, const std::stop_token& stop) {
    while (Clock::now() < end && !stop.stop_requested()) {
    }
}

std::string json_string(std::string_view text) {
    static constexpr char kHex[] = "0123456789abcdef";
    std::string out = "\"";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (byte < 0x20 || byte == 0x7f) {
            out += "\\u00";
            out += kHex[byte >> 4];
            out += kHex[byte & 15];
        } else {
            out += c;
        }
    }
    return out + "\"";
}

// The kernel's own text, e.g. "0-3,8".
std::string allowed_cpu_list() {
    std::ifstream status("/proc/self/status");
    constexpr std::string_view kField = "Cpus_allowed_list:\t";
    for (std::string line; std::getline(status, line);) {
        if (line.starts_with(kField)) {
            return line.substr(kField.size());
        }
    }
    return "";
}

// Only the variables whose names are in QUERCUS_VISIBLE_ENV, comma-separated.
std::string visible_environment() {
    const char* names = std::getenv("QUERCUS_VISIBLE_ENV");
    std::string_view rest = names != nullptr ? names : "";
    std::string out;
    while (!rest.empty()) {
        const std::string name(rest.substr(0, rest.find(',')));
        rest.remove_prefix(std::min(rest.size(), name.size() + 1));
        if (const char* value = std::getenv(name.c_str())) {
            out += (out.empty() ? "" : ",") + json_string(name) + ":" + json_string(value);
        }
    }
    return "{" + out + "}";
}

}  // namespace

Result<Bytes> run_sleep(BytesView input, const KernelContext& context) {
    Decoder in(input);
    const std::uint64_t milliseconds = in.varint();
    const bool busy = in.remaining() > 0 && in.boolean();
    constexpr std::uint64_t kLongest = 365u * 24u * 3600u * 1000u;
    const BytesView label = input.substr(input.size() - in.remaining());
    if (!in.ok() || milliseconds > kLongest) {
        return invalid_argument("sleep wants milliseconds (at most a year), a flag, a label");
    }
    const auto end = Clock::now() + std::chrono::milliseconds(milliseconds);
    busy ? wait_busy(end, context.stop) : wait_idle(end, context.stop);
    if (context.stop.stop_requested()) {
        return Status(StatusCode::kCancelled, "the sleep was cancelled");
    }
    return Bytes(label);
}

Result<Bytes> run_probe(BytesView, const KernelContext&) {
    char host[256] = {};
    ::gethostname(host, sizeof(host) - 1);
    return "{\"pid\":" + std::to_string(::getpid()) + ",\"hostname\":" + json_string(host) +
           ",\"cpus\":" + json_string(allowed_cpu_list()) +
           ",\"cpu\":" + std::to_string(::sched_getcpu()) + ",\"env\":" + visible_environment() +
           "}";
}

}  // namespace quercus::tasks
