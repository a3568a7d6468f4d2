#pragma once

// Runs one round of one workflow: owns its coroutine, numbers its calls, checks and hands on what
// it spawns, takes its children's results and resumes it. One thread per driver.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string_view>
#include <vector>

#include "runtime/workflow/runtime.hpp"

namespace quercus::workflow {

// What the surroundings of a workflow do for it. Calls come from inside FlowDriver::step() only.
class FlowHost {
 public:
    virtual ~FlowHost() = default;
    // A checked call: `kind` is registered, keys are distinct, one per input, at least one.
    virtual void spawn(std::uint32_t call, const KindInfo& kind, const Batch& batch) = 0;
    // Their results are no longer wanted; the workflow already has CANCELLED for them.
    virtual void cancel_children(std::uint32_t call, const std::vector<std::uint64_t>& keys) = 0;
    virtual void progress(double fraction, std::string_view text, BytesView incumbent) = 0;
    virtual void log(std::string_view text) = 0;
};

struct FlowStart {
    const KindInfo* kind = nullptr;  // a workflow
    Bytes input;
    std::uint32_t round = 0;
    Bytes state;  // of ContinueAs; empty in round 0
    Seed seed = 0;
};

class FlowDriver final : private Runtime {
 public:
    // `registry` and `host` must outlive the driver.
    FlowDriver(const Registry& registry, FlowHost& host, FlowStart start);
    ~FlowDriver() override;
    FlowDriver(const FlowDriver&) = delete;
    FlowDriver& operator=(const FlowDriver&) = delete;

    // Runs the workflow for as long as it need not wait. The outcome, once, when the round ends.
    std::optional<Outcome> step();
    // Notes a child's result and says whether step() would now go on. Results of unknown calls or
    // keys, and second results, are ignored.
    bool deliver(std::uint32_t call, ChildResult result);
    // Fires the stop token; the caller then destroys the driver.
    void request_stop() { stop_.request_stop(); }
    [[nodiscard]] std::uint32_t round() const { return start_.round; }

 private:
    struct Row;

    MapAwaitable map(Batch batch) override;
    ResultStream spawn(Batch batch) override;
    void cancel(const std::vector<std::uint64_t>& keys) override;
    [[nodiscard]] Seed seed() const override { return start_.seed; }
    [[nodiscard]] std::stop_token stop() const override { return stop_.get_token(); }
    void progress(double fraction, std::string_view text, BytesView incumbent) override;
    void log(std::string_view text) override;

    // Returns the call's keys.
    std::vector<std::uint64_t> begin_call(Batch batch);
    void create_flow();

    const Registry& registry_;
    FlowHost& host_;
    FlowStart start_;
    std::stop_source stop_;
    std::vector<Row> rows_;  // by call number
    std::optional<std::size_t> last_spawn_;
    std::optional<std::uint32_t> ready_;  // the call for which the workflow can be resumed
    std::optional<Flow> flow_;
    std::optional<Outcome> early_;  // the workflow function threw before there was a coroutine
    bool started_ = false;
    bool ended_ = false;
};

}  // namespace quercus::workflow
