#pragma once

// What the desk knows of one job, and who watches it. Private to job_desk.cpp.

#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>

#include "runtime/loop/loop.hpp"
#include "runtime/transport/jobs.hpp"

namespace quercus::host {

// One watch. Recursive, so that a callback may end its own subscription.
struct Watcher {
    std::recursive_mutex mutex;
    bool active = true;
    std::uint64_t seen = 0;
    std::function<void(const transport::JobEvent&)> on_event;
    std::function<void(const Status&)> on_end;

    void deliver(const transport::JobEvent& event) {
        const std::lock_guard lock(mutex);
        if (active && event.sequence > seen) {
            seen = event.sequence;
            on_event(event);
        }
    }
    void end(const Status& status) {
        const std::lock_guard lock(mutex);
        if (active) {
            active = false;
            on_end(status);
        }
    }
};

struct JobRecord {
    transport::JobStatus status;
    Digest request_digest;
    std::uint64_t input_bytes = 0;
    bool cancel_on_disconnect = false;
    std::deque<transport::JobEvent> events;
    Payload result;
    Payload incumbent;  // its result if it is cancelled
    std::string incumbent_sha256;
    std::list<std::shared_ptr<Watcher>> watchers;
    std::unique_ptr<loop::Loop::Timer> disconnect_timer;
};

}  // namespace quercus::host
