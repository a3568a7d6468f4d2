#pragma once

// One strand of a process: a single-threaded event loop over Boost.Asio, which appears in no
// header. All mutable runtime state of a process belongs to one Loop.

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>

namespace quercus::loop {

class Loop {
 public:
    Loop();
    ~Loop();
    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;

    // Runs posted work on the calling thread until stop(). May be called once.
    void run();
    // Any thread. Work posted before is still run, then run() returns.
    void stop();
    // Any thread: runs `work` on the loop's thread, later.
    void post(std::function<void()> work);
    // True on the thread inside run().
    [[nodiscard]] bool is_current() const;
    // Any thread: some thread is inside run().
    [[nodiscard]] bool is_running() const;

    // Monotonic time since an arbitrary start.
    [[nodiscard]] std::chrono::microseconds now() const;

    // Loop thread only. Fires once; destroying or replacing the timer cancels it.
    class Timer {
     public:
        explicit Timer(Loop& loop);
        ~Timer();
        void after(std::chrono::microseconds delay, std::function<void()> work);
        void cancel();

     private:
        struct State;
        std::shared_ptr<State> state_;  // shared with the pending wait, which may outlive the timer
    };

    // Loop thread only. Calls `on_readable` whenever `fd` (not owned) has input, until destroyed.
    class Watch {
     public:
        Watch(Loop& loop, int fd, std::function<void()> on_readable);
        ~Watch();

     private:
        struct State;
        std::shared_ptr<State> state_;  // shared with the pending wait
    };

    // SIGINT and SIGTERM: `on_signal` runs on the loop. Call before run(). Once no loop is left
    // they do nothing: a process that ends in order is not killed on its last steps.
    void on_stop_signal(std::function<void()> on_signal);

 private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace quercus::loop
