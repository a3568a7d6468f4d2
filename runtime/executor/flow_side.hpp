#pragma once

// The rank's flow executor and the workflows given to it. Loop thread only.

#include <memory>
#include <unordered_map>
#include <vector>

#include "runtime/executor/connection.hpp"
#include "runtime/executor/restart.hpp"

namespace quercus::executor {

class FlowSide final : private ConnectionOwner {
 public:
    explicit FlowSide(Context& context);

    Status start();
    void start_flow(const scheduling::Task& task, std::uint32_t round, const Payload& state);
    void deliver(const scheduling::TaskId& flow, std::span<const scheduling::Done> results);
    void cancel(const scheduling::TaskId& flow);
    void forget_results();
    void kill();
    [[nodiscard]] bool alive() const { return connection_ && connection_->alive(); }

 private:
    struct Running {
        scheduling::TaskId id;
        Seed job_seed = 0;
        std::uint64_t memory_bytes = 0;  // its children's limit, unless their batch has one
        bool cancelled = false;
        std::shared_ptr<const scheduling::TaskHead> last_child;  // chunks of a call share it
    };
    struct Waiting {
        scheduling::Task task;
        std::uint32_t round = 0;
        Payload state;
    };

    bool on_record(const Record& record, const Source& source) override;
    void on_ended(const std::string& detail) override;
    bool on_spawn(Running& flow, Decoder& in, const Source& source);
    bool on_unspawn(const Running& flow, Decoder& in);
    bool on_finished(std::uint64_t serial, Running& flow, Decoder& in, const Source& source);
    bool on_flow_record(RecordType type, Decoder in, const Source& source);
    void send_flow(const Waiting& flow);
    void forget(std::uint64_t serial);
    void kill_if_stuck(std::uint64_t serial);
    void restart();

    Context& context_;
    std::unique_ptr<Connection> connection_;
    std::unordered_map<std::uint64_t, Running> flows_;
    std::unordered_map<scheduling::TaskId, std::uint64_t> serials_;  // of flows not cancelled
    std::vector<Waiting> waiting_;                                   // while there is no process
    std::shared_ptr<const scheduling::TaskHead> head_;               // the last one sent
    std::uint64_t last_serial_ = 0;
    bool planned_kill_ = false;
    Restart restart_;
    loop::Loop::Timer grace_;
};

}  // namespace quercus::executor
