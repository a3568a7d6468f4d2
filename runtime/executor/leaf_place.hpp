#pragma once

// One worker: a leaf executor and the tasks given to it. Loop thread only.

#include <deque>
#include <memory>
#include <vector>

#include "runtime/executor/connection.hpp"
#include "runtime/executor/restart.hpp"

namespace quercus::executor {

class LeafPlace final : private ConnectionOwner {
 public:
    LeafPlace(Context& context, scheduling::PlaceId place, std::vector<int> cpus);

    Status start();
    void start_task(const scheduling::Task& task);
    void cancel(const scheduling::TaskId& id);
    void kill();
    [[nodiscard]] bool alive() const { return connection_ && connection_->alive(); }

 private:
    struct Given {
        std::uint64_t serial = 0;
        scheduling::TaskId id;
        scheduling::Fence fence;
        bool cancelled = false;
    };

    bool on_record(const Record& record, const Source& source) override;
    void on_ended(const std::string& detail) override;
    bool on_result(Decoder in, const Source& source);
    void send_task(const scheduling::Task& task);
    // The oldest given task is the one that runs, or will next: only it can be stopped.
    void stop_front_if_cancelled();
    void kill_if_still_running(std::uint64_t serial);
    void restart();

    Context& context_;
    const scheduling::PlaceId place_;
    const std::vector<int> cpus_;
    std::unique_ptr<Connection> connection_;
    std::deque<Given> given_;                           // in the order of the ring
    std::deque<scheduling::Task> waiting_;              // given while there is no process
    std::shared_ptr<const scheduling::TaskHead> head_;  // the last one sent
    std::uint64_t last_serial_ = 0;
    std::uint64_t tasks_done_ = 0;
    bool planned_kill_ = false;
    Restart restart_;
    loop::Loop::Timer grace_;
};

}  // namespace quercus::executor
