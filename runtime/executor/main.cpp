// quercus-executor: the private binary behind a worker. Started by a control process only:
//     quercus-executor leaf|flow <pid of the control process> <memory per task in bytes>
// with descriptors as in runtime/executor/process.hpp. Links neither gRPC nor Protocol Buffers.

#include <malloc.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sysexits.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "runtime/executor/child_channel.hpp"
#include "runtime/executor/flow_loop.hpp"
#include "runtime/executor/leaf_loop.hpp"
#include "runtime/executor/process.hpp"
#include "runtime/tasks/registry.hpp"

namespace {

// Dies with the thread that started it; the second look closes the race with a parent that was
// gone before.
void tie_to_parent(pid_t parent) {
    if (::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || ::getppid() != parent) {
        std::_Exit(EX_OSERR);
    }
}

// What one task gives back serves the next one: asking the kernel for the same pages again and
// again is a tenth of a short workflow's time.
void keep_freed_memory() {
    constexpr int kMiB = 1 << 20;
    ::mallopt(M_MMAP_THRESHOLD, 4 * kMiB);
    ::mallopt(M_TRIM_THRESHOLD, 32 * kMiB);
}

}  // namespace

int main(int argc, char** argv) {
    using namespace quercus::executor;
    if (argc != 4) {
        std::fputs("quercus-executor is started by quercus-worker and is of no use by itself\n",
                   stderr);
        return EX_USAGE;
    }
    tie_to_parent(static_cast<pid_t>(std::strtol(argv[2], nullptr, 10)));
    keep_freed_memory();
    ::syscall(SYS_close_range, kFirstFreeFd, ~0u, 0);
    const auto& registry = quercus::tasks::builtin_registry();
    const std::string_view mode = argv[1];
    const std::uint64_t limit_bytes = std::strtoull(argv[3], nullptr, 10);
    if (mode == "leaf") {
        run_leaf(registry, limit_bytes);
    }
    if (mode == "flow") {
        run_flows(registry, limit_bytes);
    }
    die("unknown mode");
}
