#pragma once

// One thread that runs functions one after the other, at once or later: where a client's callbacks
// run.

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <thread>

namespace quercus::client::detail {

class Strand {
 public:
    using Clock = std::chrono::steady_clock;

    Strand();
    // Waits for the running function; drops those that wait. Not on the strand itself.
    ~Strand();
    Strand(const Strand&) = delete;
    Strand& operator=(const Strand&) = delete;

    // Any thread. Functions of the same time run in the order of posting.
    void post(std::function<void()> function) { post_at(Clock::time_point{}, std::move(function)); }
    void post_at(Clock::time_point when, std::function<void()> function);
    // Returns after `function` has run; on the strand itself it runs at once.
    void run(const std::function<void()>& function);
    [[nodiscard]] bool is_current() const { return std::this_thread::get_id() == thread_.get_id(); }

 private:
    void loop();

    std::mutex mutex_;
    std::condition_variable changed_;
    std::multimap<Clock::time_point, std::function<void()>> queue_;
    bool stopping_ = false;
    std::thread thread_;  // last: starts when all else is ready
};

}  // namespace quercus::client::detail
