#include "runtime/transport/hub.hpp"

#include <algorithm>
#include <chrono>

#include "runtime/transport/stream.hpp"

namespace quercus::transport {

bool Hub::post(std::function<void()> work) {
    const std::lock_guard lock(mutex_);
    if (closed_) {
        return false;
    }
    loop_.post(std::move(work));
    return true;
}

bool Hub::enter(const std::shared_ptr<AnyStream>& stream) {
    const std::lock_guard lock(mutex_);
    ++streams_;
    if (closed_) {
        return false;
    }
    std::erase_if(registered_, [](const auto& weak) { return weak.expired(); });
    registered_.push_back(stream);
    return true;
}

void Hub::leave() {
    const std::lock_guard lock(mutex_);
    --streams_;
    left_.notify_all();
}

void Hub::close() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
}

bool Hub::cancel_streams(std::chrono::milliseconds timeout) {
    std::unique_lock lock(mutex_);
    const auto streams = std::exchange(registered_, {});
    lock.unlock();
    for (const auto& weak : streams) {
        if (const auto stream = weak.lock()) {
            stream->cancel();
        }
    }
    lock.lock();
    return left_.wait_for(lock, timeout, [this] { return streams_ == 0; });
}

}  // namespace quercus::transport
