#include "tests/support/catch.hpp"
#include "tests/unit/transport/link_fixture.hpp"

namespace quercus::transport::test {

TEST_CASE("in-process link: frames in order in both directions, then the end") {
    Peer up;
    Peer down;
    TreeTransport::join_in_process(*up.transport, *down.transport);
    REQUIRE(up.wait_opened());
    REQUIRE(down.wait_opened());
    const auto up_link = up.record().opened[0];
    const auto down_link = down.record().opened[0];
    CHECK(up_link.i_am == Position::kParent);
    CHECK(down_link.i_am == Position::kChild);

    constexpr std::uint64_t kFrames = 2000;
    up.on_loop([&] {
        for (std::uint64_t i = 1; i <= kFrames; ++i) {
            up.transport->send(up_link.link, log_frame(i, "down"));
        }
    });
    down.send(down_link.link, done_frame(1, std::size_t{5} << 20, 'q'));
    REQUIRE(down.wait_frames(kFrames));
    REQUIRE(up.wait_frames(1));
    for (std::uint64_t i = 1; i <= kFrames; ++i) {
        REQUIRE(down.record().frames[i - 1].second.seq == i);
        if (i % 500 != 1) {
            continue;
        }
        REQUIRE(log_text(down.record().frames[i - 1].second) == "down");
    }

    up.close(up_link.link, Status(StatusCode::kCancelled, "enough"));
    REQUIRE(up.wait_closed());
    REQUIRE(down.wait_closed());
    CHECK(up.record().closed[0].second.message() == "enough");
    CHECK(down.record().closed[0].second.code() == StatusCode::kUnavailable);
}

TEST_CASE("in-process link: a transport that shuts down closes the other side") {
    Peer up;
    auto down = std::make_unique<Peer>();
    TreeTransport::join_in_process(*up.transport, *down->transport);
    REQUIRE(up.wait_opened());
    REQUIRE(down->wait_opened());
    down.reset();
    REQUIRE(up.wait_closed());
    up.send(up.record().opened[0].link, log_frame(1, "into the void"));
    CHECK(up.record().closed.size() == 1);
}

TEST_CASE("in-process link: both on one loop") {
    Peer peer;
    TreeTransport other(
        peer.loop, LinkHandler{[](LinkOpened) {}, [](LinkId, Frame) {}, [](LinkId, Status) {}});
    TreeTransport::join_in_process(*peer.transport, other);
    REQUIRE(peer.wait_opened());
    peer.on_loop([&] { other.shutdown(); });
    REQUIRE(peer.wait_closed());
}

}  // namespace quercus::transport::test
