#pragma once

// One Node and what it says: the test plays everybody else.

#include <map>

#include "runtime/scheduling/node.hpp"

namespace quercus::scheduling::testing {

NodeId node_id(std::uint8_t number);
JobId job_id(std::uint8_t number);
std::shared_ptr<const TaskHead> leaf_head();
std::shared_ptr<const TaskHead> cacheable_head();
std::shared_ptr<const TaskHead> flow_head();
std::shared_ptr<const TaskHead> cacheable_flow_head();

class Harness final : public EffectSink {
 public:
    explicit Harness(NodeConfig config);
    static NodeConfig config(Role role, std::uint8_t number);

    void on(Event event);
    void advance(Duration by);
    // The peer says these things in the next frame of the link.
    void hear(LinkId link, std::vector<Item> items);
    // Opens a link and says Hello; a child also sends an inventory and a Load.
    LinkId child(std::uint8_t number, std::uint64_t window, Inventory inventory = {});
    // A child with other kernels.
    LinkId stranger(std::uint8_t number);
    LinkId parent(std::uint8_t number);
    Hello hello(std::uint8_t number, Position i_am, Role role) const;

    // Everything said on the link since the last call, of one kind.
    template <class T>
    std::vector<T> said(LinkId link) {
        std::vector<T> found;
        for (const Item& item : out_[link]) {
            if (const T* one = std::get_if<T>(&item)) {
                found.push_back(*one);
            }
        }
        out_[link].clear();
        return found;
    }
    std::vector<Task> tasks_to(LinkId link);

    Node node;
    Time now{0};
    std::vector<std::pair<PlaceId, Task>> started;
    std::vector<std::pair<PlaceId, TaskId>> cancelled;
    std::vector<Task> flows;
    std::vector<TaskId> cancelled_flows;
    std::vector<Done> delivered;
    std::vector<JobUpdate> updates;
    std::vector<Digest> written;
    std::vector<std::string> facts;
    std::vector<std::string> dialled;
    std::map<LinkId, Status> closed;
    std::optional<int> exit_code;
    int forgets = 0;  // forget_results
    std::size_t delivered_before_forget = 0;

    void send(LinkId link, Frame frame) override;
    void close(LinkId link, const Status& reason) override { closed[link] = reason; }
    void dial_child(const std::string& address) override { dialled.push_back(address); }
    void start_leaf(PlaceId place, const Task& task) override { started.emplace_back(place, task); }
    void cancel_leaf(PlaceId place, const TaskId& id) override {
        cancelled.emplace_back(place, id);
    }
    void start_flow(const Task& task, std::uint32_t, const Payload&) override {
        flows.push_back(task);
    }
    void deliver(const TaskId&, std::span<const Done> results) override {
        delivered.insert(delivered.end(), results.begin(), results.end());
    }
    void cancel_flow(const TaskId& flow) override { cancelled_flows.push_back(flow); }
    void forget_results() override {
        ++forgets;
        delivered_before_forget = delivered.size();
    }
    void job_updated(const JobUpdate& update) override { updates.push_back(update); }
    void cached(const Digest& digest, const Payload&) override { written.push_back(digest); }
    void fact(const Fact& fact) override { facts.emplace_back(fact.what); }
    void exit(int code) override { exit_code = code; }

 private:
    std::map<LinkId, std::vector<Item>> out_;
    std::map<LinkId, std::uint64_t> seq_;
    std::uint64_t next_link_ = 1;
};

}  // namespace quercus::scheduling::testing
