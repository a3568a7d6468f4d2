#include "runtime/executor/context.hpp"

#include <algorithm>
#include <utility>

#include "runtime/executor/connection.hpp"

namespace quercus::executor {

namespace {
// How long results of a busy executor may lie in its ring. Short against a heartbeat or a kernel,
// long against a wake-up (about 5 us with its context switch).
constexpr std::chrono::microseconds kPollInterval{150};
}  // namespace

Context::Context(loop::Loop& l, ExecutorsOptions o, EventSink sink)
    : loop(l), options(std::move(o)), sink_(std::move(sink)), poll_timer_(l) {}

void Context::emit() {
    if (in_sink_) {
        emit_later();
        return;
    }
    if (!events.empty()) {
        in_sink_ = true;
        sink_(std::exchange(events, {}));
        in_sink_ = false;
    }
    flush_all();
}

void Context::emit_later() {
    if (std::exchange(emit_posted_, true)) {
        return;
    }
    loop.post([weak = weak_from_this()] {
        if (const auto self = weak.lock()) {
            self->emit_posted_ = false;
            self->emit();
        }
    });
}

void Context::flush_soon(Connection& connection) {
    dirty_.push_back(&connection);
    if (in_sink_ || std::exchange(flush_posted_, true)) {
        return;
    }
    loop.post([weak = weak_from_this()] {
        if (const auto self = weak.lock()) {
            self->flush_posted_ = false;
            self->flush_all();
        }
    });
}

void Context::flush_all() {
    for (Connection* connection : std::exchange(dirty_, {})) {
        connection->flush();
    }
}

void Context::poll_soon(Connection& connection) {
    polled_.push_back(&connection);
    if (polled_.size() == 1) {
        poll_timer_.after(kPollInterval, [weak = weak_from_this()] {
            if (const auto self = weak.lock()) {
                self->poll_all();
            }
        });
    }
}

void Context::poll_all() {
    for (Connection* connection : std::exchange(polled_, {})) {
        connection->poll();
    }
    emit();
}

void Context::forget(Connection& connection) {
    std::erase(dirty_, &connection);
    std::erase(polled_, &connection);
}

}  // namespace quercus::executor
