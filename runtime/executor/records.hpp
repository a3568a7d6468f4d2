#pragma once

// What goes over the rings. Each record is a type and a body in the codec of quantum/base; `->` is
// towards the executor.
//
//   -> kHead        kind, version, job seed, memory: holds for the kTask/kFlow records after it
//   -> kTask        serial, path, payload                    (leaf)
//   -> kCancel      serial                                   (both)
//   -> kFlow        serial, path, round, payload, state      (flow)
//   -> kDeliver     serial, round, call, key, outcome        (flow)
//   -> kForget      (nothing)                                (flow: results of cacheable children)
//   <- kReady
//   <- kResult      serial, cpu_us, outcome                  (leaf; in the order of the tasks)
//   <- kSpawn       serial, round, call, kind, version, is_workflow, memory, n, n x (key, payload)
//   <- kUnspawn     serial, round, call, n, n x key
//   <- kContinued   serial, next round (> 0), known, outcome
//   <- kFinished    serial, 0, known, outcome                (known: children answered over there)
//   <- kProgress    serial, fraction, text, incumbent
//   <- kLog         serial, text
//
// A payload is inline, or a blob that was sent before. An outcome is a status code, then the
// payload or the message. A serial names a task between one control process and one executor.

#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "quantum/base/bytes.hpp"
#include "quantum/base/codec.hpp"
#include "quantum/base/status.hpp"
#include "runtime/executor/blob.hpp"
#include "runtime/scheduling/items.hpp"

namespace quercus::executor {

// clang-format off
enum class RecordType : std::uint8_t {
    kHead = 1, kTask, kCancel, kFlow, kDeliver, kForget,
    kReady = 16, kResult, kSpawn, kUnspawn, kContinued, kFinished, kProgress, kLog,
};
// clang-format on

inline constexpr std::size_t kInlineBytes = std::size_t{64} << 10;
inline constexpr std::size_t kMaxTextBytes = 4096;

// A record being written: its body, and the payloads too large for it. Views must outlive it.
class Message {
 public:
    Encoder body;

    void clear() {
        body.clear();
        blobs_.clear();
    }
    void payload(BytesView content);
    void text(BytesView content) { body.bytes(content.substr(0, kMaxTextBytes)); }
    // `output` only counts when the status is OK.
    void outcome(const Status& status, BytesView output);
    void head(const scheduling::TaskHead& head);
    [[nodiscard]] const std::vector<BytesView>& blobs() const { return blobs_; }

 private:
    std::vector<BytesView> blobs_;
};

// Where the inline payloads and blobs of a batch of records come from.
struct Source {
    std::shared_ptr<const Bytes> batch;  // control process only: owns what the records view
    int socket = -1;
};

// Reading in the control process: nullopt for anything malformed.
[[nodiscard]] std::optional<Payload> read_payload(Decoder& in, const Source& source);
[[nodiscard]] std::optional<std::pair<Status, Payload>> read_outcome(Decoder& in,
                                                                     const Source& source);

// Reading in the executor, which keeps a blob as it is until somebody looks at it.
class Content {
 public:
    Content() = default;
    explicit Content(Bytes bytes) : bytes_(std::move(bytes)) {}
    explicit Content(Blob blob) : blob_(std::move(blob)) {}
    // Valid while the content lives.
    Result<BytesView> view();

 private:
    Bytes bytes_;
    std::optional<Blob> blob_;
};
[[nodiscard]] std::optional<Content> read_content(Decoder& in, int socket);
[[nodiscard]] std::optional<scheduling::TaskHead> read_head(Decoder& in);
[[nodiscard]] std::optional<StatusCode> read_code(Decoder& in);

}  // namespace quercus::executor
