#include "tests/support/catch.hpp"
#include "tests/unit/scheduling/harness.hpp"

namespace quercus::scheduling {

using namespace std::chrono_literals;
using testing::Harness;
using testing::node_id;

namespace {

// What a node says to a stranger whose Hello is `hello`.
Status greet(Harness& node, LinkId link, Position i_am, const Hello& hello) {
    node.on(LinkOpened{link, i_am, false});
    node.hear(link, {hello});
    return node.closed[link];
}

}  // namespace

TEST_CASE("handshake: a node speaks first, and refuses another protocol naming both") {
    Harness manager(Harness::config(Role::kManager, 5));
    Hello hello = manager.hello(9, Position::kChild, Role::kRank);
    hello.protocol_major = 77;
    const Status status = greet(manager, LinkId{50}, Position::kParent, hello);
    REQUIRE(status.code() == StatusCode::kFailedPrecondition);
    REQUIRE(status.message().find("protocol 77") != std::string::npos);
    REQUIRE(status.message().find("protocol 1 ") != std::string::npos);
    REQUIRE(manager.said<Hello>(LinkId{50}).size() == 1);
}

TEST_CASE("handshake: a second parent is refused with the first one's name until the lease ends") {
    Harness manager(Harness::config(Role::kManager, 5));
    const LinkId first = manager.parent(1);
    const Hello second = manager.hello(2, Position::kParent, Role::kManager);
    Status status = greet(manager, LinkId{50}, Position::kChild, second);
    REQUIRE(status.code() == StatusCode::kFailedPrecondition);
    REQUIRE(status.message().find("node1") != std::string::npos);
    manager.on(LinkClosed{first, unavailable("gone")});
    status = greet(manager, LinkId{51}, Position::kChild, second);
    REQUIRE(status.message().find("node1") != std::string::npos);
    manager.advance(11s);
    REQUIRE(greet(manager, LinkId{52}, Position::kChild, second) == Status::ok());
}

TEST_CASE("handshake: loops are refused on both sides") {
    Harness manager(Harness::config(Role::kManager, 5));
    const LinkId up = manager.parent(1);
    const Hello grandparent = manager.hello(1, Position::kChild, Role::kManager);
    REQUIRE(greet(manager, LinkId{50}, Position::kParent, grandparent).message().find("loop") !=
            std::string::npos);
    const Hello self = manager.hello(5, Position::kChild, Role::kManager);
    REQUIRE(greet(manager, LinkId{51}, Position::kParent, self).message().find("loop") !=
            std::string::npos);
    manager.hear(up, {Ancestors{{node_id(1), node_id(5)}, true}});
    REQUIRE(manager.closed[up].code() == StatusCode::kFailedPrecondition);
}

TEST_CASE("handshake: of two links the one dialled by the smaller id stays") {
    for (const std::uint8_t peer : {std::uint8_t{1}, std::uint8_t{9}}) {
        CAPTURE(static_cast<int>(peer));
        Harness manager(Harness::config(Role::kManager, 5));
        const LinkId mine = manager.parent(peer);  // dialled by the manager
        const LinkId theirs{50};
        manager.on(LinkOpened{theirs, Position::kChild, false});
        manager.hear(theirs, {manager.hello(peer, Position::kParent, Role::kServer)});
        REQUIRE(manager.closed.contains(peer < 5 ? mine : theirs));
        REQUIRE_FALSE(manager.closed.contains(peer < 5 ? theirs : mine));
    }
}

TEST_CASE("handshake: other kernels may attach but get no tasks") {
    Harness server(Harness::config(Role::kServer, 1));
    const LinkId link{50};
    server.on(LinkOpened{link, Position::kParent, false});
    Hello hello = server.hello(9, Position::kChild, Role::kRank);
    hello.numeric_profile = "other";
    Load load;
    load.window = load.idle = 4;
    load.takes_flows = true;
    server.hear(link, {hello, Inventory{}, load});
    server.on(JobSubmitted{testing::job_id(1), testing::leaf_head(), Payload("x")});
    server.on(JobSubmitted{testing::job_id(2), testing::flow_head(), Payload("x")});
    REQUIRE(server.tasks_to(link).empty());
    REQUIRE(server.node.subtree(server.now).nodes.size() == 2);
}

TEST_CASE("handshake: a parent without a path to a server hands out nothing") {
    Harness manager(Harness::config(Role::kManager, 5));
    const LinkId up{50};
    manager.on(LinkOpened{up, Position::kChild, true});
    manager.hear(
        up, {manager.hello(1, Position::kParent, Role::kManager), Ancestors{{node_id(1)}, false}});
    const LinkId down = manager.child(9, 4);
    const TaskId id{testing::job_id(1), Path()};
    manager.hear(up, {TaskBatch{{{id, {0, 1}, testing::leaf_head(), Payload("x"), 0, {}}}}});
    REQUIRE(manager.tasks_to(down).empty());
    manager.hear(up, {Ancestors{{node_id(1)}, true}});
    REQUIRE(manager.tasks_to(down).size() == 1);
}

}  // namespace quercus::scheduling
