#pragma once

// A tiny deterministic workflow for the simulator, and the serial reference that says what it must
// yield. A workflow maps leaves and nested workflows, then leaves that depend on all those results,
// for a number of rounds; its output is a digest of everything it has seen.

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "runtime/scheduling/node.hpp"

namespace quercus::simulation {

struct Script {
    std::uint64_t seed = 0;
    std::uint32_t rounds = 1;
    std::uint32_t leaves = 4;       // of the first call
    std::uint32_t nested = 0;       // workflows of the second call
    std::uint32_t more_leaves = 2;  // of the third call
    std::uint32_t depth = 0;        // of nesting below
    bool shares_nested = false;     // half of the second call's are equal to other workflows'

    [[nodiscard]] Bytes encode() const;
    static Script decode(BytesView bytes);
};

[[nodiscard]] std::shared_ptr<const scheduling::TaskHead> leaf_head();
[[nodiscard]] std::shared_ptr<const scheduling::TaskHead> cacheable_leaf_head();
[[nodiscard]] std::shared_ptr<const scheduling::TaskHead> script_head();
[[nodiscard]] std::shared_ptr<const scheduling::TaskHead> cacheable_script_head();

struct Outcome {
    Status status;
    Bytes output;
};
// What a leaf computes; one in 64 fails, as work may.
[[nodiscard]] Outcome run_leaf(BytesView input);
// Its processor time, microseconds.
[[nodiscard]] std::uint64_t leaf_cpu_us(BytesView input);
// It succeeds and takes long enough for the cache.
[[nodiscard]] bool is_worth_keeping(BytesView input);
// What a job with this script must yield.
[[nodiscard]] Bytes reference(const Script& script);
[[nodiscard]] std::uint64_t leaves_of(const Script& script);

// One running instance, as a flow executor would hold it: fed with results, it says what to do
// next.
class ScriptRun {
 public:
    ScriptRun(const scheduling::Task& task, std::uint32_t round, BytesView state);
    // Moves on as far as it can.
    [[nodiscard]] std::vector<scheduling::Event> step();
    void result(const scheduling::Done& done);

 private:
    struct Call {
        std::vector<Payload> inputs;
        bool workflows = false;
        std::vector<std::optional<Bytes>> results;
        std::size_t missing = 0;
    };
    scheduling::Event spawn(std::uint32_t call);
    Bytes gather(std::uint32_t first, std::uint32_t last) const;

    scheduling::TaskId id_;
    Script script_;
    std::uint32_t round_;
    Bytes state_;
    std::uint32_t stage_ = 0;
    bool ended_ = false;
    std::vector<Call> calls_;
};

}  // namespace quercus::simulation
