// quercus_bench_executor [workers] [tasks] [depth]: tasks per second through Executors alone, with
// a scheduler that only hands rows on. A "map" workflow over `noop`; prints one line of JSON.

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <string>
#include <vector>

#include "runtime/executor/executors.hpp"
#include "runtime/tasks/map_request.hpp"

namespace {

using namespace quercus;
using namespace quercus::scheduling;
using Clock = std::chrono::steady_clock;

// Rows in the order of their keys; every place holds at most `depth` tasks.
class FakeScheduler {
 public:
    FakeScheduler(loop::Loop& loop, std::size_t workers, std::uint64_t tasks, std::size_t depth)
        : loop_(loop),
          tasks_(tasks),
          depth_(depth),
          given_(workers),
          executors_(loop, options(workers),
                     [this](std::vector<Event> events) { on(std::move(events)); }) {}

    Status start() { return executors_.start(); }
    [[nodiscard]] double seconds() const { return seconds_; }
    [[nodiscard]] bool right() const { return right_; }
    [[nodiscard]] std::uint64_t batches() const { return batches_; }

 private:
    static executor::ExecutorsOptions options(std::size_t workers) {
        executor::ExecutorsOptions o;
        o.binary = QUERCUS_EXECUTOR_BINARY;
        o.places.resize(workers);
        return o;
    }

    void on(std::vector<Event> events) {
        ++batches_;
        for (Event& event : events) {
            if (auto* spawned = std::get_if<FlowSpawned>(&event)) {
                add(*spawned);
            } else if (auto* finished = std::get_if<LeafFinished>(&event)) {
                --given_[finished->place.value];
                done_.push_back({std::move(finished->id),
                                 {},
                                 std::move(finished->status),
                                 std::move(finished->output),
                                 {},
                                 {}});
            } else if (auto* ended = std::get_if<FlowFinished>(&event)) {
                end(*ended);
            } else if (std::holds_alternative<LeafReady>(event) ||
                       std::holds_alternative<FlowReady>(event)) {
                if (++ready_ == given_.size() + 1) {
                    begin();
                }
            } else if (auto* died = std::get_if<LeafDied>(&event)) {
                std::fprintf(stderr, "leaf died: %s\n", died->detail.c_str());
                std::exit(1);
            }
        }
        fill();
        if (!done_.empty()) {
            executors_.deliver(root_, done_);
            done_.clear();
        }
    }

    void begin() {
        start_ = Clock::now();
        const auto head = std::make_shared<const TaskHead>(TaskHead{"map", 1, true, 0, 0});
        Task root;
        root.id = root_;
        root.head = head;
        root.input = Payload(tasks::counted_map("hash", tasks_));
        executors_.start_flow(root, 0, {});
    }

    void add(FlowSpawned& spawned) {
        for (std::size_t i = 0; i < spawned.keys.size(); ++i) {
            Task& task = queue_.emplace_back();
            task.id.path = root_.path.child({spawned.round, spawned.call, spawned.keys[i]});
            task.head = spawned.head;
            task.input = std::move(spawned.inputs[i]);
        }
    }

    void fill() {
        for (std::uint32_t place = 0; place < given_.size(); ++place) {
            while (given_[place] < depth_ && !queue_.empty()) {
                executors_.start_leaf({place}, queue_.front());
                queue_.pop_front();
                ++given_[place];
            }
        }
    }

    void end(const FlowFinished& ended) {
        seconds_ = std::chrono::duration<double>(Clock::now() - start_).count();
        right_ = ended.status.is_ok() && ended.output.view() == tasks::expected_hash_map(tasks_);
        executors_.stop([this] { loop_.stop(); });
    }

    loop::Loop& loop_;
    const std::uint64_t tasks_;
    const std::size_t depth_;
    std::vector<std::size_t> given_;  // by place
    std::deque<Task> queue_;
    std::vector<Done> done_;
    const TaskId root_{};
    std::size_t ready_ = 0;
    std::uint64_t batches_ = 0;
    Clock::time_point start_;
    double seconds_ = 0;
    bool right_ = false;
    executor::Executors executors_;
};

}  // namespace

int main(int argc, char** argv) {
    const std::size_t workers = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 2;
    const std::uint64_t tasks = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 1'000'000;
    const std::size_t depth = argc > 3 ? std::strtoul(argv[3], nullptr, 10) : 64;
    loop::Loop loop;
    FakeScheduler scheduler(loop, workers, tasks, depth);
    if (const Status started = scheduler.start(); !started.is_ok()) {
        std::fprintf(stderr, "%s\n", started.to_string().c_str());
        return 1;
    }
    loop.run();
    std::printf(
        "{\"workers\":%zu,\"tasks\":%llu,\"depth\":%zu,\"tasks_per_s\":%.0f,"
        "\"events_per_batch\":%.1f,\"right\":%s}\n",
        workers, static_cast<unsigned long long>(tasks), depth,
        static_cast<double>(tasks) / scheduler.seconds(),
        static_cast<double>(tasks) / static_cast<double>(scheduler.batches()),
        scheduler.right() ? "true" : "false");
    return scheduler.right() ? 0 : 1;
}
