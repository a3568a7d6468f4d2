#include "runtime/executor/memory_limit.hpp"

#include <malloc.h>
#include <sys/resource.h>
#include <unistd.h>

#include <fstream>

namespace quercus::executor {

namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kEnabled = false;
#else
constexpr bool kEnabled = true;
#endif

std::uint64_t address_space_bytes() {
    std::uint64_t pages = 0;
    std::ifstream("/proc/self/statm") >> pages;
    return pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

}  // namespace

MemoryLimit::MemoryLimit(std::uint64_t default_bytes)
    : default_bytes_(default_bytes), idle_bytes_(address_space_bytes()) {}

void MemoryLimit::apply(std::uint64_t task_bytes) {
    const std::uint64_t wanted = task_bytes != 0 ? task_bytes : default_bytes_;
    if (!kEnabled || wanted == applied_) {
        return;
    }
    rlimit limit{};
    ::getrlimit(RLIMIT_AS, &limit);
    const bool none = wanted == 0 || wanted > RLIM_INFINITY - idle_bytes_;
    limit.rlim_cur = none ? limit.rlim_max : idle_bytes_ + wanted;
    if (::setrlimit(RLIMIT_AS, &limit) == 0) {
        applied_ = wanted;
    }
}

void MemoryLimit::recover() {
    ::malloc_trim(0);
}

}  // namespace quercus::executor
