#include "runtime/executor/flow_side.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace quercus::executor {

using namespace scheduling;

FlowSide::FlowSide(Context& context)
    : context_(context), restart_(context.loop), grace_(context.loop) {}

Status FlowSide::start() {
    auto connection =
        Connection::start(context_, *this, "flow", context_.options.remembered_bytes, {});
    if (!connection) {
        return connection.error();
    }
    connection_ = std::move(*connection);
    head_.reset();
    for (const Waiting& flow : std::exchange(waiting_, {})) {
        send_flow(flow);
    }
    return Status::ok();
}

void FlowSide::restart() {
    if (context_.stopping) {
        return;
    }
    if (const Status started = start(); !started.is_ok()) {
        connection_.reset();
        waiting_.clear();
        context_.events.push_back(FlowDied{std::nullopt, started.message()});
        restart_.schedule([this] { restart(); });
        context_.emit();
    }
}

void FlowSide::start_flow(const Task& task, std::uint32_t round, const Payload& state) {
    cancel(task.id);  // an earlier instance of the same workflow
    if (alive()) {
        send_flow({task, round, state});
    } else {
        waiting_.push_back({task, round, state});
    }
}

void FlowSide::send_flow(const Waiting& flow) {
    const Task& task = flow.task;
    if (!head_ || !(*task.head == *head_)) {
        connection_->message().head(*task.head);
        connection_->send(RecordType::kHead);
    }
    head_ = task.head;
    Message& message = connection_->message();
    message.body.varint(++last_serial_);
    message.body.bytes(task.id.path.bytes());
    message.body.varint(flow.round);
    message.payload(task.input.view());
    message.payload(flow.state.view());
    connection_->send(RecordType::kFlow);
    flows_[last_serial_] =
        Running{task.id, task.head->job_seed, task.head->memory_bytes, false, nullptr};
    serials_[task.id] = last_serial_;
}

void FlowSide::deliver(const TaskId& flow, std::span<const Done> results) {
    const auto serial = serials_.find(flow);
    if (serial == serials_.end() || !alive()) {
        return;
    }
    for (const Done& done : results) {
        const PathElement element = done.id.path.last();
        Message& message = connection_->message();
        message.body.varint(serial->second);
        message.body.varint(element.round);
        message.body.varint(element.call);
        message.body.varint(element.key);
        message.outcome(done.status, done.output.view());
        connection_->send(RecordType::kDeliver);
    }
}

void FlowSide::cancel(const TaskId& flow) {
    std::erase_if(waiting_, [&](const Waiting& one) { return one.task.id == flow; });
    const auto at = serials_.find(flow);
    if (at == serials_.end()) {
        return;
    }
    const std::uint64_t serial = at->second;
    serials_.erase(at);
    flows_[serial].cancelled = true;
    if (!alive()) {
        return;
    }
    connection_->message().body.varint(serial);
    connection_->send(RecordType::kCancel);
    if (connection_->running() == serial) {
        grace_.after(context_.options.cancel_grace, [this, serial] { kill_if_stuck(serial); });
    }
}

// A workflow that never lets go of its thread blocks all others.
void FlowSide::kill_if_stuck(std::uint64_t serial) {
    if (!alive()) {
        return;
    }
    connection_->read_records();
    if (flows_.contains(serial) && connection_->running() == serial) {
        planned_kill_ = true;
        connection_->kill();
    }
    context_.emit();
}

void FlowSide::forget_results() {
    if (alive()) {
        connection_->message();
        connection_->send(RecordType::kForget);
    }
}

void FlowSide::kill() {
    if (connection_) {
        connection_->kill();
    }
}

void FlowSide::forget(std::uint64_t serial) {
    const auto flow = flows_.find(serial);
    if (!flow->second.cancelled) {
        serials_.erase(flow->second.id);
    }
    flows_.erase(flow);
}

// ---------------------------------------------------------------- records

bool FlowSide::on_record(const Record& record, const Source& source) {
    const auto type = static_cast<RecordType>(record.type);
    if (type == RecordType::kReady) {
        restart_.came_up();
        context_.events.push_back(FlowReady{});
        return true;
    }
    return on_flow_record(type, Decoder(record.body), source);
}

bool FlowSide::on_flow_record(RecordType type, Decoder in, const Source& source) {
    const std::uint64_t serial = in.varint();
    const auto at = flows_.find(serial);
    if (!in.ok() || at == flows_.end()) {
        return false;
    }
    Running& flow = at->second;
    switch (type) {
        case RecordType::kSpawn:
            return on_spawn(flow, in, source);
        case RecordType::kUnspawn:
            return on_unspawn(flow, in);
        case RecordType::kContinued:
        case RecordType::kFinished:
            return on_finished(serial, flow, in, source);
        case RecordType::kProgress: {
            const double fraction = in.f64();
            std::string text(in.bytes());
            auto incumbent = read_payload(in, source);
            if (!flow.cancelled && incumbent && in.finished() && std::isfinite(fraction)) {
                context_.events.push_back(FlowProgress{flow.id,
                                                       {flow.id.job, std::clamp(fraction, 0.0, 1.0),
                                                        std::move(text), std::move(*incumbent)}});
            }
            return in.finished();
        }
        case RecordType::kLog: {
            const BytesView text = in.bytes();
            if (!flow.cancelled && in.finished()) {
                context_.events.push_back(
                    FlowLogged{flow.id, {flow.id.job, Severity::kInfo, std::string(text)}});
            }
            return in.finished();
        }
        default:
            return false;
    }
}

bool FlowSide::on_spawn(Running& flow, Decoder& in, const Source& source) {
    FlowSpawned spawned{flow.id,
                        static_cast<std::uint32_t>(in.varint()),
                        static_cast<std::uint32_t>(in.varint()),
                        nullptr,
                        {},
                        {}};
    TaskHead head{Bytes(in.bytes()), static_cast<std::uint32_t>(in.varint()),
                  in.boolean(),      flow.job_seed,
                  in.varint(),       in.boolean()};
    if (head.memory_bytes == 0) {
        head.memory_bytes = flow.memory_bytes;
    }
    const std::uint64_t count = in.count(2);
    spawned.keys.reserve(count);
    spawned.inputs.reserve(count);
    for (std::uint64_t i = 0; i < count; ++i) {
        spawned.keys.push_back(in.varint());
        auto input = read_payload(in, source);
        if (!input) {
            return false;
        }
        spawned.inputs.push_back(std::move(*input));
    }
    if (!in.finished()) {
        return false;
    }
    if (!flow.last_child || !(*flow.last_child == head)) {
        flow.last_child = std::make_shared<const TaskHead>(std::move(head));
    }
    spawned.head = flow.last_child;
    if (!flow.cancelled) {
        context_.events.push_back(std::move(spawned));
    }
    return true;
}

bool FlowSide::on_unspawn(const Running& flow, Decoder& in) {
    FlowCancelledChildren cancelled{flow.id,
                                    static_cast<std::uint32_t>(in.varint()),
                                    static_cast<std::uint32_t>(in.varint()),
                                    {}};
    const std::uint64_t count = in.count(1);
    for (std::uint64_t i = 0; i < count; ++i) {
        cancelled.keys.push_back(in.varint());
    }
    if (in.finished() && !flow.cancelled) {
        context_.events.push_back(std::move(cancelled));
    }
    return in.finished();
}

// kContinued or kFinished: the instance is over.
bool FlowSide::on_finished(std::uint64_t serial, Running& flow, Decoder& in, const Source& source) {
    std::optional<Event> event;
    const std::uint64_t next_round = in.varint();
    const std::uint64_t known = in.varint();
    auto outcome = read_outcome(in, source);
    if (!outcome || !in.finished() || next_round > 0xffffffffu) {
        return false;
    }
    if (next_round > 0) {
        event = FlowContinued{flow.id, static_cast<std::uint32_t>(next_round),
                              std::move(outcome->second), known};
    } else {
        event = FlowFinished{flow.id, std::move(outcome->first), std::move(outcome->second), known};
    }
    if (!flow.cancelled) {
        context_.events.push_back(std::move(*event));
    }
    forget(serial);
    return true;
}

void FlowSide::on_ended(const std::string& detail) {
    grace_.cancel();
    FlowDied died{std::nullopt, detail};
    const auto running = flows_.find(connection_->running());
    const bool planned = std::exchange(planned_kill_, false);
    if (!planned && running != flows_.end() && !running->second.cancelled) {
        died.running = running->second.id;
    }
    flows_.clear();
    serials_.clear();
    if (context_.stopping) {
        return;
    }
    context_.events.push_back(std::move(died));
    restart_.schedule([this] { restart(); });
}

}  // namespace quercus::executor
