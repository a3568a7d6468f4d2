#pragma once

// Executors with a scheduler that does nothing by itself: tests give tasks and wait for events,
// each wait with a deadline. The loop has its own thread.

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <unordered_set>
#include <vector>

#include "runtime/executor/executors.hpp"

namespace quercus::testing {

// Long: other processes may have the machine to themselves for a while.
inline constexpr std::chrono::seconds kDeadline{40};

executor::ExecutorsOptions options(std::size_t workers);
scheduling::Task make_task(std::string kind, Bytes input, std::uint64_t key = 0);

class Rank {
 public:
    explicit Rank(executor::ExecutorsOptions options);
    ~Rank();

    Status start();  // and waits until all are ready
    Status start_only();
    void leaf(std::uint32_t place, const scheduling::Task& task);
    // All in one turn of the loop: nothing that the first one causes comes between them.
    void leaves(std::uint32_t place, const std::vector<scheduling::Task>& tasks);
    void cancel_leaf(std::uint32_t place, const scheduling::Task& task);
    // Runs children by itself, in the order they come, on the places in turn.
    void flow(const scheduling::Task& task, std::uint32_t round = 0, Bytes state = {});
    void cancel_flow(const scheduling::Task& task);
    void forget_results();
    // Ends all; false when on_stopped did not come.
    bool stop();

    // The next event of type E that `fits`, removed from the list; nullopt at the deadline.
    template <class E>
    std::optional<E> next(const std::function<bool(const E&)>& fits = {}) {
        std::unique_lock lock(mutex_);
        const auto end = std::chrono::steady_clock::now() + kDeadline;
        while (true) {
            for (auto at = events_.begin(); at != events_.end(); ++at) {
                if (E* event = std::get_if<E>(&*at); event && (!fits || fits(*event))) {
                    E found = std::move(*event);
                    events_.erase(at);
                    return found;
                }
            }
            if (arrived_.wait_until(lock, end) == std::cv_status::timeout) {
                return std::nullopt;
            }
        }
    }
    // The oldest event of any type.
    std::optional<scheduling::Event> next_any();
    // Whether such an event is in the list now.
    template <class E>
    bool has() {
        const std::lock_guard lock(mutex_);
        for (const scheduling::Event& event : events_) {
            if (std::holds_alternative<E>(event)) {
                return true;
            }
        }
        return false;
    }
    [[nodiscard]] std::uint64_t children() const { return children_; }

 private:
    void on(std::vector<scheduling::Event> events);
    void on_loop(std::function<void()> work);

    loop::Loop loop_;
    std::optional<executor::Executors> executors_;
    std::uint32_t places_;
    std::uint32_t next_place_ = 0;
    std::uint64_t children_ = 0;
    std::mutex mutex_;
    std::condition_variable arrived_;
    std::vector<scheduling::Event> events_;
    std::unordered_set<scheduling::TaskId> child_ids_;  // of flows; loop thread only
    std::thread thread_;
};

}  // namespace quercus::testing
