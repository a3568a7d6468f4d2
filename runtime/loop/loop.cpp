#include "runtime/loop/loop.hpp"

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <csignal>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace quercus::loop {

namespace asio = boost::asio;
using boost::system::error_code;
using Clock = std::chrono::steady_clock;

struct Loop::State {
    asio::io_context io{1};
    asio::signal_set* signals = nullptr;
    std::function<void()> on_signal;
    std::atomic<std::thread::id> thread{};
    Clock::time_point start = Clock::now();

    std::mutex mutex;  // guards the three below
    std::vector<std::function<void()>> posted;
    bool drain_pending = false;
    bool stopping = false;

    std::vector<std::function<void()>> batch;  // loop thread only; keeps its capacity

    void drain() {
        bool stop = false;
        {
            const std::lock_guard lock(mutex);
            batch.swap(posted);
            drain_pending = false;
            stop = stopping;
        }
        for (auto& work : batch) {
            work();
        }
        batch.clear();
        if (stop) {
            io.stop();
        }
    }

    void schedule_drain() {
        asio::post(io, [this] { drain(); });
    }

    void wait_for_signal() {
        signals->async_wait([this](const error_code& error, int) {
            if (!error) {
                on_signal();
                wait_for_signal();
            }
        });
    }
};

Loop::Loop() : state_(std::make_unique<State>()) {}
Loop::~Loop() = default;

void Loop::run() {
    const auto guard = asio::make_work_guard(state_->io);
    state_->thread = std::this_thread::get_id();
    state_->io.run();
    state_->thread = std::thread::id{};
}

void Loop::stop() {
    bool wake = false;
    {
        const std::lock_guard lock(state_->mutex);
        state_->stopping = true;
        wake = !std::exchange(state_->drain_pending, true);
    }
    if (wake) {
        state_->schedule_drain();
    }
}

void Loop::post(std::function<void()> work) {
    bool wake = false;
    {
        const std::lock_guard lock(state_->mutex);
        if (state_->stopping) {
            return;
        }
        state_->posted.push_back(std::move(work));
        wake = !std::exchange(state_->drain_pending, true);
    }
    if (wake) {
        state_->schedule_drain();
    }
}

bool Loop::is_current() const {
    return state_->thread.load() == std::this_thread::get_id();
}

bool Loop::is_running() const {
    return state_->thread.load() != std::thread::id{};
}

std::chrono::microseconds Loop::now() const {
    return std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - state_->start);
}

void Loop::on_stop_signal(std::function<void()> on_signal) {
    state_->on_signal = std::move(on_signal);
    // Never destroyed, which would restore the default action: a signal that comes while the
    // process ends in order, perhaps for the same reason, must not kill it.
    static auto* const kept = new std::vector<asio::signal_set*>;
    state_->signals = kept->emplace_back(new asio::signal_set(state_->io, SIGINT, SIGTERM));
    state_->wait_for_signal();
}

// ---------------------------------------------------------------- timers

struct Loop::Timer::State {
    explicit State(asio::io_context& io) : timer(io) {}
    asio::steady_timer timer;
    // A wait that had already expired when it was cancelled still runs; its number tells.
    std::uint64_t generation = 0;
};

Loop::Timer::Timer(Loop& loop) : state_(std::make_shared<State>(loop.state_->io)) {}
Loop::Timer::~Timer() {
    cancel();
}

void Loop::Timer::after(std::chrono::microseconds delay, std::function<void()> work) {
    const std::uint64_t mine = ++state_->generation;
    state_->timer.expires_after(delay);
    state_->timer.async_wait(
        [state = state_, mine, run = std::move(work)](const error_code& error) {
            if (!error && state->generation == mine) {
                run();
            }
        });
}

void Loop::Timer::cancel() {
    ++state_->generation;
    state_->timer.cancel();
}

// ---------------------------------------------------------------- watches

struct Loop::Watch::State : std::enable_shared_from_this<State> {
    State(asio::io_context& io, int fd) : descriptor(io, fd) {}
    asio::posix::stream_descriptor descriptor;
    std::function<void()> on_readable;
    bool alive = true;

    void wait() {
        descriptor.async_wait(asio::posix::stream_descriptor::wait_read,
                              [self = shared_from_this()](const error_code& error) {
                                  if (error || !self->alive) {
                                      return;
                                  }
                                  self->on_readable();
                                  if (self->alive) {
                                      self->wait();
                                  }
                              });
    }
};

Loop::Watch::Watch(Loop& loop, int fd, std::function<void()> on_readable)
    : state_(std::make_shared<State>(loop.state_->io, fd)) {
    state_->on_readable = std::move(on_readable);
    state_->wait();
}

Loop::Watch::~Watch() {
    state_->alive = false;
    state_->descriptor.release();  // cancels the wait; the descriptor belongs to the caller
}

}  // namespace quercus::loop
