#pragma once

// SHA-256 of results away from the loop: at some 300 MB/s without support of the CPU, a result of
// 2 GiB would keep a loop from its heartbeats for longer than a lease.

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "quantum/base/bytes.hpp"
#include "runtime/loop/loop.hpp"

namespace quercus::host {

class Digester {
 public:
    // Hex digest.
    using Then = std::function<void(const std::string&)>;

    // Above this, work goes to the thread; it starts with the first such.
    static constexpr std::size_t kInlineBytes = std::size_t{1} << 20;

    explicit Digester(loop::Loop& loop) : loop_(loop) {}
    ~Digester() { stop(); }
    Digester(const Digester&) = delete;
    Digester& operator=(const Digester&) = delete;

    // Loop thread. `then` runs on the loop: inside this call for a small payload, later and in the
    // order of the calls for large ones, maybe when the digester is gone already.
    void compute(Payload payload, Then then);
    // Waits for the digest that is being computed; what waits is let go. Any thread, repeatable.
    void stop();

 private:
    struct Work {
        Payload payload;
        Then then;
    };
    void run();

    loop::Loop& loop_;
    std::thread thread_;
    std::mutex mutex_;  // guards the rest
    std::condition_variable changed_;
    bool stopping_ = false;
    std::deque<Work> waiting_;
};

}  // namespace quercus::host
