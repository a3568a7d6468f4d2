#include "runtime/transport/link.hpp"

#include <chrono>
#include <utility>

#include "quercus/v1/tree.pb.h"

namespace quercus::transport {
namespace {

// How long an ending link may take to get rid of what was sent.
constexpr std::chrono::milliseconds kCloseTimeout{1000};
constexpr std::chrono::milliseconds kAliveInterval{100};

}  // namespace

GrpcLink::GrpcLink(std::shared_ptr<Hub> hub, Owner owner)
    : hub_(std::move(hub)),
      owner_(std::move(owner)),
      frames_(std::make_shared<OutgoingFrames>()),
      chunks_(std::make_shared<OutgoingChunks>()),
      timer_(hub_->loop()) {}

void GrpcLink::set_bulk(std::shared_ptr<BulkStream> stream) {
    bulk_ = std::move(stream);
    if (closing_) {
        bulk_->finish(reason_);
    }
}

void GrpcLink::expect_open(std::chrono::milliseconds timeout, const std::string& reason) {
    opening_ = true;
    timer_.after(timeout, [self = weak_from_this(), reason] {
        if (const auto link = self.lock()) {
            link->abort(unavailable(reason));
        }
    });
}

void GrpcLink::opened() {
    opening_ = false;
    if (!closing_) {
        timer_.cancel();
    }
}

void GrpcLink::send(const scheduling::Frame& frame) {
    if (closing_ || is_over_) {
        return;
    }
    const auto encoded = wire::encode_frame(frame);
    if (!encoded) {
        return abort(encoded.error());
    }
    if (!chunks_->add(encoded->blobs) || !frames_->add(*encoded)) {
        return abort(resource_exhausted("the peer does not read: more than 64 MiB wait for it"));
    }
    if (attach_ != nullptr) {
        attach_->kick();
    }
    if (bulk_ != nullptr && !encoded->blobs.empty()) {
        bulk_->kick();
    }
}

void GrpcLink::close(const Status& reason) {
    if (!closing_ && !is_over_) {
        reason_ = reason;
        finish_both();
    }
}

void GrpcLink::finish_both() {
    closing_ = true;
    if (bulk_ != nullptr) {
        bulk_->finish(reason_);
    }
    // The peer takes the end of Attach for the end of the link, so the blobs go first.
    const bool waits = chunks_->when_empty([hub = hub_, self = weak_from_this()] {
        hub->post([self] {
            if (const auto link = self.lock()) {
                link->finish_attach();
            }
        });
    });
    if (!waits) {
        finish_attach();
    }
    limit_close();
}

void GrpcLink::limit_close() {
    timer_.after(kCloseTimeout, [self = weak_from_this()] {
        if (const auto link = self.lock()) {
            link->over();
        }
    });
}

void GrpcLink::finish_attach() {
    if (attach_ != nullptr) {
        attach_->finish(reason_);
    }
}

void GrpcLink::abort(const Status& reason) {
    if (!closing_) {
        reason_ = reason;
    }
    over();
}

void GrpcLink::part_arrived(std::shared_ptr<v1::Frame> part) {
    if (is_over_) {
        return;
    }
    ++parts_unconsumed_;
    note_alive();
    if (const Status status = inbox_.add_part(std::move(part)); !status.is_ok()) {
        return abort(status);
    }
    if (deliver()) {
        make_room();
    }
}

void GrpcLink::chunk_arrived(std::shared_ptr<v1::Chunk> chunk) {
    if (is_over_) {
        return;
    }
    ++chunks_unconsumed_;
    note_alive();
    if (const Status status = inbox_.add_chunk(*chunk); !status.is_ok()) {
        return abort(status);
    }
    if (deliver()) {
        make_room();
        check_over();
    }
}

void GrpcLink::note_alive() {
    if (const auto now = hub_->loop().now(); now >= next_alive_) {
        next_alive_ = now + kAliveInterval;
        owner_.on_alive();
    }
}

bool GrpcLink::deliver() {
    while (!is_over_) {
        auto next = inbox_.take();
        if (!next) {
            abort(next.error());
            return false;
        }
        if (!next->has_frame) {
            return true;
        }
        owner_.on_frame(std::move(next->frame));
    }
    return false;
}

void GrpcLink::make_room() {
    if (parts_unconsumed_ > 0 && !inbox_.is_full_of_parts()) {
        attach_->consumed(std::exchange(parts_unconsumed_, 0));
    }
    if (chunks_unconsumed_ > 0 && !inbox_.is_full_of_blobs()) {
        bulk_->consumed(std::exchange(chunks_unconsumed_, 0));
    }
}

void GrpcLink::attach_ended(const Status& status) {
    attach_ended_ = true;
    peer_ends(status);
}

void GrpcLink::bulk_ended(const Status& status) {
    bulk_ended_ = true;
    peer_ends(status);
}

// Nothing is finished from this side: that would cut off what is still on its way here.
void GrpcLink::peer_ends(const Status& status) {
    if (is_over_) {
        return;
    }
    if (!closing_) {
        reason_ = status.is_ok() ? unavailable("closed by the peer") : status;
        closing_ = true;
        limit_close();
    }
    check_over();
}

// What was sent before the end may still be on its way on the other stream.
void GrpcLink::check_over() {
    const bool blobs_may_come = bulk_ != nullptr && !bulk_ended_;
    if (attach_ended_ && !blobs_may_come) {
        over();
    }
}

void GrpcLink::over() {
    if (std::exchange(is_over_, true)) {
        return;
    }
    if (attach_ != nullptr) {
        attach_->cancel();
    }
    if (bulk_ != nullptr) {
        bulk_->cancel();
    }
    timer_.cancel();
    owner_.on_over(reason_);
}

}  // namespace quercus::transport
