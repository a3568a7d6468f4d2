#include "runtime/scheduling/ids.hpp"

#include <cassert>

namespace quercus::scheduling {
namespace {

constexpr std::size_t kElementBytes = 16;
constexpr std::size_t kMaxDepth = 64;

// Big-endian, so that the order of encodings is the order of paths.
template <class T>
void append(Bytes& out, T value) {
    for (int shift = static_cast<int>(sizeof(T)) * 8 - 8; shift >= 0; shift -= 8) {
        out.push_back(static_cast<char>(value >> shift));
    }
}

template <class T>
T read(BytesView in) {
    T value = 0;
    for (std::size_t i = 0; i < sizeof(T); ++i) {
        value = static_cast<T>(value << 8) | static_cast<std::uint8_t>(in[i]);
    }
    return value;
}

PathElement element_at(BytesView in) {
    return {read<std::uint32_t>(in), read<std::uint32_t>(in.substr(4)),
            read<std::uint64_t>(in.substr(8))};
}

int hex_digit(char c) {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool dash_before(std::size_t byte) {
    return byte == 4 || byte == 6 || byte == 8 || byte == 10;
}

std::string uuid_text(const std::array<std::uint8_t, 16>& bytes) {
    static constexpr char kDigits[] = "0123456789abcdef";
    std::string text;
    text.reserve(36);
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        if (dash_before(i)) {
            text.push_back('-');
        }
        text.push_back(kDigits[bytes[i] >> 4]);
        text.push_back(kDigits[bytes[i] & 15]);
    }
    return text;
}

bool parse_uuid(std::string_view text, std::array<std::uint8_t, 16>& bytes) {
    if (text.size() != 36) {
        return false;
    }
    std::size_t at = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        if (dash_before(i) && text[at++] != '-') {
            return false;
        }
        const int high = hex_digit(text[at]);
        const int low = hex_digit(text[at + 1]);
        at += 2;
        if (high < 0 || low < 0) {
            return false;
        }
        bytes[i] = static_cast<std::uint8_t>(high * 16 + low);
    }
    return true;
}

}  // namespace

template <class Tag>
std::string Uuid<Tag>::to_string() const {
    return uuid_text(bytes);
}

template <class Tag>
std::optional<Uuid<Tag>> Uuid<Tag>::parse(std::string_view text) {
    Uuid id;
    return parse_uuid(text, id.bytes) ? std::optional<Uuid>(id) : std::nullopt;
}

template struct Uuid<JobTag>;
template struct Uuid<NodeTag>;

Path Path::child(PathElement element) const {
    Path path;
    path.bytes_.reserve(bytes_.size() + kElementBytes);
    path.bytes_ = bytes_;
    append(path.bytes_, element.round);
    append(path.bytes_, element.call);
    append(path.bytes_, element.key);
    return path;
}

std::optional<Path> Path::from_bytes(BytesView bytes) {
    if (bytes.size() % kElementBytes != 0 || bytes.size() > kMaxDepth * kElementBytes) {
        return std::nullopt;
    }
    Path path;
    path.bytes_ = Bytes(bytes);
    return path;
}

Path Path::parent() const {
    assert(!is_root());
    Path path;
    path.bytes_ = bytes_.substr(0, bytes_.size() - kElementBytes);
    return path;
}

PathElement Path::last() const {
    assert(!is_root());
    return element_at(bytes().substr(bytes_.size() - kElementBytes));
}

bool Path::contains(const Path& other) const {
    return other.bytes().starts_with(bytes());
}

std::string Path::to_string() const {
    if (is_root()) {
        return "/";
    }
    std::string text;
    for (std::size_t at = 0; at < bytes_.size(); at += kElementBytes) {
        const PathElement element = element_at(bytes().substr(at));
        text += '/' + std::to_string(element.round) + '.' + std::to_string(element.call) + '.' +
                std::to_string(element.key);
    }
    return text;
}

std::string TaskId::to_string() const {
    return job.to_string() + path.to_string();
}

}  // namespace quercus::scheduling
