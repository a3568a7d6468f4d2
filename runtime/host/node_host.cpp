#include "runtime/host/node_host.hpp"

#include <sys/random.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <unordered_map>

#include "runtime/host/build_info.hpp"
#include "runtime/host/dialer.hpp"
#include "runtime/host/logging.hpp"
#include "runtime/host/machine.hpp"
#include "runtime/tasks/registry.hpp"

namespace quercus::host {

using scheduling::LinkId;
using scheduling::NodeId;

template <class Id>
Id random_id() {
    Id id;
    if (getrandom(id.bytes.data(), id.bytes.size(), 0) != static_cast<ssize_t>(id.bytes.size())) {
        std::abort();  // the kernel's generator never fails for 16 bytes
    }
    id.bytes[6] = static_cast<std::uint8_t>((id.bytes[6] & 0x0f) | 0x40);  // RFC 4122 version 4
    id.bytes[8] = static_cast<std::uint8_t>((id.bytes[8] & 0x3f) | 0x80);
    return id;
}
template NodeId random_id<NodeId>();
template scheduling::JobId random_id<scheduling::JobId>();

scheduling::NodeConfig make_node_config(scheduling::Role role) {
    scheduling::NodeConfig config;
    config.node = random_id<NodeId>();
    config.incarnation =
        static_cast<std::uint64_t>(std::chrono::system_clock::now().time_since_epoch().count());
    config.role = role;
    config.name = inspect_machine().host_name + ":" + std::to_string(getpid());
    config.build = build_text();
    config.kernels = digest_of(tasks::builtin_registry().describe());
    config.numeric_profile = numeric_profile();
    return config;
}

Result<std::string> find_executor() {
    if (const char* path = std::getenv("QUERCUS_EXECUTOR"); path != nullptr && *path != '\0') {
        return std::string(path);
    }
    std::error_code error;
    const auto folder = std::filesystem::read_symlink("/proc/self/exe", error).parent_path();
    for (const auto& candidate :
         {folder / "quercus-executor", folder / "../libexec/quercus/quercus-executor"}) {
        if (access(candidate.c_str(), X_OK) == 0) {
            return candidate.string();
        }
    }
    return not_found("quercus-executor not found beside " + folder.string() +
                     " (set QUERCUS_EXECUTOR)");
}

class NodeHost::Impl final : public scheduling::EffectSink {
 public:
    Impl(loop::Loop& loop, NodeHostOptions options, NodeHostCallbacks callbacks)
        : loop_(loop),
          options_(std::move(options)),
          callbacks_(std::move(callbacks)),
          transport_(loop, link_handler()),
          dialer_(loop, dialer_ports()),
          tick_(loop) {
        if (options_.executors) {
            executors_.emplace(loop, *options_.executors,
                               [this](std::vector<scheduling::Event> events) {
                                   for (scheduling::Event& event : events) {
                                       enqueue(std::move(event));
                                   }
                               });
        }
    }

    Status start(std::vector<std::string> listening) {
        options_.node.listening = std::move(listening);
        node_.emplace(options_.node);
        if (executors_) {
            if (Status status = executors_->start(); !status.is_ok()) {
                return status;
            }
        }
        for (const std::string& address : options_.children) {
            dialer_.keep_child(address);
        }
        if (!options_.parents.empty()) {
            dialer_.keep_parent(options_.parents);
        }
        enqueue(scheduling::Tick{});
        return Status::ok();
    }

    void submit(scheduling::Event event, std::function<void()> then) {
        loop_.post([this, event = std::move(event), then = std::move(then)]() mutable {
            enqueue(std::move(event));
            if (then) {
                after_drain_.push_back(std::move(then));
            }
        });
    }

    void request_stop() {
        loop_.post([this] {
            if (stop_requested_) {
                finish(1);
                return;
            }
            stop_requested_ = true;
            enqueue(scheduling::StopRequested{});
        });
    }

    transport::TreeTransport& transport() { return transport_; }
    [[nodiscard]] const scheduling::Node& node() const { return *node_; }
    [[nodiscard]] scheduling::Time now() const { return loop_.now(); }

    // EffectSink
    void send(LinkId link, scheduling::Frame frame) override {
        transport_.send(link, std::move(frame));
    }
    void close(LinkId link, const Status& reason) override { transport_.close(link, reason); }
    void dial_child(const std::string& address) override {
        dialer_.try_child(address, loop_.now() + options_.node.lease);
    }
    void start_leaf(scheduling::PlaceId place, const scheduling::Task& task) override {
        executors_->start_leaf(place, task);
    }
    void cancel_leaf(scheduling::PlaceId place, const scheduling::TaskId& id) override {
        executors_->cancel_leaf(place, id);
    }
    void start_flow(const scheduling::Task& task, std::uint32_t round,
                    const Payload& state) override {
        executors_->start_flow(task, round, state);
    }
    void deliver(const scheduling::TaskId& flow,
                 std::span<const scheduling::Done> results) override {
        executors_->deliver(flow, results);
    }
    void cancel_flow(const scheduling::TaskId& flow) override { executors_->cancel_flow(flow); }
    void forget_results() override { executors_->forget_results(); }
    void job_updated(const scheduling::JobUpdate& update) override {
        if (callbacks_.on_job) {
            callbacks_.on_job(update);
        }
    }
    void cached(const Digest& digest, const Payload& output) override {
        if (callbacks_.on_cached) {
            callbacks_.on_cached(digest, output);
        }
    }
    void fact(const scheduling::Fact& fact) override {
        log_event(fact.severity, fact.what, fact.detail);
    }
    void exit(int code) override { finish(code); }

 private:
    transport::LinkHandler link_handler() {
        return {[this](scheduling::LinkOpened opened) { enqueue(opened); },
                [this](LinkId link, scheduling::Frame frame) {
                    note_peer(link, frame);
                    enqueue(scheduling::Received{link, std::move(frame)});
                },
                [this](LinkId link, Status reason) {
                    peers_.erase(link);
                    dialer_.on_closed(link, reason);
                    enqueue(scheduling::LinkClosed{link, std::move(reason)});
                },
                [this](LinkId link) { enqueue(scheduling::PeerAlive{link}); }};
    }

    DialerPorts dialer_ports() {
        return {[this](const std::string& address, scheduling::Position i_am) {
                    return transport_.dial(address, i_am);
                },
                [this](NodeId node) {
                    for (const auto& [link, peer] : peers_) {
                        if (peer.node == node) {
                            return true;
                        }
                    }
                    return false;
                },
                [this] {
                    for (const auto& [link, peer] : peers_) {
                        if (peer.is_parent) {
                            return true;
                        }
                    }
                    return false;
                }};
    }

    void note_peer(LinkId link, const scheduling::Frame& frame) {
        if (frame.items.empty()) {
            return;
        }
        if (const auto* hello = std::get_if<scheduling::Hello>(&frame.items.front())) {
            peers_[link] = {hello->node, hello->i_am == scheduling::Position::kParent};
            dialer_.on_peer(link, hello->node);
        }
    }

    // Events of one turn of the loop reach the node as one batch.
    void enqueue(scheduling::Event event) {
        if (finished_) {
            return;
        }
        pending_.push_back(std::move(event));
        if (!drain_posted_) {
            drain_posted_ = true;
            loop_.post([this] { drain(); });
        }
    }

    void drain() {
        drain_posted_ = false;
        if (!node_) {
            return;  // start() drains what came before it
        }
        std::vector<scheduling::Event> batch;
        batch.swap(pending_);
        if (finished_) {
            return;
        }
        node_->on(batch, loop_.now(), *this);
        for (const auto& then : std::exchange(after_drain_, {})) {
            then();
        }
        if (finished_) {
            return;
        }
        // "Never" is the largest number there is, which a clock cannot be set to; a tick too early
        // is harmless.
        const auto delay = std::clamp<scheduling::Time>(
            node_->next_tick() - loop_.now(), std::chrono::milliseconds(1), std::chrono::hours(1));
        tick_.after(delay, [this] { enqueue(scheduling::Tick{}); });
    }

    void finish(int code) {
        if (finished_) {
            return;
        }
        finished_ = true;
        tick_.cancel();
        dialer_.stop();
        const auto leave = [this, code] {
            if (callbacks_.on_exit) {
                callbacks_.on_exit(code);
            }
        };
        // The farewells reach the peers before this process is gone.
        const auto drain = [this, leave] { transport_.drain(leave); };
        if (executors_) {
            executors_->stop(drain);
        } else {
            drain();
        }
    }

    struct Peer {
        NodeId node;
        bool is_parent = false;
    };

    loop::Loop& loop_;
    NodeHostOptions options_;
    NodeHostCallbacks callbacks_;
    std::optional<scheduling::Node> node_;  // from start() on
    transport::TreeTransport transport_;
    Dialer dialer_;
    std::optional<executor::Executors> executors_;
    std::unordered_map<LinkId, Peer> peers_;
    std::vector<scheduling::Event> pending_;
    std::vector<std::function<void()>> after_drain_;
    loop::Loop::Timer tick_;
    bool drain_posted_ = false;
    bool stop_requested_ = false;
    bool finished_ = false;
};

NodeHost::NodeHost(loop::Loop& loop, NodeHostOptions options, NodeHostCallbacks callbacks)
    : impl_(std::make_unique<Impl>(loop, std::move(options), std::move(callbacks))) {}
NodeHost::~NodeHost() = default;
Status NodeHost::start(std::vector<std::string> listening) {
    return impl_->start(std::move(listening));
}
void NodeHost::submit(scheduling::Event event, std::function<void()> then) {
    impl_->submit(std::move(event), std::move(then));
}
void NodeHost::request_stop() {
    impl_->request_stop();
}
transport::TreeTransport& NodeHost::transport() {
    return impl_->transport();
}
const scheduling::Node& NodeHost::node() const {
    return impl_->node();
}
scheduling::Time NodeHost::now() const {
    return impl_->now();
}

}  // namespace quercus::host
