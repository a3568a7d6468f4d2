#pragma once

// Keeps trying to reach the neighbours this process was told to dial: each child address on its
// own, of the parent's alternates one after the other. Loop thread only.

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runtime/loop/loop.hpp"
#include "runtime/scheduling/node.hpp"

namespace quercus::host {

struct DialerPorts {
    // Starts a connection; its id is valid at once.
    std::function<scheduling::LinkId(const std::string& address, scheduling::Position i_am)> dial;
    std::function<bool(scheduling::NodeId)> is_attached;  // through any link
    std::function<bool()> has_parent;
};

class Dialer {
 public:
    Dialer(loop::Loop& loop, DialerPorts ports);
    ~Dialer();

    // Forever. An address is dialled again whenever its node is attached through no link.
    void keep_child(const std::string& address);
    // Until it succeeded once or `until` has passed.
    void try_child(const std::string& address, std::chrono::microseconds until);
    // Alternates in order, one at a time, forever.
    void keep_parent(std::vector<std::string> alternates);

    // From the transport and the node.
    void on_peer(scheduling::LinkId link, scheduling::NodeId node);
    void on_closed(scheduling::LinkId link, const Status& reason);

    void stop();

 private:
    struct Target;
    void attempt(Target& target);
    void retry_later(Target& target);

    loop::Loop& loop_;
    DialerPorts ports_;
    std::vector<std::unique_ptr<Target>> targets_;
    bool stopped_ = false;
};

}  // namespace quercus::host
