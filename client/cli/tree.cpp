// quercus tree; quercus server wait

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cmath>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

#include "client/cli/commands.hpp"
#include "client/cli/tree_text.hpp"

namespace quercus::cli {
namespace {

bool is_complete(const std::vector<client::NodeInfo>& nodes) {
    return count_workers(nodes) > 0 &&
           std::all_of(nodes.begin(), nodes.end(), [](const client::NodeInfo& node) {
               return std::all_of(node.workers.begin(), node.workers.end(),
                                  [](const client::WorkerInfo& worker) { return worker.pid > 0; });
           });
}

// Of a tree that this command has just started: once its executors are up, at the latest in 10 s.
Result<std::vector<client::NodeInfo>> settled_tree(const Client& client) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    auto nodes = client.tree();
    while (nodes && !is_complete(*nodes) && std::chrono::steady_clock::now() < deadline) {
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
        nodes = client.tree();
    }
    return nodes;
}

int show_tree(const Globals& globals, const LocalOptions& local) {
    const Result<Client> client = connect_anywhere(globals, local);
    if (!client) {
        return report(globals, client.error());
    }
    const auto nodes = globals.server.empty() ? settled_tree(*client) : client->tree();
    if (!nodes) {
        return report(globals, nodes.error());
    }
    if (globals.json) {
        json::array array;
        for (const client::NodeInfo& node : *nodes) {
            array.push_back(to_json(node));
        }
        print_json({{"nodes", array}});
    } else {
        print_line(tree_text(*nodes));
    }
    return kExitOk;
}

struct ServerWaitOptions {
    std::size_t workers = 1;
    double timeout_s = 60;
};

// A pause that a signal ends; false when it did.
class Pause {
 public:
    explicit Pause(Interrupts& interrupts) : interrupts_(interrupts) {
        interrupts_.set_handler([this] {
            const std::lock_guard lock(mutex_);
            interrupted_ = true;
            changed_.notify_all();
        });
    }
    ~Pause() { interrupts_.set_handler({}); }
    Pause(const Pause&) = delete;
    Pause& operator=(const Pause&) = delete;

    bool wait(std::chrono::milliseconds time) {
        std::unique_lock lock(mutex_);
        return !changed_.wait_for(lock, time, [this] { return interrupted_; });
    }

 private:
    Interrupts& interrupts_;
    std::mutex mutex_;
    std::condition_variable changed_;
    bool interrupted_ = false;
};

int wait_for_workers(const Globals& globals, Interrupts& interrupts,
                     const ServerWaitOptions& options) {
    using Clock = std::chrono::steady_clock;
    if (globals.server.empty()) {
        return report(globals, connect_to_server(globals, "server wait").error());
    }
    const auto deadline =
        Clock::now() + std::chrono::milliseconds(std::llround(options.timeout_s * 1000));
    Pause pause(interrupts);
    Status last = unavailable("no answer from " + globals.server);
    std::size_t seen = 0;
    std::optional<Client> client;
    do {
        if (!client) {
            auto connected = Client::connect(globals.server, std::chrono::seconds(2));
            last = connected.status();
            if (connected) {
                client = *std::move(connected);
            }
        }
        if (const auto nodes =
                client ? client->tree() : Result<std::vector<client::NodeInfo>>(last)) {
            seen = count_workers(*nodes);
            last = Status::ok();
        } else {
            last = nodes.error();
        }
        if (last.is_ok() && seen >= options.workers) {
            globals.json ? print_json({{"workers", seen}})
                         : print_line(std::to_string(seen) + " workers");
            return kExitOk;
        }
        if (!pause.wait(std::chrono::milliseconds(100))) {
            return report(globals, Status(StatusCode::kCancelled, "interrupted")), kExitInterrupted;
        }
    } while (Clock::now() < deadline);
    return report(globals, last.is_ok() ? Status(StatusCode::kDeadlineExceeded,
                                                 std::to_string(seen) + " of " +
                                                     std::to_string(options.workers) +
                                                     " workers after --timeout")
                                        : last);
}

}  // namespace

void add_tree(CLI::App& app, Action& chosen) {
    const auto local = std::make_shared<LocalOptions>();
    CLI::App* command = app.add_subcommand(
        "tree", "Print the tree: servers, managers, ranks, workers with their cores");
    command->add_option("--workers", local->workers, "Attached mode: number of workers")
        ->check(CLI::Range(1, 4096))
        ->type_name("N");
    command->callback([&chosen, local] {
        chosen = [local](const Globals& globals, Interrupts&) {
            return show_tree(globals, *local);
        };
    });
}

void add_server(CLI::App& app, Action& chosen) {
    CLI::App* server = app.add_subcommand("server", "About the server itself");
    server->require_subcommand(1);
    const auto options = std::make_shared<ServerWaitOptions>();
    CLI::App* wait =
        server->add_subcommand("wait", "Wait until the server has that many workers in its tree");
    wait->add_option("--workers", options->workers, "Number of workers")
        ->capture_default_str()
        ->type_name("N");
    wait->add_option("--timeout", options->timeout_s, "Give up after that many seconds")
        ->capture_default_str()
        ->check(CLI::NonNegativeNumber)
        ->type_name("S");
    wait->callback([&chosen, options] {
        chosen = [options](const Globals& globals, Interrupts& interrupts) {
            return wait_for_workers(globals, interrupts, *options);
        };
    });
}

}  // namespace quercus::cli
