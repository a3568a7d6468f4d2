#include "runtime/wire/nodes.hpp"

#include <algorithm>

#include "quercus/v1/nodes.pb.h"
#include "runtime/wire/limits.hpp"
#include "runtime/wire/values.hpp"

namespace quercus::wire {
namespace {

static_assert(static_cast<int>(scheduling::Role::kRank) + 1 == v1::ROLE_RANK);
static_assert(static_cast<int>(scheduling::Role::kServer) + 1 == v1::ROLE_SERVER);

scheduling::WorkerInfo from_proto(const v1::WorkerInfo& worker, Intake& intake) {
    scheduling::WorkerInfo out;
    for (const int cpu : worker.cpus()) {
        intake.require(cpu >= 0, "worker: negative cpu");
        out.cpus.push_back(cpu);
    }
    intake.require(worker.pid() >= 0, "worker: negative pid");
    out.pid = worker.pid();
    out.tasks_done = worker.tasks_done();
    return out;
}

void add_workers(const std::vector<scheduling::WorkerInfo>& workers, v1::NodeInfo& out) {
    std::size_t cpus_left = kMaxCpus;
    for (std::size_t i = 0; i < std::min(workers.size(), kMaxWorkers); ++i) {
        auto* worker = out.add_workers();
        const std::size_t cpus = std::min(workers[i].cpus.size(), cpus_left);
        worker->mutable_cpus()->Add(workers[i].cpus.begin(),
                                    workers[i].cpus.begin() + static_cast<std::ptrdiff_t>(cpus));
        cpus_left -= cpus;
        worker->set_pid(workers[i].pid);
        worker->set_tasks_done(workers[i].tasks_done);
    }
}

void read_workers(const v1::NodeInfo& node, scheduling::NodeInfo& out, Intake& intake) {
    std::size_t cpus = 0;
    for (const auto& worker : node.workers()) {
        cpus += static_cast<std::size_t>(worker.cpus_size());
        if (!intake.require(out.workers.size() < kMaxWorkers && cpus <= kMaxCpus,
                            "node: too many workers or cpus")) {
            return;
        }
        out.workers.push_back(from_proto(worker, intake));
    }
}

}  // namespace

void to_proto(const scheduling::NodeInfo& node, v1::NodeInfo& out) {
    out.set_node(to_bytes(node.node.bytes));
    out.set_parent(to_bytes(node.parent.bytes));
    out.set_role(to_enum<v1::Role>(node.role));
    out.set_name(clean_text(node.name, kMaxNameBytes));
    out.set_build(clean_text(node.build, kMaxNameBytes));
    for (std::size_t i = 0; i < std::min(node.listening.size(), kMaxListening); ++i) {
        out.add_listening(clean_text(node.listening[i], kMaxNameBytes));
    }
    std::size_t tags = 0;
    for (const auto& [key, value] : node.tags) {
        if (++tags > kMaxTags) {
            break;
        }
        (*out.mutable_tags())[clean_text(key, kMaxNameBytes)] = clean_text(value, kMaxNameBytes);
    }
    add_workers(node.workers, out);
    out.set_state(clean_text(node.state, kMaxNameBytes));
}

scheduling::NodeInfo from_proto(const v1::NodeInfo& node, Intake& intake) {
    scheduling::NodeInfo out;
    out.node = from_node_id(node.node(), intake);
    out.parent = {from_bytes16(node.parent(), "node parent", intake)};
    out.role = from_enum(node.role(), scheduling::Role::kRank, "node role", intake);
    out.name = from_text(node.name(), kMaxNameBytes, "node name", intake);
    out.build = from_text(node.build(), kMaxNameBytes, "node build", intake);
    if (!intake.require(static_cast<std::size_t>(node.listening_size()) <= kMaxListening &&
                            node.tags().size() <= kMaxTags,
                        "node: too many addresses or tags")) {
        return out;
    }
    for (const auto& address : node.listening()) {
        out.listening.push_back(from_text(address, kMaxNameBytes, "node address", intake));
    }
    for (const auto& [key, value] : node.tags()) {
        out.tags.emplace(from_text(key, kMaxNameBytes, "node tag", intake),
                         from_text(value, kMaxNameBytes, "node tag", intake));
    }
    read_workers(node, out, intake);
    out.state = from_text(node.state(), kMaxNameBytes, "node state", intake);
    return out;
}

}  // namespace quercus::wire
