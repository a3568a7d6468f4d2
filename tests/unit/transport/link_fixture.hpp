#pragma once

// A transport with a loop on its own thread, which records what happens on its links and lets a
// test wait for it.

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "runtime/loop/loop.hpp"
#include "runtime/transport/grpc_server.hpp"
#include "runtime/transport/tree_transport.hpp"

namespace quercus::transport::test {

using scheduling::Frame;
using scheduling::LinkId;
using scheduling::LinkOpened;
using scheduling::Position;

struct Record {
    std::vector<LinkOpened> opened;
    std::vector<std::pair<LinkId, Frame>> frames;
    std::vector<std::pair<LinkId, Status>> closed;
    std::vector<std::size_t> alive;  // every sign of life: how many frames had come by then
};

class Peer {
 public:
    Peer()
        : transport(std::make_unique<TreeTransport>(
              loop,
              LinkHandler{
                  [this](LinkOpened link) { note([&](Record& r) { r.opened.push_back(link); }); },
                  [this](LinkId link, Frame frame) {
                      note([&](Record& r) { r.frames.emplace_back(link, std::move(frame)); });
                  },
                  [this](LinkId link, Status reason) {
                      note([&](Record& r) { r.closed.emplace_back(link, std::move(reason)); });
                  },
                  [this](LinkId) {
                      note([](Record& r) { r.alive.push_back(r.frames.size()); });
                  }})),
          thread_([this] { loop.run(); }) {}
    ~Peer() {
        server.reset();
        transport->shutdown();
        loop.stop();
        thread_.join();
    }

    // Listens on a free port; returns "host:port".
    std::string listen(const std::string& bind = "127.0.0.1") {
        auto started = GrpcServer::start(bind, 0, *transport, nullptr);
        if (!started) {
            return {};
        }
        server = std::move(*started);
        const bool is_v6 = bind.find(':') != std::string::npos;
        return (is_v6 ? "[" + bind + "]" : bind) + ":" + std::to_string(server->port());
    }

    // Runs `work` on the loop and waits for it.
    void on_loop(const std::function<void()>& work) {
        std::mutex mutex;
        std::condition_variable done;
        bool is_done = false;
        loop.post([&] {
            work();
            const std::lock_guard lock(mutex);
            is_done = true;
            done.notify_one();
        });
        std::unique_lock lock(mutex);
        done.wait(lock, [&] { return is_done; });
    }
    void send(LinkId link, Frame frame) {
        on_loop([&] { transport->send(link, std::move(frame)); });
    }
    void close(LinkId link, const Status& reason) {
        on_loop([&] { transport->close(link, reason); });
    }

    // Waits until `condition(record)` holds; false after the deadline.
    bool wait_for(const std::function<bool(const Record&)>& condition,
                  std::chrono::seconds deadline = std::chrono::seconds(20)) {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, deadline, [&] { return condition(record_); });
    }
    bool wait_opened(std::size_t count = 1) {
        return wait_for([=](const Record& r) { return r.opened.size() >= count; });
    }
    bool wait_frames(std::size_t count) {
        return wait_for([=](const Record& r) { return r.frames.size() >= count; });
    }
    bool wait_closed(std::size_t count = 1) {
        return wait_for([=](const Record& r) { return r.closed.size() >= count; });
    }
    Record record() {
        const std::lock_guard lock(mutex_);
        return record_;
    }

    loop::Loop loop;
    std::unique_ptr<TreeTransport> transport;
    std::unique_ptr<GrpcServer> server;

 private:
    void note(const std::function<void(Record&)>& change) {
        const std::lock_guard lock(mutex_);
        change(record_);
        changed_.notify_all();
    }
    std::mutex mutex_;
    std::condition_variable changed_;
    Record record_;
    std::thread thread_;
};

inline Frame log_frame(std::uint64_t seq, const std::string& text) {
    Frame frame;
    frame.seq = seq;
    scheduling::JobId job;
    job.bytes[0] = 1;
    frame.items.push_back(scheduling::Log{job, scheduling::Severity::kInfo, text});
    return frame;
}

inline std::string log_text(const Frame& frame) {
    return std::get<scheduling::Log>(frame.items.at(0)).text;
}

// One result with an output of `size` bytes that starts with `first`.
inline Frame done_frame(std::uint64_t seq, std::size_t size, char first) {
    Frame frame;
    frame.seq = seq;
    scheduling::Done done;
    done.id.job.bytes[0] = 1;
    Bytes output(size, 'x');
    output[0] = first;
    done.output = Payload(std::move(output));
    frame.items.push_back(scheduling::DoneBatch{{std::move(done)}});
    return frame;
}

inline const Payload& done_output(const Frame& frame) {
    return std::get<scheduling::DoneBatch>(frame.items.at(0)).done.at(0).output;
}

}  // namespace quercus::transport::test
