// Bad input costs its sender one clear error and changes nothing for the others.

#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>

#include "quantum/base/codec.hpp"
#include "runtime/host/node_host.hpp"
#include "runtime/tasks/map_request.hpp"
#include "runtime/transport/grpc_server.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/tree.hpp"

using namespace quercus;
using namespace quercus::testing;
using namespace std::chrono_literals;

namespace {

// A raw TCP connection that says `bytes` and stays open until destroyed.
class RawConnection {
 public:
    RawConnection(const std::string& address, const std::string& bytes) {
        const std::size_t colon = address.rfind(':');
        addrinfo hints{};
        hints.ai_socktype = SOCK_STREAM;
        addrinfo* found = nullptr;
        REQUIRE(getaddrinfo(address.substr(0, colon).c_str(), address.substr(colon + 1).c_str(),
                            &hints, &found) == 0);
        fd_ = socket(found->ai_family, SOCK_STREAM, 0);
        REQUIRE(connect(fd_, found->ai_addr, found->ai_addrlen) == 0);
        freeaddrinfo(found);
        REQUIRE(send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL) ==
                static_cast<ssize_t>(bytes.size()));
    }
    ~RawConnection() { close(fd_); }
    RawConnection(const RawConnection&) = delete;
    RawConnection& operator=(const RawConnection&) = delete;

 private:
    int fd_ = -1;
};

void check_still_works(WaitingJobs& jobs) {
    const auto spec = make_spec(tasks::TaskRequest{"map", tasks::counted_map("hash", 100)});
    REQUIRE(jobs.submit(spec));
    const auto status = jobs.wait(spec.id, within(20s));
    REQUIRE(status);
    CHECK(status->state == scheduling::JobState::kSucceeded);
}

// The preface of HTTP/2 and the head of a frame that declares more than ever comes.
std::string half_a_frame() {
    return std::string("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n") +
           std::string("\0\0\x80\x04\0\0\0\0\0abc", 12);
}

}  // namespace

TEST_CASE("bad input: garbage and half frames on the ports of server and manager") {
    Tree tree;
    Daemon& manager = tree.manager({"-n", "1"});
    tree.server({manager.address});
    REQUIRE(tree.wait_workers(1, within(20s)));
    const auto remote = transport::connect_jobs(tree.server_address());
    WaitingJobs jobs(*remote);
    std::string garbage(4096, '\0');
    Philox random(11);
    for (char& byte : garbage) {
        byte = static_cast<char>(random.below(256));
    }
    const RawConnection a(tree.server_address(), garbage);
    const RawConnection b(manager.address, garbage);
    const RawConnection c(tree.server_address(), half_a_frame());
    const RawConnection d(manager.address, half_a_frame());
    check_still_works(jobs);
    CHECK(tree.stop(within(15s)));
}

TEST_CASE("bad input: unknown ids, double cancel, result of a cancelled job") {
    Tree tree;
    Daemon& manager = tree.manager({"-n", "1"});
    tree.server({manager.address});
    REQUIRE(tree.wait_workers(1, within(20s)));
    const auto remote = transport::connect_jobs(tree.server_address());
    WaitingJobs jobs(*remote);
    const auto nobody = host::random_id<scheduling::JobId>();
    CHECK(jobs.get(nobody).error().code() == StatusCode::kNotFound);
    CHECK(jobs.cancel(nobody).error().code() == StatusCode::kNotFound);
    CHECK(jobs.fetch(nobody).error().code() == StatusCode::kNotFound);

    Encoder encoder;
    encoder.varint(60000);
    const auto spec = make_spec(tasks::TaskRequest{"sleep", encoder.take()});
    REQUIRE(jobs.submit(spec));
    REQUIRE(manager.wait_log({"task_started"}, 1, within(10s)));
    CHECK(jobs.cancel(spec.id)->state == scheduling::JobState::kCancelled);
    CHECK(jobs.cancel(spec.id)->state == scheduling::JobState::kCancelled);
    CHECK(jobs.fetch(spec.id).error().code() == StatusCode::kCancelled);

    const auto unknown_kind = jobs.submit(make_spec(tasks::TaskRequest{"no-such-kind", {}}));
    REQUIRE_FALSE(unknown_kind);
    CHECK(unknown_kind.error().code() == StatusCode::kInvalidArgument);
    base::Matrix not_unitary = base::Matrix::identity(4);
    not_unitary(0, 0) = 2;
    const auto bad_matrix = jobs.submit(make_spec(tasks::CompileRequest{not_unitary}));
    REQUIRE_FALSE(bad_matrix);
    CHECK(bad_matrix.error().code() == StatusCode::kInvalidArgument);
    // The cancelled sleeper's place is free again.
    check_still_works(jobs);
    CHECK(tree.stop(within(15s)));
}

TEST_CASE("bad input: a node of another protocol version is refused with both versions named") {
    Tree tree;
    Daemon& manager = tree.manager({"-x"});
    loop::Loop loop;
    Status reason;
    bool was_refused = false;
    transport::TreeTransport* transport_pointer = nullptr;
    transport::TreeTransport transport(
        loop, {[&](scheduling::LinkOpened opened) {
                   scheduling::Hello hello;
                   hello.protocol_major = 99;
                   hello.i_am = scheduling::Position::kChild;
                   hello.node = host::random_id<scheduling::NodeId>();
                   hello.name = "from-the-future";
                   scheduling::Frame frame;
                   frame.seq = 1;
                   frame.items.push_back(hello);
                   transport_pointer->send(opened.link, std::move(frame));
               },
               [&](scheduling::LinkId, const scheduling::Frame& frame) {
                   for (const auto& item : frame.items) {
                       if (const auto* bye = std::get_if<scheduling::Bye>(&item)) {
                           reason = bye->reason;
                       }
                   }
               },
               [&](scheduling::LinkId, const Status& status) {
                   was_refused = true;
                   if (reason.is_ok()) {
                       reason = status;
                   }
                   loop.stop();
               }});
    transport_pointer = &transport;
    loop::Loop::Timer limit(loop);
    loop.post([&] {
        limit.after(10s, [&] { loop.stop(); });
        transport.dial(manager.address, scheduling::Position::kChild);
    });
    loop.run();
    transport.shutdown();
    CHECK(was_refused);
    CAPTURE(reason.to_string());
    CHECK(reason.code() == StatusCode::kFailedPrecondition);
    CHECK(reason.message().find("99") != std::string::npos);
    manager.process.kill(SIGINT);
    CHECK(manager.process.wait(within(10s)) == ExitStatus{0, 0});
}

TEST_CASE("bad input: a manager whose parent is its own child is told so, and others go on") {
    Tree tree;
    Daemon& good = tree.manager({"-n", "1"});
    Daemon& lower = tree.manager({"-x"});
    Daemon& upper = tree.manager({"-m", lower.address, "--join", lower.address});
    tree.server({good.address, upper.address});
    REQUIRE(tree.wait_workers(1, within(20s)));
    CHECK((upper.wait_log({"loop: node"}, 1, within(10s)) ||
           lower.wait_log({"loop: node"}, 1, within(1s))));
    const auto remote = transport::connect_jobs(tree.server_address());
    WaitingJobs jobs(*remote);
    check_still_works(jobs);
    // The two may or may not have come under the server; they end on their own signals as well.
    lower.process.kill(SIGINT);
    upper.process.kill(SIGINT);
    CHECK(tree.stop(within(15s)));
}

TEST_CASE("bad input: a watcher that does not read slows nobody") {
    Tree tree;
    Daemon& manager = tree.manager({"-n", "1"});
    tree.server({manager.address});
    REQUIRE(tree.wait_workers(1, within(20s)));
    const auto remote = transport::connect_jobs(tree.server_address());
    WaitingJobs jobs(*remote);
    Encoder encoder;
    encoder.varint(20'000'000);
    const auto chatty = make_spec(tasks::TaskRequest{"test.chatty", encoder.take()});
    REQUIRE(jobs.submit(chatty));
    // A process of its own, stopped in the middle: its socket fills up and stays full.
    Process watcher = Process::start({binary("quercus"), "--server", tree.server_address(),
                                      "--json", "watch", chatty.id.to_string()});
    REQUIRE(watcher.wait_for_output("running|xxx", within(20s)));
    watcher.kill(SIGSTOP);
    check_still_works(jobs);
    const auto status = jobs.wait(chatty.id, within(30s));
    REQUIRE(status);
    CHECK(status->state == scheduling::JobState::kSucceeded);
    watcher.kill(SIGKILL);
    CHECK(tree.stop(within(15s)));
}
