#include "runtime/host/machine.hpp"

#include <hwloc.h>
#include <sched.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <fstream>
#include <optional>
#include <sstream>

namespace quercus::host {

namespace {

std::string host_name() {
    std::array<char, 256> buffer{};
    if (gethostname(buffer.data(), buffer.size() - 1) != 0) {
        return "localhost";
    }
    return buffer.data();
}

std::vector<int> affinity_cpus() {
    cpu_set_t set;
    CPU_ZERO(&set);
    std::vector<int> cpus;
    if (sched_getaffinity(0, sizeof(set), &set) == 0) {
        for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
            if (CPU_ISSET(cpu, &set)) {
                cpus.push_back(cpu);
            }
        }
    }
    return cpus;
}

// First line of a cgroup file of this process: v2 path, then the v1 controller's mount.
double quota_from_v2() {
    std::ifstream cgroups("/proc/self/cgroup");
    for (std::string line; std::getline(cgroups, line);) {
        if (line.rfind("0::", 0) == 0) {
            std::ifstream file("/sys/fs/cgroup" + line.substr(3) + "/cpu.max");
            std::string quota;
            double period = 0;
            if (file >> quota >> period && quota != "max" && period > 0) {
                return std::strtod(quota.c_str(), nullptr) / period;
            }
        }
    }
    return 0;
}

double quota_from_v1() {
    std::ifstream quota_file("/sys/fs/cgroup/cpu/cpu.cfs_quota_us");
    std::ifstream period_file("/sys/fs/cgroup/cpu/cpu.cfs_period_us");
    double quota = 0;
    double period = 0;
    if (quota_file >> quota && period_file >> period && quota > 0 && period > 0) {
        return quota / period;
    }
    return 0;
}

double cgroup_quota() {
    const double v2 = quota_from_v2();
    return v2 > 0 ? v2 : quota_from_v1();
}

// One logical cpu per physical core and NUMA domain, restricted to `allowed`.
std::vector<NumaDomain> domains_by_hwloc(const std::vector<int>& allowed) {
    hwloc_topology_t topology = nullptr;
    if (hwloc_topology_init(&topology) != 0) {
        return {};
    }
    std::vector<NumaDomain> domains;
    if (hwloc_topology_load(topology) == 0) {
        const int cores = hwloc_get_nbobjs_by_type(topology, HWLOC_OBJ_CORE);
        for (int i = 0; i < cores; ++i) {
            hwloc_obj_t core =
                hwloc_get_obj_by_type(topology, HWLOC_OBJ_CORE, static_cast<unsigned>(i));
            const auto usable = std::find_if(allowed.begin(), allowed.end(), [&](int cpu) {
                return hwloc_bitmap_isset(core->cpuset, static_cast<unsigned>(cpu)) != 0;
            });
            if (usable == allowed.end()) {
                continue;
            }
            const int node = core->nodeset == nullptr ? 0 : hwloc_bitmap_first(core->nodeset);
            auto domain = std::find_if(domains.begin(), domains.end(),
                                       [&](const NumaDomain& d) { return d.index == node; });
            if (domain == domains.end()) {
                domain = domains.insert(domains.end(), NumaDomain{node, {}});
            }
            domain->cores.push_back(*usable);
        }
    }
    hwloc_topology_destroy(topology);
    return domains;
}

}  // namespace

std::uint32_t Machine::usable_cores() const {
    std::size_t cores = 0;
    for (const NumaDomain& domain : domains) {
        cores += domain.cores.size();
    }
    if (cpu_quota > 0) {
        cores = std::min(cores, static_cast<std::size_t>(std::floor(cpu_quota)));
    }
    return static_cast<std::uint32_t>(std::max<std::size_t>(cores, 1));
}

Machine inspect_machine() {
    Machine machine;
    machine.host_name = host_name();
    machine.allowed_cpus = affinity_cpus();
    machine.domains = domains_by_hwloc(machine.allowed_cpus);
    if (machine.domains.empty()) {
        machine.domains.push_back({0, machine.allowed_cpus});
    }
    machine.cpu_quota = cgroup_quota();
    struct sysinfo info {};
    if (sysinfo(&info) == 0) {
        machine.memory_bytes = static_cast<std::uint64_t>(info.totalram) * info.mem_unit;
    }
    return machine;
}

std::string numeric_profile() {
#if defined(QUERCUS_NATIVE)
    return "native:" + cpu_features();
#elif defined(__x86_64__)
    return "x86-64-v3";
#else
    return "generic";
#endif
}

std::string cpu_features() {
    std::string names;
#if defined(__x86_64__)
    const auto add = [&](const char* name, bool present) {
        if (present) {
            names += names.empty() ? "" : " ";
            names += name;
        }
    };
    add("avx2", __builtin_cpu_supports("avx2") != 0);
    add("fma", __builtin_cpu_supports("fma") != 0);
    add("avx512f", __builtin_cpu_supports("avx512f") != 0);
    add("avx512dq", __builtin_cpu_supports("avx512dq") != 0);
#endif
    return names.empty() ? "baseline" : names;
}

namespace {

// "4" or "4-7" -> {4, 4} or {4, 7}.
std::optional<std::pair<int, int>> parse_range(const std::string& part) {
    constexpr int kMaxCpu = 65535;
    const char* end = part.data() + part.size();
    int low = 0;
    auto parsed = std::from_chars(part.data(), end, low);
    int high = low;
    if (parsed.ec == std::errc() && parsed.ptr != end && *parsed.ptr == '-') {
        parsed = std::from_chars(parsed.ptr + 1, end, high);
    }
    if (parsed.ec != std::errc() || parsed.ptr != end || low < 0 || high < low || high > kMaxCpu) {
        return std::nullopt;
    }
    return std::pair(low, high);
}

}  // namespace

Result<std::vector<int>> parse_cpu_list(const std::string& text) {
    std::vector<int> cpus;
    std::stringstream parts(text);
    for (std::string part; std::getline(parts, part, ',');) {
        const auto range = parse_range(part);
        if (!range) {
            return invalid_argument("'" + part + "' in cpu list '" + text +
                                    "' is not a cpu number or a range like 4-7 (--cpus)");
        }
        for (int cpu = range->first; cpu <= range->second; ++cpu) {
            cpus.push_back(cpu);
        }
    }
    if (cpus.empty()) {
        return invalid_argument("empty cpu list (--cpus)");
    }
    return cpus;
}

std::string format_cpu_list(const std::vector<int>& cpus) {
    std::string text;
    for (std::size_t i = 0; i < cpus.size();) {
        std::size_t last = i;
        while (last + 1 < cpus.size() && cpus[last + 1] == cpus[last] + 1) {
            ++last;
        }
        text += (text.empty() ? "" : ",") + std::to_string(cpus[i]);
        if (last > i) {
            text += "-" + std::to_string(cpus[last]);
        }
        i = last + 1;
    }
    return text;
}

Result<std::uint64_t> parse_size(const std::string& text) {
    double number = 0;
    const char* end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, number);
    std::string unit(rest, end);
    if (!unit.empty() && (unit.back() == 'B' || unit.back() == 'b')) {
        unit.pop_back();
    }
    if (!unit.empty() && unit.back() == 'i') {
        unit.pop_back();
    }
    static const std::string kUnits = "KMGT";
    double factor = 1;
    const std::size_t power =
        unit.size() == 1
            ? kUnits.find(static_cast<char>(std::toupper(static_cast<unsigned char>(unit[0]))))
            : std::string::npos;
    if (power != std::string::npos) {
        factor = std::ldexp(1.0, 10 * static_cast<int>(power + 1));
    } else if (!unit.empty()) {
        return invalid_argument("'" + text + "' is not a size: use bytes or K, M, G, T");
    }
    if (error != std::errc() || !(number >= 0) || number * factor > 1e18) {
        return invalid_argument("'" + text + "' is not a size: use e.g. 512M or 2G");
    }
    return static_cast<std::uint64_t>(number * factor);
}

}  // namespace quercus::host
