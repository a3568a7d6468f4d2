#include "runtime/workflow/flow_driver.hpp"

#include <string>

#include "tests/support/catch.hpp"

using namespace quercus;
using namespace quercus::workflow;

namespace {

struct Spawned {
    std::uint32_t call;
    std::string kind;
    std::vector<std::uint64_t> keys;
};

struct RecordingHost final : FlowHost {
    std::vector<Spawned> spawned;
    std::vector<std::uint64_t> cancelled;
    std::vector<std::string> lines;
    void spawn(std::uint32_t call, const KindInfo& kind, const Batch& batch) override {
        spawned.push_back({call, kind.name, batch.keys});
    }
    void cancel_children(std::uint32_t, const std::vector<std::uint64_t>& keys) override {
        cancelled.insert(cancelled.end(), keys.begin(), keys.end());
    }
    void progress(double, std::string_view text, BytesView) override { lines.emplace_back(text); }
    void log(std::string_view text) override { lines.emplace_back(text); }
};

Batch batch_of(std::string kind, const std::vector<std::string>& inputs,
               std::vector<std::uint64_t> keys = {}) {
    Batch batch;
    batch.kind = std::move(kind);
    for (const std::string& input : inputs) {
        batch.inputs.push_back(input);
    }
    batch.keys = std::move(keys);
    return batch;
}

std::string joined(const Results& results) {
    std::string out;
    for (const ChildResult& r : results) {
        out +=
            std::to_string(r.key) + "=" + (r.status.is_ok() ? Bytes(r.output.view()) : "!") + ";";
    }
    return out;
}

// Two calls at once, awaited in the other order; unordered keys in the first.
Flow two_maps(Runtime& runtime, Bytes, std::uint32_t, Bytes) {
    auto first = runtime.map(batch_of("leaf", {"a", "b"}, {9, 4}));
    auto second = runtime.map(batch_of("leaf", {"c"}));
    auto b = co_await second;
    auto a = co_await first;
    co_return Done{joined(*a) + "|" + joined(*b)};
}

Flow bad_batches(Runtime& runtime, Bytes, std::uint32_t, Bytes) {
    Batch twice = batch_of("leaf", {"a", "b"}, {3, 3});
    Batch unknown = batch_of("nobody", {"a"});
    Batch uneven = batch_of("leaf", {"a", "b"}, {3});
    Batch empty = batch_of("leaf", {});
    Batch by_path = batch_of("path_leaf", {"a"});
    by_path.cacheable = true;
    auto r1 = co_await runtime.map(std::move(twice));
    auto r2 = co_await runtime.map(std::move(unknown));
    auto r3 = co_await runtime.spawn(std::move(uneven)).next();
    auto r4 = co_await runtime.map(std::move(empty));
    auto r5 = co_await runtime.map(std::move(by_path));
    co_return Done{r1.error().message() + "|" + r2.error().message() + "|" + r3.error().message() +
                   "|" + r5.error().message() + "|" + std::to_string(r4->size())};
}

// Kernels and workflows alike may be taken from a cache where their seed is that of their content.
Flow cacheable(Runtime& runtime, Bytes, std::uint32_t, Bytes) {
    Batch leaves = batch_of("leaf", {"a"});
    leaves.cacheable = true;
    Batch flows = batch_of("stream", {"b"});
    flows.cacheable = true;
    auto first = runtime.map(std::move(leaves));
    auto second = runtime.map(std::move(flows));
    auto a = co_await first;
    auto b = co_await second;
    co_return Done{joined(*a) + "|" + joined(*b)};
}

Flow stream(Runtime& runtime, Bytes, std::uint32_t, Bytes) {
    auto results = runtime.spawn(batch_of("leaf", {"a", "b", "c"}));
    std::string out;
    while (true) {
        auto some = co_await results.next();
        if (some->empty()) {
            break;
        }
        out += joined(*some) + "/";
        if (out == "1=x;/") {
            runtime.cancel({0, 1});
        }
    }
    co_return Done{out};
}

Flow throws(Runtime&, Bytes input, std::uint32_t, Bytes) {
    if (input == "memory") {
        throw std::bad_alloc();
    }
    throw std::runtime_error("no luck");
    co_return Done{};
}

Registry make_registry() {
    Registry registry;
    const auto kernel = [](BytesView, const KernelContext&) { return Result<Bytes>(Bytes()); };
    REQUIRE(registry.add({"leaf", 1, Seeding::kContent, kernel, nullptr}).is_ok());
    REQUIRE(registry.add({"path_leaf", 1, Seeding::kPath, kernel, nullptr}).is_ok());
    REQUIRE(registry.add({"cacheable", 1, Seeding::kContent, nullptr, cacheable}).is_ok());
    REQUIRE(registry.add({"two_maps", 1, Seeding::kContent, nullptr, two_maps}).is_ok());
    REQUIRE(registry.add({"bad", 1, Seeding::kContent, nullptr, bad_batches}).is_ok());
    REQUIRE(registry.add({"stream", 1, Seeding::kContent, nullptr, stream}).is_ok());
    REQUIRE(registry.add({"throws", 1, Seeding::kContent, nullptr, throws}).is_ok());
    return registry;
}

ChildResult result(std::uint64_t key, std::string output) {
    return {key, {}, Payload(std::move(output))};
}

std::string output_of(const std::optional<Outcome>& outcome) {
    REQUIRE(outcome.has_value());
    REQUIRE(std::holds_alternative<Done>(*outcome));
    return std::get<Done>(*outcome).output;
}

}  // namespace

TEST_CASE("calls are numbered in program order and results come in the order of the keys") {
    const Registry registry = make_registry();
    RecordingHost host;
    FlowDriver driver(registry, host, {registry.find("two_maps"), "", 0, "", 0});
    CHECK_FALSE(driver.step());
    REQUIRE(host.spawned.size() == 2);
    CHECK(host.spawned[0].call == 0);
    CHECK(host.spawned[0].keys == std::vector<std::uint64_t>{9, 4});
    CHECK(host.spawned[1].call == 1);
    CHECK(host.spawned[1].keys == std::vector<std::uint64_t>{0});

    CHECK_FALSE(driver.deliver(0, result(4, "four")));
    CHECK_FALSE(driver.deliver(0, result(9, "nine")));  // awaited second
    CHECK(driver.deliver(1, result(0, "zero")));
    CHECK(output_of(driver.step()) == "9=nine;4=four;|0=zero;");
    CHECK_FALSE(driver.step());
}

TEST_CASE("second results, unknown keys and unknown calls are ignored") {
    const Registry registry = make_registry();
    RecordingHost host;
    FlowDriver driver(registry, host, {registry.find("two_maps"), "", 0, "", 0});
    driver.step();
    CHECK_FALSE(driver.deliver(7, result(0, "x")));
    CHECK_FALSE(driver.deliver(0, result(5, "x")));
    CHECK_FALSE(driver.deliver(1, result(1, "x")));
    driver.deliver(0, result(4, "four"));
    driver.deliver(0, result(4, "again"));
    CHECK(driver.deliver(1, result(0, "zero")));
    CHECK_FALSE(driver.step());
    CHECK(driver.deliver(0, result(9, "nine")));
    CHECK(output_of(driver.step()) == "9=nine;4=four;|0=zero;");
}

TEST_CASE("a bad batch is refused with a reason, an empty one is done at once") {
    const Registry registry = make_registry();
    RecordingHost host;
    FlowDriver driver(registry, host, {registry.find("bad"), "", 0, "", 0});
    const std::string text = output_of(driver.step());
    CAPTURE(text);
    CHECK(text.find("duplicate key 3") != std::string::npos);
    CHECK(text.find("nobody is not registered") != std::string::npos);
    CHECK(text.find("2 inputs has 1 keys") != std::string::npos);
    CHECK(text.find("path_leaf is not content-seeded and cannot be cacheable") !=
          std::string::npos);
    CHECK(text.ends_with("|0"));
    CHECK(host.spawned.empty());
}

TEST_CASE("kernels and workflows can be cacheable") {
    const Registry registry = make_registry();
    RecordingHost host;
    FlowDriver driver(registry, host, {registry.find("cacheable"), "", 0, "", 0});
    CHECK_FALSE(driver.step());
    REQUIRE(host.spawned.size() == 2);
    // The second call's result may come while the first is awaited.
    CHECK_FALSE(driver.deliver(1, result(0, "flow")));
    CHECK(driver.deliver(0, result(0, "leaf")));
    CHECK(output_of(driver.step()) == "0=leaf;|0=flow;");
}

TEST_CASE("a stream gives each result once, and cancelled children at once") {
    const Registry registry = make_registry();
    RecordingHost host;
    FlowDriver driver(registry, host, {registry.find("stream"), "", 0, "", 0});
    driver.step();
    CHECK(driver.deliver(0, result(1, "x")));
    CHECK_FALSE(driver.step());
    CHECK(host.cancelled == std::vector<std::uint64_t>{0});  // 1 had arrived
    CHECK_FALSE(driver.deliver(0, result(0, "late")));
    CHECK(driver.deliver(0, result(2, "z")));
    CHECK(output_of(driver.step()) == "1=x;/0=!;/2=z;/");
}

TEST_CASE("exceptions of a workflow become its outcome") {
    const Registry registry = make_registry();
    RecordingHost host;
    FlowDriver unlucky(registry, host, {registry.find("throws"), "", 0, "", 0});
    const auto outcome = unlucky.step();
    REQUIRE(outcome);
    CHECK(std::get<Status>(*outcome).code() == StatusCode::kInternal);
    CHECK(std::get<Status>(*outcome).message().find("no luck") != std::string::npos);
    FlowDriver memory(registry, host, {registry.find("throws"), "memory", 0, "", 0});
    CHECK(std::get<Status>(*memory.step()).code() == StatusCode::kResourceExhausted);
}

TEST_CASE("the registry knows its kinds by name, once") {
    Registry registry = make_registry();
    CHECK(registry.find("leaf") != nullptr);
    CHECK(registry.find("lea") == nullptr);
    const auto kernel = [](BytesView, const KernelContext&) { return Result<Bytes>(Bytes()); };
    CHECK(registry.add({"leaf", 2, Seeding::kContent, kernel, nullptr}).code() ==
          StatusCode::kAlreadyExists);
    const std::string before = registry.describe();
    REQUIRE(registry.add({"a", 3, Seeding::kPath, kernel, nullptr}).is_ok());
    CHECK(registry.describe() == "a 3 kernel path-seeded\n" + before);
}
