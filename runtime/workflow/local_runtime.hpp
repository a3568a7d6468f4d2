#pragma once

// Runs a whole job in this process: workflows on the calling thread, kernels on a pool of threads.
// The same seeds, keys, call and round numbers as in the tree, hence the same payload bytes. No
// hard cancel, no memory limit, no crash isolation.

#include <functional>
#include <memory>
#include <stop_token>
#include <string_view>

#include "runtime/workflow/runtime.hpp"

namespace quercus::workflow {

// On the thread that called run().
using ProgressCallback =
    std::function<void(double fraction, std::string_view text, BytesView incumbent)>;

class LocalRuntime {
 public:
    // `registry` must outlive the runtime; threads >= 1.
    LocalRuntime(const Registry& registry, unsigned threads);
    ~LocalRuntime();
    LocalRuntime(const LocalRuntime&) = delete;
    LocalRuntime& operator=(const LocalRuntime&) = delete;

    // Blocks until the job has ended. NOT_FOUND for an unknown kind, CANCELLED after `stop`
    // (running kernels see their stop token and are waited for), the job's own Status otherwise.
    // Any thread; several runs may share the pool.
    Result<Bytes> run(std::string_view kind, BytesView input, Seed job_seed = 0,
                      std::stop_token stop = {}, ProgressCallback progress = {});

 private:
    class Pool;
    class Run;
    std::unique_ptr<Pool> pool_;
    const Registry& registry_;
};

}  // namespace quercus::workflow
