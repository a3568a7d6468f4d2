#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "quantum/base/codec.hpp"
#include "runtime/tasks/kinds.hpp"

namespace quercus::tasks {

namespace {

using workflow::Batch;
using workflow::ContinueAs;
using workflow::Done;
using workflow::Flow;
using workflow::KernelContext;
using workflow::KindInfo;
using workflow::Runtime;
using workflow::Seeding;
using Clock = std::chrono::steady_clock;

// "abort", "kill" or "exit": how the process ends.
Result<Bytes> run_crash(BytesView input, const KernelContext&) {
    if (input == "kill") {
        std::raise(SIGKILL);
    }
    if (input == "exit") {
        std::_Exit(3);
    }
    std::abort();
}

// Milliseconds during which it computes and looks at no stop token.
Result<Bytes> run_stubborn(BytesView input, const KernelContext&) {
    Decoder in(input);
    const auto end = Clock::now() + std::chrono::milliseconds(in.varint());
    while (Clock::now() < end) {
    }
    return Bytes();
}

// Bytes to allocate and touch.
Result<Bytes> run_allocate(BytesView input, const KernelContext&) {
    Decoder in(input);
    const std::uint64_t bytes = in.varint();
    const auto memory = std::make_unique<char[]>(bytes);
    std::memset(memory.get(), 1, bytes);
    return Bytes(1, bytes > 0 ? memory[bytes - 1] : '\0');
}

// Its own seed, 8 bytes.
Result<Bytes> run_seed(BytesView, const KernelContext& context) {
    Encoder out;
    out.u64(context.seed);
    return out.take();
}

// Reports progress, then computes for so many milliseconds without letting go of its thread.
Flow run_hog(Runtime& runtime, Bytes input, std::uint32_t, Bytes) {
    runtime.progress(0, "hogging");
    Decoder in(input);
    const auto end = Clock::now() + std::chrono::milliseconds(in.varint());
    while (Clock::now() < end) {
    }
    co_return Done{};
}

Flow run_crashing_flow(Runtime&, Bytes, std::uint32_t, Bytes) {
    std::abort();
    co_return Done{};
}

// So many rounds, one noop each; the state counts them.
Flow run_rounds(Runtime& runtime, Bytes input, std::uint32_t round, Bytes state) {
    Decoder in(input);
    const std::uint64_t rounds = in.varint();
    Batch batch;
    batch.kind = "noop";
    batch.inputs.push_back(state);
    const auto results = co_await runtime.map(std::move(batch));
    if (!results) {
        co_return results.error();
    }
    if (round + 1 >= rounds) {
        co_return Done{state + "."};
    }
    co_return ContinueAs{state + "."};
}

// The outputs of as many cacheable test.seed children as the input says, one after the other.
Flow run_cacheable(Runtime& runtime, Bytes input, std::uint32_t, Bytes) {
    Decoder in(input);
    const std::uint64_t children = in.varint();
    Batch batch;
    batch.kind = "test.seed";
    batch.cacheable = true;
    for (std::uint64_t i = 0; i < children; ++i) {
        batch.inputs.push_back(std::to_string(i));
    }
    const auto results = co_await runtime.map(std::move(batch));
    if (!results) {
        co_return results.error();
    }
    Done done;
    for (const workflow::ChildResult& child : *results) {
        done.output += child.output.view();
    }
    co_return done;
}

// Logs so many bytes in lines of 1 KiB.
Flow run_chatty(Runtime& runtime, Bytes input, std::uint32_t, Bytes) {
    Decoder in(input);
    const std::uint64_t lines = in.varint() / 1024;
    for (std::uint64_t i = 0; i < lines; ++i) {
        runtime.log(std::string(1024, 'x'));
    }
    co_return Done{};
}

}  // namespace

void add_test_kinds(workflow::Registry& registry) {
    const auto add = [&registry](KindInfo kind) {
        [[maybe_unused]] const Status added = registry.add(std::move(kind));
    };
    add({"test.crash", 1, Seeding::kContent, run_crash, nullptr});
    add({"test.echo", 1, Seeding::kContent, run_echo, nullptr});
    add({"test.chatty", 1, Seeding::kContent, nullptr, run_chatty});
    add({"test.stubborn", 1, Seeding::kContent, run_stubborn, nullptr});
    add({"test.allocate", 1, Seeding::kContent, run_allocate, nullptr});
    add({"test.seed", 1, Seeding::kContent, run_seed, nullptr});
    add({"test.path_seed", 1, Seeding::kPath, run_seed, nullptr});
    add({"test.hog", 1, Seeding::kContent, nullptr, run_hog});
    add({"test.crashing_flow", 1, Seeding::kContent, nullptr, run_crashing_flow});
    add({"test.cacheable", 1, Seeding::kContent, nullptr, run_cacheable});
    add({"test.rounds", 1, Seeding::kContent, nullptr, run_rounds});
}

}  // namespace quercus::tasks
