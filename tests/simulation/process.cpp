#include "tests/simulation/process.hpp"

#include <algorithm>

namespace quercus::simulation {

using namespace std::chrono_literals;
using scheduling::Event;
using scheduling::LinkId;
using scheduling::PlaceId;
using scheduling::Position;
using scheduling::Role;
using scheduling::TaskId;

Process::Process(World& world, std::size_t index, ProcessPlan plan)
    : world_(world), index_(index), plan_(std::move(plan)) {
    for (std::size_t i = 0; i < id_.bytes.size(); ++i) {
        id_.bytes[i] = static_cast<std::uint8_t>(world_.random()());
    }
}

void Process::start() {
    scheduling::NodeConfig config;
    config.node = id_;
    config.incarnation = ++incarnation_;
    config.role = plan_.role;
    config.name = plan_.name;
    config.places = plan_.places;
    config.heartbeat = 100ms;
    config.lease = 500ms;
    config.grace = 3s;
    config.in_flight_limit = 1s;
    config.crash_limit = 1000000;  // faults hit at random; the limit has its own test
    config.facts_from = scheduling::Severity::kInfo;
    if (plan_.listens) {
        config.listening = {plan_.name};
    }
    node_ = std::make_unique<scheduling::Node>(config);
    leaves_ = std::vector<Leaf>(plan_.places);
    next_join_ = 0;
    ticking_ = Time::max();
    event(scheduling::Tick{});
    for (std::uint32_t i = 0; i < plan_.places; ++i) {
        later(world_.between(1, 5), [this, i] { leaf_up(i); });
    }
    if (plan_.role == Role::kRank) {
        later(world_.between(1, 5), [this] {
            flow_up_ = true;
            event(scheduling::FlowReady{});
        });
    }
    keep_connected();
}

void Process::crash() {
    world_.trace(plan_.name + " crashes");
    node_.reset();
    world_.drop_links_of(index_, false);
    links_.clear();
    leaves_.clear();
    flows_.clear();
    flow_up_ = false;
    world_.look(index_);
}

void Process::later(Duration delay, std::function<void()> action) {
    world_.at(delay, [this, life = incarnation_, run = std::move(action)] {
        if (node_ != nullptr && incarnation_ == life) {
            run();
        }
    });
}

void Process::event(Event event) {
    if (node_ == nullptr) {
        return;
    }
    node_->on(std::span(&event, 1), world_.now(), *this);
    if (node_ != nullptr) {
        schedule_tick();
    }
    world_.look(index_);
}

void Process::schedule_tick() {
    const Time next = std::max(node_->next_tick(), world_.now() + 1us);
    if (next >= ticking_ || node_->next_tick() == Time::max()) {
        return;
    }
    ticking_ = next;
    later(next - world_.now(), [this, next] {
        if (ticking_ == next) {
            ticking_ = Time::max();
            event(scheduling::Tick{});
        }
    });
}

// What a host does: as long as it has no parent it dials its addresses in turn, and it dials down
// to those that it has been told to.
void Process::keep_connected() {
    const auto connected = [&](std::size_t peer, Position i_am) {
        return std::any_of(links_.begin(), links_.end(),
                           [&](const auto& link) { return link.second == std::pair(peer, i_am); });
    };
    const bool has_up = std::any_of(links_.begin(), links_.end(), [](const auto& link) {
        return link.second.second == Position::kChild;
    });
    if (!plan_.join.empty() && !has_up) {
        world_.dial(index_, plan_.join[next_join_++ % plan_.join.size()], Position::kChild);
    }
    for (const std::size_t child : plan_.dial_down) {
        if (!connected(child, Position::kParent)) {
            world_.dial(index_, child, Position::kParent);
        }
    }
    later(world_.between(20, 60), [this] { keep_connected(); });
}

void Process::link_opened(LinkId link, std::size_t peer, Position i_am, bool dialled) {
    links_.push_back({link, {peer, i_am}});
    event(scheduling::LinkOpened{link, i_am, dialled});
}

void Process::link_closed(LinkId link) {
    std::erase_if(links_, [&](const auto& item) { return item.first == link; });
    event(scheduling::LinkClosed{link, unavailable("closed")});
}

void Process::send(LinkId link, scheduling::Frame frame) {
    world_.send(index_, link, std::move(frame));
}

void Process::close(LinkId link, const Status& reason) {
    (void)reason;
    std::erase_if(links_, [&](const auto& item) { return item.first == link; });
    world_.close(index_, link);
}

void Process::dial_child(const std::string& address) {
    for (int attempt = 0; attempt < 4; ++attempt) {
        later(60ms * attempt, [this, address] {
            const std::size_t peer = world_.find_address(address);
            const auto known = std::any_of(links_.begin(), links_.end(), [&](const auto& link) {
                return link.second == std::pair(peer, Position::kParent);
            });
            if (!known) {
                world_.dial(index_, peer, Position::kParent);
            }
        });
    }
}

void Process::leaf_up(std::uint32_t place) {
    leaves_[place].up = true;
    ++leaves_[place].life;
    event(scheduling::LeafReady{PlaceId{place}, {}});
}

void Process::start_leaf(PlaceId place, const scheduling::Task& task) {
    Leaf& leaf = leaves_[place.value];  // when it has just died, the news is on its way
    leaf.given.push_back({task, false});
    later(20us, [this, place] { leaf_next(place.value); });
}

void Process::leaf_next(std::uint32_t place) {
    Leaf& leaf = leaves_[place];
    while (!leaf.running && !leaf.given.empty() && leaf.given.front().cancelled) {
        leaf.given.pop_front();  // withdrawn before it began, without a word
    }
    if (!leaf.up || leaf.running || leaf.given.empty()) {
        return;
    }
    leaf.running = true;
    const std::uint64_t life = ++leaf.life;
    const scheduling::Task& task = leaf.given.front().task;
    world_.leaf_begins(task);
    const Digest digest = digest_of(task.input.view());
    const double ms = 0.05 + digest.bytes[2] * digest.bytes[2] / 65025.0 * 30;
    later(world_.between(ms, ms * 1.3), [this, place, life] {
        if (leaves_[place].life == life) {
            leaf_finishes(place, false);
        }
    });
    world_.look(index_);
}

void Process::leaf_finishes(std::uint32_t place, bool cancelled) {
    Leaf& leaf = leaves_[place];
    const scheduling::Task task = leaf.given.front().task;
    leaf.given.pop_front();
    leaf.running = false;
    ++leaf.life;
    scheduling::LeafFinished done{PlaceId{place}, task.id, task.fence, {}, {}, 0};
    if (cancelled) {
        done.status = Status(StatusCode::kCancelled, "cancelled");
    } else {
        const Outcome outcome = run_leaf(task.input.view());
        done.status = outcome.status;
        done.output = Payload(outcome.output);
        done.cpu_us = leaf_cpu_us(task.input.view());
    }
    leaf_next(place);
    later(20us, [this, done] { event(done); });
}

void Process::cancel_leaf(PlaceId place, const TaskId& id) {
    later(20us, [this, place, id] {
        Leaf& leaf = leaves_[place.value];
        for (std::size_t i = 0; i < leaf.given.size(); ++i) {
            Given& given = leaf.given[i];
            if (given.task.id != id || given.cancelled) {
                continue;
            }
            given.cancelled = true;
            if (i == 0 && leaf.running) {
                const std::uint64_t life = leaf.life;
                // Kernels poll their stop token now and then; what does not is killed.
                later(world_.between(1, 150), [this, place, life] {
                    if (leaves_[place.value].life == life) {
                        leaf_finishes(place.value, true);
                    }
                });
            }
            return;
        }
    });
}

bool Process::crash_leaf() {
    std::vector<std::uint32_t> up;
    for (std::uint32_t i = 0; i < leaves_.size(); ++i) {
        if (leaves_[i].up) {
            up.push_back(i);
        }
    }
    if (up.empty()) {
        return false;
    }
    const std::uint32_t place = up[world_.random().below(up.size())];
    Leaf& leaf = leaves_[place];
    scheduling::LeafDied died{PlaceId{place}, {}, false, "signal 9"};
    if (leaf.running) {
        died.running = leaf.given.front().task.id;
    }
    if (leaf.running) {
        // Its last words are read from the ring only after its death has been noticed; by then the
        // next attempt of the task may run in the same place.
        const scheduling::Task& task = leaf.given.front().task;
        scheduling::LeafFinished late{PlaceId{place}, task.id, task.fence, {}, {}, 0};
        late.status = Status(StatusCode::kCancelled, "killed");
        later(world_.between(1, 60), [this, late] { event(late); });
    }
    leaf.given.clear();
    leaf.running = leaf.up = false;
    ++leaf.life;
    // The host discards what it had not read; the death itself comes in order behind the rest.
    later(20us, [this, died, place] {
        leaves_[place].given.clear();
        event(died);
        later(world_.between(2, 20), [this, place] { leaf_up(place); });
    });
    return true;
}

void Process::start_flow(const scheduling::Task& task, std::uint32_t round, const Payload& state) {
    Flow& flow = flows_[task.id];
    flow.run = std::make_unique<ScriptRun>(task, round, state.view());
    flow.instance = ++instances_;
    flow_steps(task.id, flow.instance);
}

void Process::flow_steps(const TaskId& id, std::uint64_t instance) {
    later(30us, [this, id, instance] {
        const auto found = flows_.find(id);
        if (found == flows_.end() || found->second.instance != instance) {
            return;
        }
        for (Event& next : found->second.run->step()) {
            later(20us, [this, id, instance, next] {
                const auto flow = flows_.find(id);
                if (flow != flows_.end() && flow->second.instance == instance) {
                    if (std::holds_alternative<scheduling::FlowFinished>(next)) {
                        flows_.erase(flow);
                    }
                    event(next);
                }
            });
        }
    });
}

void Process::deliver(const TaskId& id, std::span<const scheduling::Done> results) {
    const auto found = flows_.find(id);
    if (found == flows_.end()) {
        world_.fail("results for a workflow that does not run on " + plan_.name);
        return;
    }
    for (const scheduling::Done& done : results) {
        if (done.status.code() == StatusCode::kCancelled) {
            world_.fail("a cancelled attempt counts as the result of " + done.id.to_string() +
                        " fence " + std::to_string(done.fence.attempt));
        }
        found->second.run->result(done);
    }
    flow_steps(id, found->second.instance);
}

void Process::cancel_flow(const TaskId& flow) {
    flows_.erase(flow);
}

bool Process::crash_flow() {
    if (!flow_up_) {
        return false;
    }
    flow_up_ = false;
    scheduling::FlowDied died{{}, "signal 11"};
    if (!flows_.empty() && world_.random().below(2) == 0) {
        died.running = flows_.begin()->first;
    }
    flows_.clear();
    event(died);
    later(world_.between(2, 20), [this] {
        flow_up_ = true;
        event(scheduling::FlowReady{});
    });
    return true;
}

bool Process::is_idle(std::uint32_t place) const {
    const Leaf& leaf = leaves_[place];
    return leaf.up && !leaf.running && leaf.given.empty();
}

void Process::job_updated(const scheduling::JobUpdate& update) {
    world_.job_updated(update);
}

void Process::fact(const scheduling::Fact& fact) {
    world_.trace(plan_.name + " " + std::string(fact.what) + " " + fact.detail);
}

void Process::exit(int code) {
    (void)code;
    world_.at(0us, [this] {
        if (node_ != nullptr) {
            crash();
        }
    });
}

}  // namespace quercus::simulation
