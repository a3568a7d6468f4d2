#include "runtime/workflow/local_runtime.hpp"

#include <atomic>
#include <future>
#include <stdexcept>

#include "quantum/base/codec.hpp"
#include "tests/support/catch.hpp"

using namespace quercus;
using namespace quercus::workflow;

namespace {

std::atomic<int> running_kernels{0};

Result<Bytes> square(BytesView input, const KernelContext&) {
    Decoder in(input);
    const std::uint64_t x = in.varint();
    Encoder out;
    out.varint(x * x);
    return out.take();
}

Result<Bytes> own_seed(BytesView, const KernelContext& context) {
    return std::to_string(context.seed) + ";";
}

Result<Bytes> fails(BytesView input, const KernelContext&) {
    if (input == "throw") {
        throw std::runtime_error("broken kernel");
    }
    if (input == "memory") {
        throw std::bad_alloc();
    }
    return invalid_argument("bad input");
}

std::atomic<int> counted_runs{0};

Result<Bytes> counted(BytesView input, const KernelContext& context) {
    return std::to_string(++counted_runs) + Bytes(input) + std::to_string(context.seed) + ";";
}

// Until it is stopped.
Result<Bytes> endless(BytesView, const KernelContext& context) {
    ++running_kernels;
    running_kernels.notify_all();
    while (!context.stop.stop_requested()) {
        std::this_thread::yield();
    }
    --running_kernels;
    return Status(StatusCode::kCancelled, "stopped");
}

// Sum of squares below the input, over two levels of workflows.
Flow sum(Runtime& runtime, Bytes input, std::uint32_t, Bytes) {
    Decoder in(input);
    const std::uint64_t begin = in.varint();
    const std::uint64_t end = in.varint();
    Batch batch;
    const bool split = end - begin > 4;
    batch.kind = split ? "sum" : "square";
    const std::uint64_t middle = (begin + end) / 2;
    for (std::uint64_t i = begin; i < end && !split; ++i) {
        Encoder child;
        child.varint(i);
        batch.inputs.push_back(child.view());
    }
    for (int half = 0; half < 2 && split; ++half) {
        Encoder child;
        child.varint(half == 0 ? begin : middle);
        child.varint(half == 0 ? middle : end);
        batch.inputs.push_back(child.view());
    }
    const auto results = co_await runtime.map(std::move(batch));
    std::uint64_t total = 0;
    for (const ChildResult& result : *results) {
        total += Decoder(result.output.view()).varint();
    }
    runtime.progress(1.0, "summed");
    Encoder out;
    out.varint(total);
    co_return Done{out.take()};
}

// Input: a kind; maps it over three inputs for two rounds, and appends what comes out.
Flow two_rounds(Runtime& runtime, Bytes input, std::uint32_t round, Bytes state) {
    Batch batch;
    batch.kind = input;
    batch.inputs.push_back("throw");
    batch.inputs.push_back("memory");
    batch.inputs.push_back("");
    const auto results = co_await runtime.map(std::move(batch));
    if (!results) {
        co_return results.error();
    }
    for (const ChildResult& result : *results) {
        state += result.status.is_ok() ? Bytes(result.output.view())
                                       : std::string(to_string(result.status.code())) + ";";
    }
    if (round == 0) {
        co_return ContinueAs{state};
    }
    co_return Done{state};
}

// The same kernels in two calls, one of them in the first alone; input: whether results may be
// kept.
Flow asks_twice(Runtime& runtime, Bytes input, std::uint32_t, Bytes) {
    Bytes output;
    for (const bool is_first : {true, false}) {
        Batch batch;
        batch.kind = "counted";
        batch.cacheable = input == "cacheable";
        batch.inputs.push_back("a");
        batch.inputs.push_back(is_first ? "b" : "c");
        const auto results = co_await runtime.map(std::move(batch));
        for (const ChildResult& result : *results) {
            output += result.output.view();
        }
    }
    co_return Done{output};
}

// Cancels an endless child after a quick one has come, and leaves another behind.
Flow leaves_one(Runtime& runtime, Bytes, std::uint32_t, Bytes) {
    Batch forgotten;
    forgotten.kind = "endless";
    forgotten.inputs.push_back("forgotten");
    auto never = runtime.spawn(std::move(forgotten));
    Batch batch;
    batch.kind = "endless";
    batch.inputs.push_back("");
    auto stream = runtime.spawn(std::move(batch));
    runtime.cancel({0});
    const auto results = co_await stream.next();
    co_return Done{std::string(to_string(results->at(0).status.code()))};
}

Registry make_registry() {
    Registry registry;
    const auto add = [&](KindInfo kind) {
        const Status status = registry.add(std::move(kind));
        REQUIRE(status.is_ok());
    };
    add({"square", 1, Seeding::kContent, square, nullptr});
    add({"seed", 1, Seeding::kContent, own_seed, nullptr});
    add({"path_seed", 1, Seeding::kPath, own_seed, nullptr});
    add({"fails", 1, Seeding::kContent, fails, nullptr});
    add({"endless", 1, Seeding::kContent, endless, nullptr});
    add({"counted", 1, Seeding::kContent, counted, nullptr});
    add({"asks_twice", 1, Seeding::kContent, nullptr, asks_twice});
    add({"sum", 1, Seeding::kContent, nullptr, sum});
    add({"two_rounds", 1, Seeding::kContent, nullptr, two_rounds});
    add({"leaves_one", 1, Seeding::kContent, nullptr, leaves_one});
    return registry;
}

}  // namespace

TEST_CASE("nested maps give the same bytes with any number of threads") {
    const Registry registry = make_registry();
    Encoder input;
    input.varint(0);
    input.varint(1000);
    for (const unsigned threads : {1u, 2u, 5u}) {
        LocalRuntime runtime(registry, threads);
        int progress = 0;
        const auto output = runtime.run("sum", input.view(), 0, {},
                                        [&](double, std::string_view, BytesView) { ++progress; });
        REQUIRE(output);
        CHECK(Decoder(*output).varint() == 332833500u);
        CHECK(progress > 250);
    }
}

TEST_CASE("a cacheable kernel runs once in a job") {
    const Registry registry = make_registry();
    LocalRuntime runtime(registry, 1);
    for (const char* kept : {"cacheable", "no"}) {
        counted_runs = 0;
        const auto output = runtime.run("asks_twice", kept, 3);
        REQUIRE(output);
        CAPTURE(kept, *output);
        CHECK(counted_runs == (Bytes(kept) == "no" ? 4 : 3));
        // Results of the two calls with the input "a" are equal where one was kept.
        const auto first = output->find("a");
        const auto second = output->find("a", first + 1);
        REQUIRE(second != Bytes::npos);
        CHECK((output->substr(first - 1, 5) == output->substr(second - 1, 5)) ==
              (Bytes(kept) != "no"));
    }
}

TEST_CASE("a kernel can be the whole job") {
    const Registry registry = make_registry();
    LocalRuntime runtime(registry, 1);
    CHECK(*runtime.run("square", "\x07") == "\x31");
    CHECK(runtime.run("nothing", "").error().code() == StatusCode::kNotFound);
    CHECK(runtime.run("fails", "").error().code() == StatusCode::kInvalidArgument);
}

TEST_CASE("failures of kernels stay with them, rounds hand on their state") {
    const Registry registry = make_registry();
    LocalRuntime runtime(registry, 2);
    CHECK(*runtime.run("two_rounds", "fails") ==
          "INTERNAL;RESOURCE_EXHAUSTED;INVALID_ARGUMENT;"
          "INTERNAL;RESOURCE_EXHAUSTED;INVALID_ARGUMENT;");
    CHECK(runtime.run("two_rounds", "nobody").error().code() == StatusCode::kInvalidArgument);
}

TEST_CASE("content seeds follow the input, path seeds the place, both the job's seed") {
    const Registry registry = make_registry();
    LocalRuntime runtime(registry, 2);
    const std::string content = *runtime.run("two_rounds", "seed", 7);
    const std::string half = content.substr(0, content.size() / 2);
    CHECK(content == half + half);  // the same inputs in both rounds
    const std::string path = *runtime.run("two_rounds", "path_seed", 7);
    CHECK(path.substr(0, path.size() / 2) != path.substr(path.size() / 2));
    CHECK(*runtime.run("two_rounds", "seed", 7) == content);
    CHECK(*runtime.run("two_rounds", "seed", 8) != content);
    CHECK(*runtime.run("two_rounds", "path_seed", 7) == path);
}

TEST_CASE("a stopped job ends as CANCELLED and waits for its kernels") {
    const Registry registry = make_registry();
    LocalRuntime runtime(registry, 2);
    std::stop_source stop;
    auto job = std::async(std::launch::async,
                          [&] { return runtime.run("endless", "", 0, stop.get_token()); });
    running_kernels.wait(0);
    stop.request_stop();
    REQUIRE(job.wait_for(std::chrono::seconds(20)) == std::future_status::ready);
    CHECK(job.get().error().code() == StatusCode::kCancelled);
    CHECK(running_kernels == 0);
    CHECK(runtime.run("square", "\x02", 0, stop.get_token()).error().code() ==
          StatusCode::kCancelled);
}

TEST_CASE("children that a workflow cancels or leaves behind are stopped") {
    const Registry registry = make_registry();
    LocalRuntime runtime(registry, 2);
    CHECK(*runtime.run("leaves_one", "") == "CANCELLED");
    CHECK(running_kernels == 0);
}
