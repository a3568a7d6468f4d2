#include "runtime/executor/blob.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>

#include "runtime/executor/process.hpp"
#include "runtime/executor/records.hpp"
#include "tests/support/catch.hpp"

using namespace quercus;
using namespace quercus::executor;

namespace {

struct Pair {
    Pair() {
        int fds[2];
        REQUIRE(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds) == 0);
        a = Fd(fds[0]);
        b = Fd(fds[1]);
    }
    Fd a, b;
};

void send_plain_fd(int socket, int fd) {
    char byte = 'x';
    iovec part{&byte, 1};
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))]{};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control;
    message.msg_controllen = sizeof(control);
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    std::memcpy(CMSG_DATA(header), &fd, sizeof(fd));
    REQUIRE(::sendmsg(socket, &message, 0) == 1);
}

}  // namespace

TEST_CASE("a blob arrives as it was sent") {
    const Pair pair;
    const std::string content(3'000'000, 'q');
    REQUIRE(send_blob(pair.a.get(), content).is_ok());
    auto blob = receive_blob(pair.b.get(), content.size());
    REQUIRE(blob);
    CHECK(*blob->map() == content);
}

TEST_CASE("what is no sealed file of the right size is refused") {
    const Pair pair;
    SECTION("nothing there") {
        CHECK(receive_blob(pair.b.get(), 10).status().code() == StatusCode::kDataLoss);
    }
    SECTION("another size") {
        REQUIRE(send_blob(pair.a.get(), "0123456789").is_ok());
        CHECK(receive_blob(pair.b.get(), 11).status().code() == StatusCode::kDataLoss);
    }
    SECTION("unsealed: it could shrink under its reader") {
        const Fd file(::memfd_create("open", MFD_CLOEXEC | MFD_ALLOW_SEALING));
        REQUIRE(::ftruncate(file.get(), 10) == 0);
        send_plain_fd(pair.a.get(), file.get());
        CHECK(receive_blob(pair.b.get(), 10).status().code() == StatusCode::kDataLoss);
    }
    SECTION("a message without a file") {
        REQUIRE(::send(pair.a.get(), "x", 1, 0) == 1);
        CHECK(receive_blob(pair.b.get(), 1).status().code() == StatusCode::kDataLoss);
    }
}

TEST_CASE("a full socket is no error that lasts") {
    const Pair pair;
    int sent = 0;
    Status status;
    while (sent < 100'000 && (status = send_blob(pair.a.get(), "blob")).is_ok()) {
        ++sent;
    }
    CAPTURE(sent);
    REQUIRE(sent > 0);
    REQUIRE(status.code() == StatusCode::kUnavailable);
    for (int i = 0; i < sent; ++i) {
        REQUIRE(receive_blob(pair.b.get(), 4));
    }
    CHECK(send_blob(pair.a.get(), "blob").is_ok());
}

TEST_CASE("payloads and outcomes are read back, and garbage is not") {
    Message message;
    message.payload("small");
    message.outcome(invalid_argument("why"), "ignored");
    message.outcome({}, "out");
    const auto batch = std::make_shared<const Bytes>(message.body.view());
    const Source source{batch, -1};
    Decoder in(*batch);
    CHECK(read_payload(in, source)->view() == "small");
    CHECK(read_outcome(in, source)->first == invalid_argument("why"));
    CHECK(read_outcome(in, source)->second.view() == "out");
    CHECK(in.finished());
    for (const BytesView bad : {BytesView(""), BytesView("\x02", 1), BytesView("\x00\x05x", 3),
                                BytesView("\x01\x05", 2)}) {
        Decoder broken(bad);
        CHECK_FALSE(read_payload(broken, source));
    }
    Decoder code(BytesView("\x11\x00", 2));
    CHECK_FALSE(read_outcome(code, source));
}
