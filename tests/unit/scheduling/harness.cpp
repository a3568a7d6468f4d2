#include "tests/unit/scheduling/harness.hpp"

namespace quercus::scheduling::testing {
namespace {

template <class Id>
Id numbered(std::uint8_t number) {
    Id id;
    id.bytes.fill(number);
    return id;
}

}  // namespace

NodeId node_id(std::uint8_t number) {
    return numbered<NodeId>(number);
}
JobId job_id(std::uint8_t number) {
    return numbered<JobId>(number);
}

std::shared_ptr<const TaskHead> leaf_head() {
    return std::make_shared<const TaskHead>(TaskHead{"leaf", 1, false, 0, 0});
}
std::shared_ptr<const TaskHead> cacheable_head() {
    return std::make_shared<const TaskHead>(TaskHead{"leaf", 1, false, 0, 0, true});
}
std::shared_ptr<const TaskHead> flow_head() {
    return std::make_shared<const TaskHead>(TaskHead{"flow", 1, true, 0, 0});
}
std::shared_ptr<const TaskHead> cacheable_flow_head() {
    return std::make_shared<const TaskHead>(TaskHead{"flow", 1, true, 0, 0, true});
}

NodeConfig Harness::config(Role role, std::uint8_t number) {
    NodeConfig config;
    config.node = node_id(number);
    config.role = role;
    config.name = "node" + std::to_string(number);
    config.places = role == Role::kRank ? 2 : 0;
    config.patience = Duration{0};  // what is said can be read at once
    return config;
}

Harness::Harness(NodeConfig config) : node(config) {
    on(Tick{});
    for (std::uint32_t i = 0; i < config.places; ++i) {
        on(LeafReady{PlaceId{i}, {}});
    }
    if (config.role == Role::kRank) {
        on(FlowReady{});
    }
}

void Harness::on(Event event) {
    node.on(std::span(&event, 1), now, *this);
}

void Harness::advance(Duration by) {
    now += by;
    on(Tick{});
}

void Harness::hear(LinkId link, std::vector<Item> items) {
    on(Received{link, Frame{++seq_[link], 0, std::move(items)}});
}

Hello Harness::hello(std::uint8_t number, Position i_am, Role role) const {
    Hello hello;
    hello.i_am = i_am;
    hello.role = role;
    hello.node = node_id(number);
    hello.incarnation = 1;
    hello.name = "node" + std::to_string(number);
    return hello;
}

LinkId Harness::stranger(std::uint8_t number) {
    const LinkId link{next_link_++};
    on(LinkOpened{link, Position::kParent, false});
    Hello other = hello(number, Position::kChild, Role::kRank);
    other.kernels.bytes[0] ^= 1;
    hear(link, {other, Inventory{}});
    return link;
}

LinkId Harness::child(std::uint8_t number, std::uint64_t window, Inventory inventory) {
    const LinkId link{next_link_++};
    on(LinkOpened{link, Position::kParent, false});
    Load load;
    load.window = load.idle = window;
    load.takes_flows = true;
    hear(link, {hello(number, Position::kChild, Role::kRank), std::move(inventory), load});
    return link;
}

LinkId Harness::parent(std::uint8_t number) {
    const LinkId link{next_link_++};
    on(LinkOpened{link, Position::kChild, true});
    hear(link,
         {hello(number, Position::kParent, Role::kServer), Ancestors{{node_id(number)}, true}});
    return link;
}

std::vector<Task> Harness::tasks_to(LinkId link) {
    std::vector<Task> tasks;
    for (const TaskBatch& batch : said<TaskBatch>(link)) {
        tasks.insert(tasks.end(), batch.tasks.begin(), batch.tasks.end());
    }
    return tasks;
}

void Harness::send(LinkId link, Frame frame) {
    auto& items = out_[link];
    items.insert(items.end(), frame.items.begin(), frame.items.end());
}

}  // namespace quercus::scheduling::testing
