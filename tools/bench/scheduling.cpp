// How many leaf tasks per second the scheduling core moves on one core: through one rank's Node,
// and through a server, a manager and two ranks. Executors and links are free; nothing is encoded.

#include <chrono>
#include <cstdio>
#include <deque>
#include <map>
#include <vector>

#include "runtime/scheduling/node.hpp"

namespace {

using namespace quercus;
using namespace quercus::scheduling;

class Machine;

// A node with executors that finish everything at once, in batches.
class Fake final : public EffectSink {
 public:
    Fake(Machine& machine, NodeConfig config) : machine_(machine), node_(config) {}
    void post(Event event) { events_.push_back(std::move(event)); }
    bool step(Time now);
    [[nodiscard]] std::uint64_t done() const { return done_; }
    [[nodiscard]] std::uint64_t ran() const { return ran_; }

    void send(LinkId link, Frame frame) override;
    void close(LinkId, const Status&) override {}
    void dial_child(const std::string&) override {}
    void start_leaf(PlaceId place, const Task& task) override {
        ++ran_;
        post(LeafFinished{place, task.id, task.fence, {}, output_, 3});
    }
    void cancel_leaf(PlaceId, const TaskId&) override {}
    void start_flow(const Task& task, std::uint32_t, const Payload&) override;
    void deliver(const TaskId& flow, std::span<const Done> results) override;
    void cancel_flow(const TaskId&) override {}
    void forget_results() override {}
    void job_updated(const JobUpdate& update) override { finished_ = is_final(update.state); }
    void fact(const Fact&) override {}
    void exit(int) override {}
    [[nodiscard]] bool finished() const { return finished_; }

 private:
    friend class Machine;
    Machine& machine_;
    Node node_;
    std::vector<Event> events_;
    std::map<LinkId, std::pair<Fake*, LinkId>> peers_;
    Payload output_{Bytes("0123456789abcdef0123456789abcdef")};
    std::uint64_t done_ = 0;
    std::uint64_t ran_ = 0;
    bool finished_ = false;
};

class Machine {
 public:
    explicit Machine(std::uint64_t count) : tasks(count) {}
    Fake& add(Role role, std::uint8_t number) {
        NodeConfig config;
        config.node.bytes.fill(number);
        config.role = role;
        config.name = "node" + std::to_string(number);
        config.places = role == Role::kRank ? 2 : 0;
        nodes_.push_back(std::make_unique<Fake>(*this, config));
        Fake& node = *nodes_.back();
        for (std::uint32_t i = 0; i < config.places; ++i) {
            node.post(LeafReady{PlaceId{i}, {}});
        }
        if (role == Role::kRank) {
            node.post(FlowReady{});
        }
        return node;
    }
    void connect(Fake& parent, Fake& child) {
        const LinkId a{++links_};
        const LinkId b{++links_};
        parent.peers_[a] = {&child, b};
        child.peers_[b] = {&parent, a};
        parent.post(LinkOpened{a, Position::kParent, true});
        child.post(LinkOpened{b, Position::kChild, false});
    }
    // Until nothing moves or `until` is satisfied.
    template <class Predicate>
    void run(Predicate until) {
        for (bool moved = true; moved && !until();) {
            moved = false;
            for (auto& node : nodes_) {
                now_ += Time(20);
                moved = node->step(now_) || moved;
            }
        }
    }
    std::uint64_t tasks;

 private:
    std::vector<std::unique_ptr<Fake>> nodes_;
    std::uint64_t links_ = 0;
    Time now_{0};
};

bool Fake::step(Time now) {
    if (events_.empty()) {
        return false;
    }
    const std::vector<Event> batch = std::exchange(events_, {});
    node_.on(batch, now, *this);
    return true;
}

void Fake::send(LinkId link, Frame frame) {
    const auto& [peer, id] = peers_.at(link);
    peer->post(Received{id, std::move(frame)});
}

void Fake::start_flow(const Task& task, std::uint32_t, const Payload&) {
    FlowSpawned event;
    event.flow = task.id;
    event.head = std::make_shared<const TaskHead>(TaskHead{"hash", 1, false, 0, 0});
    for (std::uint64_t key = 0; key < machine_.tasks; ++key) {
        event.keys.push_back(key);
        event.inputs.emplace_back(Bytes(reinterpret_cast<const char*>(&key), 8) + "12345678");
    }
    post(std::move(event));
}

void Fake::deliver(const TaskId& flow, std::span<const Done> results) {
    done_ += results.size();
    if (done_ == machine_.tasks) {
        post(FlowFinished{flow, {}, Payload(Bytes("all"))});
    }
}

void measure(const char* name, bool whole_tree, std::uint64_t tasks) {
    Machine machine(tasks);
    Fake& server = machine.add(Role::kServer, 1);
    std::vector<Fake*> ranks;
    if (whole_tree) {
        Fake& manager = machine.add(Role::kManager, 2);
        machine.connect(server, manager);
        for (const std::uint8_t number : {std::uint8_t{3}, std::uint8_t{4}}) {
            ranks.push_back(&machine.add(Role::kRank, number));
            machine.connect(manager, *ranks.back());
        }
    } else {
        ranks.push_back(&machine.add(Role::kRank, 3));
        machine.connect(server, *ranks.back());
    }
    machine.run([] { return false; });
    JobId job;
    job.bytes.fill(7);
    const auto head = std::make_shared<const TaskHead>(TaskHead{"flow", 1, true, 0, 0});
    const auto begin = std::chrono::steady_clock::now();
    server.post(JobSubmitted{job, head, Payload(Bytes("in"))});
    machine.run([&] { return server.finished(); });
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    std::printf("%-28s %llu tasks in %.3f s: %.0f tasks/s; ran per rank:", name,
                static_cast<unsigned long long>(tasks), took.count(),
                static_cast<double>(tasks) / took.count());
    for (const Fake* rank : ranks) {
        std::printf(" %llu", static_cast<unsigned long long>(rank->ran()));
    }
    std::printf("%s\n", server.finished() ? "" : "  NOT FINISHED");
}

}  // namespace

int main() {
    for (const std::uint64_t tasks : {std::uint64_t{1000}, std::uint64_t{100000}}) {
        measure("one rank", false, tasks);
        measure("server, manager, two ranks", true, tasks);
    }
    return 0;
}
