// The loop has no test folder of its own; executors are its heaviest user.

#include "runtime/loop/loop.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <csignal>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "runtime/executor/process.hpp"
#include "tests/support/catch.hpp"

using namespace quercus;
using quercus::loop::Loop;
using namespace std::chrono_literals;

TEST_CASE("posted work runs in order, up to the stop") {
    Loop loop;
    std::vector<int> seen;
    std::thread other([&] {
        for (int i = 0; i < 10'000; ++i) {
            loop.post([&, i] { seen.push_back(i); });
        }
        loop.stop();
        loop.post([&] { seen.push_back(-1); });
    });
    CHECK_FALSE(loop.is_current());
    loop.run();
    other.join();
    REQUIRE(seen.size() == 10'000);
    for (int i = 0; i < 10'000; ++i) {
        REQUIRE(seen[static_cast<std::size_t>(i)] == i);
    }
}

TEST_CASE("a timer fires once, and not after it was cancelled, replaced or destroyed") {
    Loop loop;
    std::vector<int> seen;
    Loop::Timer once(loop);
    Loop::Timer cancelled(loop);
    Loop::Timer replaced(loop);
    auto destroyed = std::make_unique<Loop::Timer>(loop);
    Loop::Timer end(loop);
    once.after(1ms, [&] {
        CHECK(loop.is_current());
        seen.push_back(1);
    });
    cancelled.after(0ms, [&] { seen.push_back(2); });
    cancelled.cancel();
    replaced.after(0ms, [&] { seen.push_back(3); });
    replaced.after(2ms, [&] { seen.push_back(4); });
    destroyed->after(0ms, [&] { seen.push_back(5); });
    destroyed.reset();
    end.after(20ms, [&] { loop.stop(); });
    loop.run();
    CHECK(seen == std::vector<int>{1, 4});
}

TEST_CASE("a watch reports input until it is destroyed, also from its own callback") {
    Loop loop;
    const executor::Fd event(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    const std::uint64_t one = 1;
    REQUIRE(::write(event.get(), &one, sizeof(one)) == sizeof(one));
    int calls = 0;
    std::optional<Loop::Watch> watch;
    watch.emplace(loop, event.get(), [&] {
        if (++calls == 3) {  // never read: it stays readable
            watch.reset();
            loop.stop();
        }
    });
    loop.run();
    CHECK(calls == 3);
    CHECK(::write(event.get(), &one, sizeof(one)) == sizeof(one));  // still open
}

// One case, for Catch2 sets signal handlers of its own before each.
TEST_CASE("a stop signal reaches each loop, each time, and kills nobody when the loop has gone") {
    for (int round = 0; round < 3; ++round) {
        {
            Loop loop;
            int signals = 0;
            loop.on_stop_signal([&] {
                if (++signals == 2) {
                    loop.stop();
                } else {
                    ::raise(SIGINT);
                }
            });
            loop.post([] { ::raise(SIGTERM); });
            loop.run();
            CHECK(signals == 2);
        }
        ::raise(SIGINT);
        ::raise(SIGTERM);
    }
}
