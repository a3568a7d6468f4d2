// What one gRPC link over loopback carries: small frames, tiny tasks in batches with their results
// coming back, and large payloads; and how many threads the process has. Prints one line each.
//   quercus_bench_transport [seconds per measurement, default 2]

#include <sys/resource.h>

#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <future>
#include <iterator>
#include <memory>
#include <mutex>
#include <thread>

#include "runtime/loop/loop.hpp"
#include "runtime/transport/grpc_server.hpp"
#include "runtime/transport/tree_transport.hpp"

namespace {

using namespace quercus;
using namespace quercus::scheduling;
using transport::LinkHandler;
using transport::TreeTransport;
using Clock = std::chrono::steady_clock;

// A transport on its own thread. `on_frame` runs on the loop.
struct Side {
    Side()
        : transport(loop, LinkHandler{[this](LinkOpened opened) { link.set_value(opened.link); },
                                      [this](LinkId, Frame frame) { on_frame(std::move(frame)); },
                                      [](LinkId, const Status&) {}}),
          thread([this] { loop.run(); }) {}
    ~Side() {
        transport.shutdown();
        loop.stop();
        thread.join();
    }
    loop::Loop loop;
    std::promise<LinkId> link;
    std::function<void(Frame)> on_frame = [](const Frame&) {};
    TreeTransport transport;
    std::thread thread;
};

double cpu_seconds() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& t) {
        return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec);
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

JobId job() {
    JobId id;
    id.bytes[0] = 1;
    return id;
}

Frame log_frame() {
    return {1, 0, {Log{job(), Severity::kInfo, "a short line"}}};
}

Frame task_frame(std::size_t tasks) {
    static const auto head = std::make_shared<const TaskHead>(TaskHead{"noop", 1, false, 0, 0});
    TaskBatch batch;
    for (std::size_t i = 0; i < tasks; ++i) {
        batch.tasks.push_back({{job(), Path{}.child({0, 0, i})},
                               {1, 1},
                               head,
                               Payload(Bytes("16 bytes of inpu")),
                               0,
                               {}});
    }
    return {1, 0, {std::move(batch)}};
}

Frame answer(const Frame& frame) {
    DoneBatch batch;
    for (const auto& task : std::get<TaskBatch>(frame.items.at(0)).tasks) {
        batch.done.push_back({task.id, task.fence, {}, task.input, {}, {}});
    }
    return {1, 0, {std::move(batch)}};
}

Frame payload_frame(std::size_t size) {
    DoneBatch batch;
    batch.done.push_back({{job(), {}}, {}, {}, Payload(Bytes(size, 'x')), {}, {}});
    return {1, 0, {std::move(batch)}};
}

// Keeps `window` frames of `make` under way for `time`; the receiver answers each frame with
// `reply`. Returns frames per second and CPU seconds per frame.
struct Rate {
    double per_second = 0;
    double cpu_us_per_frame = 0;
};
Rate measure(Side& up, Side& down, LinkId up_link, LinkId down_link, const Frame& frame,
             const std::function<Frame(const Frame&)>& reply, std::size_t window,
             std::chrono::duration<double> time) {
    std::promise<std::size_t> finished;
    std::size_t done = 0;
    std::size_t under_way = window;
    const auto begin = Clock::now();
    const double cpu = cpu_seconds();
    std::promise<void> ready;
    down.loop.post([&] {
        down.on_frame = [&](const Frame& got) { down.transport.send(down_link, reply(got)); };
        ready.set_value();
    });
    ready.get_future().wait();
    up.loop.post([&] {
        up.on_frame = [&](const Frame&) {
            ++done;
            if (Clock::now() - begin < time) {
                up.transport.send(up_link, frame);
            } else if (--under_way == 0) {
                finished.set_value(done);
            }
        };
        for (std::size_t i = 0; i < window; ++i) {
            up.transport.send(up_link, frame);
        }
    });
    const auto frames = static_cast<double>(finished.get_future().get());
    const double seconds = std::chrono::duration<double>(Clock::now() - begin).count();
    return {frames / seconds, 1e6 * (cpu_seconds() - cpu) / frames};
}

long count_threads() {
    return std::distance(std::filesystem::directory_iterator("/proc/self/task"),
                         std::filesystem::directory_iterator());
}

}  // namespace

int main(int argc, char** argv) {
    const std::chrono::duration<double> time(argc > 1 ? std::atof(argv[1]) : 2.0);
    Side up;
    Side down;
    auto server = transport::GrpcServer::start("127.0.0.1", 0, down.transport, nullptr);
    if (!server) {
        std::fprintf(stderr, "%s\n", server.error().to_string().c_str());
        return 1;
    }
    up.transport.dial("127.0.0.1:" + std::to_string((*server)->port()), Position::kParent);
    const LinkId up_link = up.link.get_future().get();
    const LinkId down_link = down.link.get_future().get();
    const auto run = [&](const Frame& frame, const std::function<Frame(const Frame&)>& reply,
                         std::size_t window) {
        return measure(up, down, up_link, down_link, frame, reply, window, time);
    };
    const auto ack = [](const Frame&) { return Frame{1, 1, {}}; };

    const Rate ping = run(log_frame(), ack, 1);
    std::printf("round trip         %10.1f us\n", 1e6 / ping.per_second);
    const Rate small = run(log_frame(), ack, 64);
    std::printf("small frames       %10.0f /s   (%.1f us CPU per frame and its answer)\n",
                small.per_second, small.cpu_us_per_frame);
    for (const std::size_t tasks : {1, 16, 256, 2000}) {
        const Rate rate = run(task_frame(tasks), answer, 8);
        const double n = static_cast<double>(tasks);
        std::printf("tasks x %-5zu      %10.0f /s   (%.2f us CPU per task and its result)\n", tasks,
                    n * rate.per_second, rate.cpu_us_per_frame / n);
    }
    constexpr std::size_t kPayload = std::size_t{8} << 20;
    const Rate bulk = run(payload_frame(kPayload), ack, 4);
    std::printf("payloads of 8 MiB  %10.0f MiB/s\n", 8 * bulk.per_second);
    std::printf("threads            %10ld      (2 loops, the main thread, gRPC's)\n",
                count_threads());
    (*server)->shutdown();
    return 0;
}
