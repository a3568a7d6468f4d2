#include "runtime/executor/executors.hpp"

#include <cassert>
#include <utility>

#include "runtime/executor/context.hpp"
#include "runtime/executor/flow_side.hpp"
#include "runtime/executor/leaf_place.hpp"

namespace quercus::executor {

struct Executors::State {
    State(loop::Loop& loop, ExecutorsOptions options, EventSink sink)
        : context(std::make_shared<Context>(loop, std::move(options), std::move(sink))),
          flows(*context),
          stop_timer(loop) {
        for (std::uint32_t i = 0; i < context->options.places.size(); ++i) {
            places.push_back(std::make_unique<LeafPlace>(*context, scheduling::PlaceId{i},
                                                         context->options.places[i]));
        }
    }

    [[nodiscard]] bool any_alive() const {
        bool alive = flows.alive();
        for (const auto& place : places) {
            alive = alive || place->alive();
        }
        return alive;
    }

    void wait_for_end(std::function<void()> on_stopped) {
        if (!any_alive()) {
            on_stopped();
            return;
        }
        stop_timer.after(std::chrono::milliseconds(2),
                         [this, done = std::move(on_stopped)] { wait_for_end(done); });
    }

    std::shared_ptr<Context> context;  // shared with posted work, which may outlive it
    std::vector<std::unique_ptr<LeafPlace>> places;
    FlowSide flows;
    loop::Loop::Timer stop_timer;
};

Executors::Executors(loop::Loop& loop, ExecutorsOptions options, EventSink sink)
    : state_(std::make_unique<State>(loop, std::move(options), std::move(sink))) {}

Executors::~Executors() {
    state_->context->stopping = true;
}

Status Executors::start() {
    for (const auto& place : state_->places) {
        if (Status started = place->start(); !started.is_ok()) {
            return started;
        }
    }
    return state_->flows.start();
}

void Executors::start_leaf(scheduling::PlaceId place, const scheduling::Task& task) {
    assert(place.value < state_->places.size());
    state_->places[place.value]->start_task(task);
}

void Executors::cancel_leaf(scheduling::PlaceId place, const scheduling::TaskId& id) {
    assert(place.value < state_->places.size());
    state_->places[place.value]->cancel(id);
}

void Executors::start_flow(const scheduling::Task& task, std::uint32_t round,
                           const Payload& state) {
    state_->flows.start_flow(task, round, state);
}

void Executors::deliver(const scheduling::TaskId& flow, std::span<const scheduling::Done> results) {
    state_->flows.deliver(flow, results);
}

void Executors::cancel_flow(const scheduling::TaskId& flow) {
    state_->flows.cancel(flow);
}

void Executors::forget_results() {
    state_->flows.forget_results();
}

void Executors::stop(std::function<void()> on_stopped) {
    // Tasks are pure and the scheduler has said what it had to say: nothing is lost by a kill.
    state_->context->stopping = true;
    state_->flows.kill();
    for (const auto& place : state_->places) {
        place->kill();
    }
    state_->wait_for_end(std::move(on_stopped));
}

}  // namespace quercus::executor
