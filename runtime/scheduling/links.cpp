#include "runtime/scheduling/links.hpp"

#include <algorithm>
#include <numeric>

#include "runtime/scheduling/brain.hpp"

namespace quercus::scheduling {
namespace {

// Nobody stands still for it: every frame costs four processes' threads a turn.
bool can_wait(const Item& item) {
    const auto* progress = std::get_if<Progress>(&item);
    return std::holds_alternative<Load>(item) || std::holds_alternative<Memo>(item) ||
           std::holds_alternative<Started>(item) ||
           (progress != nullptr && progress->incumbent.empty());
}

}  // namespace

void Outbox::acknowledge(std::uint64_t seq) {
    while (!sent_.empty() && sent_.front().first <= seq) {
        sent_.pop_front();
    }
}

void Outbox::rewind() {
    std::vector<Done> all;
    for (auto& [seq, results] : sent_) {
        std::move(results.begin(), results.end(), std::back_inserter(all));
    }
    std::move(waiting_.begin(), waiting_.end(), std::back_inserter(all));
    sent_.clear();
    waiting_ = std::move(all);
}

bool Outbox::contains(const TaskId& id) const {
    bool found = false;
    for_each([&](const Done& done) { found = found || done.id == id; });
    return found;
}

void Outbox::drop_job(const JobId& job) {
    const auto of_job = [&](const Done& done) { return done.id.job == job; };
    std::erase_if(waiting_, of_job);
    for (auto& [seq, results] : sent_) {
        std::erase_if(results, of_job);
    }
}

void Outbox::clear() {
    sent_.clear();
    waiting_.clear();
}

void Links::opened(const LinkOpened& event) {
    auto& slot = links_[event.link];
    if (slot != nullptr) {
        return;
    }
    slot = std::make_unique<Link>();
    slot->id = event.link;
    slot->i_am = event.i_am;
    slot->dialled = event.dialled;
    slot->heard = slot->said = brain_.now;
    say(*slot, brain_.hello(event.i_am), 256);
}

void Links::closed(const LinkClosed& event) {
    const auto found = links_.find(event.link);
    if (found != links_.end()) {
        forget(*found->second, event.reason);
    }
}

void Links::forget(Link& link, const Status& reason) {
    const std::unique_ptr<Link> owned = std::move(links_[link.id]);
    links_.erase(link.id);
    if (!link.accepted) {
        return;
    }
    for (Item& item : link.out) {
        if (auto* batch = std::get_if<DoneBatch>(&item)) {
            for (Done& done : batch->done) {
                link.outbox->wait(std::move(done));
            }
        }
    }
    link.outbox->rewind();
    if (link.i_am == Position::kParent) {
        brain_.downlinks.link_lost(*link.child, link, reason);
    } else {
        brain_.uplink.link_lost(link, reason);
    }
}

void Links::close(Link& link, const Status& reason, bool say_bye, bool stop) {
    if (say_bye) {
        say(link, Bye{stop, reason});
    }
    flush(link);
    brain_.sink->close(link.id, reason);
    forget(link, reason);
}

void Links::received(const Received& event) {
    const auto found = links_.find(event.link);
    if (found == links_.end()) {
        return;
    }
    Link& link = *found->second;
    link.heard = brain_.now;
    const Frame& frame = event.frame;
    if (frame.seq <= link.seen_seq) {
        return;
    }
    if (frame.seq != link.seen_seq + 1) {
        close(link,
              data_loss("frame " + std::to_string(frame.seq) + " came after frame " +
                        std::to_string(link.seen_seq) + "; the connection is made again"),
              false);
        return;
    }
    link.seen_seq = frame.seq;
    if (link.outbox != nullptr && frame.ack <= link.last_sent_seq) {
        link.outbox->acknowledge(frame.ack);
    }
    const LinkId id = link.id;
    for (const Item& item : frame.items) {
        handle(id, item);
    }
}

// Nobody stays a stranger for longer than the lease by sending things that never end.
void Links::alive(const PeerAlive& event) {
    const auto found = links_.find(event.link);
    if (found != links_.end() && found->second->accepted) {
        found->second->heard = brain_.now;
    }
}

void Links::handle(LinkId id, const Item& item) {
    // An earlier item may have ended the link.
    const auto found = links_.find(id);
    if (found == links_.end()) {
        return;
    }
    Link& link = *found->second;
    if (const auto* hello = std::get_if<Hello>(&item)) {
        if (!link.greeted) {
            link.greeted = true;
            brain_.greet(link, *hello);
        }
        return;
    }
    if (const auto* batch = std::get_if<DoneBatch>(&item)) {
        link.results_since_ack += batch->done.size();
    }
    if (link.accepted && link.i_am == Position::kParent) {
        brain_.downlinks.handle(*link.child, item);
    } else if (link.accepted) {
        brain_.uplink.handle(item);
    } else if (const auto* bye = std::get_if<Bye>(&item)) {
        brain_.fact(Severity::kWarning, "link_refused", "reason=" + bye->reason.to_string());
        close(link, bye->reason, false);
    }
}

void Links::say(Link& link, Item item, std::size_t bytes) {
    link.out.push_back(std::move(item));
    link.out_bytes.push_back(bytes);
}

void Links::tick() {
    std::vector<Link*> silent;
    for (auto& [id, link] : links_) {
        if (brain_.now - link->heard >= brain_.config.lease) {
            silent.push_back(link.get());
        } else if (brain_.now - link->said >= brain_.config.heartbeat && link->out.empty()) {
            say(*link, Heartbeat{});
        }
    }
    for (Link* link : silent) {
        close(*link, unavailable("nothing heard for the lease"), false);
    }
}

Time Links::next_tick() const {
    Time next = Time::max();
    for (const auto& [id, link] : links_) {
        next = std::min({next, link->said + brain_.config.heartbeat,
                         link->heard + brain_.config.lease, link->due});
    }
    return next;
}

void Links::flush() {
    for (auto& [id, link] : links_) {
        if (link->out.empty() && link->results_since_ack >= kResultsPerAck) {
            say(*link, Heartbeat{});
        }
        if (!waits(*link)) {
            flush(*link);
        }
    }
}

bool Links::waits(Link& link) const {
    constexpr std::size_t kMostBytes = std::size_t{64} << 10;
    const std::size_t bytes =
        std::accumulate(link.out_bytes.begin(), link.out_bytes.end(), std::size_t{0});
    if (link.out.empty() || bytes > kMostBytes ||
        !std::all_of(link.out.begin(), link.out.end(), can_wait)) {
        return false;
    }
    link.due = std::min(link.due, brain_.now + brain_.config.patience);
    return brain_.now < link.due;
}

void Links::flush(Link& link) {
    link.due = Time::max();
    std::vector<Item> items;
    std::size_t bytes = 0;
    for (std::size_t i = 0; i < link.out.size(); ++i) {
        if (!items.empty() && bytes + link.out_bytes[i] > kFrameBytes) {
            send_frame(link, std::exchange(items, {}));
            bytes = 0;
        }
        bytes += link.out_bytes[i];
        items.push_back(std::move(link.out[i]));
    }
    link.out.clear();
    link.out_bytes.clear();
    if (!items.empty()) {
        send_frame(link, std::move(items));
    }
}

void Links::send_frame(Link& link, std::vector<Item> items) {
    Frame frame{++link.last_sent_seq, link.seen_seq, std::move(items)};
    link.told_ack = link.seen_seq;
    link.results_since_ack = 0;
    link.said = brain_.now;
    for (const Item& item : frame.items) {
        if (const auto* batch = std::get_if<DoneBatch>(&item); batch != nullptr && link.outbox) {
            link.outbox->sent(frame.seq, batch->done);
        }
    }
    brain_.sink->send(link.id, std::move(frame));
}

}  // namespace quercus::scheduling
