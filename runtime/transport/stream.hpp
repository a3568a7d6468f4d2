#pragma once

// Internal to the room: one bidirectional gRPC stream of messages M in each direction, the same object
// for the side that dialled and the side that accepted. One read and one write are in flight at most;
// what waits to be written is kept by an Outgoing, what was read and not yet taken is bounded, so that
// HTTP/2 flow control slows the peer.
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
    // Once after finish(): everything has been written.
    std::function<void()> on_drained;
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
    Stream(std::shared_ptr<Outgoing<M>> outgoing, StreamHandler<M> handler)
        : handler_(std::move(handler)), outgoing_(std::move(outgoing)) {}

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
    virtual void do_read(M* message) = 0;
    virtual void do_write(const M& message, grpc::WriteOptions options) = 0;
    virtual void do_close() = 0;    // all has been written
    virtual void do_release() = 0;  // no operation will be started any more
    virtual void do_cancel() = 0;

    void start() {
        const std::lock_guard lock(mutex_);
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
        bool drained = false;
        {
            const std::lock_guard lock(mutex_);
            writing_ = nullptr;
            broken_ = broken_ || !ok;
            step();
            drained = take_drained();
        }
        if (drained) {
            handler_.on_drained();
        }
    }
    void broken() {
        const std::lock_guard lock(mutex_);
        broken_ = true;
        step();
    }
    // The object may be gone afterwards.
    void ended(const Status& status) {
        {
            const std::lock_guard lock(mutex_);
            done_ = true;
            released_ = true;
        }
        const auto handler = std::exchange(handler_, {});
        handler.on_ended(status);
    }

    StreamHandler<M> handler_;
    std::mutex mutex_;
    Status reason_;

 private:
    // With the mutex held: starts whatever can be started.
    void step() {
        if (!started_ || released_ || writing_ != nullptr) {
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
    bool take_drained() { return close_sent_ && !std::exchange(drained_told_, true); }

    std::shared_ptr<Outgoing<M>> outgoing_;  // shared with the link that fills it
    std::shared_ptr<M> incoming_;
    std::shared_ptr<const M> writing_;
    std::size_t unconsumed_ = 0;
    bool started_ = false;
    bool reading_ = false;
    bool closing_ = false;
    bool close_sent_ = false;
    bool drained_told_ = false;
    bool peer_done_ = false;
    bool broken_ = false;
    bool released_ = false;
    bool done_ = false;
};

}  // namespace quercus::transport
