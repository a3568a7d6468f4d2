#include "runtime/transport/tree_transport.hpp"

#include <atomic>
#include <chrono>
#include <future>
#include <optional>
#include <unordered_map>
#include <utility>

#include "quercus/v1/tree.grpc.pb.h"
#include "runtime/transport/hub.hpp"
#include "runtime/transport/link.hpp"
#include "runtime/transport/session.hpp"
#include "runtime/transport/stream.hpp"

namespace quercus::transport {

using scheduling::Frame;
using scheduling::LinkId;
using scheduling::Position;

namespace {

// How long an accepted Bulk stream waits for its Attach, and how many may.
constexpr std::chrono::seconds kPairTimeout{10};
constexpr std::size_t kMaxUnpaired = 1024;
constexpr std::chrono::seconds kShutdownTimeout{2};

}  // namespace

struct TreeTransport::State : public std::enable_shared_from_this<State> {
    State(loop::Loop& loop, LinkHandler link_handler)
        : hub(std::make_shared<Hub>(loop)), handler(std::move(link_handler)), service(*this) {}

    // ---- any thread
    struct Service final : public v1::Tree::CallbackService {
        explicit Service(State& owner) : state(owner) {}
        grpc::ServerBidiReactor<v1::Frame, v1::Frame>* Attach(
            grpc::CallbackServerContext* context) override {
            return state.accept_attach(context);
        }
        grpc::ServerBidiReactor<v1::Chunk, v1::Chunk>* Bulk(
            grpc::CallbackServerContext* context) override {
            return state.accept_bulk(context);
        }
        State& state;
    };

    grpc::ServerBidiReactor<v1::Frame, v1::Frame>* accept_attach(
        grpc::CallbackServerContext* context);
    grpc::ServerBidiReactor<v1::Chunk, v1::Chunk>* accept_bulk(
        grpc::CallbackServerContext* context);

    // Runs `work(link)` on the loop if the link still exists.
    template <class Work>
    void on_link(LinkId id, Work work) {
        hub->post([self = shared_from_this(), id, work = std::move(work)]() mutable {
            const auto found = self->links.find(id);
            if (found != self->links.end()) {
                const auto link = found->second;  // keeps it alive while it ends
                work(*link);
            }
        });
    }
    StreamHandler<v1::Frame> attach_handler(LinkId id);
    StreamHandler<v1::Chunk> bulk_handler(LinkId id);

    // ---- loop thread
    // Runs a callback of the owner; not after shutdown() has begun.
    template <class Call>
    void tell(const Call& call) {
        if (!silent) {
            call();
        }
    }
    std::shared_ptr<GrpcLink> add_link(LinkId id);
    void link_over(LinkId id, const Status& reason);
    void dial(LinkId id, const std::string& address, Position i_am);
    void dial_bulk(LinkId id, const Address& address, const std::string& session, Position i_am);
    void attach_accepted(const std::shared_ptr<ServerStream<v1::Frame>>& stream,
                         const std::string& session, Position i_am);
    void bulk_accepted(const std::shared_ptr<ServerStream<v1::Chunk>>& stream,
                       const std::string& session);
    void pair(LinkId id, const std::shared_ptr<ServerStream<v1::Chunk>>& stream);
    void send_in_process(LinkId id, Frame frame);
    void close_all();
    void drain(std::function<void()> then);
    void check_drained();
    // Any thread but gRPC's; at most twice kShutdownTimeout.
    void shutdown();
    // This side of an in-process link ends.
    void end_in_process(LinkId id, const Status& reason);

    // A Bulk stream whose Attach has not come yet.
    struct Unpaired {
        std::shared_ptr<ServerStream<v1::Chunk>> stream;  // gRPC's too
        std::unique_ptr<loop::Loop::Timer> timer;
    };
    struct InProcess {
        std::weak_ptr<State> peer;
        LinkId peer_link;
    };

    std::shared_ptr<Hub> hub;  // shared with streams, which may end after the transport
    LinkHandler handler;
    bool silent = false;
    bool draining = false;
    std::function<void()> on_drained;
    std::atomic<bool> shut = false;  // shutdown() may come from any thread, and twice
    std::unordered_map<LinkId, std::shared_ptr<GrpcLink>> links;  // shared: see on_link
    std::unordered_map<LinkId, InProcess> in_process;
    std::unordered_map<std::string, LinkId> sessions;  // of accepted links
    std::unordered_map<std::string, Unpaired> unpaired;

    Service service;
};

// ---------------------------------------------------------------- streams to links

StreamHandler<v1::Frame> TreeTransport::State::attach_handler(LinkId id) {
    StreamHandler<v1::Frame> out;
    const auto self = shared_from_this();
    out.on_message = [self, id](std::shared_ptr<v1::Frame> part) {
        self->on_link(id, [part = std::move(part)](GrpcLink& link) mutable {
            link.part_arrived(std::move(part));
        });
    };
    out.on_ended = [self, id](const Status& status) {
        self->on_link(id, [status](GrpcLink& link) { link.attach_ended(status); });
        self->hub->leave();
    };
    return out;
}

StreamHandler<v1::Chunk> TreeTransport::State::bulk_handler(LinkId id) {
    StreamHandler<v1::Chunk> out;
    const auto self = shared_from_this();
    out.on_opened = [] {};
    out.on_message = [self, id](std::shared_ptr<v1::Chunk> chunk) {
        self->on_link(id, [chunk = std::move(chunk)](GrpcLink& link) mutable {
            link.chunk_arrived(std::move(chunk));
        });
    };
    out.on_ended = [self, id](const Status& status) {
        self->on_link(id, [status](GrpcLink& link) { link.bulk_ended(status); });
        self->hub->leave();
    };
    return out;
}

std::shared_ptr<GrpcLink> TreeTransport::State::add_link(LinkId id) {
    const std::weak_ptr<State> weak = weak_from_this();
    GrpcLink::Owner owner;
    owner.on_frame = [weak, id](Frame frame) {
        if (const auto self = weak.lock()) {
            self->tell([&] { self->handler.on_frame(id, std::move(frame)); });
        }
    };
    owner.on_alive = [weak, id] {
        if (const auto self = weak.lock(); self && self->handler.on_alive) {
            self->tell([&] { self->handler.on_alive(id); });
        }
    };
    owner.on_over = [weak, id](const Status& reason) {
        if (const auto self = weak.lock()) {
            self->link_over(id, reason);
        }
    };
    auto link = std::make_shared<GrpcLink>(hub, std::move(owner));
    links.emplace(id, link);
    return link;
}

void TreeTransport::State::link_over(LinkId id, const Status& reason) {
    const auto found = links.find(id);
    if (found == links.end()) {
        return;
    }
    // The link may be in the middle of a call, even in its timer: it goes later.
    hub->post([link = std::move(found->second)]() {});
    links.erase(found);
    std::erase_if(sessions, [id](const auto& entry) { return entry.second == id; });
    tell([&] { handler.on_closed(id, reason); });
    check_drained();
}

// ---------------------------------------------------------------- dialling

void TreeTransport::State::dial(LinkId id, const std::string& address, Position i_am) {
    const auto parsed = parse_address(address, kManagerPort);
    if (!parsed) {
        return tell([&] { handler.on_closed(id, parsed.error()); });
    }
    const auto link = add_link(id);
    const std::string session = random_session();
    auto stream_handler = attach_handler(id);
    const auto self = shared_from_this();
    stream_handler.on_opened = [self, id, at = *parsed, session, i_am] {
        self->on_link(id, [self, id, at, session, i_am](GrpcLink& opened) {
            opened.opened();
            self->dial_bulk(id, at, session, i_am);
            self->tell([&] { self->handler.on_opened({id, i_am, true}); });
        });
    };
    const auto stream = std::make_shared<ClientStream<v1::Frame>>(make_channel(*parsed));
    stream->bind(link->frames(), std::move(stream_handler));
    if (!hub->enter(stream)) {
        return hub->leave();
    }
    link->set_attach(stream);
    link->expect_open(kConnectTimeout, parsed->to_string() + " does not answer");
    stream->context().AddMetadata(kSessionKey, session);
    stream->context().AddMetadata(kPositionKey, i_am == Position::kParent ? "parent" : "child");
    stream->run(stream, [](const auto& channel, grpc::ClientContext* context, auto* reactor) {
        v1::Tree::NewStub(channel)->async()->Attach(context, reactor);
    });
}

void TreeTransport::State::dial_bulk(LinkId id, const Address& address, const std::string& session,
                                     Position i_am) {
    const auto link = links.at(id);
    const auto stream = std::make_shared<ClientStream<v1::Chunk>>(make_channel(address));
    stream->bind(link->chunks(), bulk_handler(id));
    if (!hub->enter(stream)) {
        return hub->leave();
    }
    stream->context().AddMetadata(kSessionKey, session);
    stream->context().AddMetadata(kPositionKey, i_am == Position::kParent ? "parent" : "child");
    link->set_bulk(stream);
    stream->run(stream, [](const auto& channel, grpc::ClientContext* context, auto* reactor) {
        v1::Tree::NewStub(channel)->async()->Bulk(context, reactor);
    });
}

// ---------------------------------------------------------------- accepting

grpc::ServerBidiReactor<v1::Frame, v1::Frame>* TreeTransport::State::accept_attach(
    grpc::CallbackServerContext* context) {
    const auto stream =
        ServerStream<v1::Frame>::create(context, [h = hub](const Status&) { h->leave(); });
    const auto session = metadata(*context, kSessionKey);
    const auto position = metadata(*context, kPositionKey);
    if (!hub->enter(stream)) {
        stream->refuse(unavailable("shutting down"));
    } else if (!session || !is_session(*session) || !position ||
               (*position != "parent" && *position != "child")) {
        stream->refuse(invalid_argument(
            "Attach needs quercus-session (32 hex digits) and quercus-position (parent, child)"));
    } else {
        const auto peer = *position == "parent" ? Position::kParent : Position::kChild;
        hub->post([self = shared_from_this(), stream, key = *session, peer] {
            self->attach_accepted(stream, key, opposite(peer));
        });
    }
    return stream.get();
}

grpc::ServerBidiReactor<v1::Chunk, v1::Chunk>* TreeTransport::State::accept_bulk(
    grpc::CallbackServerContext* context) {
    const auto stream =
        ServerStream<v1::Chunk>::create(context, [h = hub](const Status&) { h->leave(); });
    const auto session = metadata(*context, kSessionKey);
    if (!hub->enter(stream)) {
        stream->refuse(unavailable("shutting down"));
    } else if (!session || !is_session(*session)) {
        stream->refuse(invalid_argument("Bulk needs quercus-session (32 hex digits)"));
    } else {
        hub->post([self = shared_from_this(), stream, key = *session] {
            self->bulk_accepted(stream, key);
        });
    }
    return stream.get();
}

void TreeTransport::State::attach_accepted(const std::shared_ptr<ServerStream<v1::Frame>>& stream,
                                           const std::string& session, Position i_am) {
    if (draining) {
        return stream->refuse(unavailable("shutting down"));
    }
    const LinkId id = hub->new_link();
    if (!sessions.emplace(session, id).second) {
        return stream->refuse({StatusCode::kAlreadyExists, "session is in use"});
    }
    const auto link = add_link(id);
    if (!stream->bind(link->frames(), attach_handler(id))) {
        sessions.erase(session);
        links.erase(id);
        return;
    }
    link->set_attach(stream);
    tell([&] { handler.on_opened({id, i_am, false}); });
    stream->run();
    if (auto waiting = unpaired.extract(session)) {
        pair(id, waiting.mapped().stream);
    }
}

void TreeTransport::State::bulk_accepted(const std::shared_ptr<ServerStream<v1::Chunk>>& stream,
                                         const std::string& session) {
    if (const auto found = sessions.find(session); found != sessions.end()) {
        return pair(found->second, stream);
    }
    if (unpaired.size() >= kMaxUnpaired || unpaired.contains(session)) {
        return stream->refuse(resource_exhausted("too many Bulk streams without Attach"));
    }
    auto timer = std::make_unique<loop::Loop::Timer>(hub->loop());
    timer->after(kPairTimeout, [weak = weak_from_this(), session] {
        const auto self = weak.lock();
        auto waiting = self ? self->unpaired.extract(session) : decltype(unpaired)::node_type{};
        if (waiting) {
            waiting.mapped().stream->refuse(not_found("no Attach with this session"));
            // Not destroyed inside its own timer.
            self->hub->post([late = std::make_shared<Unpaired>(std::move(waiting.mapped()))] {});
        }
    });
    unpaired.emplace(session, Unpaired{stream, std::move(timer)});
}

void TreeTransport::State::pair(LinkId id, const std::shared_ptr<ServerStream<v1::Chunk>>& stream) {
    const auto found = links.find(id);
    if (found == links.end() || found->second->has_bulk()) {
        return stream->refuse({StatusCode::kAlreadyExists, "the session has its Bulk stream"});
    }
    const auto link = found->second;
    if (stream->bind(link->chunks(), bulk_handler(id))) {
        stream->run();
        link->set_bulk(stream);
    }
}

// ---------------------------------------------------------------- in one process

void TreeTransport::State::send_in_process(LinkId id, Frame frame) {
    const auto& link = in_process.at(id);
    if (const auto peer = link.peer.lock()) {
        peer->hub->post([peer, to = link.peer_link, frame = std::move(frame)]() mutable {
            if (peer->in_process.contains(to)) {
                peer->tell([&] { peer->handler.on_frame(to, std::move(frame)); });
            }
        });
    }
}

void TreeTransport::State::end_in_process(LinkId id, const Status& reason) {
    const auto link = in_process.extract(id);
    if (!link) {
        return;
    }
    if (const auto peer = link.mapped().peer.lock()) {
        peer->hub->post([peer, to = link.mapped().peer_link] {
            peer->end_in_process(to, unavailable("closed by the peer"));
        });
    }
    tell([&] { handler.on_closed(id, reason); });
    check_drained();
}

// ---------------------------------------------------------------- the end

void TreeTransport::State::drain(std::function<void()> then) {
    draining = true;
    on_drained = std::move(then);
    const Status reason = unavailable("this process shuts down");
    const auto all = links;
    for (const auto& [id, link] : all) {
        link->is_opening() ? link->abort(reason) : link->close(reason);
    }
    while (!in_process.empty()) {
        end_in_process(in_process.begin()->first, reason);
    }
    check_drained();
}

void TreeTransport::State::check_drained() {
    if (on_drained && links.empty() && in_process.empty()) {
        hub->post(std::exchange(on_drained, nullptr));
    }
}

// Loop thread, or no thread at all when the loop does not run.
void TreeTransport::State::close_all() {
    const Status reason = unavailable("this process shuts down");
    const auto all = links;
    for (const auto& [id, link] : all) {
        link->abort(reason);
    }
    while (!in_process.empty()) {
        end_in_process(in_process.begin()->first, reason);
    }
    for (const auto& [session, waiting] : unpaired) {
        waiting.stream->cancel();
    }
    unpaired.clear();
    silent = true;
}

void TreeTransport::State::shutdown() {
    if (shut.exchange(true)) {
        return;
    }
    if (hub->loop().is_running() && !hub->loop().is_current()) {
        auto done = std::make_shared<std::promise<void>>();
        auto closed = done->get_future();
        hub->post([self = shared_from_this(), done = std::move(done)] {
            self->close_all();
            done->set_value();
        });
        // A loop that ends at this moment drops the work, and the promise with it.
        closed.wait_for(kShutdownTimeout);
    } else {
        silent = silent || !hub->loop().is_current();
        close_all();
    }
    hub->close();
    hub->cancel_streams(kShutdownTimeout);
}

// ---------------------------------------------------------------- public

TreeTransport::TreeTransport(loop::Loop& loop, LinkHandler handler) {
    state_ = std::make_shared<State>(loop, std::move(handler));
}

TreeTransport::~TreeTransport() {
    shutdown();
}

LinkId TreeTransport::dial(const std::string& address, Position i_am) {
    const LinkId id = state_->hub->new_link();
    state_->hub->post([self = state_, id, address, i_am] { self->dial(id, address, i_am); });
    return id;
}

void TreeTransport::send(LinkId link, Frame frame) {
    if (const auto found = state_->links.find(link); found != state_->links.end()) {
        const auto keep = found->second;
        keep->send(frame);
    } else if (state_->in_process.contains(link)) {
        state_->send_in_process(link, std::move(frame));
    }
}

void TreeTransport::close(LinkId link, const Status& reason) {
    if (const auto found = state_->links.find(link); found != state_->links.end()) {
        const auto keep = found->second;
        keep->close(reason);
    } else {
        // Later, as with a link over gRPC: callers do not expect on_closed inside of close().
        state_->hub->post([self = state_, link, reason] { self->end_in_process(link, reason); });
    }
}

void* TreeTransport::service() {
    return static_cast<grpc::Service*>(&state_->service);
}

void TreeTransport::join_in_process(TreeTransport& parent, TreeTransport& child) {
    const auto up = parent.state_;
    const auto down = child.state_;
    const LinkId up_id = up->hub->new_link();
    const LinkId down_id = down->hub->new_link();
    up->hub->post([up, down, up_id, down_id] {
        up->in_process.emplace(up_id, State::InProcess{down, down_id});
        // Posted before the parent can say anything, so that the child knows its link by then.
        const bool posted = down->hub->post([up, down, up_id, down_id] {
            down->in_process.emplace(down_id, State::InProcess{up, up_id});
            down->tell([&] { down->handler.on_opened({down_id, Position::kChild, false}); });
        });
        up->tell([&] { up->handler.on_opened({up_id, Position::kParent, false}); });
        if (!posted) {
            up->end_in_process(up_id, unavailable("the child is shutting down"));
        }
    });
}

void TreeTransport::drain(std::function<void()> then) {
    state_->drain(std::move(then));
}

void TreeTransport::shutdown() {
    state_->shutdown();
}

}  // namespace quercus::transport
