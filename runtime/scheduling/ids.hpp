#pragma once

// Names of the things that the tree talks about. Every id is a type of its own.

#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "quantum/base/bytes.hpp"

namespace quercus::scheduling {

// 128 random bits; text form = UUID (8-4-4-4-12 lower-case hex digits).
template <class Tag>
struct Uuid {
    std::array<std::uint8_t, 16> bytes{};
    friend auto operator<=>(const Uuid&, const Uuid&) = default;
    [[nodiscard]] bool is_nil() const { return *this == Uuid{}; }
    [[nodiscard]] std::string to_string() const;
    static std::optional<Uuid> parse(std::string_view text);
};
using JobId = Uuid<struct JobTag>;
using NodeId = Uuid<struct NodeTag>;

// Where a task stands below its job: one element (round, call, key) per level of nesting. Encoded
// so that a task's descendants have its encoding as prefix. The empty path is the job's root task.
struct PathElement {
    std::uint32_t round = 0;
    std::uint32_t call = 0;
    std::uint64_t key = 0;
    friend auto operator<=>(const PathElement&, const PathElement&) = default;
};

class Path {
 public:
    Path() = default;
    [[nodiscard]] Path child(PathElement element) const;
    // Validates: nullopt unless `bytes` is a sequence of whole elements, at most 64.
    static std::optional<Path> from_bytes(BytesView bytes);
    [[nodiscard]] BytesView bytes() const { return bytes_; }
    [[nodiscard]] bool is_root() const { return bytes_.empty(); }
    // Only for a path other than the root.
    [[nodiscard]] Path parent() const;
    [[nodiscard]] PathElement last() const;
    // True for the path itself and everything below it.
    [[nodiscard]] bool contains(const Path& other) const;
    // "/0.1.17/0.0.3"
    [[nodiscard]] std::string to_string() const;
    friend auto operator<=>(const Path&, const Path&) = default;

 private:
    Bytes bytes_;
};

struct TaskId {
    JobId job;
    Path path;
    friend auto operator<=>(const TaskId&, const TaskId&) = default;
    // "<job>/<path>"
    [[nodiscard]] std::string to_string() const;
};

// (owner's attempt, attempt), compared in that order; guards places, credits and bookkeeping. A
// child's `owner` follows from its owner's two numbers (owner_number) and grows with every re-issue
// further up; only the owner raises `attempt`, so each fence is given to one holder at a time.
struct Fence {
    std::uint32_t owner = 0;
    std::uint32_t attempt = 0;
    friend auto operator<=>(const Fence&, const Fence&) = default;
};

// A connection of this process, numbered by its host from 1 and never used again.
struct LinkId {
    std::uint64_t value = 0;
    friend auto operator<=>(const LinkId&, const LinkId&) = default;
};

// One of this rank's pinned cores: 0 ... places - 1.
struct PlaceId {
    std::uint32_t value = 0;
    friend auto operator<=>(const PlaceId&, const PlaceId&) = default;
};

}  // namespace quercus::scheduling

template <class Tag>
struct std::hash<quercus::scheduling::Uuid<Tag>> {
    std::size_t operator()(const quercus::scheduling::Uuid<Tag>& id) const noexcept {
        std::size_t value = 0;
        std::memcpy(&value, id.bytes.data(), sizeof(value));
        return value;
    }
};
template <>
struct std::hash<quercus::scheduling::TaskId> {
    std::size_t operator()(const quercus::scheduling::TaskId& id) const noexcept {
        return std::hash<quercus::scheduling::JobId>{}(id.job) ^
               std::hash<std::string_view>{}(id.path.bytes());
    }
};
template <>
struct std::hash<quercus::scheduling::LinkId> {
    std::size_t operator()(const quercus::scheduling::LinkId& id) const noexcept {
        return std::hash<std::uint64_t>{}(id.value);
    }
};
