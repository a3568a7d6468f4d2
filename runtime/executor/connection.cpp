#include "runtime/executor/connection.hpp"

#include <fcntl.h>
#include <linux/futex.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cassert>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>

namespace quercus::executor {

namespace {

// Result records per reading above which an executor is polled rather than waited for.
constexpr std::size_t kBusyBytes = 256;
constexpr std::size_t kKeptErrorBytes = 4096;

void signal_eventfd(int fd) {
    const std::uint64_t one = 1;
    [[maybe_unused]] const ssize_t n = ::write(fd, &one, sizeof(one));
}

void clear_eventfd(int fd) {
    std::uint64_t count = 0;
    [[maybe_unused]] const ssize_t n = ::read(fd, &count, sizeof(count));
}

}  // namespace

struct Connection::Descriptors {
    Fd memory, own_wake, peer_wake, socket, error_output;
};

Connection::Connection(Context& context, ConnectionOwner& owner, SharedMemory memory,
                       Descriptors fds)
    : context_(context),
      owner_(owner),
      memory_(std::move(memory)),
      writer_(memory_, 0),
      reader_(memory_, 1),
      wake_(std::move(fds.own_wake)),
      peer_wake_(std::move(fds.peer_wake)),
      socket_(std::move(fds.socket)),
      error_output_(std::move(fds.error_output)) {}

Result<std::unique_ptr<Connection>> Connection::start(Context& context, ConnectionOwner& owner,
                                                      const std::string& mode,
                                                      std::uint64_t limit_bytes,
                                                      const std::vector<int>& cpus) {
    auto memory_fd = SharedMemory::create();
    if (!memory_fd) {
        return memory_fd.error();
    }
    Descriptors ours;
    Descriptors theirs;
    theirs.memory = Fd(*memory_fd);
    auto memory = SharedMemory::map(*memory_fd);
    if (!memory) {
        return memory.error();
    }
    int sockets[2] = {-1, -1};
    int errors[2] = {-1, -1};
    ours.own_wake = Fd(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    ours.peer_wake = Fd(::eventfd(0, EFD_CLOEXEC));
    const bool paired = ::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets) == 0;
    const bool piped = ::pipe2(errors, O_CLOEXEC) == 0;
    ours.socket = Fd(sockets[0]);
    theirs.socket = Fd(sockets[1]);
    ours.error_output = Fd(errors[0]);
    theirs.error_output = Fd(errors[1]);
    if (ours.own_wake.get() < 0 || ours.peer_wake.get() < 0 || !paired || !piped ||
        ::fcntl(sockets[0], F_SETFL, O_NONBLOCK) != 0 ||
        ::fcntl(errors[0], F_SETFL, O_NONBLOCK) != 0) {
        return resource_exhausted(std::string("descriptors of an executor: ") +
                                  std::strerror(errno));
    }
    std::unique_ptr<Connection> connection(
        new Connection(context, owner, std::move(*memory), std::move(ours)));
    if (Status spawned = connection->spawn(mode, limit_bytes, cpus, std::move(theirs));
        !spawned.is_ok()) {
        return spawned;
    }
    return connection;
}

Status Connection::spawn(const std::string& mode, std::uint64_t limit_bytes,
                         const std::vector<int>& cpus, Descriptors theirs) {
    const ExecutorsOptions& options = context_.options;
    SpawnRequest request;
    request.binary = options.binary;
    request.arguments = {mode, std::to_string(::getpid()), std::to_string(limit_bytes)};
    request.environment = child_environment(options.visible_env);
    request.cpus = cpus;
    request.memory = theirs.memory.get();
    request.own_wake = peer_wake_.get();
    request.peer_wake = wake_.get();
    request.socket = theirs.socket.get();
    request.error_output = theirs.error_output.get();
    auto child = context_.spawner.spawn(request);
    if (!child) {
        return child.error();
    }
    child_ = std::move(*child);
    wake_watch_.emplace(context_.loop, wake_.get(), [this] { on_wake(); });
    process_watch_.emplace(context_.loop, child_.pidfd.get(), [this] { on_process_ended(); });
    error_watch_.emplace(context_.loop, error_output_.get(),
                         [this] { static_cast<void>(read_error_output()); });
    rest(false);
    return Status::ok();
}

Connection::~Connection() {
    context_.forget(*this);
    if (alive()) {
        kill();
        static_cast<void>(reap(child_.pid));
    }
}

void Connection::kill() {
    if (alive()) {
        ::kill(child_.pid, SIGKILL);
    }
}

void Connection::fail(std::string reason) {
    if (failure_.empty()) {
        failure_ = std::move(reason);
        kill();
    }
}

// ---------------------------------------------------------------- sending

Message& Connection::message() {
    message_.clear();
    return message_;
}

bool Connection::try_send(std::uint8_t type, BytesView body, std::vector<BytesView>& blobs) {
    if (!writer_.has_room(body.size())) {
        return false;
    }
    while (!blobs.empty()) {
        const Status sent = send_blob(socket_.get(), blobs.front());
        if (!sent.is_ok()) {
            return false;
        }
        blobs.erase(blobs.begin());
    }
    return writer_.push(type, body);
}

void Connection::send(RecordType type) {
    assert(message_.body.view().size() <= kMaxBodyBytes);
    if (!alive()) {
        return;
    }
    std::vector<BytesView> blobs = message_.blobs();
    const auto code = static_cast<std::uint8_t>(type);
    if (!queue_.empty() || !try_send(code, message_.body.view(), blobs)) {
        Queued queued{code, message_.body.view(), {}};
        for (const BytesView blob : blobs) {
            queued.blobs.emplace_back(blob);
        }
        queue_.push_back(std::move(queued));
    }
    if (!std::exchange(dirty_, true)) {
        context_.flush_soon(*this);
    }
}

void Connection::send_queued() {
    // Twice, with the announcement in between: what became free meanwhile is not announced again.
    for (int round = 0; round < 2 && !queue_.empty(); ++round) {
        while (!queue_.empty()) {
            Queued& first = queue_.front();
            std::vector<BytesView> blobs(first.blobs.begin(), first.blobs.end());
            const bool sent = try_send(first.type, first.body, blobs);
            first.blobs.erase(first.blobs.begin(),
                              first.blobs.end() - static_cast<std::ptrdiff_t>(blobs.size()));
            if (!sent) {
                break;
            }
            queue_.pop_front();
        }
        if (!queue_.empty() && round == 0) {
            static_cast<void>(writer_.wait_for_room(kRingBytes));
        }
    }
    if (writer_.broken()) {
        fail("the ring's read position is impossible");
    }
}

void Connection::flush() {
    dirty_ = false;
    if (!alive()) {
        return;
    }
    send_queued();
    if (writer_.publish()) {
        signal_eventfd(peer_wake_.get());
    }
}

void Connection::request_stop(std::uint64_t serial) {
    ControlPage& page = memory_.control();
    page.stop_serial.store(serial, std::memory_order_release);
    page.stop_signal.fetch_add(1, std::memory_order_release);
    ::syscall(SYS_futex, &page.stop_signal, FUTEX_WAKE, 1, nullptr, nullptr, 0);
}

std::uint64_t Connection::running() const {
    return memory_.control().running.load(std::memory_order_acquire);
}

// ---------------------------------------------------------------- reading

bool Connection::pass_on(BytesView records) {
    // The executor can change shared memory at any time: copy first, then look.
    const auto batch = std::make_shared<const Bytes>(records);
    const Source source{batch, socket_.get()};
    RecordCursor cursor(*batch);
    while (const auto record = cursor.next()) {
        if (!owner_.on_record(*record, source)) {
            fail("bad record of type " + std::to_string(record->type));
            return false;
        }
    }
    if (!cursor.ok()) {
        fail("the ring holds something that is no record");
    }
    return cursor.ok();
}

void Connection::poll() {
    polled_ = false;
    read_records();
}

void Connection::read_records() {
    reader_.wake_up();
    const BytesView records = failure_.empty() ? reader_.available() : BytesView();
    const std::size_t bytes = records.size();
    if (bytes > 0 && pass_on(records) && reader_.consume(bytes)) {
        signal_eventfd(peer_wake_.get());
    }
    if (reader_.broken()) {
        fail("the ring's write position is impossible");
    }
    if (!queue_.empty()) {
        flush();
    }
    rest(bytes > kBusyBytes);
}

// Asleep until the executor wakes this process, or dozing until the poll timer or an idle executor.
void Connection::rest(bool busy) {
    if (!alive() || !failure_.empty()) {
        return;
    }
    if (busy || !reader_.prepare_sleep()) {
        reader_.doze();
        if (!std::exchange(polled_, true)) {
            context_.poll_soon(*this);
        }
    }
}

void Connection::on_wake() {
    clear_eventfd(wake_.get());
    read_records();
    context_.emit();
}

// True when something was read.
bool Connection::read_error_output() {
    char buffer[4096];
    const ssize_t n = ::read(error_output_.get(), buffer, sizeof(buffer));
    if (n <= 0) {
        if (n == 0) {
            error_watch_.reset();  // closed by its last writer
        }
        return false;
    }
    const auto bytes = static_cast<std::size_t>(n);
    last_errors_.append(buffer, bytes);
    if (last_errors_.size() > kKeptErrorBytes) {
        last_errors_.erase(0, last_errors_.size() - kKeptErrorBytes);
    }
    [[maybe_unused]] const ssize_t passed_on = ::write(STDERR_FILENO, buffer, bytes);
    return true;
}

void Connection::on_process_ended() {
    process_watch_.reset();
    while (read_error_output()) {
    }
    read_records();
    wake_watch_.reset();
    error_watch_.reset();
    std::string detail = reap(std::exchange(child_.pid, -1));
    if (!failure_.empty()) {
        detail = failure_ + "; killed";
    }
    if (!last_errors_.empty()) {
        detail += "; last words: " + last_errors_;
    }
    owner_.on_ended(detail);
    context_.emit();
}

}  // namespace quercus::executor
