#include "runtime/executor/leaf_place.hpp"

#include <algorithm>
#include <utility>

namespace quercus::executor {

using namespace scheduling;

LeafPlace::LeafPlace(Context& context, PlaceId place, std::vector<int> cpus)
    : context_(context),
      place_(place),
      cpus_(std::move(cpus)),
      restart_(context.loop),
      grace_(context.loop) {}

Status LeafPlace::start() {
    auto connection =
        Connection::start(context_, *this, "leaf", context_.options.memory_per_task_bytes, cpus_);
    if (!connection) {
        return connection.error();
    }
    connection_ = std::move(*connection);
    head_.reset();
    for (const Task& task : std::exchange(waiting_, {})) {
        send_task(task);
    }
    return Status::ok();
}

void LeafPlace::restart() {
    if (context_.stopping) {
        return;
    }
    if (const Status started = start(); !started.is_ok()) {
        connection_.reset();
        waiting_.clear();
        context_.events.push_back(LeafDied{place_, std::nullopt, false, started.message()});
        restart_.schedule([this] { restart(); });
        context_.emit();
    }
}

void LeafPlace::start_task(const Task& task) {
    if (alive()) {
        send_task(task);
    } else {
        waiting_.push_back(task);
    }
}

void LeafPlace::send_task(const Task& task) {
    if (!head_ || (task.head != head_ && !(*task.head == *head_))) {
        connection_->message().head(*task.head);
        connection_->send(RecordType::kHead);
    }
    head_ = task.head;
    Message& message = connection_->message();
    message.body.varint(++last_serial_);
    message.body.bytes(task.id.path.bytes());
    message.payload(task.input.view());
    connection_->send(RecordType::kTask);
    given_.push_back({last_serial_, task.id, task.fence, false});
}

void LeafPlace::cancel(const TaskId& id) {
    const auto withdrawn = std::find_if(waiting_.begin(), waiting_.end(),
                                        [&](const Task& task) { return task.id == id; });
    if (withdrawn != waiting_.end()) {
        context_.events.push_back(LeafFinished{place_, withdrawn->id, withdrawn->fence,
                                               Status(StatusCode::kCancelled, "cancelled"),
                                               Payload(), 0});
        waiting_.erase(withdrawn);
        context_.emit_later();
        return;
    }
    const auto given = std::find_if(given_.begin(), given_.end(), [&](const Given& one) {
        return !one.cancelled && one.id == id;
    });
    if (given == given_.end() || !alive()) {
        return;
    }
    given->cancelled = true;
    connection_->message().body.varint(given->serial);
    connection_->send(RecordType::kCancel);
    if (given == given_.begin()) {
        stop_front_if_cancelled();
    }
}

void LeafPlace::stop_front_if_cancelled() {
    if (given_.empty() || !given_.front().cancelled) {
        grace_.cancel();
        return;
    }
    const std::uint64_t serial = given_.front().serial;
    connection_->request_stop(serial);
    grace_.after(context_.options.cancel_grace, [this, serial] { kill_if_still_running(serial); });
}

void LeafPlace::kill_if_still_running(std::uint64_t serial) {
    if (!alive()) {
        return;
    }
    connection_->read_records();  // it may have ended in the meantime
    if (!given_.empty() && given_.front().serial == serial) {
        planned_kill_ = true;
        connection_->kill();
    }
    context_.emit();
}

void LeafPlace::kill() {
    if (connection_) {
        connection_->kill();
    }
}

bool LeafPlace::on_record(const Record& record, const Source& source) {
    const Decoder in(record.body);
    switch (static_cast<RecordType>(record.type)) {
        case RecordType::kReady:
            restart_.came_up();
            context_.events.push_back(LeafReady{
                place_, {allowed_cpus(connection_->pid()), connection_->pid(), tasks_done_}});
            return true;
        case RecordType::kResult:
            return on_result(in, source);
        default:
            return false;
    }
}

bool LeafPlace::on_result(Decoder in, const Source& source) {
    const std::uint64_t serial = in.varint();
    const std::uint64_t cpu_us = in.varint();
    auto outcome = read_outcome(in, source);
    if (!outcome || !in.finished() || given_.empty() || given_.front().serial != serial) {
        return false;
    }
    Given given = std::move(given_.front());
    given_.pop_front();
    ++tasks_done_;
    if (given.cancelled) {
        *outcome = {Status(StatusCode::kCancelled, "cancelled"), Payload()};
    }
    context_.events.push_back(LeafFinished{place_, std::move(given.id), given.fence,
                                           std::move(outcome->first), std::move(outcome->second),
                                           cpu_us});
    if (given.cancelled || (!given_.empty() && given_.front().cancelled)) {
        stop_front_if_cancelled();
    }
    return true;
}

void LeafPlace::on_ended(const std::string& detail) {
    grace_.cancel();
    LeafDied died{place_, std::nullopt, std::exchange(planned_kill_, false), detail};
    // Only the oldest task can have been running; what the executor's own mark says beyond that is
    // not believed.
    if (!died.planned && !given_.empty() && !given_.front().cancelled &&
        connection_->running() == given_.front().serial) {
        died.running = given_.front().id;
    }
    given_.clear();
    if (context_.stopping) {
        return;
    }
    context_.events.push_back(std::move(died));
    restart_.schedule([this] { restart(); });
}

}  // namespace quercus::executor
