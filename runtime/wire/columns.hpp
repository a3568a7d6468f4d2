#pragma once

// Columns of tasks: ids, fences, payloads, executions (proto/quercus/v1/tasks.proto).
//
// Encoding never fails; decoding fails the Intake and then returns fewer elements than announced,
// so callers check `intake.ok()` before they zip columns.

#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

#include "quantum/base/bytes.hpp"
#include "quantum/base/digest.hpp"
#include "runtime/scheduling/items.hpp"
#include "runtime/wire/intake.hpp"

namespace google::protobuf {
template <class T>
class RepeatedPtrField;
}
namespace quercus::v1 {
class TaskIds;
class Fences;
class Payloads;
class Executions;
}  // namespace quercus::v1

namespace quercus::wire {

using scheduling::Execution;
using scheduling::Fence;
using scheduling::TaskId;
using IdGroups = google::protobuf::RepeatedPtrField<v1::TaskIds>;

// ---- ids
// True when `next` has the same job, parent, round and call as `first`.
[[nodiscard]] bool are_siblings(const TaskId& first, const TaskId& next);
// Appends to `groups`, joining siblings that follow each other.
class IdWriter {
 public:
    explicit IdWriter(IdGroups* groups) : groups_(groups) {}
    void add(const TaskId& id);

 private:
    IdGroups* groups_;
    v1::TaskIds* group_ = nullptr;
    scheduling::Path parent_;
};
void append_ids(const v1::TaskIds& group, std::vector<TaskId>& out, Intake& intake);
[[nodiscard]] std::vector<TaskId> from_groups(const IdGroups& groups, Intake& intake);

// ---- fences
class FenceWriter {
 public:
    explicit FenceWriter(v1::Fences* out) : out_(out) {}
    void add(Fence fence);

 private:
    v1::Fences* out_;
    Fence first_;
    std::size_t count_ = 0;
    bool all_equal_ = true;
};
[[nodiscard]] std::vector<Fence> from_proto(const v1::Fences& fences, std::size_t count,
                                            Intake& intake);

// ---- payloads
struct Blob {
    Digest digest;
    Payload payload;
};
struct BlobRef {
    Digest digest;
    std::uint64_t size_bytes = 0;
};
using BlobMap = std::unordered_map<Digest, Payload>;

class PayloadWriter {
 public:
    // Payloads above kMaxInlineBytes go to `blobs`.
    PayloadWriter(v1::Payloads* out, std::vector<Blob>* blobs) : out_(out), blobs_(blobs) {}
    void add(const Payload& payload);

 private:
    v1::Payloads* out_;
    std::vector<Blob>* blobs_;
};
// Takes the arena out of `column`; the payloads share it. Every blob must be in `blobs`.
[[nodiscard]] std::vector<Payload> take_payloads(v1::Payloads& column, std::size_t count,
                                                 const BlobMap& blobs, Intake& intake);
void append_blob_refs(const v1::Payloads& column, std::vector<BlobRef>& out, Intake& intake);

// ---- executions
class ExecutionWriter {
 public:
    explicit ExecutionWriter(v1::Executions* out) : out_(out) {}
    void add(const Execution& execution);

 private:
    v1::Executions* out_;
    std::unordered_map<scheduling::NodeId, std::uint32_t> ranks_;
};
[[nodiscard]] std::vector<Execution> from_proto(const v1::Executions& executions, std::size_t count,
                                                Intake& intake);

}  // namespace quercus::wire
