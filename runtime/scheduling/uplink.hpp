#pragma once

// This node's side of the edge to its parent.

#include "runtime/scheduling/links.hpp"

namespace quercus::scheduling {

class Uplink {
 public:
    explicit Uplink(Brain& brain) : brain_(brain) {}

    // OK when the peer may become, or again be, the parent.
    [[nodiscard]] Status consider(const Link& link, const Hello& hello) const;
    void attach(Link& link, const Hello& hello);
    void link_lost(Link& link, const Status& reason);
    void handle(const Item& item);
    void tick();
    [[nodiscard]] Time next_tick() const;

    [[nodiscard]] Link* link() const { return link_; }
    [[nodiscard]] NodeId parent() const { return parent_; }
    // A path to a server is known, or was until the link broke less than the grace ago.
    [[nodiscard]] bool reaches_server() const { return reaches_server_; }
    [[nodiscard]] const std::vector<NodeId>& ancestors() const { return ancestors_; }
    [[nodiscard]] Outbox& outbox() { return outbox_; }

    void send_done(Done done);
    void send_lost(Lost lost);
    // Without a link nothing happens: the next inventory tells.
    void say(Item item, std::size_t bytes = 64);
    void update_load();
    void force_load() { load_known_ = false; }

 private:
    void set_ancestors(const Ancestors& ancestors);
    void parent_said_bye(const Bye& bye);
    void give_up();

    Brain& brain_;
    Link* link_ = nullptr;
    // The peer of `link_`; becomes the parent when its Ancestors say that it has accepted.
    bool confirmed_ = false;
    NodeId peer_;
    std::string peer_name_;
    NodeId parent_;
    std::string parent_name_;
    std::vector<NodeId> ancestors_;
    bool reaches_server_ = false;
    Time last_word_{};
    Outbox outbox_;
    Load load_;
    bool load_known_ = false;
    bool fed_ = false;  // tasks have come since; the parent reckons with less hunger than was told
};

}  // namespace quercus::scheduling
