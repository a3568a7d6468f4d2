#include "runtime/wire/columns.hpp"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "quercus/v1/tasks.pb.h"
#include "runtime/wire/limits.hpp"
#include "runtime/wire/values.hpp"

namespace quercus::wire {
namespace {

// Entry i of a column that has one entry per task or one for all.
template <class Field>
auto entry(const Field& field, std::size_t i) {
    return field[field.size() == 1 ? 0 : static_cast<int>(i)];
}

template <class Field>
bool covers(const Field& field, std::size_t count) {
    const auto size = static_cast<std::size_t>(field.size());
    return size == count || (size == 1 && count > 0);
}

// Rough size of one id in memory.
constexpr std::size_t kIdBytes = sizeof(TaskId) + 32;

}  // namespace

bool are_siblings(const TaskId& first, const TaskId& next) {
    if (first.job != next.job || first.path.is_root() || next.path.is_root()) {
        return false;
    }
    const auto a = first.path.last();
    const auto b = next.path.last();
    return a.round == b.round && a.call == b.call && first.path.parent() == next.path.parent();
}

void IdWriter::add(const TaskId& id) {
    if (id.path.is_root()) {
        groups_->Add()->set_job(to_bytes(id.job.bytes));
        group_ = nullptr;
        return;
    }
    const auto last = id.path.last();
    auto parent = id.path.parent();
    const bool joins =
        group_ != nullptr && group_->round() == last.round && group_->call() == last.call &&
        parent == parent_ &&
        std::equal(id.job.bytes.begin(), id.job.bytes.end(), group_->job().begin(),
                   [](std::uint8_t a, char b) { return a == static_cast<std::uint8_t>(b); });
    if (!joins) {
        group_ = groups_->Add();
        group_->set_job(to_bytes(id.job.bytes));
        group_->set_parent(std::string(parent.bytes()));
        group_->set_round(last.round);
        group_->set_call(last.call);
        parent_ = std::move(parent);
    }
    group_->add_keys(last.key);
}

void append_ids(const v1::TaskIds& group, std::vector<TaskId>& out, Intake& intake) {
    const auto job = from_job_id(group.job(), intake);
    const auto parent = scheduling::Path::from_bytes(group.parent());
    if (!parent) {
        return intake.fail("task ids: malformed path of " + std::to_string(group.parent().size()) +
                           " bytes");
    }
    if (group.keys().empty()) {
        if (intake.require(parent->is_root() && group.round() == 0 && group.call() == 0,
                           "task ids: a group without keys is a root task and has no path") &&
            intake.spend(kIdBytes)) {
            out.push_back({job, {}});
        }
        return;
    }
    const auto count = static_cast<std::size_t>(group.keys_size());
    const auto first = parent->child({group.round(), group.call(), group.keys(0)});
    if (!scheduling::Path::from_bytes(first.bytes())) {
        return intake.fail("task ids: path too deep");
    }
    if (!intake.spend(count * (kIdBytes + first.bytes().size())) || !intake.ok()) {
        return;
    }
    out.reserve(out.size() + count);
    for (const std::uint64_t key : group.keys()) {
        out.push_back({job, parent->child({group.round(), group.call(), key})});
    }
}

std::vector<TaskId> from_groups(const IdGroups& groups, Intake& intake) {
    std::vector<TaskId> out;
    for (const auto& group : groups) {
        append_ids(group, out, intake);
        if (!intake.ok()) {
            break;
        }
    }
    return out;
}

void FenceWriter::add(Fence fence) {
    if (count_ == 0) {
        first_ = fence;
        out_->add_owners(fence.owner);
        out_->add_attempts(fence.attempt);
    } else if (all_equal_ && fence != first_) {
        // From here on one entry per task.
        all_equal_ = false;
        out_->mutable_owners()->Resize(static_cast<int>(count_), first_.owner);
        out_->mutable_attempts()->Resize(static_cast<int>(count_), first_.attempt);
    }
    if (!all_equal_) {
        out_->add_owners(fence.owner);
        out_->add_attempts(fence.attempt);
    }
    ++count_;
}

std::vector<Fence> from_proto(const v1::Fences& fences, std::size_t count, Intake& intake) {
    std::vector<Fence> out;
    if (!intake.require(covers(fences.owners(), count) && covers(fences.attempts(), count),
                        "fences: neither one per task nor one for all")) {
        return out;
    }
    out.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
        out.push_back({entry(fences.owners(), i), entry(fences.attempts(), i)});
    }
    return out;
}

void PayloadWriter::add(const Payload& payload) {
    if (payload.size() <= kMaxInlineBytes) {
        out_->mutable_arena()->append(payload.view());
        out_->add_sizes_bytes(payload.size());
        return;
    }
    const Digest digest = digest_of(payload.view());
    out_->add_blob_positions(static_cast<std::uint32_t>(out_->sizes_bytes_size()));
    out_->add_sizes_bytes(0);
    auto* ref = out_->add_blobs();
    ref->set_digest(to_bytes(digest.bytes));
    ref->set_size_bytes(payload.size());
    blobs_->push_back({digest, payload});
}

namespace {

BlobRef from_proto(const v1::BlobRef& ref, Intake& intake) {
    if (ref.size_bytes() == 0 || ref.size_bytes() > kMaxBlobBytes) {
        intake.fail("blob: size of " + std::to_string(ref.size_bytes()) + " bytes, limit is " +
                    std::to_string(kMaxBlobBytes));
    }
    return {{from_bytes16(ref.digest(), "blob digest", intake)}, ref.size_bytes()};
}

// Puts the blobs where they belong.
void place_blobs(const v1::Payloads& column, const BlobMap& blobs, std::vector<Payload>& out,
                 Intake& intake) {
    std::int64_t last = -1;
    for (int i = 0; i < column.blobs_size() && intake.ok(); ++i) {
        const std::uint32_t position = column.blob_positions(i);
        const BlobRef ref = from_proto(column.blobs(i), intake);
        if (position >= out.size() || static_cast<std::int64_t>(position) <= last ||
            !out[position].empty()) {
            return intake.fail("payloads: bad position of a blob");
        }
        last = position;
        const auto found = blobs.find(ref.digest);
        if (found == blobs.end() || found->second.size() != ref.size_bytes) {
            return intake.fail("payloads: blob " + ref.digest.to_hex() + " is not there");
        }
        out[position] = found->second;
    }
}

}  // namespace

std::vector<Payload> take_payloads(v1::Payloads& column, std::size_t count, const BlobMap& blobs,
                                   Intake& intake) {
    std::vector<Payload> out;
    if (!intake.require(static_cast<std::size_t>(column.sizes_bytes_size()) == count &&
                            column.blobs_size() == column.blob_positions_size() &&
                            column.blobs_size() <= column.sizes_bytes_size(),
                        "payloads: not one entry per task")) {
        return out;
    }
    const auto owner = std::make_shared<const Bytes>(std::move(*column.mutable_arena()));
    BytesView rest(*owner);
    out.reserve(count);
    for (const std::uint64_t size : column.sizes_bytes()) {
        if (!intake.require(size <= rest.size() && size <= kMaxInlineBytes,
                            "payloads: sizes do not match the arena")) {
            return out;
        }
        out.push_back(size == 0 ? Payload{} : Payload{owner, rest.substr(0, size)});
        rest.remove_prefix(size);
    }
    intake.require(rest.empty(), "payloads: sizes do not match the arena");
    place_blobs(column, blobs, out, intake);
    return out;
}

void append_blob_refs(const v1::Payloads& column, std::vector<BlobRef>& out, Intake& intake) {
    for (const auto& ref : column.blobs()) {
        out.push_back(from_proto(ref, intake));
        if (!intake.ok()) {
            return;
        }
    }
}

void ExecutionWriter::add(const Execution& execution) {
    const auto [found, is_new] =
        ranks_.try_emplace(execution.rank, static_cast<std::uint32_t>(ranks_.size()));
    if (is_new) {
        out_->add_ranks(to_bytes(execution.rank.bytes));
    }
    out_->add_rank_indexes(found->second);
    out_->add_places(execution.place);
    out_->add_cpu_us(execution.cpu_us);
}

std::vector<Execution> from_proto(const v1::Executions& executions, std::size_t count,
                                  Intake& intake) {
    std::vector<scheduling::NodeId> ranks;
    for (const auto& rank : executions.ranks()) {
        // Nil is allowed: failed before it ran anywhere.
        ranks.push_back({from_bytes16(rank, "execution rank", intake)});
    }
    std::vector<Execution> out;
    if (!intake.require(covers(executions.rank_indexes(), count) &&
                            covers(executions.places(), count) &&
                            covers(executions.cpu_us(), count),
                        "executions: neither one per task nor one for all")) {
        return out;
    }
    out.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
        const std::uint32_t rank = entry(executions.rank_indexes(), i);
        if (!intake.require(rank < ranks.size(), "executions: no such rank")) {
            return out;
        }
        out.push_back({ranks[rank], entry(executions.places(), i), entry(executions.cpu_us(), i)});
    }
    return out;
}

}  // namespace quercus::wire
