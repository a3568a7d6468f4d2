#pragma once

// A tree of real Nodes in virtual time: simulated links, executors, reconnecting hosts and faults,
// all drawn from one seed. Every run with the same options is the same run.

#include <functional>
#include <memory>
#include <queue>
#include <set>
#include <unordered_map>

#include "runtime/scheduling/node.hpp"
#include "tests/simulation/script.hpp"

namespace quercus::simulation {

using scheduling::Duration;
using scheduling::Time;

struct WorldOptions {
    std::uint64_t seed = 1;
    std::size_t faults = 12;  // 0: none
    std::size_t jobs = 3;
    bool trace = false;
};

struct WorldResult {
    Status status;  // the first broken invariant
    std::size_t nodes = 0;
    std::uint64_t tasks = 0;
    std::size_t faults = 0;
    std::size_t manager_crashes = 0;
    std::uint64_t events = 0;
    std::uint64_t leaf_runs = 0;  // begun, also those that were lost
    std::uint64_t cached = 0;     // leaves that another's equal result has served
    std::uint64_t repeated = 0;   // runs of an input that had been run and is worth keeping
    // Of one worker, while work waits anywhere, or while there is some for every idle worker.
    Duration longest_idle{};
    Duration longest_idle_in_plenty{};
    Duration idle_limit{};  // two round trips through the whole tree + 10 ms
    Time ended{};
};

class Process;

class World {
 public:
    explicit World(WorldOptions options);
    ~World();
    [[nodiscard]] WorldResult run();

    // For processes.
    void at(Duration delay, std::function<void()> action);
    [[nodiscard]] Time now() const { return now_; }
    Philox& random() { return random_; }
    [[nodiscard]] Duration between(double low_ms, double high_ms);
    void fail(const std::string& what);
    void trace(const std::string& text);
    void leaf_begins(const scheduling::Task& task);
    void job_updated(const scheduling::JobUpdate& update);

    // Connections.
    void dial(std::size_t from, std::size_t to, scheduling::Position from_is);
    void send(std::size_t from, scheduling::LinkId link, scheduling::Frame frame);
    void close(std::size_t from, scheduling::LinkId link);
    void drop_links_of(std::size_t process, bool silently);
    [[nodiscard]] std::size_t find_address(const std::string& address) const;
    [[nodiscard]] Process& process(std::size_t index) { return *processes_[index]; }

    // After every step of a node.
    void look(std::size_t process);

 private:
    struct Pipe {
        std::size_t ends[2]{};
        scheduling::LinkId ids[2];
        bool open[2] = {true, true};
        Time busy_until[2]{};
        Duration delay{};
    };
    struct Job {
        Script script;
        Bytes expected;
        bool leaf = false;
        bool ended = false;
    };
    void build_tree();
    void submit_jobs();
    void plan_faults();
    bool fault();
    void crash_manager();
    void crash_rank(std::size_t victim);
    void break_links(std::size_t victim);
    void cut_off(std::size_t victim);
    bool partitioned(std::size_t a, std::size_t b) const;
    void settle();
    bool step();
    [[nodiscard]] Status check_end();
    void look_at_places(std::size_t process);

    struct Action {
        Time when;
        std::uint64_t order;
        std::function<void()> run;
        bool operator>(const Action& other) const {
            return std::tie(when, order) > std::tie(other.when, other.order);
        }
    };
    WorldOptions options_;
    Philox random_;
    Time now_{0};
    std::uint64_t order_ = 0;
    std::priority_queue<Action, std::vector<Action>, std::greater<>> actions_;
    std::vector<std::unique_ptr<Process>> processes_;
    std::unordered_map<scheduling::LinkId, std::shared_ptr<Pipe>> pipes_;
    std::uint64_t next_link_ = 1;
    std::unordered_map<scheduling::JobId, Job> jobs_;
    std::set<Bytes> inputs_run_;  // of cacheable leaves
    std::set<std::pair<std::string, std::pair<std::uint32_t, std::uint32_t>>> begun_;
    std::vector<std::pair<std::pair<std::size_t, std::size_t>, Time>> partitions_;
    Time lossy_until_{0};
    std::size_t unfinished_ = 0;
    struct Idle {
        Time any{-1};  // since when the place is idle though work waits somewhere; -1: it is not
        Time plenty{-1};
    };
    bool work_waits_ = false;
    bool plenty_ = false;               // as many tasks wait as workers are idle
    std::vector<std::size_t> waiting_;  // unstarted leaf tasks per process
    std::vector<std::vector<Idle>> idle_since_;
    WorldResult result_;
};

}  // namespace quercus::simulation
