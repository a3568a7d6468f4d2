#pragma once

// One process of the tree, put together: a scheduling::Node on a loop, its links, its executors,
// its dialling and its log. All methods on the loop's thread unless said otherwise.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "quantum/base/status.hpp"
#include "runtime/executor/executors.hpp"
#include "runtime/loop/loop.hpp"
#include "runtime/scheduling/node.hpp"
#include "runtime/transport/tree_transport.hpp"

namespace quercus::host {

struct NodeHostOptions {
    scheduling::NodeConfig node;
    std::vector<std::string> children;                    // dialled down
    std::vector<std::string> parents;                     // dialled up, alternates in order
    std::optional<executor::ExecutorsOptions> executors;  // ranks only
};

struct NodeHostCallbacks {
    std::function<void(const scheduling::JobUpdate&)> on_job;        // server only
    std::function<void(int code)> on_exit;                           // executors and links are gone
    std::function<void(const Digest&, const Payload&)> on_cached{};  // server only
};

class NodeHost {
 public:
    NodeHost(loop::Loop& loop, NodeHostOptions options, NodeHostCallbacks callbacks);
    ~NodeHost();

    // Starts node, executors and dialling. `listening`: where others can dial this process.
    Status start(std::vector<std::string> listening = {});
    // Queues an event for the node; any thread. `then` runs on the loop once it has acted.
    void submit(scheduling::Event event, std::function<void()> then = {});
    // Stops the subtree in order; a second call exits at once. Any thread.
    void request_stop();

    [[nodiscard]] transport::TreeTransport& transport();
    [[nodiscard]] const scheduling::Node& node() const;
    [[nodiscard]] scheduling::Time now() const;

 private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

// A fresh random id.
template <class Id>
Id random_id();

// The fields every process fills alike: id, incarnation, build, kernels, numeric profile, name.
[[nodiscard]] scheduling::NodeConfig make_node_config(scheduling::Role role);

// The path of quercus-executor: $QUERCUS_EXECUTOR, else beside this executable, else
// ../libexec/quercus.
[[nodiscard]] Result<std::string> find_executor();

}  // namespace quercus::host
