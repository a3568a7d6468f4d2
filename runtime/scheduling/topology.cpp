#include "runtime/scheduling/topology.hpp"

#include "runtime/scheduling/brain.hpp"

namespace quercus::scheduling {
namespace {

constexpr Duration kCountInterval = std::chrono::seconds(1);

NodeInfo describe(const Child& child) {
    NodeInfo info;
    info.node = child.hello.node;
    info.role = child.hello.role;
    info.name = child.hello.name;
    info.build = child.hello.build;
    info.listening = child.hello.listening;
    return info;
}

std::string state_of(const Child& child, Time now) {
    if (child.attached) {
        return child.compatible ? "up" : "up, gets no tasks: other kernels or numeric profile";
    }
    if (child.lost) {
        return "lost";
    }
    const auto silent = std::chrono::duration_cast<std::chrono::seconds>(now - child.last_word);
    return "silent for " + std::to_string(silent.count()) + " s";
}

}  // namespace

Subtree Topology::compose(Time now) const {
    const NodeConfig& config = brain_.config;
    Subtree subtree;
    NodeInfo self;
    self.node = config.node;
    self.parent = brain_.uplink.parent();
    self.role = config.role;
    self.name = config.name;
    self.build = config.build;
    self.listening = config.listening;
    self.tags = config.tags;
    self.workers = brain_.places.workers();
    self.state = "up";
    subtree.nodes.push_back(std::move(self));
    for (const auto& [id, child] : brain_.downlinks.all()) {
        if (!child->ever_attached) {
            continue;
        }
        const std::string state = state_of(*child, now);
        NodeInfo top = describe(*child);
        std::size_t first = 0;
        if (!child->subtree.nodes.empty() && child->subtree.nodes.front().node == id) {
            top = child->subtree.nodes.front();
            first = 1;
        }
        top.parent = config.node;
        top.state = state;
        subtree.nodes.push_back(std::move(top));
        for (std::size_t i = first; i < child->subtree.nodes.size(); ++i) {
            NodeInfo below = child->subtree.nodes[i];
            // It may hang elsewhere by now.
            if (!child->attached && brain_.downlinks.link_of(below.node) != nullptr) {
                continue;
            }
            if (!child->attached && below.state == "up") {
                below.state = state;
            }
            subtree.nodes.push_back(std::move(below));
        }
    }
    return subtree;
}

void Topology::update() {
    if (brain_.uplink.link() == nullptr) {
        return;
    }
    if (changed_ || (counted_ && brain_.now >= told_ + kCountInterval)) {
        changed_ = counted_ = false;
        told_ = brain_.now;
        Subtree subtree = compose(brain_.now);
        const std::size_t bytes = 512 * subtree.nodes.size();
        brain_.uplink.say(std::move(subtree), bytes);
    }
}

Time Topology::next_tick() const {
    return counted_ && brain_.uplink.link() != nullptr ? told_ + kCountInterval : Time::max();
}

}  // namespace quercus::scheduling
