#pragma once

// SIGINT and SIGTERM as an ordinary call on an ordinary thread.

#include <functional>
#include <mutex>
#include <thread>

namespace quercus::cli {

class Interrupts {
 public:
    // Blocks the two signals in the calling thread and all that it starts from now on, so: first in
    // main(). A signal without handler, and any second one, ends the process at once with 130.
    Interrupts();
    ~Interrupts();
    Interrupts(const Interrupts&) = delete;
    Interrupts& operator=(const Interrupts&) = delete;

    // From now on a first signal waits for the next handler instead of ending the process: before
    // something is started that the handler has to know of.
    void hold();
    // `handler` runs on the waiting thread, or here for a signal that was held; empty takes it away
    // again, after which it no longer runs.
    void set_handler(std::function<void()> handler);

 private:
    void loop();

    std::mutex mutex_;
    std::function<void()> handler_;
    bool held_ = false;
    bool pending_ = false;  // a signal was held
    bool seen_ = false;
    int signals_ = -1;  // signalfd
    int stop_ = -1;     // eventfd
    std::thread thread_;
};

}  // namespace quercus::cli
