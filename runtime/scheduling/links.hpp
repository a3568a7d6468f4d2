#pragma once

// Sessions over connections: sequence numbers, acknowledgements, heartbeats, the frames that go out
// at the end of a batch or a little later, and the results that the peer has not acknowledged yet.

#include <deque>
#include <memory>
#include <unordered_map>

#include "runtime/scheduling/node.hpp"

namespace quercus::scheduling {

struct Brain;
struct Child;

// Results for one neighbour, kept until acknowledged, whatever happens to its connections.
class Outbox {
 public:
    void sent(std::uint64_t seq, const std::vector<Done>& results) {
        sent_.emplace_back(seq, results);
    }
    void wait(Done result) { waiting_.push_back(std::move(result)); }
    void acknowledge(std::uint64_t seq);
    // The connection is gone: everything unacknowledged waits for the next one.
    void rewind();
    std::vector<Done> take_waiting() { return std::exchange(waiting_, {}); }
    [[nodiscard]] bool contains(const TaskId& id) const;
    template <class Visitor>
    void for_each(Visitor visit) const {
        for (const auto& [seq, results] : sent_) {
            for (const Done& done : results) {
                visit(done);
            }
        }
        for (const Done& done : waiting_) {
            visit(done);
        }
    }
    void drop_job(const JobId& job);
    void clear();
    [[nodiscard]] bool empty() const { return sent_.empty() && waiting_.empty(); }

 private:
    std::deque<std::pair<std::uint64_t, std::vector<Done>>> sent_;
    std::vector<Done> waiting_;
};

struct Link {
    LinkId id;
    Position i_am = Position::kChild;
    bool dialled = false;
    bool accepted = false;  // both Hellos agree; `peer` is a neighbour
    bool greeted = false;   // a Hello has come
    NodeId peer;
    Child* child = nullptr;    // accepted and i_am = parent
    Outbox* outbox = nullptr;  // the neighbour's, once accepted
    std::uint64_t last_sent_seq = 0;
    std::uint64_t seen_seq = 0;
    std::uint64_t told_ack = 0;
    std::uint64_t results_since_ack = 0;
    Time heard{};
    Time said{};
    std::vector<Item> out;
    std::vector<std::size_t> out_bytes;  // rough size of each item
    Time due = Time::max();              // of `out`, all of which can wait
};

class Links {
 public:
    explicit Links(Brain& brain) : brain_(brain) {}

    void opened(const LinkOpened& event);
    void closed(const LinkClosed& event);
    void received(const Received& event);
    void alive(const PeerAlive& event);
    void tick();
    // Frames out whatever has been said; what can wait does so for something that cannot.
    void flush();
    [[nodiscard]] Time next_tick() const;

    // Appends to the frame under construction.
    void say(Link& link, Item item, std::size_t bytes = 64);
    // The batch item at the end of the frame under construction, or a new one; `bytes` is what will
    // be added to it.
    template <class Batch>
    Batch& batch(Link& link, std::size_t bytes) {
        if (link.out.empty() || !std::holds_alternative<Batch>(link.out.back()) ||
            link.out_bytes.back() + bytes > kItemBytes) {
            say(link, Batch{}, 0);
        }
        link.out_bytes.back() += bytes;
        return std::get<Batch>(link.out.back());
    }
    // Says why (when given) and ends the connection; the neighbour counts as silent.
    void close(Link& link, const Status& reason, bool say_bye, bool stop = false);

 private:
    static constexpr std::size_t kItemBytes = std::size_t{256} << 10;
    static constexpr std::size_t kFrameBytes = std::size_t{512} << 10;
    static constexpr std::uint64_t kResultsPerAck = 256;

    void handle(LinkId id, const Item& item);
    [[nodiscard]] bool waits(Link& link) const;
    void flush(Link& link);
    void send_frame(Link& link, std::vector<Item> items);
    void forget(Link& link, const Status& reason);

    Brain& brain_;
    std::unordered_map<LinkId, std::unique_ptr<Link>> links_;
};

}  // namespace quercus::scheduling
