#pragma once

// Internal to the room: one bidirectional gRPC stream of messages M in each direction, the same
// object for the side that dialled and the side that accepted. One read and one write are in flight
// at most; what waits to be written is kept by an Outgoing, what was read and not yet taken is
// bounded, so that HTTP/2 flow control slows the peer.
//
// All methods: any thread. Handlers run on gRPC threads and must not block.

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/support/client_callback.h>
#include <grpcpp/support/server_callback.h>

#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>

#include "quantum/base/status.hpp"
#include "runtime/transport/grpc_settings.hpp"
#include "runtime/transport/outgoing.hpp"

namespace quercus::transport {

template <class M>
struct StreamHandler {
    // The peer has accepted. Dialling side only.
    std::function<void()> on_opened;
    // In order; the receiver calls consumed(1) when it has made room.
    std::function<void(std::shared_ptr<M>)> on_message;
    // The last call. OK: the peer ended the stream, or finish() did.
    std::function<void(const Status&)> on_ended;
};

class AnyStream {
 public:
    virtual ~AnyStream() = default;
    // Ends the stream at once.
    virtual void cancel() = 0;
};

// Messages read ahead of their receiver.
inline constexpr std::size_t kReadAhead = 16;

template <class M>
class Stream : public AnyStream {
 public:
    // Before it is started a stream may be given to its link; false when it has ended already.
    bool bind(std::shared_ptr<Outgoing<M>> outgoing, StreamHandler<M> handler) {
        const std::lock_guard lock(mutex_);
        if (released_) {
            return false;
        }
        outgoing_ = std::move(outgoing);
        handler_ = std::move(handler);
        return true;
    }

    // There may be something to write.
    void kick() {
        const std::lock_guard lock(mutex_);
        step();
    }
    void consumed(std::size_t messages) {
        const std::lock_guard lock(mutex_);
        unconsumed_ -= messages;
        read_next();
    }
    // Ends the stream when everything has been written. The accepting side tells the peer `reason`.
    void finish(const Status& reason) {
        const std::lock_guard lock(mutex_);
        if (!closing_) {
            closing_ = true;
            reason_ = reason;
            step();
        }
    }
    void cancel() override {
        const std::lock_guard lock(mutex_);
        if (!done_) {
            do_cancel();
        }
    }

 protected:
    // Called with the mutex held; none of them runs a reaction before it returns.
    virtual void do_start() = 0;
    virtual void do_read(M* message) = 0;
    virtual void do_write(const M& message, grpc::WriteOptions options) = 0;
    virtual void do_close() = 0;    // all has been written
    virtual void do_release() = 0;  // no operation will be started any more
    virtual void do_cancel() = 0;

    void start() {
        const std::lock_guard lock(mutex_);
        if (released_) {
            return;
        }
        do_start();
        started_ = true;
        read_next();
        step();
    }
    void read_done(bool ok) {
        std::shared_ptr<M> message;
        {
            const std::lock_guard lock(mutex_);
            message = std::move(incoming_);
            ++unconsumed_;
        }
        if (ok) {
            handler_.on_message(std::move(message));
        }
        const std::lock_guard lock(mutex_);
        reading_ = false;
        if (ok) {
            read_next();
        } else {
            peer_done_ = true;
            step();
        }
    }
    void write_done(bool ok) {
        const std::lock_guard lock(mutex_);
        writing_ = nullptr;
        broken_ = broken_ || !ok;
        step();
    }
    void broken() {
        const std::lock_guard lock(mutex_);
        broken_ = true;
        step();
    }
    // The object may be gone afterwards.
    void ended(const Status& status) {
        StreamHandler<M> handler;
        {
            const std::lock_guard lock(mutex_);
            done_ = true;
            released_ = true;
            handler = std::exchange(handler_, {});
        }
        handler.on_ended(status);
    }

    StreamHandler<M> handler_;
    std::mutex mutex_;
    Status reason_;

 private:
    // With the mutex held: starts whatever can be started.
    void step() {
        if ((!started_ && !broken_) || released_ || writing_ != nullptr) {
            return;
        }
        if (broken_ || peer_done_) {
            released_ = true;
            do_release();
            return;
        }
        if (close_sent_) {
            return;
        }
        writing_ = outgoing_->next();
        if (writing_ != nullptr) {
            grpc::WriteOptions options;
            if (!outgoing_->empty()) {
                options.set_buffer_hint();  // the next write follows at once and flushes both
            }
            do_write(*writing_, options);
        } else if (closing_) {
            close_sent_ = true;
            do_close();
        }
    }
    void read_next() {
        if (started_ && !released_ && !reading_ && !peer_done_ && unconsumed_ < kReadAhead) {
            reading_ = true;
            incoming_ = std::make_shared<M>();
            do_read(incoming_.get());
        }
    }

    std::shared_ptr<Outgoing<M>> outgoing_;  // shared with the link that fills it
    std::shared_ptr<M> incoming_;
    std::shared_ptr<const M> writing_;
    std::size_t unconsumed_ = 0;
    bool started_ = false;
    bool reading_ = false;
    bool closing_ = false;
    bool close_sent_ = false;
    bool peer_done_ = false;
    bool broken_ = false;
    bool released_ = false;
    bool done_ = false;
};

// The side that accepted. gRPC gets the raw pointer from the handler method; the call is answered
// when the stream has been bound to its link and run() is called, or refused.
template <class M>
class ServerStream final : public grpc::ServerBidiReactor<M, M>, public Stream<M> {
 public:
    // Stays alive until OnDone. `on_ended` is called if it ends unbound.
    static std::shared_ptr<ServerStream> create(grpc::CallbackServerContext* context,
                                                std::function<void(const Status&)> on_ended) {
        auto stream = std::make_shared<ServerStream>(context);
        stream->self_ = stream;
        stream->handler_.on_ended = std::move(on_ended);
        return stream;
    }
    explicit ServerStream(grpc::CallbackServerContext* context) : context_(context) {}

    void run() { this->start(); }
    void refuse(const Status& reason) {
        {
            const std::lock_guard lock(this->mutex_);
            this->reason_ = reason;
        }
        this->broken();
    }

    void OnReadDone(bool ok) override { this->read_done(ok); }
    void OnWriteDone(bool ok) override { this->write_done(ok); }
    void OnCancel() override { this->broken(); }
    void OnDone() override {
        const auto self = std::move(self_);
        this->ended(cancelled_ ? unavailable("connection to the peer is broken") : Status{});
    }

 private:
    void do_start() override {
        context_->AddInitialMetadata(kAcceptedKey, "1");
        this->StartSendInitialMetadata();
    }
    void do_read(M* message) override { this->StartRead(message); }
    void do_write(const M& message, grpc::WriteOptions options) override {
        this->StartWrite(&message, options);
    }
    void do_close() override { finish_once(); }
    void do_release() override {
        cancelled_ = context_->IsCancelled();
        finish_once();
    }
    void do_cancel() override { context_->TryCancel(); }
    void finish_once() {
        if (!std::exchange(finished_, true)) {
            this->Finish(to_grpc(this->reason_));
        }
    }

    grpc::CallbackServerContext* context_;  // gRPC's, until OnDone
    std::shared_ptr<ServerStream> self_;    // until OnDone
    bool finished_ = false;
    bool cancelled_ = false;
};

// The side that dialled.
template <class M>
class ClientStream final : public grpc::ClientBidiReactor<M, M>, public Stream<M> {
 public:
    explicit ClientStream(std::shared_ptr<grpc::Channel> channel) : channel_(std::move(channel)) {}

    [[nodiscard]] grpc::ClientContext& context() { return context_; }

    // `open(channel, context, reactor)` begins the call.
    template <class Open>
    void run(std::shared_ptr<ClientStream> self, const Open& open) {
        self_ = std::move(self);
        open(channel_, &context_, this);
        this->AddHold();  // operations are also started outside of reactions
        this->StartCall();
    }

    void OnReadInitialMetadataDone(bool ok) override {
        if (ok && context_.GetServerInitialMetadata().contains(kAcceptedKey)) {
            this->handler_.on_opened();
            this->start();
        } else {
            context_.TryCancel();  // a server of another kind may have accepted
            this->broken();
        }
    }
    void OnReadDone(bool ok) override { this->read_done(ok); }
    void OnWriteDone(bool ok) override { this->write_done(ok); }
    void OnDone(const grpc::Status& status) override {
        const auto self = std::move(self_);
        // What the client sees when the server's process cuts the stream off.
        const bool was_cut = status.error_code() == grpc::StatusCode::CANCELLED &&
                             status.error_message() == "CANCELLED";
        this->ended(was_cut ? unavailable("the stream was cut off") : from_grpc(status));
    }

 private:
    void do_start() override {}
    void do_read(M* message) override { this->StartRead(message); }
    void do_write(const M& message, grpc::WriteOptions options) override {
        this->StartWrite(&message, options);
    }
    void do_close() override { this->StartWritesDone(); }
    void do_release() override { this->RemoveHold(); }
    void do_cancel() override { context_.TryCancel(); }

    std::shared_ptr<grpc::Channel> channel_;
    grpc::ClientContext context_;
    std::shared_ptr<ClientStream> self_;  // until OnDone
};

}  // namespace quercus::transport
