#include "client/sdk/strand.hpp"

#include <future>
#include <utility>

namespace quercus::client::detail {

Strand::Strand() : thread_([this] { loop(); }) {}

Strand::~Strand() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    changed_.notify_all();
    thread_.join();
}

void Strand::post_at(Clock::time_point when, std::function<void()> function) {
    {
        const std::lock_guard lock(mutex_);
        queue_.emplace(when, std::move(function));
    }
    changed_.notify_all();
}

void Strand::run(const std::function<void()>& function) {
    if (is_current()) {
        function();
        return;
    }
    std::promise<void> done;
    post([&] {
        function();
        done.set_value();
    });
    done.get_future().wait();
}

void Strand::loop() {
    std::unique_lock lock(mutex_);
    while (!stopping_) {
        if (queue_.empty()) {
            changed_.wait(lock);
        } else if (const auto when = queue_.begin()->first; when > Clock::now()) {
            changed_.wait_until(lock, when);
        } else {
            auto function = std::move(queue_.begin()->second);
            queue_.erase(queue_.begin());
            lock.unlock();
            function();
            function = nullptr;  // what it captured may end here, without the lock
            lock.lock();
        }
    }
}

}  // namespace quercus::client::detail
