#include "runtime/scheduling/items.hpp"

#include <algorithm>

#include "quantum/base/codec.hpp"

namespace quercus::scheduling {
namespace {

constexpr std::size_t kElementBytes = 16;

std::size_t depth_of(const TaskId& task) {
    return task.path.bytes().size() / kElementBytes;
}

std::uint32_t weight_of(std::size_t depth) {
    return std::uint32_t{1} << (5 * (5 - std::min<std::size_t>(depth, 5)));
}

}  // namespace

Digest task_digest(const TaskHead& head, BytesView input) {
    Encoder encoder;
    encoder.bytes(head.kind);
    encoder.varint(head.version);
    encoder.boolean(head.is_workflow);
    encoder.u64(head.job_seed);
    encoder.bytes(input);
    return digest_of(encoder.view());
}

std::uint32_t owner_number(const TaskId& flow, Fence fence) {
    return fence.owner + fence.attempt * weight_of(depth_of(flow));
}

bool is_first_instance(const TaskId& task, Fence fence) {
    std::uint32_t first_owner = 0;
    for (std::size_t depth = 0; depth < depth_of(task); ++depth) {
        first_owner += weight_of(depth);
    }
    return fence.attempt <= 1 && fence.owner <= first_owner;
}

}  // namespace quercus::scheduling
