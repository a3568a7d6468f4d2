#pragma once

// A computation that now and then needs kernels run elsewhere: a coroutine that awaits batches of
// kernel inputs and other scripts. Whoever drives it (a workflow, a test, a bench) sees only the
// batches. Deterministic as long as it depends on its arguments and the kernels' outputs alone.
// Thread: all of one script on one thread at a time.

#include <coroutine>
#include <exception>
#include <optional>
#include <utility>
#include <vector>

#include "quantum/base/bytes.hpp"
#include "quantum/base/status.hpp"

namespace quercus::passes {

// Where a running script leaves what it needs and finds the answers.
class Exchange {
 public:
    class Batch {
     public:
        Batch(Exchange& exchange, std::vector<Bytes> inputs)
            : exchange_(exchange), inputs_(std::move(inputs)) {}
        [[nodiscard]] bool await_ready() const { return inputs_.empty(); }
        void await_suspend(std::coroutine_handle<> waiter) {
            exchange_.wanted_ = std::move(inputs_);
            exchange_.waiter_ = waiter;
        }
        // One per input; an empty output says that the kernel gave none.
        std::vector<Bytes> await_resume() { return std::move(exchange_.answers_); }

     private:
        Exchange& exchange_;
        std::vector<Bytes> inputs_;
    };

    // co_await exchange.run(inputs) gives the outputs.
    [[nodiscard]] Batch run(std::vector<Bytes> inputs) { return {*this, std::move(inputs)}; }

    // Kernel inputs waited for; empty when the script has ended (or has not begun).
    [[nodiscard]] const std::vector<Bytes>& wanted() const { return wanted_; }
    // One output per wanted input; continues the script until its next batch or its end.
    void answer(std::vector<Bytes> outputs) {
        wanted_.clear();
        answers_ = std::move(outputs);
        std::exchange(waiter_, nullptr).resume();
    }

 private:
    std::vector<Bytes> wanted_;
    std::vector<Bytes> answers_;
    std::coroutine_handle<> waiter_;
};

// Lazily started; awaited by another script or started at the top by start().
template <class T>
class Script {
 public:
    struct promise_type {
        std::optional<T> value;
        std::exception_ptr failure;
        std::coroutine_handle<> parent = std::noop_coroutine();

        Script get_return_object() {
            return Script(std::coroutine_handle<promise_type>::from_promise(*this));
        }
        std::suspend_always initial_suspend() noexcept { return {}; }
        auto final_suspend() noexcept {
            struct ToParent {
                bool await_ready() noexcept { return false; }
                std::coroutine_handle<> await_suspend(
                    std::coroutine_handle<promise_type> self) noexcept {
                    return self.promise().parent;
                }
                void await_resume() noexcept {}
            };
            return ToParent{};
        }
        void return_value(T result) { value = std::move(result); }
        void unhandled_exception() { failure = std::current_exception(); }
    };

    Script(Script&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
    Script& operator=(Script&& other) noexcept {
        std::swap(handle_, other.handle_);
        return *this;
    }
    ~Script() {
        if (handle_) {
            handle_.destroy();
        }
    }

    void start() { handle_.resume(); }
    [[nodiscard]] bool finished() const { return handle_.done(); }
    // Only when finished.
    [[nodiscard]] const T& get() const {
        if (handle_.promise().failure) {
            std::rethrow_exception(handle_.promise().failure);
        }
        return *handle_.promise().value;
    }

    // co_await script.
    [[nodiscard]] bool await_ready() const { return false; }
    std::coroutine_handle<> await_suspend(std::coroutine_handle<> parent) {
        handle_.promise().parent = parent;
        return handle_;
    }
    T await_resume() { return get(); }

 private:
    explicit Script(std::coroutine_handle<promise_type> handle) : handle_(handle) {}
    std::coroutine_handle<promise_type> handle_;
};

}  // namespace quercus::passes
