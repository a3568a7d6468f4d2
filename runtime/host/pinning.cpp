#include "runtime/host/pinning.hpp"

#include <algorithm>
#include <string>

#include "runtime/host/logging.hpp"
#include "runtime/host/machine.hpp"

namespace quercus::host {

namespace {

std::vector<int> cores_in_order(const Machine& machine) {
    std::vector<int> cores;
    for (const NumaDomain& domain : machine.domains) {
        cores.insert(cores.end(), domain.cores.begin(), domain.cores.end());
    }
    return cores;
}

Status check_allowed(const Machine& machine, const std::vector<int>& cpus) {
    for (const int cpu : cpus) {
        if (std::find(machine.allowed_cpus.begin(), machine.allowed_cpus.end(), cpu) ==
            machine.allowed_cpus.end()) {
            return invalid_argument("cpu " + std::to_string(cpu) +
                                    " is not among the cpus this process may use: " +
                                    format_cpu_list(machine.allowed_cpus) + " (--cpus)");
        }
    }
    return Status::ok();
}

}  // namespace

Result<std::vector<std::vector<int>>> place_workers(std::uint32_t workers,
                                                    const std::vector<int>& cpus) {
    const Machine machine = inspect_machine();
    if (workers == 0) {
        workers = cpus.empty() ? machine.usable_cores() : static_cast<std::uint32_t>(cpus.size());
    }
    std::vector<int> chosen = cpus;
    if (cpus.size() == 1 && workers > 1) {
        chosen.clear();
        for (std::uint32_t i = 0; i < workers; ++i) {
            chosen.push_back(cpus.front() + static_cast<int>(i));
        }
    }
    if (chosen.empty()) {
        chosen = cores_in_order(machine);
        if (workers > machine.usable_cores()) {
            log_event(scheduling::Severity::kWarning, "cores_shared",
                      std::to_string(workers) + " workers share " +
                          std::to_string(machine.usable_cores()) + " allowed cores");
        }
    } else if (chosen.size() != workers) {
        return invalid_argument(std::to_string(workers) + " workers but " +
                                std::to_string(chosen.size()) +
                                " cpus: give one start index or one cpu per worker (--cpus)");
    }
    if (Status status = check_allowed(machine, chosen); !status.is_ok()) {
        return status;
    }
    std::vector<std::vector<int>> places;
    for (std::uint32_t i = 0; i < workers; ++i) {
        places.push_back({chosen[i % chosen.size()]});
    }
    return places;
}

}  // namespace quercus::host
