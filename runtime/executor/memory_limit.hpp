#pragma once

// The address space that one task may use, by RLIMIT_AS: an allocation beyond it throws
// std::bad_alloc. Without effect in sanitizer builds, whose shadow memory needs terabytes.

#include <cstdint>

namespace quercus::executor {

class MemoryLimit {
 public:
    // Notes what the idle process uses. Call when nothing but tasks will allocate any more.
    explicit MemoryLimit(std::uint64_t default_bytes);
    // `task_bytes`: the task's own limit, 0: the default. Costs a system call only when it changes.
    void apply(std::uint64_t task_bytes);
    // After a task ran out of memory: gives freed memory back, so that the next one has it.
    static void recover();

 private:
    std::uint64_t default_bytes_;
    std::uint64_t idle_bytes_;
    std::uint64_t applied_ = 0;
};

}  // namespace quercus::executor
