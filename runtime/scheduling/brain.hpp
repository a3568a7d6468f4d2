#pragma once

// What one Node is composed of. The machines reach each other through it, within one call of
// Node::on.

#include <deque>
#include <unordered_set>

#include "runtime/scheduling/dispatch.hpp"
#include "runtime/scheduling/downlinks.hpp"
#include "runtime/scheduling/flows.hpp"
#include "runtime/scheduling/in_flight.hpp"
#include "runtime/scheduling/inventories.hpp"
#include "runtime/scheduling/job_store.hpp"
#include "runtime/scheduling/links.hpp"
#include "runtime/scheduling/memo.hpp"
#include "runtime/scheduling/places.hpp"
#include "runtime/scheduling/recalls.hpp"
#include "runtime/scheduling/result_cache.hpp"
#include "runtime/scheduling/router.hpp"
#include "runtime/scheduling/table.hpp"
#include "runtime/scheduling/topology.hpp"
#include "runtime/scheduling/uplink.hpp"

namespace quercus::scheduling {

struct Brain {
    explicit Brain(NodeConfig node_config);

    NodeConfig config;
    Time now{};
    Time started_at{};
    EffectSink* sink = nullptr;  // during Node::on
    bool has_begun = false;
    bool stopping = false;
    bool has_exited = false;

    TaskTable table;
    Links links;
    Uplink uplink;
    Downlinks downlinks;
    Router router;
    Dispatch dispatch;
    Inventories inventories;
    Recalls recalls;
    InFlight in_flight;
    MemoStore memo;
    ResultCache cache;
    bool has_cleared_cache = false;  // at least once
    Places places;
    Flows flows;
    JobStore jobs;
    Topology topology;

    // handshake.cpp: the first words on a link.
    [[nodiscard]] Hello hello(Position i_am) const;
    void greet(Link& link, const Hello& hello);
    [[nodiscard]] Ancestors ancestors() const;

    // Everything about the job goes, here and below.
    void job_ended(JobId job);
    void clear_cache();  // and those below
    // A task of it comes from above, so it lives.
    void revive_job(const JobId& job);
    [[nodiscard]] bool has_ended(const JobId& job) const { return ended_.contains(job); }
    // As far as this node can tell, it lives.
    [[nodiscard]] bool knows_job(const JobId& job) const;
    // The last ones, for children that may have missed it.
    [[nodiscard]] const std::deque<JobId>& ended_jobs() const { return ended_order_; }

    // Progress, logs, round states: to the parent, or to the job book.
    void report_up(const Item& item);
    void stop();
    void exit(int code);

    [[nodiscard]] bool reports(Severity severity) const { return severity >= config.facts_from; }
    void fact(Severity severity, std::string_view what, std::string detail);
    void task_fact(Severity severity, std::string_view what, const Entry& entry,
                   const std::string& more);

    // check.cpp
    [[nodiscard]] std::string describe_tasks();
    [[nodiscard]] Status check();
    [[nodiscard]] NodeSizes sizes() const;

 private:
    [[nodiscard]] Status consider(const Link& link, const Hello& hello) const;
    [[nodiscard]] bool prefers(const Link& fresh, const Link& old) const;

    std::unordered_set<JobId> ended_;
    std::deque<JobId> ended_order_;
};

}  // namespace quercus::scheduling
