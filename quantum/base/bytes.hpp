#pragma once

// Byte strings: owned (Bytes), borrowed (BytesView), shared and immutable (Payload), and many small
// ones in one arena (ByteColumn).

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace quercus {

using Bytes = std::string;
using BytesView = std::string_view;

// An immutable slice of a shared buffer. Copies share the buffer; safe to read from any thread.
class Payload {
 public:
    Payload() = default;
    explicit Payload(Bytes bytes)
        : owner_(std::make_shared<const Bytes>(std::move(bytes))), view_(*owner_) {}
    // `view` must lie inside `*owner`.
    Payload(std::shared_ptr<const Bytes> owner, BytesView view)
        : owner_(std::move(owner)), view_(view) {}

    [[nodiscard]] BytesView view() const { return view_; }
    [[nodiscard]] std::size_t size() const { return view_.size(); }
    [[nodiscard]] bool empty() const { return view_.empty(); }

    friend bool operator==(const Payload& a, const Payload& b) { return a.view_ == b.view_; }

 private:
    std::shared_ptr<const Bytes> owner_;
    BytesView view_;
};

// A column of byte strings over one arena: no allocation per element.
class ByteColumn {
 public:
    void reserve(std::size_t elements, std::size_t bytes) {
        ends_.reserve(elements);
        arena_.reserve(bytes);
    }
    void push_back(BytesView element) {
        arena_.append(element);
        ends_.push_back(arena_.size());
    }
    [[nodiscard]] std::size_t size() const { return ends_.size(); }
    [[nodiscard]] bool empty() const { return ends_.empty(); }
    [[nodiscard]] std::size_t size_bytes() const { return arena_.size(); }
    // Valid until the next push_back.
    [[nodiscard]] BytesView operator[](std::size_t i) const {
        const std::size_t begin = i == 0 ? 0 : ends_[i - 1];
        return BytesView(arena_).substr(begin, ends_[i] - begin);
    }

    friend bool operator==(const ByteColumn&, const ByteColumn&) = default;

 private:
    Bytes arena_;
    std::vector<std::size_t> ends_;
};

}  // namespace quercus
