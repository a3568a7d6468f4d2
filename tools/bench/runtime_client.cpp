// quercus_bench_runtime <server> <tasks> <repeat>: throughput of a map of distinct 16-byte inputs
// to `hash` and round trip of an empty job, as one line of JSON. Driven by tools/bench/runtime.

#include <openssl/sha.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <future>
#include <iostream>
#include <string>
#include <vector>

#include "quantum/base/codec.hpp"
#include "runtime/tasks/map_request.hpp"
#include "runtime/transport/grpc_server.hpp"
#include "tests/support/tree.hpp"

namespace {

using namespace quercus;
using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
}

[[noreturn]] void fail(const Status& status) {
    std::cerr << "quercus_bench_runtime: " << status.to_string() << "\n";
    std::exit(1);
}

template <class T>
T expect(Result<T> result) {
    if (!result) {
        fail(result.error());
    }
    return std::move(*result);
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 4) {
        fail(invalid_argument("usage: quercus_bench_runtime <server> <tasks> <repeat>"));
    }
    const auto remote = transport::connect_jobs(argv[1]);
    testing::WaitingJobs jobs(*remote);
    const std::uint64_t tasks = std::stoull(argv[2]);
    const int repeat = std::stoi(argv[3]);

    std::vector<double> rates;
    std::vector<double> shares;
    bool right = true;
    for (int i = 0; i < repeat; ++i) {
        const auto spec = testing::make_spec(
            tasks::TaskRequest{"map", tasks::counted_map("hash", tasks)}, static_cast<Seed>(i));
        const auto start = Clock::now();
        expect(jobs.submit(spec));
        const auto status = expect(jobs.wait(spec.id, Clock::now() + std::chrono::minutes(5)));
        rates.push_back(static_cast<double>(tasks) / seconds_since(start));
        if (!status.error.is_ok()) {
            fail(status.error);
        }
        right = right && expect(jobs.fetch(spec.id)).view() == tasks::expected_hash_map(tasks);
        shares.clear();
        for (const auto& worker : status.report.workers) {
            shares.push_back(static_cast<double>(worker.tasks) / static_cast<double>(tasks));
        }
    }
    std::vector<double> trips;
    for (int i = 0; i < 201; ++i) {
        const auto spec = testing::make_spec(tasks::TaskRequest{"noop", {}});
        const auto start = Clock::now();
        expect(jobs.submit(spec));
        expect(jobs.wait(spec.id, Clock::now() + std::chrono::seconds(30)));
        expect(jobs.fetch(spec.id));
        trips.push_back(1e3 * seconds_since(start));
    }
    std::nth_element(trips.begin(), trips.begin() + 100, trips.end());

    const auto print = [](const std::vector<double>& values) {
        std::string text;
        for (const double value : values) {
            text += (text.empty() ? "" : ", ") + std::to_string(value);
        }
        return "[" + text + "]";
    };
    std::cout << "{\"tasks_per_second\": " << print(rates) << ", \"shares\": " << print(shares)
              << ", \"outputs_right\": " << (right ? "true" : "false")
              << ", \"round_trip_ms\": " << trips[100] << "}\n";
    return right ? 0 : 1;
}
