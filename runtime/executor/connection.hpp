#pragma once

// One executor process as its control process sees it: spawned by the constructor's caller through
// `start`, fed and read without ever blocking, and distrusted. Loop thread only.

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runtime/executor/context.hpp"
#include "runtime/executor/records.hpp"
#include "runtime/executor/ring.hpp"

namespace quercus::executor {

class ConnectionOwner {
 public:
    virtual ~ConnectionOwner() = default;
    // False for a record that no honest executor sends; the executor is then killed.
    virtual bool on_record(const Record& record, const Source& source) = 0;
    // The process has ended and all its records have been read. The connection is still valid; it
    // must not be destroyed inside this call.
    virtual void on_ended(const std::string& detail) = 0;
};

class Connection {
 public:
    // `mode`: "leaf", whose limit is that of each task's memory, or "flow", that of what it
    // remembers.
    static Result<std::unique_ptr<Connection>> start(Context& context, ConnectionOwner& owner,
                                                     const std::string& mode,
                                                     std::uint64_t limit_bytes,
                                                     const std::vector<int>& cpus);
    ~Connection();  // kills and reaps a process that still lives
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    // An empty message to fill; then send() it. Kept here for its memory.
    Message& message();
    // Queued here when the ring or the socket is full.
    void send(RecordType type);
    // Wakes the executor if it sleeps.
    void flush();
    // Reads all records there are and passes them to the owner.
    void read_records();
    // The same, for the context's poll list, which has dropped this connection.
    void poll();

    // Fires the stop token of the running task if it is this one.
    void request_stop(std::uint64_t serial);
    // What the executor says it is executing; 0: nothing. Not to be trusted.
    [[nodiscard]] std::uint64_t running() const;
    void kill();
    [[nodiscard]] bool alive() const { return child_.pid > 0; }
    [[nodiscard]] pid_t pid() const { return child_.pid; }

 private:
    struct Descriptors;
    struct Queued {
        std::uint8_t type = 0;
        Bytes body;
        std::vector<Bytes> blobs;
    };
    Connection(Context& context, ConnectionOwner& owner, SharedMemory memory, Descriptors fds);
    Status spawn(const std::string& mode, std::uint64_t limit_bytes, const std::vector<int>& cpus,
                 Descriptors theirs);

    bool try_send(std::uint8_t type, BytesView body, std::vector<BytesView>& blobs);
    void send_queued();
    bool pass_on(BytesView records);
    void rest(bool busy);
    void on_wake();
    void on_process_ended();
    bool read_error_output();
    void fail(std::string reason);

    Context& context_;
    ConnectionOwner& owner_;
    SharedMemory memory_;
    RingWriter writer_;
    RingReader reader_;
    Message message_;
    std::deque<Queued> queue_;
    bool dirty_ = false;
    bool polled_ = false;

    Fd wake_;       // eventfd this process sleeps on
    Fd peer_wake_;  // eventfd the executor sleeps on
    Fd socket_;
    Fd error_output_;
    Child child_;
    std::string failure_;      // why it was killed, if it was for misbehaviour
    std::string last_errors_;  // the end of its error output
    std::optional<loop::Loop::Watch> wake_watch_;
    std::optional<loop::Loop::Watch> process_watch_;
    std::optional<loop::Loop::Watch> error_watch_;
};

}  // namespace quercus::executor
