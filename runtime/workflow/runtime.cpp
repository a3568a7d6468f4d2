#include "runtime/workflow/runtime.hpp"

#include <algorithm>
#include <cassert>
#include <iterator>
#include <new>
#include <unordered_map>

namespace quercus::workflow {

namespace {

bool all_arrived(const detail::Call& call) {
    return !call.failure.is_ok() || call.taken + call.arrived.size() >= call.expected;
}

bool is_dense(const std::vector<std::uint64_t>& keys) {
    for (std::size_t i = 0; i < keys.size(); ++i) {
        if (keys[i] != i) {
            return false;
        }
    }
    return true;
}

// Moves `arrived` (each key once) into the order of `keys`.
Results in_key_order(std::vector<ChildResult> arrived, const std::vector<std::uint64_t>& keys) {
    Results ordered(keys.size());
    if (is_dense(keys)) {
        for (ChildResult& result : arrived) {
            const std::uint64_t key = result.key;
            ordered[key] = std::move(result);
        }
        return ordered;
    }
    std::unordered_map<std::uint64_t, std::size_t> position;
    position.reserve(keys.size());
    for (std::size_t i = 0; i < keys.size(); ++i) {
        position.emplace(keys[i], i);
    }
    for (ChildResult& result : arrived) {
        const std::size_t at = position.at(result.key);
        ordered[at] = std::move(result);
    }
    return ordered;
}

}  // namespace

bool MapAwaitable::await_ready() const {
    return all_arrived(*call_);
}

void MapAwaitable::await_suspend(std::coroutine_handle<> handle) {
    call_->wanted = call_->expected;
    call_->waiter = handle;
}

Result<Results> MapAwaitable::await_resume() {
    call_->waiter = nullptr;
    if (!call_->failure.is_ok()) {
        return call_->failure;
    }
    assert(call_->arrived.size() == keys_.size() && "a map() is awaited once");
    call_->taken += call_->arrived.size();
    return in_key_order(std::exchange(call_->arrived, {}), keys_);
}

bool ResultStream::Next::await_ready() const {
    return !call_->arrived.empty() || all_arrived(*call_);
}

void ResultStream::Next::await_suspend(std::coroutine_handle<> handle) {
    call_->wanted = call_->taken + 1;
    call_->waiter = handle;
}

Result<Results> ResultStream::Next::await_resume() {
    call_->waiter = nullptr;
    if (!call_->failure.is_ok()) {
        return call_->failure;
    }
    call_->taken += call_->arrived.size();
    return std::exchange(call_->arrived, {});
}

void Flow::promise_type::unhandled_exception() {
    try {
        throw;
    } catch (const std::bad_alloc&) {
        outcome = resource_exhausted("the workflow ran out of memory");
    } catch (const std::exception& error) {
        outcome = internal_error(std::string("the workflow threw: ") + error.what());
    } catch (...) {
        outcome = internal_error("the workflow threw an unknown exception");
    }
}

Status Registry::add(KindInfo kind) {
    assert(static_cast<bool>(kind.kernel) != static_cast<bool>(kind.workflow));
    const auto at = std::lower_bound(
        kinds_.begin(), kinds_.end(), kind.name,
        [](const KindInfo& info, const std::string& name) { return info.name < name; });
    if (at != kinds_.end() && at->name == kind.name) {
        return {StatusCode::kAlreadyExists, "kind " + kind.name + " is already registered"};
    }
    kinds_.insert(at, std::move(kind));
    return Status::ok();
}

const KindInfo* Registry::find(std::string_view name) const {
    const auto at = std::lower_bound(
        kinds_.begin(), kinds_.end(), name,
        [](const KindInfo& info, std::string_view wanted) { return info.name < wanted; });
    return at != kinds_.end() && at->name == name ? &*at : nullptr;
}

std::string Registry::describe() const {
    std::string text;
    for (const KindInfo& kind : kinds_) {
        text += kind.name + " " + std::to_string(kind.version) +
                (kind.workflow ? " workflow" : " kernel") +
                (kind.seeding == Seeding::kPath ? " path-seeded\n" : "\n");
    }
    return text;
}

}  // namespace quercus::workflow
