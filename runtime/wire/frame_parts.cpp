// A look at one part of a frame before the frame is complete.

#include <string>

#include "quercus/v1/tree.pb.h"
#include "runtime/wire/frame.hpp"
#include "runtime/wire/limits.hpp"

namespace quercus::wire {
namespace {

void item_blobs(const v1::Item& item, std::vector<BlobRef>& out, Intake& intake) {
    switch (item.kind_case()) {
        case v1::Item::kTaskBatch:
            for (const auto& group : item.task_batch().groups()) {
                append_blob_refs(group.inputs(), out, intake);
                append_blob_refs(group.state(), out, intake);
            }
            break;
        case v1::Item::kDoneBatch:
            append_blob_refs(item.done_batch().outputs(), out, intake);
            append_blob_refs(item.done_batch().reports(), out, intake);
            break;
        case v1::Item::kMemo:
            append_blob_refs(item.memo().outputs(), out, intake);
            break;
        case v1::Item::kRoundState:
            append_blob_refs(item.round_state().state(), out, intake);
            break;
        case v1::Item::kProgress:
            append_blob_refs(item.progress().incumbent(), out, intake);
            break;
        default:
            break;
    }
}

}  // namespace

Result<PartInfo> inspect_part(const v1::Frame& part) {
    PartInfo out{part.ByteSizeLong(), part.more(), {}};
    Intake intake(kMaxExpandedBytes);
    if (out.size_bytes > kMaxFrameBytes + kFrameSlackBytes) {
        return resource_exhausted("frame: message of " + std::to_string(out.size_bytes) +
                                  " bytes, limit is " + std::to_string(kMaxFrameBytes));
    }
    for (const auto& item : part.items()) {
        item_blobs(item, out.blobs, intake);
    }
    if (!intake.ok()) {
        return intake.status();
    }
    return out;
}

}  // namespace quercus::wire
