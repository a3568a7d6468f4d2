#pragma once

// What a workflow may do. A workflow is a C++20 coroutine that orchestrates: it spawns children,
// awaits them and decides; work above about 10 ms belongs into kernels. It must be deterministic:
// everything it spawns or returns may depend on its input, its seed and its children's results,
// never on time or on the order in which results of spawn() arrive. If its process dies it is
// replayed from its round's start, and its children's known results are handed to it again.
//
// Thread: all methods are called on the thread that resumes the workflow.

#include <coroutine>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "quantum/base/bytes.hpp"
#include "quantum/base/random.hpp"
#include "quantum/base/status.hpp"

namespace quercus::workflow {

// Children of one call: one kind, one input each, in columns over one arena. Without `keys` they
// are numbered 0, 1, 2 ...; a duplicate key or an unregistered kind makes the call fail with
// INVALID_ARGUMENT.
struct Batch {
    std::string kind;
    ByteColumn inputs;
    std::vector<std::uint64_t> keys;
    std::uint64_t memory_bytes = 0;  // limit per task; 0: the rank's default
    // Outputs may be taken from, and serve, other jobs with the same seed. Content-seeded kinds
    // only; their output must not depend on time.
    bool cacheable = false;
};

struct ChildResult {
    std::uint64_t key = 0;
    Status status;  // the child's own failure, or CANCELLED
    Payload output;
};
// In the order of the batch's keys.
using Results = std::vector<ChildResult>;

namespace detail {
// One map() or spawn() in flight; filled by the runtime, awaited by the workflow.
struct Call {
    std::size_t expected = 0;
    std::vector<ChildResult> arrived;  // not yet taken
    std::size_t taken = 0;
    std::size_t wanted = 0;          // resume when this many have arrived (or all)
    std::coroutine_handle<> waiter;  // null while nobody awaits
    Status failure;                  // the call itself was refused
};
}  // namespace detail

// co_await gives Result<Results>: the Status only when the call itself was refused; failures of
// children are in their ChildResult.
class MapAwaitable {
 public:
    MapAwaitable(std::shared_ptr<detail::Call> call, std::vector<std::uint64_t> keys)
        : call_(std::move(call)), keys_(std::move(keys)) {}
    [[nodiscard]] bool await_ready() const;
    void await_suspend(std::coroutine_handle<> handle);
    Result<Results> await_resume();

 private:
    std::shared_ptr<detail::Call> call_;
    std::vector<std::uint64_t> keys_;
};

// Results as they come: `while (auto some = co_await stream.next(); !some->empty())`.
class ResultStream {
 public:
    explicit ResultStream(std::shared_ptr<detail::Call> call) : call_(std::move(call)) {}
    class Next {
     public:
        explicit Next(std::shared_ptr<detail::Call> call) : call_(std::move(call)) {}
        [[nodiscard]] bool await_ready() const;
        void await_suspend(std::coroutine_handle<> handle);
        Result<Results> await_resume();

     private:
        std::shared_ptr<detail::Call> call_;
    };
    // At least one result, none twice; empty when all have been taken.
    [[nodiscard]] Next next() { return Next(call_); }

 private:
    std::shared_ptr<detail::Call> call_;
};

class Runtime {
 public:
    virtual ~Runtime() = default;
    [[nodiscard]] virtual MapAwaitable map(Batch batch) = 0;
    [[nodiscard]] virtual ResultStream spawn(Batch batch) = 0;
    // Children of the most recent spawn(); their results arrive as CANCELLED.
    virtual void cancel(const std::vector<std::uint64_t>& keys) = 0;
    [[nodiscard]] virtual Seed seed() const = 0;
    [[nodiscard]] virtual std::stop_token stop() const = 0;
    // fraction in [0, 1]. `incumbent`: what the job's output would be if it were cancelled now,
    // from root workflows; empty: as it was said before.
    virtual void progress(double fraction, std::string_view text, BytesView incumbent = {}) = 0;
    virtual void log(std::string_view text) = 0;
};

// How a workflow ends: with an output, or with a small serialisable state from which its next round
// starts (its rows and finished children of the round before are then forgotten), or with a
// failure.
struct Done {
    Bytes output;
};
struct ContinueAs {
    Bytes state;
};
using Outcome = std::variant<Done, ContinueAs, Status>;

// The coroutine type of workflows. Starts suspended; owned by the runtime, which resumes it.
class Flow {
 public:
    struct promise_type {
        std::optional<Outcome> outcome;
        std::function<void()> on_finished;  // set by the runtime before the first resume

        Flow get_return_object() {
            return Flow(std::coroutine_handle<promise_type>::from_promise(*this));
        }
        std::suspend_always initial_suspend() noexcept { return {}; }
        std::suspend_always final_suspend() noexcept { return {}; }
        void return_value(Outcome value) { outcome = std::move(value); }
        void unhandled_exception();  // becomes an INTERNAL outcome
    };

    explicit Flow(std::coroutine_handle<promise_type> handle) : handle_(handle) {}
    Flow(Flow&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
    Flow& operator=(Flow&& other) noexcept {
        std::swap(handle_, other.handle_);
        return *this;
    }
    Flow(const Flow&) = delete;
    Flow& operator=(const Flow&) = delete;
    ~Flow() {
        if (handle_) {
            handle_.destroy();
        }
    }

    void resume() { handle_.resume(); }
    [[nodiscard]] bool finished() const { return handle_.done(); }
    // Only when finished.
    [[nodiscard]] Outcome& outcome() { return *handle_.promise().outcome; }

 private:
    std::coroutine_handle<promise_type> handle_;
};

// What a kernel sees of its surroundings.
struct KernelContext {
    Seed seed = 0;
    std::stop_token stop;  // poll at least every 100 ms
};

// A kernel: pure in (input, context.seed). Failures of the work are its Status.
using Kernel = std::function<Result<Bytes>(BytesView input, const KernelContext& context)>;
// Starts a round: round 0 with the task's input, later ones with the state of ContinueAs.
using Workflow =
    std::function<Flow(Runtime& runtime, Bytes input, std::uint32_t round, Bytes state)>;

// Content-seeded: seed = derive_seed(job seed, task digest). Path-seeded: from the path instead.
enum class Seeding : std::uint8_t { kContent, kPath };

struct KindInfo {
    std::string name;
    std::uint32_t version = 1;
    Seeding seeding = Seeding::kContent;
    Kernel kernel;  // exactly one of the two
    Workflow workflow;
};

// The task kinds that this build knows. Filled once at start, then only read.
class Registry {
 public:
    Status add(KindInfo kind);  // ALREADY_EXISTS
    [[nodiscard]] const KindInfo* find(std::string_view name) const;
    // Names and versions, sorted; the text behind the kernel-set digest.
    [[nodiscard]] std::string describe() const;
    [[nodiscard]] const std::vector<KindInfo>& kinds() const { return kinds_; }

 private:
    std::vector<KindInfo> kinds_;  // sorted by name
};

}  // namespace quercus::workflow
