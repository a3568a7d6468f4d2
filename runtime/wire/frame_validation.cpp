#include <cmath>
#include <iterator>
#include <string>
#include <type_traits>
#include <utility>

#include "quercus/v1/tree.pb.h"
#include "runtime/wire/frame.hpp"
#include "runtime/wire/limits.hpp"
#include "runtime/wire/nodes.hpp"
#include "runtime/wire/values.hpp"

namespace quercus::wire {
namespace {

using namespace scheduling;

static_assert(static_cast<int>(Position::kChild) + 1 == v1::POSITION_CHILD);
static_assert(static_cast<int>(LossReason::kStopped) + 1 == v1::LOSS_REASON_STOPPED);
static_assert(static_cast<int>(HeldState::kFinished) + 1 == v1::HELD_STATE_FINISHED);
static_assert(static_cast<int>(Severity::kError) + 1 == v1::SEVERITY_ERROR);

class FrameDecoder {
 public:
    explicit FrameDecoder(const BlobMap& blobs) : blobs_(blobs) {}

    Status add(v1::Frame& part, std::vector<scheduling::Item>& out) {
        Intake intake(kMaxExpandedBytes);
        for (auto& item : *part.mutable_items()) {
            scheduling::Item decoded = decode(item, intake);
            if (intake.ok()) {
                store(std::move(decoded), item.continues(), out, intake);
            }
            if (!intake.ok()) {
                break;
            }
        }
        return intake.status();
    }
    [[nodiscard]] bool is_complete() const { return !continues_; }

 private:
    // Appends to the item before if that one said so.
    void store(scheduling::Item item, bool continues, std::vector<scheduling::Item>& out,
               Intake& intake) {
        if (!continues_) {
            out.push_back(std::move(item));
        } else if (out.back().index() != item.index()) {
            intake.fail("item: does not continue the one before");
        } else {
            std::visit(
                [&](auto& kind) {
                    using Kind = std::remove_cvref_t<decltype(kind)>;
                    join(kind, std::get<Kind>(std::move(item)), intake);
                },
                out.back());
        }
        continues_ = continues;
    }

    template <class E>
    static void append(std::vector<E>& to, std::vector<E>& from) {
        to.insert(to.end(), std::make_move_iterator(from.begin()),
                  std::make_move_iterator(from.end()));
    }
    static void join(TaskBatch& to, TaskBatch from, Intake&) { append(to.tasks, from.tasks); }
    static void join(Started& to, Started from, Intake&) { append(to.tasks, from.tasks); }
    static void join(DoneBatch& to, DoneBatch from, Intake&) { append(to.done, from.done); }
    static void join(LostBatch& to, LostBatch from, Intake&) { append(to.lost, from.lost); }
    static void join(Returned& to, Returned from, Intake&) { append(to.tasks, from.tasks); }
    static void join(Cancel& to, Cancel from, Intake&) { append(to.tasks, from.tasks); }
    static void join(Memo& to, Memo from, Intake&) { append(to.entries, from.entries); }
    static void join(Recall& to, Recall from, Intake&) { append(to.entries, from.entries); }
    static void join(Recalled& to, Recalled from, Intake&) {
        append(to.running, from.running);
        append(to.unknown, from.unknown);
    }
    static void join(Inventory& to, Inventory from, Intake&) {
        append(to.held, from.held);
        append(to.waiting, from.waiting);
    }
    static void join(Verdict& to, Verdict from, Intake&) {
        append(to.cancel, from.cancel);
        append(to.lost, from.lost);
    }
    static void join(Subtree& to, Subtree from, Intake&) { append(to.nodes, from.nodes); }
    template <class Kind>
    static void join(Kind&, Kind, Intake& intake) {
        intake.fail("item: of a kind that cannot be continued");
    }

    scheduling::Item decode(v1::Item& item, Intake& intake) {
        switch (item.kind_case()) {
            case v1::Item::kHello:
                return hello(item.hello(), intake);
            case v1::Item::kAncestors:
                return ancestors(item.ancestors(), intake);
            case v1::Item::kHeartbeat:
                return Heartbeat{};
            case v1::Item::kLoad:
                return load(item.load());
            case v1::Item::kTaskBatch:
                return task_batch(*item.mutable_task_batch(), intake);
            case v1::Item::kStarted:
                return Started{ids(item.started().tasks(), intake)};
            case v1::Item::kDoneBatch:
                return done_batch(*item.mutable_done_batch(), intake);
            case v1::Item::kLostBatch:
                return lost_batch(item.lost_batch(), intake);
            case v1::Item::kRetract:
                return Retract{item.retract().count()};
            case v1::Item::kReturned:
                return Returned{fenced(item.returned().tasks(), intake)};
            case v1::Item::kCancel:
                return Cancel{ids(item.cancel().tasks(), intake)};
            case v1::Item::kJobEnded:
                return JobEnded{from_job_id(item.job_ended().job(), intake)};
            case v1::Item::kCacheCleared:
                return CacheCleared{};
            case v1::Item::kMemo:
                return memo(*item.mutable_memo(), intake);
            case v1::Item::kRecall:
                return Recall{recall(item.recall(), intake)};
            case v1::Item::kRecalled:
                return Recalled{ids(item.recalled().running(), intake),
                                ids(item.recalled().unknown(), intake)};
            case v1::Item::kInventory:
                return inventory(item.inventory(), intake);
            case v1::Item::kVerdict:
                return Verdict{ids(item.verdict().cancel(), intake),
                               fenced(item.verdict().lost(), intake)};
            case v1::Item::kRoundState:
                return round_state(*item.mutable_round_state(), intake);
            case v1::Item::kProgress:
                return progress(*item.mutable_progress(), intake);
            case v1::Item::kLog:
                return log(item.log(), intake);
            case v1::Item::kSubtree:
                return subtree(item.subtree(), intake);
            case v1::Item::kDrain:
                return Drain{};
            case v1::Item::kBye:
                return Bye{item.bye().stop(), from_proto(item.bye().reason(), intake)};
            case v1::Item::KIND_NOT_SET:
                break;
        }
        intake.fail("item: of no known kind");
        return Heartbeat{};
    }

    static std::vector<TaskId> ids(const v1::TaskIdList& list, Intake& intake) {
        return from_groups(list.groups(), intake);
    }

    static std::vector<std::pair<TaskId, Fence>> fenced(const v1::FencedIds& list, Intake& intake) {
        auto tasks = from_groups(list.groups(), intake);
        std::vector<std::pair<TaskId, Fence>> out;
        if (!intake.ok()) {
            return out;
        }
        const auto fences = from_proto(list.fences(), tasks.size(), intake);
        for (std::size_t i = 0; i < fences.size(); ++i) {
            out.emplace_back(std::move(tasks[i]), fences[i]);
        }
        return out;
    }

    static Hello hello(const v1::Hello& in, Intake& intake) {
        Hello out;
        out.protocol_major = in.protocol_major();
        out.protocol_minor = in.protocol_minor();
        out.build = from_text(in.build(), kMaxNameBytes, "hello build", intake);
        out.kernels = {from_bytes16(in.kernels(), "hello kernels", intake)};
        out.numeric_profile =
            from_text(in.numeric_profile(), kMaxNameBytes, "hello numeric profile", intake);
        out.i_am = from_enum(in.i_am(), Position::kChild, "hello i_am", intake);
        out.role = from_enum(in.role(), Role::kRank, "hello role", intake);
        out.node = from_node_id(in.node(), intake);
        out.incarnation = in.incarnation();
        out.name = from_text(in.name(), kMaxNameBytes, "hello name", intake);
        if (!intake.require(static_cast<std::size_t>(in.listening_size()) <= kMaxListening,
                            "hello: too many addresses")) {
            return out;
        }
        for (const auto& address : in.listening()) {
            out.listening.push_back(from_text(address, kMaxNameBytes, "hello address", intake));
        }
        return out;
    }

    static Ancestors ancestors(const v1::Ancestors& in, Intake& intake) {
        Ancestors out;
        const auto count = static_cast<std::size_t>(in.nodes_size());
        if (!intake.require(count > 0 && count <= kMaxAncestors,
                            "ancestors: none, or more than 64")) {
            return out;
        }
        for (const auto& node : in.nodes()) {
            out.nodes.push_back(from_node_id(node, intake));
        }
        out.reaches_server = in.reaches_server();
        return out;
    }

    static Load load(const v1::Load& in) {
        return {in.window(), in.surplus(), in.places(), in.flows(), in.takes_flows(), in.idle()};
    }

    // Heads that follow each other and are equal become one object.
    std::shared_ptr<const TaskHead> head(const v1::TaskHead& in, Intake& intake) {
        TaskHead out;
        out.kind = from_text(in.kind(), kMaxNameBytes, "task kind", intake);
        intake.require(!out.kind.empty(), "task kind: empty");
        out.version = in.version();
        out.is_workflow = in.is_workflow();
        out.job_seed = in.job_seed();
        out.memory_bytes = in.memory_bytes();
        out.cacheable = in.cacheable();
        if (last_head_ == nullptr || *last_head_ != out) {
            last_head_ = std::make_shared<const TaskHead>(std::move(out));
        }
        return last_head_;
    }

    void read_resumed(v1::TaskGroup& in, std::size_t tasks, Task& out, Intake& intake) {
        if (!intake.require(tasks == 1, "task: a resumed one is not alone in its group")) {
            return;
        }
        out.round = in.round();
        if (in.has_state()) {
            auto state = take_payloads(*in.mutable_state(), 1, blobs_, intake);
            out.state = state.empty() ? Payload{} : std::move(state[0]);
        }
    }

    void task_group(v1::TaskGroup& in, std::vector<Task>& out, Intake& intake) {
        std::vector<TaskId> ids;
        append_ids(in.ids(), ids, intake);
        const auto shared_head = head(in.head(), intake);
        if (!intake.ok()) {
            return;
        }
        const auto fences = from_proto(in.fences(), ids.size(), intake);
        auto inputs = take_payloads(*in.mutable_inputs(), ids.size(), blobs_, intake);
        if (!intake.ok()) {
            return;
        }
        out.reserve(out.size() + ids.size());
        for (std::size_t i = 0; i < ids.size(); ++i) {
            out.push_back({std::move(ids[i]), fences[i], shared_head, std::move(inputs[i]), 0, {}});
        }
        if (in.round() != 0 || in.has_state()) {
            read_resumed(in, ids.size(), out.back(), intake);
        }
    }

    TaskBatch task_batch(v1::TaskBatch& in, Intake& intake) {
        TaskBatch out;
        for (auto& group : *in.mutable_groups()) {
            task_group(group, out.tasks, intake);
            if (!intake.ok()) {
                break;
            }
        }
        return out;
    }

    static void read_failures(const v1::DoneBatch& in, std::vector<Done>& out, Intake& intake) {
        for (const auto& failure : in.failures()) {
            Status status = from_proto(failure.status(), intake);
            if (!intake.require(failure.position() < out.size() && !status.is_ok(),
                                "done: a failure without task or code")) {
                return;
            }
            out[failure.position()].status = std::move(status);
        }
    }

    void read_reports(v1::DoneBatch& in, std::vector<Done>& out, Intake& intake) {
        if (!in.has_reports()) {
            return;
        }
        const auto reports = take_payloads(*in.mutable_reports(), out.size(), blobs_, intake);
        for (std::size_t i = 0; i < reports.size(); ++i) {
            out[i].report = Bytes(reports[i].view());
        }
    }

    DoneBatch done_batch(v1::DoneBatch& in, Intake& intake) {
        DoneBatch out;
        auto ids = from_groups(in.groups(), intake);
        if (!intake.ok()) {
            return out;
        }
        const auto fences = from_proto(in.fences(), ids.size(), intake);
        auto outputs = take_payloads(*in.mutable_outputs(), ids.size(), blobs_, intake);
        const auto executions = from_proto(in.executions(), ids.size(), intake);
        if (!intake.ok()) {
            return out;
        }
        out.done.reserve(ids.size());
        for (std::size_t i = 0; i < ids.size(); ++i) {
            out.done.push_back(
                {std::move(ids[i]), fences[i], {}, std::move(outputs[i]), executions[i], {}});
        }
        read_failures(in, out.done, intake);
        read_reports(in, out.done, intake);
        return out;
    }

    static LostBatch lost_batch(const v1::LostBatch& in, Intake& intake) {
        LostBatch out;
        auto tasks = fenced(in.tasks(), intake);
        if (!intake.require(static_cast<std::size_t>(in.reasons_size()) == tasks.size() &&
                                in.details_size() == in.reasons_size(),
                            "lost: not one reason and detail per task")) {
            return out;
        }
        for (int i = 0; i < in.reasons_size(); ++i) {
            auto& [id, fence] = tasks[static_cast<std::size_t>(i)];
            out.lost.push_back(
                {std::move(id), fence,
                 from_enum(in.reasons(i), LossReason::kStopped, "loss reason", intake),
                 from_text(in.details(i), kMaxTextBytes, "loss detail", intake)});
        }
        return out;
    }

    // 16 bytes per task.
    static std::vector<Digest> digests(const std::string& bytes, std::size_t count,
                                       Intake& intake) {
        std::vector<Digest> out;
        if (!intake.require(bytes.size() == 16 * count, "digests: not 16 bytes per task")) {
            return out;
        }
        out.reserve(count);
        for (std::size_t i = 0; i < count; ++i) {
            out.push_back({from_bytes16(BytesView(bytes).substr(16 * i, 16), "digest", intake)});
        }
        return out;
    }

    Memo memo(v1::Memo& in, Intake& intake) {
        Memo out;
        auto ids = from_groups(in.groups(), intake);
        if (!intake.ok()) {
            return out;
        }
        const auto sums = digests(in.digests(), ids.size(), intake);
        const auto outputs = take_payloads(*in.mutable_outputs(), ids.size(), blobs_, intake);
        const auto executions = from_proto(in.executions(), ids.size(), intake);
        intake.require(static_cast<std::size_t>(in.cacheable_size()) == ids.size(),
                       "memo: not one `cacheable` per task");
        if (!intake.ok()) {
            return out;
        }
        for (std::size_t i = 0; i < ids.size(); ++i) {
            // Entries live long and apart from each other: one must not keep a whole arena alive.
            const bool is_slice = outputs[i].size() <= kMaxInlineBytes;
            out.entries.push_back({std::move(ids[i]), sums[i],
                                   is_slice ? Payload(Bytes(outputs[i].view())) : outputs[i],
                                   executions[i], in.cacheable(static_cast<int>(i))});
        }
        return out;
    }

    static std::vector<RecallEntry> recall(const v1::Recall& in, Intake& intake) {
        std::vector<RecallEntry> out;
        auto tasks = fenced(in.tasks(), intake);
        const auto sums = digests(in.digests(), tasks.size(), intake);
        const bool one_each = in.cacheable_size() == 0 ||
                              static_cast<std::size_t>(in.cacheable_size()) == tasks.size();
        if (!intake.ok() || !intake.require(one_each, "recall: not one flag per task")) {
            return out;
        }
        for (std::size_t i = 0; i < tasks.size(); ++i) {
            out.push_back({std::move(tasks[i].first), tasks[i].second, sums[i],
                           in.cacheable_size() > 0 && in.cacheable(static_cast<int>(i))});
        }
        return out;
    }

    static Inventory inventory(const v1::Inventory& in, Intake& intake) {
        Inventory out;
        auto tasks = fenced(in.held(), intake);
        if (!intake.require(static_cast<std::size_t>(in.states_size()) == tasks.size() &&
                                in.is_workflow_size() == in.states_size(),
                            "inventory: not one state per task")) {
            return out;
        }
        for (int i = 0; i < in.states_size(); ++i) {
            auto& [id, fence] = tasks[static_cast<std::size_t>(i)];
            out.held.push_back({std::move(id), fence,
                                from_enum(in.states(i), HeldState::kFinished, "held state", intake),
                                in.is_workflow(i)});
        }
        out.waiting = recall(in.waiting(), intake);
        return out;
    }

    RoundState round_state(v1::RoundState& in, Intake& intake) {
        RoundState out;
        std::vector<TaskId> ids;
        append_ids(in.id(), ids, intake);
        const auto fences = from_proto(in.fence(), 1, intake);
        auto state = take_payloads(*in.mutable_state(), 1, blobs_, intake);
        if (!intake.require(ids.size() == 1, "round state: not one task") || !intake.ok()) {
            return out;
        }
        return {std::move(ids[0]), fences[0], in.round(), std::move(state[0])};
    }

    Progress progress(v1::Progress& in, Intake& intake) {
        intake.require(in.fraction() >= 0 && in.fraction() <= 1,
                       "progress: fraction not in 0 ... 1");
        Progress out{from_job_id(in.job(), intake), in.fraction(),
                     from_text(in.text(), kMaxProgressTextBytes, "progress text", intake)};
        if (in.has_incumbent()) {
            auto incumbent = take_payloads(*in.mutable_incumbent(), 1, blobs_, intake);
            out.incumbent = intake.ok() ? std::move(incumbent.front()) : Payload();
        }
        return out;
    }

    static Log log(const v1::Log& in, Intake& intake) {
        return {from_job_id(in.job(), intake),
                from_enum(in.severity(), Severity::kError, "log severity", intake),
                from_text(in.text(), kMaxTextBytes, "log text", intake)};
    }

    static Subtree subtree(const v1::Subtree& in, Intake& intake) {
        Subtree out;
        for (const auto& node : in.nodes()) {
            out.nodes.push_back(from_proto(node, intake));
            if (!intake.ok()) {
                break;
            }
        }
        return out;
    }

    const BlobMap& blobs_;
    std::shared_ptr<const TaskHead> last_head_;
    bool continues_ = false;  // the last item is to be continued
};

}  // namespace

Result<scheduling::Frame> decode_frame(const std::vector<std::shared_ptr<v1::Frame>>& parts,
                                       const BlobMap& blobs) {
    scheduling::Frame out;
    FrameDecoder decoder(blobs);
    for (std::size_t i = 0; i < parts.size(); ++i) {
        v1::Frame& part = *parts[i];
        if (i > 0 && (part.seq() != out.seq || part.ack() != out.ack)) {
            return invalid_argument("frame: parts with different numbers");
        }
        out.seq = part.seq();
        out.ack = part.ack();
        if (const Status status = decoder.add(part, out.items); !status.is_ok()) {
            return status;
        }
    }
    if (!decoder.is_complete()) {
        return invalid_argument("frame: ends within an item");
    }
    return out;
}

}  // namespace quercus::wire
