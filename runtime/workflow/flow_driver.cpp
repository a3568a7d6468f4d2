#include "runtime/workflow/flow_driver.hpp"

#include <algorithm>
#include <exception>
#include <numeric>
#include <utility>

namespace quercus::workflow {

// One call: the part the workflow awaits, and which keys it has results for.
struct FlowDriver::Row {
    std::shared_ptr<detail::Call> call;
    std::vector<std::uint64_t> sorted_keys;  // empty when the keys are 0 ... expected - 1
    std::vector<bool> seen;

    // Position of a key in `seen`; nullopt for a key that the call does not have.
    [[nodiscard]] std::optional<std::size_t> position(std::uint64_t key) const {
        if (sorted_keys.empty()) {
            return key < seen.size() ? std::optional<std::size_t>(key) : std::nullopt;
        }
        const auto at = std::lower_bound(sorted_keys.begin(), sorted_keys.end(), key);
        if (at == sorted_keys.end() || *at != key) {
            return std::nullopt;
        }
        return static_cast<std::size_t>(at - sorted_keys.begin());
    }

    // False when the key is unknown or has had its result.
    bool accept(ChildResult result) {
        const auto at = position(result.key);
        if (!at || seen[*at]) {
            return false;
        }
        seen[*at] = true;
        call->arrived.push_back(std::move(result));
        return true;
    }
};

namespace {

// The workflow waits for this call and has enough results to go on.
bool is_ready(const detail::Call& call) {
    return call.waiter && call.taken + call.arrived.size() >= call.wanted;
}

Status check_batch(const Batch& batch, const KindInfo* kind) {
    if (kind == nullptr) {
        return invalid_argument("kind " + batch.kind + " is not registered");
    }
    if (!batch.keys.empty() && batch.keys.size() != batch.inputs.size()) {
        return invalid_argument("a batch of " + std::to_string(batch.inputs.size()) +
                                " inputs has " + std::to_string(batch.keys.size()) + " keys");
    }
    if (batch.cacheable && kind->seeding != Seeding::kContent) {
        return invalid_argument("kind " + batch.kind +
                                " is not content-seeded and cannot be cacheable");
    }
    return Status::ok();
}

}  // namespace

FlowDriver::FlowDriver(const Registry& registry, FlowHost& host, FlowStart start)
    : registry_(registry), host_(host), start_(std::move(start)) {}

FlowDriver::~FlowDriver() = default;

void FlowDriver::create_flow() {
    started_ = true;
    try {
        flow_.emplace(
            start_.kind->workflow(*this, start_.input, start_.round, std::move(start_.state)));
        flow_->resume();
    } catch (const std::exception& error) {
        early_ = internal_error(std::string("the workflow threw: ") + error.what());
    } catch (...) {
        early_ = internal_error("the workflow threw an unknown exception");
    }
}

std::optional<Outcome> FlowDriver::step() {
    if (ended_) {
        return std::nullopt;
    }
    if (!started_) {
        create_flow();
    }
    if (ready_) {
        detail::Call& call = *rows_[*ready_].call;
        ready_.reset();
        std::exchange(call.waiter, nullptr).resume();
    }
    if (early_) {
        ended_ = true;
        return std::exchange(early_, std::nullopt);
    }
    if (!flow_->finished()) {
        return std::nullopt;
    }
    ended_ = true;
    return std::move(flow_->outcome());
}

bool FlowDriver::deliver(std::uint32_t call, ChildResult result) {
    if (ended_ || call >= rows_.size() || !rows_[call].accept(std::move(result))) {
        return false;
    }
    if (is_ready(*rows_[call].call)) {
        ready_ = call;
    }
    return ready_.has_value();
}

std::vector<std::uint64_t> FlowDriver::begin_call(Batch batch) {
    const KindInfo* kind = registry_.find(batch.kind);
    Row row{std::make_shared<detail::Call>(), {}, {}};
    row.call->failure = check_batch(batch, kind);
    if (batch.keys.empty()) {
        batch.keys.resize(batch.inputs.size());
        std::iota(batch.keys.begin(), batch.keys.end(), std::uint64_t{0});
    } else {
        row.sorted_keys = batch.keys;
        std::sort(row.sorted_keys.begin(), row.sorted_keys.end());
        const auto twice = std::adjacent_find(row.sorted_keys.begin(), row.sorted_keys.end());
        if (row.call->failure.is_ok() && twice != row.sorted_keys.end()) {
            row.call->failure = invalid_argument("duplicate key " + std::to_string(*twice) +
                                                 " in a batch of " + batch.kind);
        }
    }
    const auto number = static_cast<std::uint32_t>(rows_.size());
    if (row.call->failure.is_ok()) {
        row.call->expected = batch.keys.size();
        row.seen.resize(batch.keys.size());
    }
    const bool has_children = row.call->expected > 0;
    rows_.push_back(std::move(row));
    if (has_children) {
        host_.spawn(number, *kind, batch);
    }
    return std::move(batch.keys);
}

MapAwaitable FlowDriver::map(Batch batch) {
    std::vector<std::uint64_t> keys = begin_call(std::move(batch));
    return {rows_.back().call, std::move(keys)};
}

ResultStream FlowDriver::spawn(Batch batch) {
    begin_call(std::move(batch));
    last_spawn_ = rows_.size() - 1;
    return ResultStream(rows_.back().call);
}

void FlowDriver::cancel(const std::vector<std::uint64_t>& keys) {
    if (!last_spawn_) {
        return;
    }
    std::vector<std::uint64_t> open;
    for (const std::uint64_t key : keys) {
        ChildResult result{key, {StatusCode::kCancelled, "cancelled by its workflow"}, {}};
        if (rows_[*last_spawn_].accept(std::move(result))) {
            open.push_back(key);
        }
    }
    if (!open.empty()) {
        host_.cancel_children(static_cast<std::uint32_t>(*last_spawn_), open);
    }
}

void FlowDriver::progress(double fraction, std::string_view text, BytesView incumbent) {
    host_.progress(fraction, text, incumbent);
}

void FlowDriver::log(std::string_view text) {
    host_.log(text);
}

}  // namespace quercus::workflow
