#include "runtime/executor/flow_loop.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <unordered_map>
#include <utility>
#include <vector>

#include "runtime/executor/child_channel.hpp"
#include "runtime/scheduling/lru_map.hpp"
#include "runtime/workflow/flow_driver.hpp"
#include "runtime/workflow/kernel_call.hpp"

namespace quercus::executor {

namespace {

using workflow::Batch;
using workflow::ChildResult;
using workflow::FlowDriver;
using workflow::FlowHost;
using workflow::FlowStart;
using workflow::KindInfo;

// Children of one record: their rows stream to the scheduler while the rest is being written.
constexpr std::size_t kSpawnChunkBytes = std::size_t{32} << 10;

// Outputs of cacheable children, by their task digest: what a workflow wants that another has had
// need not leave the process.
using Recent = scheduling::LruMap<Digest, Payload>;

void keep(Recent& recent, const Digest& digest, const Payload& output) {
    constexpr std::uint64_t kOverheadBytes = 128;
    recent.insert(digest, output, output.size() + kOverheadBytes, [](const Digest&) {});
}

// A workflow in progress; what it does becomes records.
class RunningFlow final : public FlowHost {
 public:
    RunningFlow(ChildChannel& channel, std::uint64_t serial, Seed job_seed, Recent& recent)
        : channel_(channel), serial_(serial), job_seed_(job_seed), recent_(recent) {}

    std::unique_ptr<FlowDriver> driver;

    void spawn(std::uint32_t call, const KindInfo& kind, const Batch& batch) override {
        if (batch.cacheable) {
            const std::vector<std::size_t> unknown = look_up(call, kind, batch);
            send(call, kind, batch, unknown.size(), [&](std::size_t i) { return unknown[i]; });
        } else {
            send(call, kind, batch, batch.keys.size(), [](std::size_t i) { return i; });
        }
    }

    // The children that were answered from memory; true: the workflow can go on. Not from inside of
    // it: what comes meanwhile is read first.
    bool deliver_known() {
        bool goes_on = false;
        for (auto& [call, result] : std::exchange(answers_, {})) {
            goes_on = driver->deliver(call, std::move(result)) || goes_on;
        }
        return goes_on;
    }

    // Whether the workflow can go on now.
    bool deliver(std::uint32_t call, ChildResult result) {
        const auto asked = asked_.find({call, result.key});
        if (asked != asked_.end()) {
            if (result.status.is_ok()) {
                keep(recent_, asked->second, result.output);
            }
            asked_.erase(asked);
        }
        return driver->deliver(call, std::move(result));
    }

    void cancel_children(std::uint32_t call, const std::vector<std::uint64_t>& keys) override {
        for (const std::uint64_t key : keys) {
            asked_.erase({call, key});
        }
        constexpr std::size_t kChunk = 4096;
        for (std::size_t begin = 0; begin < keys.size(); begin += kChunk) {
            const std::size_t end = std::min(keys.size(), begin + kChunk);
            Message& message = begin_record();
            message.body.varint(driver->round());
            message.body.varint(call);
            message.body.varint(end - begin);
            for (std::size_t i = begin; i < end; ++i) {
                message.body.varint(keys[i]);
            }
            channel_.send(RecordType::kUnspawn);
        }
    }

    void progress(double fraction, std::string_view text, BytesView incumbent) override {
        Message& message = begin_record();
        message.body.f64(fraction);
        message.text(text);
        message.payload(incumbent);
        channel_.send(RecordType::kProgress);
        channel_.flush();
    }

    void log(std::string_view text) override {
        begin_record().text(text);
        channel_.send(RecordType::kLog);
        channel_.flush();
    }

    void end(const workflow::Outcome& outcome) {
        Message& message = begin_record();
        if (const auto* next = std::get_if<workflow::ContinueAs>(&outcome)) {
            message.body.varint(driver->round() + 1);
            message.body.varint(known_);
            message.outcome(Status(), next->state);
            channel_.send(RecordType::kContinued);
            return;
        }
        message.body.varint(0);
        message.body.varint(known_);
        if (const auto* done = std::get_if<workflow::Done>(&outcome)) {
            message.outcome(Status(), done->output);
        } else {
            message.outcome(std::get<Status>(outcome), {});
        }
        channel_.send(RecordType::kFinished);
    }

 private:
    Message& begin_record() {
        Message& message = channel_.message();
        message.body.varint(serial_);
        return message;
    }

    // Answers the children whose outputs are known; returns the places of the others in the batch.
    std::vector<std::size_t> look_up(std::uint32_t call, const KindInfo& kind, const Batch& batch) {
        const scheduling::TaskHead head{
            kind.name, kind.version, static_cast<bool>(kind.workflow), job_seed_, 0, true};
        std::vector<std::size_t> unknown;
        for (std::size_t i = 0; i < batch.keys.size(); ++i) {
            const std::uint64_t key = batch.keys[i];
            const Digest digest = scheduling::task_digest(head, batch.inputs[i]);
            if (const Payload* output = recent_.find(digest)) {
                ++known_;
                answers_.emplace_back(call, ChildResult{key, Status(), *output});
            } else {
                asked_[{call, key}] = digest;
                unknown.push_back(i);
            }
        }
        return unknown;
    }

    // Children place(0) ... place(count - 1) of the batch.
    template <class Place>
    void send(std::uint32_t call, const KindInfo& kind, const Batch& batch, std::size_t count,
              Place place) {
        for (std::size_t begin = 0; begin < count;) {
            begin = spawn_chunk(call, kind, batch, begin, count, place);
        }
    }

    // One record with as many children from `begin` on as fit; a large input has its own. Returns
    // where the next one begins.
    template <class Place>
    std::size_t spawn_chunk(std::uint32_t call, const KindInfo& kind, const Batch& batch,
                            std::size_t begin, std::size_t count, Place place) {
        std::size_t bytes = 0;
        std::size_t end = begin;
        while (end < count && (end == begin || bytes < kSpawnChunkBytes)) {
            const std::size_t input = batch.inputs[place(end)].size();
            if (end > begin && input > kSpawnChunkBytes) {
                break;
            }
            bytes += input + 12;
            ++end;
        }
        Message& message = begin_record();
        message.body.varint(driver->round());
        message.body.varint(call);
        message.body.bytes(kind.name);
        message.body.varint(kind.version);
        message.body.boolean(static_cast<bool>(kind.workflow));
        message.body.varint(batch.memory_bytes);
        message.body.boolean(batch.cacheable);
        message.body.varint(end - begin);
        for (std::size_t i = begin; i < end; ++i) {
            message.body.varint(batch.keys[place(i)]);
            message.payload(batch.inputs[place(i)]);
        }
        channel_.send(RecordType::kSpawn);
        channel_.flush();
        return end;
    }

    ChildChannel& channel_;
    const std::uint64_t serial_;
    const Seed job_seed_;
    Recent& recent_;
    std::map<std::pair<std::uint32_t, std::uint64_t>, Digest> asked_;  // by call and key: cacheable
    std::vector<std::pair<std::uint32_t, ChildResult>> answers_;       // by call: to be delivered
    std::uint64_t known_ = 0;                                          // children answered here
};

class Flows {
 public:
    Flows(const workflow::Registry& registry, std::uint64_t remembered_bytes)
        : registry_(registry), recent_(remembered_bytes) {
        channel_.message();
        channel_.send(RecordType::kReady);
    }

    [[noreturn]] void run() {
        while (true) {
            channel_.read_records([this](const Record& record) { take(record); });
            channel_.flush(ready_.empty());
            if (ready_.empty()) {
                channel_.wait();
                continue;
            }
            // One at a time: records that came meanwhile may belong to the next one.
            const std::uint64_t serial = ready_.back();
            ready_.pop_back();
            step(serial);
        }
    }

 private:
    void take(const Record& record) {
        Decoder in(record.body);
        switch (static_cast<RecordType>(record.type)) {
            case RecordType::kHead: {
                auto head = read_head(in);
                if (!head) {
                    die("malformed task head");
                }
                head_ = std::move(*head);
                return;
            }
            case RecordType::kFlow:
                return take_flow(in);
            case RecordType::kDeliver:
                return take_result(in);
            case RecordType::kCancel:
                return cancel(in.varint());
            case RecordType::kForget:
                return recent_.clear();
            default:
                die("unexpected record");
        }
    }

    void take_flow(Decoder& in) {
        const std::uint64_t serial = in.varint();
        const BytesView path = in.bytes();
        const auto round = static_cast<std::uint32_t>(in.varint());
        auto input = read_content(in, channel_.socket());
        auto state = read_content(in, channel_.socket());
        if (!input || !state || !in.finished()) {
            die("malformed workflow");
        }
        auto flow = std::make_unique<RunningFlow>(channel_, serial, head_.job_seed, recent_);
        const auto input_view = input->view();
        const auto state_view = state->view();
        const KindInfo* kind = registry_.find(head_.kind);
        if (!input_view || !state_view || kind == nullptr || !kind->workflow) {
            return refuse(serial, kind, input_view && state_view);
        }
        const Seed seed = workflow::task_seed(head_, kind->seeding, path, *input_view);
        flow->driver = std::make_unique<FlowDriver>(
            registry_, *flow, FlowStart{kind, Bytes(*input_view), round, Bytes(*state_view), seed});
        flows_.emplace(serial, std::move(flow));
        ready_.push_back(serial);
    }

    void refuse(std::uint64_t serial, const KindInfo* kind, bool readable) {
        const Status status =
            !readable ? resource_exhausted("no memory for the workflow's input")
                      : invalid_argument("kind " + head_.kind +
                                         (kind == nullptr ? " is not registered in this executor"
                                                          : " is no workflow"));
        Message& message = channel_.message();
        message.body.varint(serial);
        message.body.varint(0);
        message.body.varint(0);
        message.outcome(status, {});
        channel_.send(RecordType::kFinished);
    }

    void take_result(Decoder& in) {
        const std::uint64_t serial = in.varint();
        const auto round = static_cast<std::uint32_t>(in.varint());
        const auto call = static_cast<std::uint32_t>(in.varint());
        ChildResult result;
        result.key = in.varint();
        const auto code = read_code(in);
        if (code == StatusCode::kOk) {
            auto output = read_content(in, channel_.socket());
            const auto view = output ? output->view() : Result<BytesView>(data_loss("malformed"));
            if (!view) {
                die("malformed or unreadable result");
            }
            result.output = Payload(Bytes(*view));
        } else if (code) {
            result.status = Status(*code, Bytes(in.bytes()));
        }
        if (!code || !in.finished()) {
            die("malformed result");
        }
        const auto flow = flows_.find(serial);
        if (flow != flows_.end() && flow->second->driver->round() == round &&
            flow->second->deliver(call, std::move(result)) &&
            (ready_.empty() || ready_.back() != serial)) {
            ready_.push_back(serial);
        }
    }

    // The acknowledgement tells the control process that the serial is free.
    void cancel(std::uint64_t serial) {
        const auto flow = flows_.find(serial);
        if (flow == flows_.end()) {
            return;  // has ended already, and said so
        }
        flow->second->driver->request_stop();
        flow->second->end(Status(StatusCode::kCancelled, "cancelled"));
        flows_.erase(flow);
    }

    void step(std::uint64_t serial) {
        const auto flow = flows_.find(serial);
        if (flow == flows_.end()) {
            return;
        }
        std::atomic<std::uint64_t>& running = channel_.control().running;
        running.store(serial, std::memory_order_release);
        const auto outcome = flow->second->driver->step();
        if (outcome) {
            flow->second->end(*outcome);
            flows_.erase(flow);
        } else if (flow->second->deliver_known()) {
            ready_.push_back(serial);
        }
        running.store(0, std::memory_order_release);
    }

    const workflow::Registry& registry_;
    ChildChannel channel_;
    scheduling::TaskHead head_;
    Recent recent_;
    std::unordered_map<std::uint64_t, std::unique_ptr<RunningFlow>> flows_;
    std::vector<std::uint64_t> ready_;
};

}  // namespace

void run_flows(const workflow::Registry& registry, std::uint64_t remembered_bytes) {
    Flows(registry, remembered_bytes).run();
}

}  // namespace quercus::executor
