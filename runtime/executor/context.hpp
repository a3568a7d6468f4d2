#pragma once

// What all executors of a rank share in their control process: the batch of events being collected,
// which connections have something to flush, and which are being polled. Loop thread only.

#include <memory>
#include <vector>

#include "runtime/executor/executors.hpp"
#include "runtime/executor/process.hpp"

namespace quercus::executor {

class Connection;

class Context : public std::enable_shared_from_this<Context> {
 public:
    Context(loop::Loop& loop, ExecutorsOptions options, EventSink sink);

    loop::Loop& loop;
    const ExecutorsOptions options;
    Spawner spawner;
    bool stopping = false;
    std::vector<scheduling::Event> events;  // to be emitted when the current batch has been read

    // Hands the collected events to the sink, then flushes what the sink has caused.
    void emit();
    // Emits soon, from the loop; for events that arise inside a call of the scheduler.
    void emit_later();
    // The connection's records are on their way before control returns to the loop's other work.
    void flush_soon(Connection& connection);
    // Busy connections are read by a timer instead of one wake-up per result.
    void poll_soon(Connection& connection);
    void forget(Connection& connection);

 private:
    void flush_all();
    void poll_all();

    EventSink sink_;
    bool in_sink_ = false;
    bool emit_posted_ = false;
    bool flush_posted_ = false;
    std::vector<Connection*> dirty_;
    std::vector<Connection*> polled_;
    loop::Loop::Timer poll_timer_;
};

}  // namespace quercus::executor
