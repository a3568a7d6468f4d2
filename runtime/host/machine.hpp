#pragma once

// What this process is allowed to use of its machine: affinity mask, cgroup cpuset (visible through
// the mask) and cgroup cpu quota, never the number of installed processors.

#include <cstdint>
#include <string>
#include <vector>

#include "quantum/base/status.hpp"

namespace quercus::host {

// Logical cpus of one NUMA domain, one per physical core, in the order in which they should be
// used.
struct NumaDomain {
    int index = 0;
    std::vector<int> cores;
};

struct Machine {
    std::string host_name;
    std::vector<int> allowed_cpus;    // logical cpus of the affinity mask
    std::vector<NumaDomain> domains;  // allowed physical cores, one logical cpu each
    double cpu_quota = 0;             // cpus' worth of time per cgroup limit; 0: none
    std::uint64_t memory_bytes = 0;   // of the machine
    // Workers that make sense: allowed physical cores, at most the quota rounded down, at least 1.
    [[nodiscard]] std::uint32_t usable_cores() const;
};

[[nodiscard]] Machine inspect_machine();

// "x86-64-v3" or what else the build computes with; equal profiles compute equal bytes.
[[nodiscard]] std::string numeric_profile();
// The newest instruction set names of this cpu that matter: "avx2 fma avx512f ...".
[[nodiscard]] std::string cpu_features();

// "0,2,4-7" -> {0,2,4,5,6,7}; INVALID_ARGUMENT names the bad part.
[[nodiscard]] Result<std::vector<int>> parse_cpu_list(const std::string& text);
// {0,1,2,5} -> "0-2,5"
[[nodiscard]] std::string format_cpu_list(const std::vector<int>& cpus);

// "2G", "512M", "1048576" -> bytes.
[[nodiscard]] Result<std::uint64_t> parse_size(const std::string& text);

}  // namespace quercus::host
