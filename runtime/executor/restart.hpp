#pragma once

// When an executor that ended is started again: at once if it had come up, otherwise after a delay
// that doubles up to 5 s.

#include <algorithm>
#include <chrono>
#include <functional>
#include <utility>

#include "runtime/loop/loop.hpp"

namespace quercus::executor {

class Restart {
 public:
    explicit Restart(loop::Loop& loop) : timer_(loop) {}

    void came_up() { delay_ = std::chrono::milliseconds(0); }
    // Never runs `start` inside this call.
    void schedule(std::function<void()> start) {
        timer_.after(delay_, std::move(start));
        delay_ = std::clamp(delay_ * 2, kFirstDelay, kLongestDelay);
    }

 private:
    static constexpr std::chrono::milliseconds kFirstDelay{100};
    static constexpr std::chrono::milliseconds kLongestDelay{5000};
    std::chrono::milliseconds delay_{0};
    loop::Loop::Timer timer_;
};

}  // namespace quercus::executor
