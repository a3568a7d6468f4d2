#include "client/cli/circuit_report.hpp"

#include <chrono>
#include <set>

#include "client/cli/table.hpp"

namespace quercus::cli {
namespace {

std::string count_of(const client::CircuitFigures& figures, const std::string& gate) {
    const auto found = figures.gates.find(gate);
    return found == figures.gates.end() ? "-" : std::to_string(found->second);
}

}  // namespace

std::string figures_table(const client::CircuitFigures& before,
                          const client::CircuitFigures& after) {
    Table table({Align::kLeft, Align::kRight, Align::kRight});
    table.add({"", "before", "after"});
    std::set<std::string> gates;
    for (const auto* figures : {&before, &after}) {
        for (const auto& [name, count] : figures->gates) {
            gates.insert(name);
        }
    }
    for (const std::string& gate : gates) {
        table.add({gate, count_of(before, gate), count_of(after, gate)});
    }
    table.add(
        {"two-qubit gates", std::to_string(before.two_qubit), std::to_string(after.two_qubit)});
    table.add({"operations", std::to_string(before.operations), std::to_string(after.operations)});
    table.add({"depth", std::to_string(before.depth), std::to_string(after.depth)});
    table.add({"two-qubit depth", std::to_string(before.two_qubit_depth),
               std::to_string(after.two_qubit_depth)});
    return table.to_string();
}

std::string figures_table(const client::CircuitFigures& figures) {
    Table table({Align::kLeft, Align::kRight});
    for (const auto& [name, count] : figures.gates) {
        table.add({name, std::to_string(count)});
    }
    table.add({"two-qubit gates", std::to_string(figures.two_qubit)});
    table.add({"depth", std::to_string(figures.depth)});
    return table.to_string();
}

NodeNames node_names(const client::Client& client) {
    NodeNames names;
    if (const auto nodes = client.tree()) {
        for (const client::NodeInfo& node : *nodes) {
            names[node.id] = node.name;
        }
    }
    return names;
}

std::string workers_table(const client::Report& report, const NodeNames& names) {
    Table table({Align::kLeft, Align::kRight, Align::kRight, Align::kRight});
    table.add({"rank", "worker", "tasks", "cpu s"});
    for (const client::WorkerShare& share : report.workers) {
        const auto name = names.find(share.rank);
        table.add({name == names.end() ? share.rank.substr(0, 8) : name->second,
                   std::to_string(share.worker), std::to_string(share.tasks),
                   short_number(std::chrono::duration<double>(share.cpu).count())});
    }
    return table.to_string();
}

std::string job_line(const client::JobInfo& job) {
    std::string line = std::string(to_string(job.state));
    if (job.finished_at) {
        line += " in " +
                short_number(
                    std::chrono::duration<double>(*job.finished_at - job.submitted_at).count()) +
                " s, " + std::to_string(job.report.tasks) + " tasks (" +
                std::to_string(job.report.reissued) + " reissued)";
        if (job.report.cached > 0) {
            line += ", " + std::to_string(job.report.cached) + " known";
        }
    }
    return line + ", job " + job.id.to_string();
}

}  // namespace quercus::cli
