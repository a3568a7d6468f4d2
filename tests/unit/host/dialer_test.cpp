#include "runtime/host/dialer.hpp"

#include <map>

#include "runtime/host/node_host.hpp"
#include "tests/support/catch.hpp"

using namespace quercus;
using namespace quercus::host;
using scheduling::LinkId;
using scheduling::NodeId;

namespace {

struct Bench {
    loop::Loop loop;
    std::vector<std::string> dialled;
    std::map<NodeId, bool> attached;
    bool has_parent = false;
    Dialer dialer{loop,
                  {[this](const std::string& address, scheduling::Position) {
                       dialled.push_back(address);
                       if (dialled.size() >= wanted) {
                           loop.stop();
                       }
                       return LinkId{dialled.size()};
                   },
                   [this](NodeId node) { return attached[node]; }, [this] { return has_parent; }}};
    std::size_t wanted = 1;
};

}  // namespace

TEST_CASE("dialer: alternates are tried in turn until one takes it") {
    Bench bench;
    bench.wanted = 3;
    bench.loop.post([&] {
        bench.dialer.keep_parent({"a:1", "b:2"});
        bench.dialer.on_closed(LinkId{1}, unavailable("no"));
    });
    loop::Loop::Timer second(bench.loop);
    bench.loop.post([&] {
        second.after(std::chrono::milliseconds(150),
                     [&] { bench.dialer.on_closed(LinkId{2}, unavailable("no")); });
    });
    bench.loop.run();
    CHECK(bench.dialled == std::vector<std::string>{"a:1", "b:2", "a:1"});
}

TEST_CASE("dialer: an address is left alone while its node is attached through another link") {
    Bench bench;
    const NodeId node = random_id<NodeId>();
    loop::Loop::Timer later(bench.loop);
    bench.wanted = 2;
    bench.loop.post([&] {
        bench.dialer.keep_child("c:3");
        bench.attached[node] = true;
        bench.dialer.on_peer(LinkId{1}, node);
        bench.dialer.on_closed(LinkId{1}, unavailable("duplicate"));
        later.after(std::chrono::milliseconds(300), [&] {
            CHECK(bench.dialled.size() == 1);
            bench.attached[node] = false;
        });
    });
    bench.loop.run();
    CHECK(bench.dialled.size() == 2);
}
