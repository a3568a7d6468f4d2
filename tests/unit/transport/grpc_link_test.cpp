#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/support/catch.hpp"
#include "tests/unit/transport/link_fixture.hpp"

namespace quercus::transport::test {
namespace {

// A connected pair; `up` dials or listens according to `up_dials`.
struct Pair {
    explicit Pair(bool up_dials, const std::string& bind = "127.0.0.1") {
        Peer& dialler = up_dials ? up : down;
        Peer& acceptor = up_dials ? down : up;
        const std::string address = acceptor.listen(bind);
        dialler.transport->dial(address, up_dials ? Position::kParent : Position::kChild);
        REQUIRE(up.wait_opened());
        REQUIRE(down.wait_opened());
        up_link = up.record().opened[0];
        down_link = down.record().opened[0];
    }
    Peer up;
    Peer down;
    LinkOpened up_link;
    LinkOpened down_link;
};

class TcpClient {
 public:
    explicit TcpClient(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_port = htons(port);
        to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        connected = ::connect(fd_, reinterpret_cast<sockaddr*>(&to), sizeof(to)) == 0;
    }
    ~TcpClient() { ::close(fd_); }
    bool write(const std::string& bytes) const {
        return ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL) ==
               static_cast<ssize_t>(bytes.size());
    }
    bool connected = false;

 private:
    int fd_;
};

}  // namespace

TEST_CASE("grpc link: frames in both directions, whoever dials") {
    const bool up_dials = GENERATE(true, false);
    CAPTURE(up_dials);
    Pair pair(up_dials);
    CHECK(pair.up_link.i_am == Position::kParent);
    CHECK(pair.down_link.i_am == Position::kChild);
    CHECK(pair.up_link.dialled == up_dials);
    CHECK(pair.down_link.dialled == !up_dials);

    pair.up.send(pair.up_link.link, log_frame(1, "down"));
    pair.down.send(pair.down_link.link, log_frame(1, "up"));
    REQUIRE(pair.up.wait_frames(1));
    REQUIRE(pair.down.wait_frames(1));
    CHECK(log_text(pair.up.record().frames[0].second) == "up");
    CHECK(log_text(pair.down.record().frames[0].second) == "down");
}

TEST_CASE("grpc link: thousands of small frames arrive in order") {
    Pair pair(true);
    constexpr std::uint64_t kFrames = 5000;
    pair.up.on_loop([&] {
        for (std::uint64_t i = 1; i <= kFrames; ++i) {
            pair.up.transport->send(pair.up_link.link, log_frame(i, std::to_string(i)));
        }
    });
    REQUIRE(pair.down.wait_frames(kFrames));
    const auto frames = pair.down.record().frames;
    for (std::uint64_t i = 1; i <= kFrames; ++i) {
        REQUIRE(frames[i - 1].second.seq == i);
        REQUIRE(log_text(frames[i - 1].second) == std::to_string(i));
    }
}

TEST_CASE("grpc link: large payloads keep their place among small frames") {
    const bool up_dials = GENERATE(true, false);
    CAPTURE(up_dials);
    Pair pair(up_dials);
    constexpr std::size_t kLarge = std::size_t{5} << 20;
    pair.up.on_loop([&] {
        auto& transport = *pair.up.transport;
        const auto link = pair.up_link.link;
        transport.send(link, log_frame(1, "before"));
        transport.send(link, done_frame(2, kLarge, 'a'));
        transport.send(link, log_frame(3, "between"));
        transport.send(link, done_frame(4, kLarge, 'a'));  // the same blob again
        transport.send(link, done_frame(5, kLarge + 1, 'b'));
        transport.send(link, log_frame(6, "after"));
    });
    REQUIRE(pair.down.wait_frames(6));
    const auto frames = pair.down.record().frames;
    for (std::uint64_t i = 0; i < 6; ++i) {
        CHECK(frames[i].second.seq == i + 1);
    }
    CHECK(done_output(frames[1].second) == done_output(done_frame(2, kLarge, 'a')));
    CHECK(done_output(frames[3].second) == done_output(frames[1].second));
    CHECK(done_output(frames[4].second).size() == kLarge + 1);
}

TEST_CASE("grpc link: a frame of many megabytes arrives as one") {
    Pair pair(true);
    Frame frame;
    frame.seq = 1;
    frame.items.push_back(scheduling::Heartbeat{});
    scheduling::Inventory inventory;
    scheduling::JobId job;
    job.bytes[0] = 9;
    for (std::uint64_t i = 0; i < 100'000; ++i) {
        inventory.held.push_back({{job, scheduling::Path{}.child({0, 0, i << 40})},
                                  {static_cast<std::uint32_t>(i), 1},
                                  scheduling::HeldState::kQueued,
                                  false});
    }
    frame.items.push_back(inventory);
    pair.up.send(pair.up_link.link, frame);
    REQUIRE(pair.down.wait_frames(1));
    const auto got = pair.down.record().frames[0].second;
    REQUIRE(got.items.size() == 2);
    const auto& held = std::get<scheduling::Inventory>(got.items[1]).held;
    REQUIRE(held.size() == inventory.held.size());
    CHECK(held.back().id == inventory.held.back().id);
    CHECK(held.back().fence == inventory.held.back().fence);
}

TEST_CASE("grpc link: the pieces of a frame are signs of life, a few a second") {
    Pair pair(true);
    const auto begin = std::chrono::steady_clock::now();
    pair.up.send(pair.up_link.link, done_frame(1, std::size_t{32} << 20, 'a'));
    REQUIRE(pair.down.wait_frames(1));
    const auto took = std::chrono::steady_clock::now() - begin;
    const auto alive = pair.down.record().alive;
    REQUIRE_FALSE(alive.empty());
    CHECK(alive.front() == 0);  // before the frame
    CHECK(alive.size() <= static_cast<std::size_t>(took / std::chrono::milliseconds(100)) + 1);
}

TEST_CASE("grpc link: what was sent before close arrives, then both sides hear of the end") {
    const bool up_dials = GENERATE(true, false);
    CAPTURE(up_dials);
    Pair pair(up_dials);
    pair.up.on_loop([&] {
        auto& transport = *pair.up.transport;
        for (std::uint64_t i = 1; i <= 100; ++i) {
            transport.send(pair.up_link.link, log_frame(i, "x"));
        }
        transport.send(pair.up_link.link, done_frame(101, std::size_t{2} << 20, 'z'));
        transport.close(pair.up_link.link, Status(StatusCode::kCancelled, "enough"));
        transport.send(pair.up_link.link, log_frame(102, "too late"));
    });
    REQUIRE(pair.down.wait_closed());
    REQUIRE(pair.up.wait_closed());
    CHECK(pair.down.record().frames.size() == 101);
    CHECK(pair.up.record().closed[0].second.message() == "enough");
    CHECK_FALSE(pair.down.record().closed[0].second.is_ok());
    CHECK(pair.up.record().closed.size() == 1);
}

TEST_CASE("grpc link: a peer that vanishes closes the link") {
    const bool up_dials = GENERATE(true, false);
    CAPTURE(up_dials);
    Peer up;
    auto down = std::make_unique<Peer>();
    Peer& acceptor = up_dials ? *down : up;
    Peer& dialler = up_dials ? up : *down;
    dialler.transport->dial(acceptor.listen(), up_dials ? Position::kParent : Position::kChild);
    REQUIRE(up.wait_opened());
    down.reset();
    REQUIRE(up.wait_closed());
    CHECK(up.record().closed[0].second.code() == StatusCode::kUnavailable);
}

TEST_CASE("grpc link: nobody listens") {
    Peer peer;
    std::uint16_t port = 0;
    {
        Peer other;
        REQUIRE_FALSE(other.listen().empty());
        port = other.server->port();
    }
    const LinkId link = peer.transport->dial("127.0.0.1:" + std::to_string(port), Position::kChild);
    REQUIRE(peer.wait_closed());
    CHECK(peer.record().closed[0].first == link);
    CHECK(peer.record().closed[0].second.code() == StatusCode::kUnavailable);
    CHECK(peer.record().opened.empty());
}

TEST_CASE("grpc link: an address that is none") {
    Peer peer;
    peer.transport->dial("not an address", Position::kChild);
    REQUIRE(peer.wait_closed());
    CHECK(peer.record().closed[0].second.code() == StatusCode::kInvalidArgument);
}

TEST_CASE("grpc link: a port that never answers is given up after 5 s") {
    Peer peer;
    const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(at);
    REQUIRE(::bind(fd, reinterpret_cast<sockaddr*>(&at), size) == 0);
    REQUIRE(::listen(fd, 8) == 0);  // connections succeed, nothing is ever said
    REQUIRE(::getsockname(fd, reinterpret_cast<sockaddr*>(&at), &size) == 0);
    peer.transport->dial("127.0.0.1:" + std::to_string(ntohs(at.sin_port)), Position::kChild);
    CHECK(peer.wait_closed());
    ::close(fd);
    CHECK(peer.record().closed.at(0).second.code() == StatusCode::kUnavailable);
}

TEST_CASE("grpc link: garbage on the port harms nobody") {
    Pair pair(true);
    const std::uint16_t port = pair.down.server->port();
    const TcpClient garbage(port);
    const TcpClient half(port);
    const TcpClient silent(port);
    REQUIRE(garbage.connected);
    REQUIRE(half.connected);
    CHECK(garbage.write(std::string(10'000, '\xA5')));
    // The HTTP/2 preface and the start of a frame that announces 16 MiB.
    CHECK(half.write(std::string("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\xFF\xFF\xFF\x00\x00", 29)));
    pair.up.send(pair.up_link.link, log_frame(1, "still here"));
    REQUIRE(pair.down.wait_frames(1));
    Peer other;
    other.transport->dial("127.0.0.1:" + std::to_string(port), Position::kParent);
    REQUIRE(other.wait_opened());
    pair.up.send(pair.up_link.link, log_frame(2, "and here"));
    REQUIRE(pair.down.wait_frames(2));
    CHECK(pair.down.record().closed.empty());
}

TEST_CASE("grpc server: a taken port is UNAVAILABLE") {
    Peer first;
    REQUIRE_FALSE(first.listen().empty());
    Peer second;
    const auto server =
        GrpcServer::start("127.0.0.1", first.server->port(), *second.transport, nullptr);
    REQUIRE_FALSE(server.has_value());
    CHECK(server.error().code() == StatusCode::kUnavailable);
    CHECK(server.error().message().find("port") != std::string::npos);
}

TEST_CASE("grpc link: IPv6") {
    Peer probe;
    if (probe.listen("::1").empty()) {
        WARN("skipped: no IPv6 loopback on this host");
        return;
    }
    Pair pair(true, "::1");
    pair.up.send(pair.up_link.link, log_frame(1, "six"));
    REQUIRE(pair.down.wait_frames(1));
}

TEST_CASE("grpc link: shutdown with open links and work under way ends soon") {
    Pair pair(true);
    pair.up.on_loop([&] {
        for (int i = 0; i < 20; ++i) {
            pair.up.transport->send(pair.up_link.link,
                                    done_frame(static_cast<std::uint64_t>(i) + 1,
                                               std::size_t{4} << 20, static_cast<char>('a' + i)));
        }
    });
    const auto begin = std::chrono::steady_clock::now();
    pair.up.transport->shutdown();
    CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(3));
    CHECK(pair.up.record().closed.size() == 1);
    REQUIRE(pair.down.wait_closed());
}

}  // namespace quercus::transport::test
