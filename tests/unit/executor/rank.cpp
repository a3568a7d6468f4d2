#include "tests/unit/executor/rank.hpp"

#include <cstdlib>
#include <future>

namespace quercus::testing {

using namespace scheduling;

executor::ExecutorsOptions options(std::size_t workers) {
    ::setenv("QUERCUS_TEST_KINDS", "1", 1);
    executor::ExecutorsOptions o;
    o.binary = QUERCUS_EXECUTOR_BINARY;
    o.places.resize(workers);
    o.visible_env = {"QUERCUS_TEST_KINDS", "ASAN_OPTIONS", "TSAN_OPTIONS"};
    return o;
}

Task make_task(std::string kind, Bytes input, std::uint64_t key) {
    Task task;
    task.id.job.bytes[0] = 1;
    task.id.path = Path().child({0, 0, key});
    task.fence = {1, 1};
    task.head = std::make_shared<const TaskHead>(TaskHead{std::move(kind), 1, false, 0, 0});
    task.input = Payload(std::move(input));
    return task;
}

Rank::Rank(executor::ExecutorsOptions o) : places_(static_cast<std::uint32_t>(o.places.size())) {
    executors_.emplace(loop_, std::move(o),
                       [this](std::vector<Event> events) { on(std::move(events)); });
    thread_ = std::thread([this] { loop_.run(); });
}

Rank::~Rank() {
    on_loop([this] { executors_.reset(); });
    loop_.stop();
    thread_.join();
}

void Rank::on_loop(std::function<void()> work) {
    std::promise<void> done;
    loop_.post([&] {
        work();
        done.set_value();
    });
    done.get_future().get();
}

Status Rank::start_only() {
    Status status;
    on_loop([&] { status = executors_->start(); });
    return status;
}

Status Rank::start() {
    Status status = start_only();
    for (std::uint32_t i = 0; i < places_ && status.is_ok(); ++i) {
        const std::function<bool(const LeafReady&)> here = [i](const LeafReady& e) {
            return e.place.value == i;
        };
        if (!next<LeafReady>(here)) {
            status = internal_error("a leaf did not come up");
        }
    }
    if (status.is_ok() && !next<FlowReady>()) {
        status = internal_error("the flow executor did not come up");
    }
    return status;
}

void Rank::leaf(std::uint32_t place, const Task& task) {
    leaves(place, {task});
}

void Rank::leaves(std::uint32_t place, const std::vector<Task>& tasks) {
    on_loop([&] {
        for (const Task& task : tasks) {
            executors_->start_leaf({place}, task);
        }
    });
}

void Rank::cancel_leaf(std::uint32_t place, const Task& task) {
    on_loop([&] { executors_->cancel_leaf({place}, task.id); });
}

void Rank::flow(const Task& task, std::uint32_t round, Bytes state) {
    on_loop([&] { executors_->start_flow(task, round, Payload(std::move(state))); });
}

void Rank::cancel_flow(const Task& task) {
    on_loop([&] { executors_->cancel_flow(task.id); });
}

void Rank::forget_results() {
    on_loop([&] { executors_->forget_results(); });
}

bool Rank::stop() {
    auto stopped = std::make_shared<std::promise<void>>();
    on_loop([&] { executors_->stop([stopped] { stopped->set_value(); }); });
    return stopped->get_future().wait_for(kDeadline) == std::future_status::ready;
}

std::optional<Event> Rank::next_any() {
    std::unique_lock lock(mutex_);
    if (!arrived_.wait_for(lock, kDeadline, [this] { return !events_.empty(); })) {
        return std::nullopt;
    }
    Event event = std::move(events_.front());
    events_.erase(events_.begin());
    return event;
}

void Rank::on(std::vector<Event> events) {
    std::vector<Event> kept;
    for (Event& event : events) {
        if (auto* spawned = std::get_if<FlowSpawned>(&event)) {
            children_ += spawned->keys.size();
            for (std::size_t i = 0; i < spawned->keys.size(); ++i) {
                Task task;
                task.id = {
                    spawned->flow.job,
                    spawned->flow.path.child({spawned->round, spawned->call, spawned->keys[i]})};
                child_ids_.insert(task.id);
                task.fence = {1, 1};
                task.head = spawned->head;
                task.input = spawned->inputs[i];
                if (task.head->is_workflow) {
                    executors_->start_flow(task, 0, {});
                } else {
                    executors_->start_leaf({next_place_++ % places_}, task);
                }
            }
        } else if (auto* leaf = std::get_if<LeafFinished>(&event);
                   leaf && child_ids_.contains(leaf->id)) {
            const Done done{leaf->id, leaf->fence, leaf->status, leaf->output, {}, {}};
            executors_->deliver({leaf->id.job, leaf->id.path.parent()}, {&done, 1});
        } else if (auto* ended = std::get_if<FlowFinished>(&event);
                   ended && child_ids_.contains(ended->flow)) {
            const Done done{ended->flow, {}, ended->status, ended->output, {}, {}};
            executors_->deliver({ended->flow.job, ended->flow.path.parent()}, {&done, 1});
        } else {
            kept.push_back(std::move(event));
        }
    }
    const std::lock_guard lock(mutex_);
    for (Event& event : kept) {
        events_.push_back(std::move(event));
    }
    arrived_.notify_all();
}

}  // namespace quercus::testing
