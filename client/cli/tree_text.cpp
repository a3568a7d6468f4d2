#include "client/cli/tree_text.hpp"

#include <set>

#include "client/cli/table.hpp"

namespace quercus::cli {
namespace {

using client::NodeInfo;

// What stands before a line: `own` for the line itself, `below` for the lines under it.
struct Indent {
    std::string own;
    std::string below;
    [[nodiscard]] Indent child(bool last) const {
        return {below + (last ? "└─ " : "├─ "), below + (last ? "   " : "│  ")};
    }
};

std::string node_line(const NodeInfo& node) {
    std::string line = node.role + " " + node.name + "  " + node.id.substr(0, 8) + "  " +
                       node.build + "  " + node.state;
    for (const std::string& address : node.listening) {
        line += "  " + address;
    }
    for (const auto& [key, value] : node.tags) {
        line += "  " + key + "=" + value;
    }
    return line;
}

std::string worker_line(std::size_t index, const client::WorkerInfo& worker) {
    return "worker " + std::to_string(index) + "  cpus " + short_list(worker.cpus) + "  pid " +
           std::to_string(worker.pid) + "  " + std::to_string(worker.tasks_done) + " tasks";
}

class Drawing {
 public:
    explicit Drawing(const std::vector<NodeInfo>& nodes) : nodes_(nodes) {}

    std::string draw() {
        std::set<std::string> ids;
        for (const NodeInfo& node : nodes_) {
            ids.insert(node.id);
        }
        for (const NodeInfo& node : nodes_) {
            if (!ids.contains(node.parent)) {
                add(node, {});
            }
        }
        return text_;
    }

 private:
    void line(const std::string& text) { text_ += (text_.empty() ? "" : "\n") + text; }

    void add(const NodeInfo& node, const Indent& indent) {
        if (!drawn_.insert(node.id).second) {
            return;  // a circle cannot be drawn
        }
        line(indent.own + node_line(node));
        std::vector<const NodeInfo*> children;
        for (const NodeInfo& other : nodes_) {
            if (other.parent == node.id) {
                children.push_back(&other);
            }
        }
        const std::size_t rows = node.workers.size() + children.size();
        for (std::size_t i = 0; i < rows; ++i) {
            const Indent below = indent.child(i + 1 == rows);
            if (i < node.workers.size()) {
                line(below.own + worker_line(i, node.workers[i]));
            } else {
                add(*children[i - node.workers.size()], below);
            }
        }
    }

    const std::vector<NodeInfo>& nodes_;
    std::string text_;
    std::set<std::string> drawn_;
};

}  // namespace

std::string tree_text(const std::vector<NodeInfo>& nodes) {
    return Drawing(nodes).draw();
}

std::size_t count_workers(const std::vector<NodeInfo>& nodes) {
    std::size_t workers = 0;
    for (const NodeInfo& node : nodes) {
        workers += node.state == "lost" ? 0 : node.workers.size();
    }
    return workers;
}

}  // namespace quercus::cli
