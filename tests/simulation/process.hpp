#pragma once

// One simulated process: a Node with its host (dialling, ticking) and, on a rank, its executors.

#include <deque>

#include "tests/simulation/world.hpp"

namespace quercus::simulation {

struct ProcessPlan {
    std::string name;
    scheduling::Role role = scheduling::Role::kRank;
    std::uint32_t places = 0;
    std::vector<std::size_t> join;          // dials up to the first that takes it
    std::vector<std::size_t> dial_down;     // dials these, like `quercus-server host ...`
    std::optional<std::size_t> started_by;  // dies with that process
    bool listens = true;
};

class Process final : public scheduling::EffectSink {
 public:
    Process(World& world, std::size_t index, ProcessPlan plan);

    void start();
    void crash();
    [[nodiscard]] bool alive() const { return node_ != nullptr; }
    [[nodiscard]] const ProcessPlan& plan() const { return plan_; }
    [[nodiscard]] scheduling::Node* node() { return node_.get(); }
    [[nodiscard]] const scheduling::NodeId& id() const { return id_; }
    [[nodiscard]] bool is_idle(std::uint32_t place) const;
    // Runs the action in this process, unless it has died by then.
    void later(Duration delay, std::function<void()> action);
    void event(scheduling::Event event);
    void link_opened(scheduling::LinkId link, std::size_t peer, scheduling::Position i_am,
                     bool dialled);
    void link_closed(scheduling::LinkId link);
    bool crash_leaf();
    bool crash_flow();

    // EffectSink.
    void send(scheduling::LinkId link, scheduling::Frame frame) override;
    void close(scheduling::LinkId link, const Status& reason) override;
    void dial_child(const std::string& address) override;
    void start_leaf(scheduling::PlaceId place, const scheduling::Task& task) override;
    void cancel_leaf(scheduling::PlaceId place, const scheduling::TaskId& id) override;
    void start_flow(const scheduling::Task& task, std::uint32_t round,
                    const Payload& state) override;
    void deliver(const scheduling::TaskId& flow,
                 std::span<const scheduling::Done> results) override;
    void cancel_flow(const scheduling::TaskId& flow) override;
    void forget_results() override {}
    void job_updated(const scheduling::JobUpdate& update) override;
    void fact(const scheduling::Fact& fact) override;
    void exit(int code) override;

 private:
    struct Given {
        scheduling::Task task;
        bool cancelled = false;
    };
    struct Leaf {
        std::deque<Given> given;
        bool up = false;
        bool running = false;
        std::uint64_t life = 0;  // counts starts of the executor and of tasks
    };
    struct Flow {
        std::unique_ptr<ScriptRun> run;
        std::uint64_t instance = 0;
    };
    void schedule_tick();
    void keep_connected();
    void leaf_up(std::uint32_t place);
    void leaf_next(std::uint32_t place);
    void leaf_finishes(std::uint32_t place, bool cancelled);
    void flow_steps(const scheduling::TaskId& id, std::uint64_t instance);

    World& world_;
    std::size_t index_;
    ProcessPlan plan_;
    scheduling::NodeId id_;
    std::uint64_t incarnation_ = 0;
    std::unique_ptr<scheduling::Node> node_;
    std::vector<std::pair<scheduling::LinkId, std::pair<std::size_t, scheduling::Position>>> links_;
    std::size_t next_join_ = 0;
    Time ticking_{Time::max()};
    std::vector<Leaf> leaves_;
    std::unordered_map<scheduling::TaskId, Flow> flows_;
    std::uint64_t instances_ = 0;
    bool flow_up_ = false;
};

}  // namespace quercus::simulation
