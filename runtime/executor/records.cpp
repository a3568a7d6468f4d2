#include "runtime/executor/records.hpp"

#include <exception>

namespace quercus::executor {

namespace {
constexpr std::uint8_t kInline = 0;
constexpr std::uint8_t kBlob = 1;
}  // namespace

void Message::payload(BytesView content) {
    if (content.size() <= kInlineBytes) {
        body.u8(kInline);
        body.bytes(content);
        return;
    }
    body.u8(kBlob);
    body.varint(content.size());
    blobs_.push_back(content);
}

void Message::outcome(const Status& status, BytesView output) {
    body.u8(static_cast<std::uint8_t>(status.code()));
    if (status.is_ok()) {
        payload(output);
    } else {
        text(status.message());
    }
}

void Message::head(const scheduling::TaskHead& head) {
    body.bytes(head.kind);
    body.varint(head.version);
    body.u64(head.job_seed);
    body.varint(head.memory_bytes);
}

std::optional<scheduling::TaskHead> read_head(Decoder& in) {
    scheduling::TaskHead head;
    head.kind = Bytes(in.bytes());
    head.version = static_cast<std::uint32_t>(in.varint());
    head.job_seed = in.u64();
    head.memory_bytes = in.varint();
    return in.finished() ? std::optional(std::move(head)) : std::nullopt;
}

std::optional<StatusCode> read_code(Decoder& in) {
    const std::uint8_t code = in.u8();
    if (!in.ok() || code > static_cast<std::uint8_t>(StatusCode::kUnauthenticated)) {
        return std::nullopt;
    }
    return static_cast<StatusCode>(code);
}

namespace {

// The blob that the rest of a payload announces.
std::optional<Blob> read_blob(Decoder& in, int socket) {
    const std::uint64_t size = in.varint();
    if (!in.ok()) {
        return std::nullopt;
    }
    auto blob = receive_blob(socket, size);
    return blob ? std::optional(std::move(*blob)) : std::nullopt;
}

std::optional<Payload> copy_of(Blob blob) {
    const auto view = blob.map();
    if (!view) {
        return std::nullopt;
    }
    try {
        return Payload(Bytes(*view));
    } catch (const std::exception&) {
        return std::nullopt;  // no memory for it
    }
}

}  // namespace

std::optional<Payload> read_payload(Decoder& in, const Source& source) {
    const std::uint8_t form = in.u8();
    if (form == kInline) {
        const BytesView view = in.bytes();
        return in.ok() ? std::optional(Payload(source.batch, view)) : std::nullopt;
    }
    auto blob = form == kBlob ? read_blob(in, source.socket) : std::nullopt;
    return blob ? copy_of(std::move(*blob)) : std::nullopt;
}

std::optional<std::pair<Status, Payload>> read_outcome(Decoder& in, const Source& source) {
    const auto code = read_code(in);
    if (!code) {
        return std::nullopt;
    }
    if (*code == StatusCode::kOk) {
        auto output = read_payload(in, source);
        return output ? std::optional(std::pair(Status(), std::move(*output))) : std::nullopt;
    }
    const BytesView message = in.bytes();
    if (!in.ok() || message.size() > kMaxTextBytes) {
        return std::nullopt;
    }
    return std::pair(Status(*code, Bytes(message)), Payload());
}

Result<BytesView> Content::view() {
    if (blob_) {
        return blob_->map();
    }
    return BytesView(bytes_);
}

std::optional<Content> read_content(Decoder& in, int socket) {
    const std::uint8_t form = in.u8();
    if (form == kInline) {
        const BytesView view = in.bytes();
        return in.ok() ? std::optional(Content(Bytes(view))) : std::nullopt;
    }
    auto blob = form == kBlob ? read_blob(in, socket) : std::nullopt;
    return blob ? std::optional(Content(std::move(*blob))) : std::nullopt;
}

}  // namespace quercus::executor
