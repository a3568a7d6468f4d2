#include <algorithm>
#include <cmath>
#include <span>
#include <string>
#include <type_traits>
#include <unordered_set>
#include <utility>

#include "quercus/v1/tree.pb.h"
#include "runtime/wire/frame.hpp"
#include "runtime/wire/limits.hpp"
#include "runtime/wire/nodes.hpp"
#include "runtime/wire/values.hpp"

namespace quercus::wire {
namespace {

using namespace scheduling;

// Items are cut at about this size, so that any of them fits a part.
constexpr std::size_t kPieceBytes = std::size_t{512} << 10;

std::size_t inline_size(const Payload& payload) {
    return payload.size() > kMaxInlineBytes ? 32 : payload.size();
}
// Generous estimates of what one element adds to a piece.
std::size_t weight(const TaskId& id) {
    return 64 + id.path.bytes().size();
}
std::size_t weight(const std::pair<TaskId, Fence>& task) {
    return weight(task.first) + 16;
}
std::size_t weight(const Task& task) {
    return weight(task.id) + task.head->kind.size() + 96 + inline_size(task.input) +
           inline_size(task.state);
}
std::size_t weight(const Done& done) {
    const std::size_t message = std::min(done.status.message().size(), kMaxTextBytes);
    const std::size_t report = done.report.size() > kMaxInlineBytes ? 32 : done.report.size();
    return weight(done.id) + message + inline_size(done.output) + report + 80;
}
std::size_t weight(const Lost& lost) {
    return weight(lost.id) + std::min(lost.detail.size(), kMaxTextBytes) + 16;
}
std::size_t weight(const MemoEntry& entry) {
    return weight(entry.id) + inline_size(entry.output) + 80;
}
std::size_t weight(const RecallEntry& entry) {
    return weight(entry.id) + 32;
}
std::size_t weight(const HeldTask& task) {
    return weight(task.id) + 20;
}
std::size_t weight(const NodeInfo& node) {
    std::size_t size = 128 + 3 * kMaxNameBytes;
    for (const auto& address : node.listening) {
        size += std::min(address.size(), kMaxNameBytes) + 4;
    }
    for (const auto& [key, value] : node.tags) {
        size += std::min(key.size() + value.size(), 2 * kMaxNameBytes) + 8;
    }
    for (const auto& worker : node.workers) {
        size += 24 + 3 * worker.cpus.size();
    }
    return size;
}

template <class E>
std::size_t weight(std::span<const E> elements) {
    std::size_t size = 0;
    for (const auto& element : elements) {
        size += weight(element);
    }
    return size;
}

class FrameEncoder {
 public:
    FrameEncoder(std::uint64_t seq, std::uint64_t ack) : seq_(seq), ack_(ack) { new_part(); }

    void add(const scheduling::Item& item) {
        std::visit([this](const auto& kind) { add(kind); }, item);
    }

    EncodedFrame take() {
        std::unordered_set<Digest> seen;
        for (auto& blob : blobs_) {
            if (seen.insert(blob.digest).second) {
                out_.blobs.push_back(std::move(blob));
            }
        }
        out_.size_bytes += part_bytes_;
        return std::move(out_);
    }

 private:
    void new_part() {
        if (!out_.parts.empty()) {
            out_.parts.back()->set_more(true);
            out_.size_bytes += part_bytes_;
        }
        auto part = std::make_shared<v1::Frame>();
        part->set_seq(seq_);
        part->set_ack(ack_);
        part_bytes_ = part->ByteSizeLong() + 2;
        out_.parts.push_back(std::move(part));
    }

    void append(v1::Item item, bool continues) {
        item.set_continues(continues);
        const std::size_t size = item.ByteSizeLong() + 6;
        if (part_bytes_ + size > kMaxFrameBytes && out_.parts.back()->items_size() > 0) {
            new_part();
        }
        part_bytes_ += size;
        *out_.parts.back()->add_items() = std::move(item);
    }

    // Calls write(item, span) for pieces of `elements`, at least once; all but the last continue,
    // the last does if `continues`.
    template <class E, class Write>
    void pieces(const std::vector<E>& elements, const Write& write, bool continues = false) {
        std::size_t begin = 0;
        do {
            std::size_t end = begin;
            for (std::size_t size = 0; end < elements.size(); ++end) {
                size += weight(elements[end]);
                if (size > kPieceBytes && end > begin) {
                    break;
                }
            }
            v1::Item item;
            write(item, std::span(elements).subspan(begin, end - begin));
            append(std::move(item), continues || end < elements.size());
            begin = end;
        } while (begin < elements.size());
    }

    // Two columns in one item if that is small, else one after the other.
    template <class A, class B, class Write>
    void two_columns(const std::vector<A>& a, const std::vector<B>& b, const Write& write) {
        if (weight(std::span(a)) + weight(std::span(b)) <= kPieceBytes) {
            v1::Item item;
            write(item, std::span(a), std::span(b));
            return append(std::move(item), false);
        }
        using EmptyA = std::span<const A>;
        using EmptyB = std::span<const B>;
        pieces(
            a, [&](v1::Item& item, auto part) { write(item, part, EmptyB{}); }, true);
        pieces(b, [&](v1::Item& item, auto part) { write(item, EmptyA{}, part); });
    }

    static void ids(std::span<const TaskId> tasks, v1::TaskIdList* out) {
        IdWriter writer(out->mutable_groups());
        for (const auto& id : tasks) {
            writer.add(id);
        }
    }
    static void fenced(std::span<const std::pair<TaskId, Fence>> tasks, v1::FencedIds* out) {
        IdWriter writer(out->mutable_groups());
        FenceWriter fences(out->mutable_fences());
        for (const auto& [id, fence] : tasks) {
            writer.add(id);
            fences.add(fence);
        }
    }

    void add(const Hello& hello) {
        v1::Item item;
        auto* out = item.mutable_hello();
        out->set_protocol_major(hello.protocol_major);
        out->set_protocol_minor(hello.protocol_minor);
        out->set_build(clean_text(hello.build, kMaxNameBytes));
        out->set_kernels(to_bytes(hello.kernels.bytes));
        out->set_numeric_profile(clean_text(hello.numeric_profile, kMaxNameBytes));
        out->set_i_am(to_enum<v1::Position>(hello.i_am));
        out->set_role(to_enum<v1::Role>(hello.role));
        out->set_node(to_bytes(hello.node.bytes));
        out->set_incarnation(hello.incarnation);
        out->set_name(clean_text(hello.name, kMaxNameBytes));
        for (std::size_t i = 0; i < std::min(hello.listening.size(), kMaxListening); ++i) {
            out->add_listening(clean_text(hello.listening[i], kMaxNameBytes));
        }
        append(std::move(item), false);
    }

    void add(const Ancestors& ancestors) {
        v1::Item item;
        auto* out = item.mutable_ancestors();
        for (const auto& node : ancestors.nodes) {
            out->add_nodes(to_bytes(node.bytes));
        }
        out->set_reaches_server(ancestors.reaches_server);
        append(std::move(item), false);
    }

    void add(const Heartbeat&) {
        v1::Item item;
        item.mutable_heartbeat();
        append(std::move(item), false);
    }

    void add(const Load& load) {
        v1::Item item;
        auto* out = item.mutable_load();
        out->set_window(load.window);
        out->set_surplus(load.surplus);
        out->set_places(load.places);
        out->set_flows(load.flows);
        out->set_takes_flows(load.takes_flows);
        out->set_idle(load.idle);
        append(std::move(item), false);
    }

    static void write_head(const TaskHead& head, v1::TaskHead* out) {
        out->set_kind(clean_text(head.kind, kMaxNameBytes));
        out->set_version(head.version);
        out->set_is_workflow(head.is_workflow);
        out->set_job_seed(head.job_seed);
        out->set_memory_bytes(head.memory_bytes);
        out->set_cacheable(head.cacheable);
    }

    // A task that goes on from a later round.
    static bool is_resumed(const Task& task) { return task.round != 0 || !task.state.empty(); }

    static std::size_t count_group(std::span<const Task> tasks) {
        std::size_t n = 1;
        while (n < tasks.size() && !is_resumed(tasks[0]) && !is_resumed(tasks[n]) &&
               are_siblings(tasks[0].id, tasks[n].id) &&
               (tasks[0].head == tasks[n].head || *tasks[0].head == *tasks[n].head)) {
            ++n;
        }
        return n;
    }

    void write_group(std::span<const Task> tasks, v1::TaskGroup* out) {
        google::protobuf::RepeatedPtrField<v1::TaskIds> groups;
        IdWriter ids_out(&groups);
        FenceWriter fences(out->mutable_fences());
        PayloadWriter inputs(out->mutable_inputs(), &blobs_);
        for (const auto& task : tasks) {
            ids_out.add(task.id);
            fences.add(task.fence);
            inputs.add(task.input);
        }
        *out->mutable_ids() = std::move(groups[0]);
        write_head(*tasks[0].head, out->mutable_head());
        if (is_resumed(tasks[0])) {
            out->set_round(tasks[0].round);
            PayloadWriter(out->mutable_state(), &blobs_).add(tasks[0].state);
        }
    }

    void add(const TaskBatch& batch) {
        pieces(batch.tasks, [this](v1::Item& item, std::span<const Task> tasks) {
            auto* out = item.mutable_task_batch();
            while (!tasks.empty()) {
                const std::size_t n = count_group(tasks);
                write_group(tasks.first(n), out->add_groups());
                tasks = tasks.subspan(n);
            }
        });
    }

    void add(const Started& started) {
        pieces(started.tasks, [](v1::Item& item, std::span<const TaskId> tasks) {
            ids(tasks, item.mutable_started()->mutable_tasks());
        });
    }

    void write_reports(std::span<const Done> done, v1::DoneBatch* out) {
        const auto empty = [](const Done& d) { return d.report.empty(); };
        if (std::all_of(done.begin(), done.end(), empty)) {
            return;
        }
        PayloadWriter reports(out->mutable_reports(), &blobs_);
        for (const auto& d : done) {
            reports.add(Payload(d.report));
        }
    }

    void add(const DoneBatch& batch) {
        pieces(batch.done, [this](v1::Item& item, std::span<const Done> done) {
            auto* out = item.mutable_done_batch();
            IdWriter ids_out(out->mutable_groups());
            FenceWriter fences(out->mutable_fences());
            PayloadWriter outputs(out->mutable_outputs(), &blobs_);
            ExecutionWriter executions(out->mutable_executions());
            for (std::size_t i = 0; i < done.size(); ++i) {
                ids_out.add(done[i].id);
                fences.add(done[i].fence);
                outputs.add(done[i].output);
                executions.add(done[i].execution);
                if (!done[i].status.is_ok()) {
                    auto* failure = out->add_failures();
                    failure->set_position(static_cast<std::uint32_t>(i));
                    to_proto(done[i].status, *failure->mutable_status());
                }
            }
            write_reports(done, out);
        });
    }

    void add(const LostBatch& batch) {
        pieces(batch.lost, [](v1::Item& item, std::span<const Lost> lost) {
            auto* out = item.mutable_lost_batch();
            IdWriter ids_out(out->mutable_tasks()->mutable_groups());
            FenceWriter fences(out->mutable_tasks()->mutable_fences());
            for (const auto& l : lost) {
                ids_out.add(l.id);
                fences.add(l.fence);
                out->add_reasons(to_enum<v1::LossReason>(l.reason));
                out->add_details(clean_text(l.detail, kMaxTextBytes));
            }
        });
    }

    void add(const Retract& retract) {
        v1::Item item;
        item.mutable_retract()->set_count(retract.count);
        append(std::move(item), false);
    }

    void add(const Returned& returned) {
        pieces(returned.tasks, [](v1::Item& item, auto tasks) {
            fenced(tasks, item.mutable_returned()->mutable_tasks());
        });
    }

    void add(const Cancel& cancel) {
        pieces(cancel.tasks, [](v1::Item& item, std::span<const TaskId> tasks) {
            ids(tasks, item.mutable_cancel()->mutable_tasks());
        });
    }

    void add(const JobEnded& ended) {
        v1::Item item;
        item.mutable_job_ended()->set_job(to_bytes(ended.job.bytes));
        append(std::move(item), false);
    }

    void add(const CacheCleared&) {
        v1::Item item;
        item.mutable_cache_cleared();
        append(std::move(item), false);
    }

    void add(const Memo& memo) {
        pieces(memo.entries, [this](v1::Item& item, std::span<const MemoEntry> entries) {
            auto* out = item.mutable_memo();
            IdWriter ids_out(out->mutable_groups());
            PayloadWriter outputs(out->mutable_outputs(), &blobs_);
            ExecutionWriter executions(out->mutable_executions());
            for (const auto& entry : entries) {
                ids_out.add(entry.id);
                out->mutable_digests()->append(to_bytes(entry.digest.bytes));
                outputs.add(entry.output);
                executions.add(entry.execution);
                out->add_cacheable(entry.cacheable);
            }
        });
    }

    static void write_recall(std::span<const RecallEntry> entries, v1::Recall* out) {
        IdWriter ids_out(out->mutable_tasks()->mutable_groups());
        FenceWriter fences(out->mutable_tasks()->mutable_fences());
        for (const auto& entry : entries) {
            ids_out.add(entry.id);
            fences.add(entry.fence);
            out->mutable_digests()->append(to_bytes(entry.digest.bytes));
            out->add_cacheable(entry.cacheable);
        }
    }

    void add(const Recall& recall) {
        pieces(recall.entries, [](v1::Item& item, std::span<const RecallEntry> entries) {
            write_recall(entries, item.mutable_recall());
        });
    }

    void add(const Recalled& recalled) {
        two_columns(recalled.running, recalled.unknown, [](v1::Item& item, auto a, auto b) {
            ids(a, item.mutable_recalled()->mutable_running());
            ids(b, item.mutable_recalled()->mutable_unknown());
        });
    }

    void add(const Inventory& inventory) {
        two_columns(inventory.held, inventory.waiting,
                    [](v1::Item& item, std::span<const HeldTask> held, auto waiting) {
                        auto* out = item.mutable_inventory();
                        IdWriter ids_out(out->mutable_held()->mutable_groups());
                        FenceWriter fences(out->mutable_held()->mutable_fences());
                        for (const auto& task : held) {
                            ids_out.add(task.id);
                            fences.add(task.fence);
                            out->add_states(to_enum<v1::HeldState>(task.state));
                            out->add_is_workflow(task.is_workflow);
                        }
                        write_recall(waiting, out->mutable_waiting());
                    });
    }

    void add(const Verdict& verdict) {
        two_columns(verdict.cancel, verdict.lost, [](v1::Item& item, auto cancel, auto lost) {
            ids(cancel, item.mutable_verdict()->mutable_cancel());
            fenced(lost, item.mutable_verdict()->mutable_lost());
        });
    }

    void add(const RoundState& state) {
        v1::Item item;
        auto* out = item.mutable_round_state();
        google::protobuf::RepeatedPtrField<v1::TaskIds> groups;
        IdWriter(&groups).add(state.id);
        *out->mutable_id() = std::move(groups[0]);
        FenceWriter(out->mutable_fence()).add(state.fence);
        out->set_round(state.round);
        PayloadWriter(out->mutable_state(), &blobs_).add(state.state);
        append(std::move(item), false);
    }

    void add(const Progress& progress) {
        v1::Item item;
        auto* out = item.mutable_progress();
        out->set_job(to_bytes(progress.job.bytes));
        out->set_fraction(std::isfinite(progress.fraction) ? std::clamp(progress.fraction, 0.0, 1.0)
                                                           : 0.0);
        out->set_text(clean_text(progress.text, kMaxProgressTextBytes));
        if (!progress.incumbent.empty()) {
            PayloadWriter(out->mutable_incumbent(), &blobs_).add(progress.incumbent);
        }
        append(std::move(item), false);
    }

    void add(const Log& log) {
        v1::Item item;
        auto* out = item.mutable_log();
        out->set_job(to_bytes(log.job.bytes));
        out->set_severity(to_enum<v1::Severity>(log.severity));
        out->set_text(clean_text(log.text, kMaxTextBytes));
        append(std::move(item), false);
    }

    void add(const Subtree& subtree) {
        pieces(subtree.nodes, [](v1::Item& item, std::span<const NodeInfo> nodes) {
            for (const auto& node : nodes) {
                to_proto(node, *item.mutable_subtree()->add_nodes());
            }
            item.mutable_subtree();
        });
    }

    void add(const Drain&) {
        v1::Item item;
        item.mutable_drain();
        append(std::move(item), false);
    }

    void add(const Bye& bye) {
        v1::Item item;
        item.mutable_bye()->set_stop(bye.stop);
        to_proto(bye.reason, *item.mutable_bye()->mutable_reason());
        append(std::move(item), false);
    }

    std::uint64_t seq_;
    std::uint64_t ack_;
    EncodedFrame out_;
    std::size_t part_bytes_ = 0;
    std::vector<Blob> blobs_;
};

}  // namespace

Result<EncodedFrame> encode_frame(const scheduling::Frame& frame) {
    FrameEncoder encoder(frame.seq, frame.ack);
    for (const auto& item : frame.items) {
        encoder.add(item);
    }
    EncodedFrame out = encoder.take();
    for (const auto& blob : out.blobs) {
        if (blob.payload.size() > kMaxBlobBytes) {
            return resource_exhausted("payload of " + std::to_string(blob.payload.size()) +
                                      " bytes, limit is " + std::to_string(kMaxBlobBytes));
        }
    }
    if (out.size_bytes > kMaxJoinedFrameBytes) {
        return resource_exhausted("frame of " + std::to_string(out.size_bytes) +
                                  " bytes, limit is " + std::to_string(kMaxJoinedFrameBytes));
    }
    return out;
}

}  // namespace quercus::wire
