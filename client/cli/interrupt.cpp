#include "client/cli/interrupt.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <utility>

#include "client/cli/context.hpp"

namespace quercus::cli {

Interrupts::Interrupts() {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
    signals_ = ::signalfd(-1, &set, SFD_CLOEXEC);
    stop_ = ::eventfd(0, EFD_CLOEXEC);
    thread_ = std::thread([this] { loop(); });
}

Interrupts::~Interrupts() {
    ::eventfd_write(stop_, 1);
    thread_.join();
    ::close(signals_);
    ::close(stop_);
}

void Interrupts::set_handler(std::function<void()> handler) {
    const std::lock_guard lock(mutex_);
    handler_ = std::move(handler);
    held_ = held_ && static_cast<bool>(handler_);
    if (pending_ && handler_) {
        pending_ = false;
        handler_();
    }
}

void Interrupts::hold() {
    const std::lock_guard lock(mutex_);
    held_ = true;
}

void Interrupts::loop() {
    while (true) {
        std::array<pollfd, 2> fds{pollfd{signals_, POLLIN, 0}, pollfd{stop_, POLLIN, 0}};
        ::poll(fds.data(), fds.size(), -1);
        if (fds[1].revents != 0) {
            return;
        }
        signalfd_siginfo info{};
        if (::read(signals_, &info, sizeof(info)) != sizeof(info)) {
            continue;
        }
        const std::lock_guard lock(mutex_);
        if (seen_ || !(handler_ || held_)) {
            ::_exit(kExitInterrupted);
        }
        seen_ = true;
        pending_ = !handler_;
        if (handler_) {
            handler_();
        }
    }
}

}  // namespace quercus::cli
