#pragma once

// The byte form of task inputs and outputs, which travel between executors that link no protobuf:
// little-endian fixed-width numbers, LEB128 varints, length-prefixed strings. Deterministic, so
// equal values are equal bytes. Decoding never trusts its input: after the first bad read the
// decoder is failed, every later read yields zero, and `ok()` is false.

#include <cstdint>
#include <cstring>
#include <type_traits>

#include "quantum/base/bytes.hpp"

namespace quercus {

class Encoder {
 public:
    void varint(std::uint64_t value) {
        while (value >= 0x80) {
            out_.push_back(static_cast<char>(value | 0x80));
            value >>= 7;
        }
        out_.push_back(static_cast<char>(value));
    }
    void f64(double value) { raw(value); }
    void u8(std::uint8_t value) { out_.push_back(static_cast<char>(value)); }
    void u64(std::uint64_t value) { raw(value); }
    void boolean(bool value) { u8(value ? 1 : 0); }
    void bytes(BytesView value) {
        varint(value.size());
        out_.append(value);
    }
    [[nodiscard]] const Bytes& view() const { return out_; }
    [[nodiscard]] Bytes take() { return std::move(out_); }
    // Empties it and keeps its memory.
    void clear() { out_.clear(); }

 private:
    template <class T>
    void raw(T value) {
        char buffer[sizeof(T)];
        std::memcpy(buffer, &value, sizeof(T));
        out_.append(buffer, sizeof(T));
    }
    Bytes out_;
};

class Decoder {
 public:
    explicit Decoder(BytesView in) : in_(in) {}

    std::uint64_t varint() {
        std::uint64_t value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            const std::uint8_t byte = u8();
            value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
            if ((byte & 0x80) == 0) {
                return value;
            }
        }
        return fail<std::uint64_t>();
    }
    // A count of elements of at least `min_bytes` each; fails when the rest cannot hold them.
    std::uint64_t count(std::size_t min_bytes = 1) {
        const std::uint64_t n = varint();
        return n > in_.size() / min_bytes ? fail<std::uint64_t>() : n;
    }
    double f64() { return raw<double>(); }
    std::uint8_t u8() { return raw<std::uint8_t>(); }
    std::uint64_t u64() { return raw<std::uint64_t>(); }
    bool boolean() {
        const std::uint8_t value = u8();
        return value > 1 ? fail<bool>() : value == 1;
    }
    // A view into the input.
    BytesView bytes() {
        const std::uint64_t n = varint();
        if (n > in_.size()) {
            return fail<BytesView>();
        }
        const BytesView value = in_.substr(0, n);
        in_.remove_prefix(n);
        return value;
    }
    [[nodiscard]] bool ok() const { return ok_; }
    // All read, nothing wrong.
    [[nodiscard]] bool finished() const { return ok_ && in_.empty(); }
    [[nodiscard]] std::size_t remaining() const { return in_.size(); }

 private:
    template <class T>
    T raw() {
        static_assert(std::is_trivially_copyable_v<T>);
        if (in_.size() < sizeof(T)) {
            return fail<T>();
        }
        T value;
        std::memcpy(&value, in_.data(), sizeof(T));
        in_.remove_prefix(sizeof(T));
        return value;
    }
    template <class T>
    T fail() {
        ok_ = false;
        in_ = {};
        return T{};
    }

    BytesView in_;
    bool ok_ = true;
};

}  // namespace quercus
