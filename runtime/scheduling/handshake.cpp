// The first words on a link: who may be whose parent.

#include "runtime/scheduling/brain.hpp"

namespace quercus::scheduling {

Hello Brain::hello(Position i_am) const {
    Hello hello;
    hello.build = config.build;
    hello.kernels = config.kernels;
    hello.numeric_profile = config.numeric_profile;
    hello.i_am = i_am;
    hello.role = config.role;
    hello.node = config.node;
    hello.incarnation = config.incarnation;
    hello.name = config.name;
    hello.listening = config.listening;
    return hello;
}

Ancestors Brain::ancestors() const {
    Ancestors ancestors;
    ancestors.nodes.push_back(config.node);
    const auto& above = uplink.ancestors();
    ancestors.nodes.insert(ancestors.nodes.end(), above.begin(), above.end());
    ancestors.reaches_server = config.role == Role::kServer || uplink.reaches_server();
    return ancestors;
}

Status Brain::consider(const Link& link, const Hello& hello) const {
    if (hello.protocol_major != kProtocolMajor) {
        return failed_precondition("protocol " + std::to_string(hello.protocol_major) + " of " +
                                   hello.name + " does not fit protocol " +
                                   std::to_string(kProtocolMajor) + " of " + config.name);
    }
    if (hello.node == config.node) {
        return failed_precondition("loop: node " + config.name + " dialled itself");
    }
    if (hello.node.is_nil() || hello.i_am == link.i_am) {
        return invalid_argument("node " + hello.name + " claims the wrong side of the link");
    }
    return link.i_am == Position::kParent ? downlinks.consider(link, hello)
                                          : uplink.consider(link, hello);
}

// Two links to the same neighbour: if both sides dialled, the one dialled by the smaller id stays;
// otherwise the dialler has lost the old one.
bool Brain::prefers(const Link& fresh, const Link& old) const {
    if (fresh.dialled == old.dialled) {
        return true;
    }
    const bool mine_stays = config.node < fresh.peer;
    return fresh.dialled == mine_stays;
}

void Brain::greet(Link& link, const Hello& hello) {
    link.peer = hello.node;
    const Status status =
        stopping ? unavailable("node " + config.name + " is stopping") : consider(link, hello);
    if (!status.is_ok()) {
        fact(Severity::kWarning, "link_refused", "peer=" + hello.name + " " + status.to_string());
        links.close(link, status, true);
        return;
    }
    Link* old = link.i_am == Position::kParent ? downlinks.link_of(hello.node) : uplink.link();
    if (old != nullptr && !prefers(link, *old)) {
        links.close(link, Status(StatusCode::kAlreadyExists, "the other link stays"), false);
        return;
    }
    if (old != nullptr) {
        links.close(*old, Status(StatusCode::kAlreadyExists, "replaced by a newer link"), false);
    }
    link.accepted = true;
    if (link.i_am == Position::kParent) {
        downlinks.attach(link, hello);
    } else {
        uplink.attach(link, hello);
    }
}

}  // namespace quercus::scheduling
