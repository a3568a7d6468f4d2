#include "tests/simulation/world.hpp"

#include <algorithm>
#include <cstdio>

#include "tests/simulation/process.hpp"

namespace quercus::simulation {

using namespace std::chrono_literals;
using scheduling::LinkId;
using scheduling::Position;
using scheduling::Role;

namespace {
constexpr double kMinDelayMs = 0.1;
constexpr double kMaxDelayMs = 3;
constexpr double kJitterMs = 0.2;
// Rank - manager - manager - server and down again on the other side.
constexpr int kLongestPath = 6;
}  // namespace

World::World(WorldOptions options) : options_(options), random_(options.seed, 7) {}
World::~World() = default;

Duration World::between(double low_ms, double high_ms) {
    return Duration(static_cast<std::int64_t>(random_.uniform(low_ms, high_ms) * 1000));
}

void World::at(Duration delay, std::function<void()> action) {
    actions_.push({now_ + delay, order_++, std::move(action)});
}

void World::fail(const std::string& what) {
    if (result_.status.is_ok()) {
        result_.status = internal_error(what + " at " + std::to_string(now_.count()) + " us");
    }
}

void World::trace(const std::string& text) {
    if (options_.trace) {
        std::printf("%10.3f ms  %s\n", static_cast<double>(now_.count()) / 1000, text.c_str());
    }
}

void World::leaf_begins(const scheduling::Task& task) {
    ++result_.leaf_runs;
    if (task.head->cacheable && is_worth_keeping(task.input.view()) &&
        !inputs_run_.insert(Bytes(task.input.view())).second) {
        ++result_.repeated;
    }
    const std::pair fence(task.fence.owner, task.fence.attempt);
    if (!begun_.insert({task.id.to_string(), fence}).second) {
        fail("an attempt was begun twice: " + task.id.to_string() + " fence " +
             std::to_string(fence.first) + "." + std::to_string(fence.second));
    }
}

void World::job_updated(const scheduling::JobUpdate& update) {
    if (!scheduling::is_final(update.state)) {
        return;
    }
    Job& job = jobs_.at(update.job);
    trace("job " + update.job.to_string() + " ended " + update.error.to_string());
    if (std::exchange(job.ended, true)) {
        fail("job " + update.job.to_string() + " ended twice");
        return;
    }
    --unfinished_;
    result_.cached += update.report.cached;
    if (job.leaf) {
        const Outcome outcome = run_leaf(job.script.encode());
        if (!(update.error == outcome.status) || update.output.view() != outcome.output) {
            fail("leaf job has a wrong result: " + update.error.to_string());
        }
    } else if (update.state != scheduling::JobState::kSucceeded ||
               update.output.view() != job.expected) {
        fail("job " + update.job.to_string() + " has a wrong result: " + update.error.to_string());
    }
}

void World::build_tree() {
    // 0 server; 1-3 managers, the third below one of the others; 4 ... ranks.
    const auto chance = [&](double p) { return random_.uniform() < p; };
    std::vector<ProcessPlan> plans(4);
    plans[0] = {"server", Role::kServer, 0, {}, {1}, {}, true};
    plans[1] = {"manager1", Role::kManager, 0, {}, {}, {}, true};
    plans[2] = {"manager2", Role::kManager, 0, {0}, {}, {}, true};
    plans[3] = {"manager3", Role::kManager, 0, {}, {}, {}, true};
    const std::size_t above = 1 + random_.below(2);
    if (chance(0.5)) {
        plans[3].join = {above};
        if (chance(0.5)) {
            plans[3].join.push_back(3 - above);
        }
    } else {
        plans[above].dial_down.push_back(3);
    }
    const std::size_t ranks = 4 + random_.below(4);
    for (std::size_t i = 0; i < ranks; ++i) {
        ProcessPlan plan{"rank" + std::to_string(i), Role::kRank, 0, {}, {}, {}, true};
        plan.places = 1 + static_cast<std::uint32_t>(random_.below(3));
        const std::size_t manager = 1 + i % 3;
        const std::size_t index = plans.size();
        const double kind = random_.uniform();
        if (kind < 0.4) {
            plan.join = {manager};
            plan.listens = false;
            plan.started_by = manager;
        } else if (kind < 0.7) {
            plan.join = {manager, 1 + random_.below(3), 0};
        } else {
            plans[manager].dial_down.push_back(index);
        }
        plans.push_back(plan);
    }
    for (std::size_t i = 0; i < plans.size(); ++i) {
        processes_.push_back(std::make_unique<Process>(*this, i, plans[i]));
    }
    waiting_.resize(plans.size());
    for (const ProcessPlan& plan : plans) {
        idle_since_.emplace_back(plan.places);
    }
    result_.nodes = plans.size();
    // Two round trips + 10 ms between the worker and the work.
    result_.idle_limit =
        Duration(static_cast<std::int64_t>(4 * kLongestPath * (kMaxDelayMs + kJitterMs) * 1000)) +
        10ms;
    for (auto& process : processes_) {
        Process* starting = process.get();
        at(between(0, 20), [starting] { starting->start(); });
    }
}

void World::submit_jobs() {
    for (std::size_t i = 0; i < options_.jobs; ++i) {
        Job job;
        job.script.seed = random_();
        job.script.rounds = 2 + static_cast<std::uint32_t>(random_.below(2));
        job.script.leaves = 40 + static_cast<std::uint32_t>(random_.below(30));
        job.script.nested = 1 + static_cast<std::uint32_t>(random_.below(3));
        job.script.more_leaves = 20 + static_cast<std::uint32_t>(random_.below(10));
        job.script.depth = static_cast<std::uint32_t>(random_.below(3));
        job.script.shares_nested = options_.faults > 0;
        job.leaf = i == 2;
        job.expected = job.leaf ? Bytes() : reference(job.script);
        result_.tasks += job.leaf ? 1 : leaves_of(job.script);
        scheduling::JobSubmitted event;
        for (auto& byte : event.job.bytes) {
            byte = static_cast<std::uint8_t>(random_());
        }
        event.head = job.leaf ? leaf_head() : script_head();
        event.input = Payload(job.script.encode());
        jobs_[event.job] = job;
        ++unfinished_;
        at(between(20, 200), [this, event] { processes_[0]->event(event); });
    }
}

std::size_t World::find_address(const std::string& address) const {
    for (std::size_t i = 0; i < processes_.size(); ++i) {
        if (processes_[i]->plan().name == address) {
            return i;
        }
    }
    return 0;
}

bool World::partitioned(std::size_t a, std::size_t b) const {
    return std::any_of(partitions_.begin(), partitions_.end(), [&](const auto& item) {
        return now_ < item.second &&
               (item.first == std::pair(a, b) || item.first == std::pair(b, a));
    });
}

void World::dial(std::size_t from, std::size_t to, Position from_is) {
    const Duration delay = between(kMinDelayMs, kMaxDelayMs);
    at(delay, [this, from, to, from_is, delay] {
        Process& a = *processes_[from];
        Process& b = *processes_[to];
        if (from == to || !a.alive() || !b.alive() || partitioned(from, to)) {
            return;
        }
        auto pipe = std::make_shared<Pipe>();
        pipe->ends[0] = from;
        pipe->ends[1] = to;
        pipe->ids[0] = LinkId{next_link_++};
        pipe->ids[1] = LinkId{next_link_++};
        pipe->delay = delay;
        pipes_[pipe->ids[0]] = pipes_[pipe->ids[1]] = pipe;
        const Position other = from_is == Position::kChild ? Position::kParent : Position::kChild;
        a.link_opened(pipe->ids[0], to, from_is, true);
        if (pipe->open[1]) {
            b.link_opened(pipe->ids[1], from, other, false);
        }
    });
}

void World::send(std::size_t from, LinkId link, scheduling::Frame frame) {
    const auto found = pipes_.find(link);
    if (found == pipes_.end()) {
        return;
    }
    const std::shared_ptr<Pipe> pipe = found->second;
    const int side = pipe->ids[0] == link ? 0 : 1;
    const std::size_t to = pipe->ends[1 - side];
    const bool lossy = now_ < lossy_until_;
    if (partitioned(from, to) || (lossy && random_.below(20) == 0)) {
        return;
    }
    const int copies = lossy && random_.below(20) == 0 ? 2 : 1;
    for (int i = 0; i < copies; ++i) {
        Time arrives = now_ + pipe->delay + between(0, kJitterMs);
        if (!lossy || random_.below(20) != 0) {
            arrives = std::max(arrives, pipe->busy_until[side]);
            pipe->busy_until[side] = arrives;
        } else {
            arrives += between(0, 5);  // out of order
        }
        at(arrives - now_, [this, pipe, side, to, frame] {
            if (pipe->open[1 - side] && !partitioned(pipe->ends[side], to)) {
                processes_[to]->event(scheduling::Received{pipe->ids[1 - side], frame});
            }
        });
    }
}

void World::close(std::size_t from, LinkId link) {
    const auto found = pipes_.find(link);
    if (found == pipes_.end()) {
        return;
    }
    const std::shared_ptr<Pipe> pipe = found->second;
    const int side = pipe->ids[0] == link ? 0 : 1;
    pipe->open[side] = false;
    pipes_.erase(link);
    if (!pipe->open[1 - side]) {
        return;
    }
    const std::size_t to = pipe->ends[1 - side];
    const Time when = std::max(now_ + pipe->delay, pipe->busy_until[side]);
    at(when - now_, [this, pipe, side, from, to] {
        // Across a partition nobody learns that the other side has closed.
        if (pipe->open[1 - side] && !partitioned(from, to)) {
            pipe->open[1 - side] = false;
            pipes_.erase(pipe->ids[1 - side]);
            processes_[to]->link_closed(pipe->ids[1 - side]);
        }
    });
}

void World::drop_links_of(std::size_t process, bool silently) {
    (void)silently;
    std::vector<LinkId> mine;
    for (const auto& [id, pipe] : pipes_) {
        if ((pipe->ends[0] == process && pipe->ids[0] == id) ||
            (pipe->ends[1] == process && pipe->ids[1] == id)) {
            mine.push_back(id);
        }
    }
    std::sort(mine.begin(), mine.end());
    for (const LinkId& id : mine) {
        close(process, id);
    }
}

void World::plan_faults() {
    if (options_.faults == 0) {
        return;
    }
    at(between(60, 300), [this] { crash_manager(); });
    for (std::size_t i = 1; i < options_.faults; ++i) {
        at(between(60, 450), [this] {
            // What cannot happen (a dead process, an executor that is not up) is drawn again.
            for (int attempt = 0; attempt < 20 && unfinished_ > 0; ++attempt) {
                if (fault()) {
                    ++result_.faults;
                    return;
                }
            }
        });
    }
}

void World::crash_manager() {
    const std::size_t manager = 1 + random_.below(3);
    if (unfinished_ == 0 || !processes_[manager]->alive()) {
        return;
    }
    ++result_.faults;
    ++result_.manager_crashes;
    processes_[manager]->crash();
    for (auto& process : processes_) {
        if (process->plan().started_by == manager && process->alive()) {
            process->crash();
        }
    }
    at(between(50, 1500), [this, manager] {
        processes_[manager]->start();
        for (auto& process : processes_) {
            if (process->plan().started_by == manager && !process->alive()) {
                process->start();
            }
        }
    });
}

void World::break_links(std::size_t victim) {
    trace(processes_[victim]->plan().name + " loses its links");
    std::vector<LinkId> ids;
    for (const auto& [id, pipe] : pipes_) {
        if (pipe->ends[0] == victim || pipe->ends[1] == victim) {
            ids.push_back(id);
        }
    }
    std::sort(ids.begin(), ids.end());
    for (const LinkId& id : ids) {
        if (const auto found = pipes_.find(id); found != pipes_.end()) {
            const auto pipe = found->second;
            const std::size_t end = pipe->ends[pipe->ids[0] == id ? 0 : 1];
            close(end, id);
            processes_[end]->link_closed(id);
        }
    }
}

void World::cut_off(std::size_t victim) {
    const Time until = now_ + between(50, 1500);
    trace(processes_[victim]->plan().name + " is cut off");
    for (std::size_t other = 0; other < processes_.size(); ++other) {
        if (other != victim && processes_[other]->plan().role != Role::kRank) {
            partitions_.push_back({{victim, other}, until});
        }
    }
}

void World::crash_rank(std::size_t victim) {
    processes_[victim]->crash();
    at(between(20, 900), [this, victim] {
        Process& again = *processes_[victim];
        const auto starter = again.plan().started_by;
        if (!again.alive() && (!starter || processes_[*starter]->alive())) {
            again.start();
        }
    });
}

bool World::fault() {
    const std::size_t victim = 1 + random_.below(processes_.size() - 1);
    Process& process = *processes_[victim];
    const bool is_rank = process.plan().role == Role::kRank;
    if (!process.alive()) {
        return false;
    }
    switch (random_.below(6)) {
        case 0:
            if (is_rank) {
                crash_rank(victim);
            }
            return is_rank;
        case 1:
            return process.crash_leaf();
        case 2:
            return is_rank && process.crash_flow();
        case 3:
            break_links(victim);
            return true;
        case 4:
            cut_off(victim);
            return true;
        default:
            trace("the network loses, doubles and reorders frames");
            lossy_until_ = now_ + between(50, 500);
            return true;
    }
}

void World::look(std::size_t index) {
    Process& process = *processes_[index];
    waiting_[index] = process.alive() ? process.node()->sizes().queued_leaves : 0;
    std::size_t waiting = 0;
    std::size_t idle = 0;
    for (std::size_t i = 0; i < processes_.size(); ++i) {
        waiting += waiting_[i];
        for (std::uint32_t place = 0; place < idle_since_[i].size(); ++place) {
            idle += processes_[i]->alive() && processes_[i]->is_idle(place) ? 1 : 0;
        }
    }
    const bool was_plenty = std::exchange(plenty_, waiting > 0 && waiting >= idle);
    const bool did_wait = std::exchange(work_waits_, waiting > 0);
    if (was_plenty != plenty_ || did_wait != work_waits_) {
        for (std::size_t i = 0; i < processes_.size(); ++i) {
            look_at_places(i);
        }
    } else {
        look_at_places(index);
    }
}

void World::look_at_places(std::size_t index) {
    Process& process = *processes_[index];
    const auto watch = [&](Time& since, bool idles, Duration& longest) {
        if (idles) {
            since = since < Time{0} ? now_ : since;
        } else if (since >= Time{0}) {
            longest = std::max(longest, now_ - since);
            since = Time{-1};
        }
    };
    for (std::uint32_t place = 0; place < idle_since_[index].size(); ++place) {
        const bool idles = process.alive() && process.is_idle(place);
        watch(idle_since_[index][place].any, idles && work_waits_, result_.longest_idle);
        watch(idle_since_[index][place].plenty, idles && plenty_, result_.longest_idle_in_plenty);
    }
}

bool World::step() {
    if (actions_.empty() || !result_.status.is_ok()) {
        return false;
    }
    Action action = std::move(const_cast<Action&>(actions_.top()));
    actions_.pop();
    now_ = action.when;
    action.run();
    if (++result_.events % 256 == 0) {
        for (auto& process : processes_) {
            if (process->alive()) {
                if (Status status = process->node()->check(); !status.is_ok()) {
                    fail(process->plan().name + ": " + status.message());
                }
            }
        }
    }
    return true;
}

Status World::check_end() {
    for (auto& process : processes_) {
        if (!process->alive()) {
            continue;
        }
        const scheduling::NodeSizes sizes = process->node()->sizes();
        if (sizes.tasks + sizes.flows + sizes.given + sizes.memo + sizes.in_flight != 0) {
            return internal_error(
                process->plan().name + " still holds " + std::to_string(sizes.tasks) + " tasks, " +
                std::to_string(sizes.flows) + " workflows, " + std::to_string(sizes.given) +
                " places, " + std::to_string(sizes.memo) + " remembered results, " +
                std::to_string(sizes.in_flight) + " askers");
        }
        if (Status status = process->node()->check(); !status.is_ok()) {
            return status;
        }
    }
    return Status::ok();
}

WorldResult World::run() {
    build_tree();
    submit_jobs();
    plan_faults();
    constexpr Time kLimit = 60s;
    while (unfinished_ > 0 && now_ < kLimit && step()) {
    }
    if (result_.status.is_ok() && unfinished_ > 0) {
        fail(std::to_string(unfinished_) + " jobs did not end");
        for (auto& process : processes_) {
            trace(process->plan().name + " holds\n" +
                  (process->alive() ? process->node()->describe_tasks() : "nothing, it is dead"));
        }
    }
    result_.ended = now_;
    // What is left of the tree comes together again and forgets the jobs.
    const Time settled = std::max(now_, Time(2500ms)) + 5s;
    while (now_ < settled && step()) {
    }
    if (result_.status.is_ok()) {
        if (const Status status = check_end(); !status.is_ok()) {
            fail(status.message());
        }
    }
    return result_;
}

}  // namespace quercus::simulation
