#include "runtime/executor/leaf_loop.hpp"

#include <linux/futex.h>
#include <malloc.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <deque>
#include <memory>
#include <mutex>
#include <utility>

#include "runtime/executor/child_channel.hpp"
#include "runtime/executor/memory_limit.hpp"
#include "runtime/workflow/kernel_call.hpp"

namespace quercus::executor {

namespace {

using workflow::KernelContext;
using workflow::KindInfo;

std::uint64_t thread_cpu_ns() {
    timespec t{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return static_cast<std::uint64_t>(t.tv_sec) * 1'000'000'000u +
           static_cast<std::uint64_t>(t.tv_nsec);
}

// Turns the control page's stop word into the stop token of the task that runs. Its thread does
// nothing but wait, and allocates nothing.
class StopWatcher {
 public:
    explicit StopWatcher(ControlPage& page) : page_(page) {
        pthread_attr_t attributes;
        ::pthread_attr_init(&attributes);
        ::pthread_attr_setstacksize(&attributes, std::size_t{256} << 10);
        pthread_t thread{};
        const auto body = [](void* self) -> void* {
            static_cast<StopWatcher*>(self)->watch();
            return nullptr;
        };
        if (::pthread_create(&thread, &attributes, body, this) != 0) {
            die("cannot start the stop watcher");
        }
        ::pthread_attr_destroy(&attributes);
    }

    // False when the task is to stop before it has begun.
    bool begin(std::uint64_t serial) {
        const std::lock_guard lock(mutex_);
        if (source_.stop_requested()) {
            source_ = std::stop_source();
        }
        page_.running.store(serial, std::memory_order_release);
        return page_.stop_serial.load(std::memory_order_acquire) != serial;
    }
    void end() {
        const std::lock_guard lock(mutex_);
        page_.running.store(0, std::memory_order_release);
    }
    [[nodiscard]] std::stop_token token() const { return source_.get_token(); }

 private:
    [[noreturn]] void watch() {
        while (true) {
            const std::uint32_t seen = page_.stop_signal.load(std::memory_order_acquire);
            {
                const std::lock_guard lock(mutex_);
                const std::uint64_t running = page_.running.load(std::memory_order_relaxed);
                if (running != 0 && page_.stop_serial.load(std::memory_order_acquire) == running) {
                    source_.request_stop();
                }
            }
            ::syscall(SYS_futex, &page_.stop_signal, FUTEX_WAIT, seen, nullptr, nullptr, 0);
        }
    }

    ControlPage& page_;
    std::mutex mutex_;  // a stop never hits the task after the one it was meant for
    std::stop_source source_;
};

struct LeafTask {
    std::uint64_t serial = 0;
    std::shared_ptr<const scheduling::TaskHead> head;
    const KindInfo* kind = nullptr;  // null: not registered here
    Bytes path;
    Content input;
    bool cancelled = false;
};

class Leaf {
 public:
    Leaf(const workflow::Registry& registry, std::uint64_t memory_bytes)
        : registry_(registry), stop_(channel_.control()), limit_(memory_bytes) {
        channel_.message();
        channel_.send(RecordType::kReady);
    }

    [[noreturn]] void run() {
        while (true) {
            channel_.read_records([this](const Record& record) { take(record); });
            channel_.flush(tasks_.empty());
            if (tasks_.empty()) {
                channel_.wait();
                continue;
            }
            execute(tasks_.front());
            tasks_.pop_front();
        }
    }

 private:
    void take(const Record& record) {
        Decoder in(record.body);
        switch (static_cast<RecordType>(record.type)) {
            case RecordType::kHead: {
                auto head = read_head(in);
                if (!head) {
                    die("malformed task head");
                }
                kind_ = registry_.find(head->kind);
                head_ = std::make_shared<const scheduling::TaskHead>(std::move(*head));
                return;
            }
            case RecordType::kTask:
                return take_task(in);
            case RecordType::kCancel: {
                const std::uint64_t serial = in.varint();
                for (LeafTask& task : tasks_) {
                    task.cancelled = task.cancelled || task.serial == serial;
                }
                return;
            }
            default:
                die("unexpected record");
        }
    }

    void take_task(Decoder& in) {
        LeafTask task;
        task.serial = in.varint();
        task.path = Bytes(in.bytes());
        auto input = read_content(in, channel_.socket());
        if (!input || !in.finished() || head_ == nullptr) {
            die("malformed task");
        }
        task.input = std::move(*input);
        task.head = head_;
        task.kind = kind_;
        tasks_.push_back(std::move(task));
    }

    void execute(LeafTask& task) {
        const bool go = stop_.begin(task.serial) && !task.cancelled;
        Result<Bytes> output =
            go ? compute(task) : Result<Bytes>(Status(StatusCode::kCancelled, "cancelled"));
        const std::uint64_t cpu_us = cpu_us_since_last_task();
        stop_.end();
        if (!output && output.error().code() == StatusCode::kResourceExhausted) {
            MemoryLimit::recover();
        }
        report(task, output, cpu_us);
    }

    Result<Bytes> compute(LeafTask& task) {
        if (task.kind == nullptr) {
            return invalid_argument("kind " + task.head->kind +
                                    " is not registered in this executor");
        }
        limit_.apply(task.head->memory_bytes);
        const auto input = task.input.view();
        if (!input) {
            return input.error();
        }
        const KernelContext context{
            workflow::task_seed(*task.head, task.kind->seeding, task.path, *input), stop_.token()};
        return workflow::call_kernel(*task.kind, *input, context);
    }

    // The clock is a system call, so one reading serves the end of a task and the start of the
    // next; reading a task from the ring counts as its own.
    std::uint64_t cpu_us_since_last_task() {
        const std::uint64_t now_ns = thread_cpu_ns();
        return (now_ns - std::exchange(cpu_ns_, now_ns) + 500) / 1000;
    }

    void report(const LeafTask& task, const Result<Bytes>& output, std::uint64_t cpu_us) {
        Message& message = channel_.message();
        message.body.varint(task.serial);
        message.body.varint(cpu_us);
        if (output && output->size() > kMaxBlobBytes) {
            message.outcome(resource_exhausted("the output has " + std::to_string(output->size()) +
                                               " bytes, the limit is 1 GiB"),
                            {});
        } else {
            message.outcome(output.status(), output ? BytesView(*output) : BytesView());
        }
        channel_.send(RecordType::kResult);
    }

    const workflow::Registry& registry_;
    ChildChannel channel_;
    StopWatcher stop_;
    MemoryLimit limit_;
    std::shared_ptr<const scheduling::TaskHead> head_;
    const KindInfo* kind_ = nullptr;
    std::deque<LeafTask> tasks_;
    std::uint64_t cpu_ns_ = thread_cpu_ns();
};

}  // namespace

void run_leaf(const workflow::Registry& registry, std::uint64_t memory_bytes) {
    // One arena: a second one would reserve 64 MiB of the address space that is counted per task.
    ::mallopt(M_ARENA_MAX, 1);
    Leaf(registry, memory_bytes).run();
}

}  // namespace quercus::executor
