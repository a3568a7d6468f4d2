#include "runtime/host/dialer.hpp"

#include <algorithm>
#include <utility>

#include "runtime/host/logging.hpp"

namespace quercus::host {

namespace {
constexpr std::chrono::milliseconds kFirstDelay{100};
constexpr std::chrono::milliseconds kLongestDelay{2000};
constexpr std::chrono::seconds kStableAfter{3};
// How often an address whose node is attached is looked at again.
constexpr std::chrono::milliseconds kIdleDelay{500};
}  // namespace

struct Dialer::Target {
    explicit Target(loop::Loop& loop) : timer(loop) {}

    std::vector<std::string> addresses;
    std::size_t next = 0;
    scheduling::Position i_am = scheduling::Position::kParent;
    std::optional<std::chrono::microseconds> until;  // one-shot targets
    std::chrono::milliseconds delay = kFirstDelay;
    std::optional<scheduling::LinkId> link;
    std::optional<scheduling::NodeId> node;               // who answered last
    std::optional<std::chrono::microseconds> reached_at;  // by the present link
    bool warned = false;
    loop::Loop::Timer timer;
};

Dialer::Dialer(loop::Loop& loop, DialerPorts ports) : loop_(loop), ports_(std::move(ports)) {}
Dialer::~Dialer() = default;

void Dialer::keep_child(const std::string& address) {
    auto& target = *targets_.emplace_back(std::make_unique<Target>(loop_));
    target.addresses = {address};
    attempt(target);
}

void Dialer::try_child(const std::string& address, std::chrono::microseconds until) {
    std::erase_if(targets_, [this](const auto& target) {
        return target->until && *target->until < loop_.now() && !target->link;
    });
    auto& target = *targets_.emplace_back(std::make_unique<Target>(loop_));
    target.addresses = {address};
    target.until = until;
    attempt(target);
}

void Dialer::keep_parent(std::vector<std::string> alternates) {
    auto& target = *targets_.emplace_back(std::make_unique<Target>(loop_));
    target.addresses = std::move(alternates);
    target.i_am = scheduling::Position::kChild;
    attempt(target);
}

void Dialer::attempt(Target& target) {
    if (stopped_ || target.link) {
        return;
    }
    const bool attached = target.i_am == scheduling::Position::kChild
                              ? ports_.has_parent()
                              : target.node && ports_.is_attached(*target.node);
    if (attached) {
        target.timer.after(kIdleDelay, [this, &target] { attempt(target); });
        return;
    }
    if (target.until && loop_.now() > *target.until) {
        return;
    }
    const std::string& address = target.addresses[target.next % target.addresses.size()];
    target.link = ports_.dial(address, target.i_am);
}

void Dialer::retry_later(Target& target) {
    target.timer.after(target.delay, [this, &target] { attempt(target); });
    target.delay = std::min(2 * target.delay, kLongestDelay);
}

void Dialer::on_peer(scheduling::LinkId link, scheduling::NodeId node) {
    for (auto& target : targets_) {
        if (target->link == link) {
            target->node = node;
            target->reached_at = loop_.now();
            if (target->until) {
                target->until = loop_.now();  // reached: no second attempt
            }
        }
    }
}

void Dialer::on_closed(scheduling::LinkId link, const Status& reason) {
    for (auto& target : targets_) {
        if (target->link != link) {
            continue;
        }
        target->link.reset();
        // Only a link that held was a success: one that is refused at once must not be retried
        // fast.
        const auto reached_at = std::exchange(target->reached_at, std::nullopt);
        if (reached_at && loop_.now() - *reached_at > kStableAfter) {
            target->delay = kFirstDelay;
            target->warned = false;
        }
        const std::string& address = target->addresses[target->next % target->addresses.size()];
        ++target->next;
        if (!stopped_) {
            log_event(
                target->warned ? scheduling::Severity::kDebug : scheduling::Severity::kWarning,
                "link_closed", "address=" + address + " reason=" + reason.to_string());
            target->warned = true;
            retry_later(*target);
        }
    }
}

void Dialer::stop() {
    stopped_ = true;
    for (auto& target : targets_) {
        target->timer.cancel();
    }
}

}  // namespace quercus::host
