#include "runtime/host/digester.hpp"

#include <utility>

#include "runtime/transport/sha256.hpp"

namespace quercus::host {

void Digester::compute(Payload payload, Then then) {
    if (payload.size() <= kInlineBytes) {
        then(transport::sha256_hex(payload.view()));
        return;
    }
    const std::lock_guard lock(mutex_);
    waiting_.push_back({std::move(payload), std::move(then)});
    changed_.notify_one();
    if (!thread_.joinable() && !stopping_) {
        thread_ = std::thread([this] { run(); });
    }
}

void Digester::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        waiting_.clear();
    }
    changed_.notify_one();
    if (thread_.joinable()) {
        thread_.join();
    }
}

void Digester::run() {
    std::unique_lock lock(mutex_);
    while (true) {
        changed_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
        if (stopping_) {
            return;
        }
        Work work = std::move(waiting_.front());
        waiting_.pop_front();
        lock.unlock();
        std::string digest = transport::sha256_hex(work.payload.view());
        loop_.post([then = std::move(work.then), digest = std::move(digest)] { then(digest); });
        lock.lock();
    }
}

}  // namespace quercus::host
