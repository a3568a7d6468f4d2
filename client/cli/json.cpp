#include "client/cli/json.hpp"

#include <boost/json/serialize.hpp>
#include <chrono>
#include <ctime>

namespace quercus::cli {

std::string to_text(const json::value& value) {
    return json::serialize(value);
}

namespace {

template <class Result>
void add_bounds_and_mappings(json::object& to, const Result& result) {
    to["delta_bound"] = result.delta_bound;
    to["distance_bound"] = result.distance_bound;
    to["initial_mapping"] = json::value_from(result.initial_mapping);
    to["final_mapping"] = json::value_from(result.final_mapping);
}

}  // namespace

void add_result(json::object& to, const client::CompileResult& result) {
    to["before"] = to_json(result.before);
    to["after"] = to_json(result.after);
    add_bounds_and_mappings(to, result);
}

void add_result(json::object& to, const client::SynthesizeResult& result) {
    to["figures"] = to_json(result.figures);
    add_bounds_and_mappings(to, result);
}

std::string iso_time(client::WallTime time) {
    const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
    std::tm parts{};
    ::gmtime_r(&seconds, &parts);
    char text[32];
    std::strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &parts);
    return text;
}

json::value to_json(const Status& error) {
    return {{"code", json::string(quercus::to_string(error.code()))}, {"message", error.message()}};
}

json::value to_json(const client::Report& report) {
    json::array workers;
    for (const client::WorkerShare& share : report.workers) {
        workers.push_back({{"rank", share.rank},
                           {"worker", share.worker},
                           {"tasks", share.tasks},
                           {"cpu_us", share.cpu.count()}});
    }
    return {{"tasks", report.tasks},
            {"reissued", report.reissued},
            {"cached", report.cached},
            {"workers", workers}};
}

json::object to_json(const client::JobInfo& job) {
    json::object object{{"id", job.id.to_string()}, {"name", job.name},
                        {"kind", job.kind},         {"state", json::string(to_string(job.state))},
                        {"progress", job.progress}, {"submitted_at", iso_time(job.submitted_at)}};
    if (!job.progress_text.empty()) {
        object["progress_text"] = job.progress_text;
    }
    if (job.started_at) {
        object["started_at"] = iso_time(*job.started_at);
    }
    if (job.finished_at) {
        object["finished_at"] = iso_time(*job.finished_at);
        object["seconds"] =
            std::chrono::duration<double>(*job.finished_at - job.submitted_at).count();
        object["report"] = to_json(job.report);
    }
    if (!job.error.is_ok()) {
        object["error"] = to_json(job.error);
    }
    if (job.state == client::JobState::kSucceeded) {
        object["result_size_bytes"] = job.result_size_bytes;
        object["result_sha256"] = job.result_sha256;
    }
    return object;
}

json::value to_json(const client::JobEvent& event) {
    json::object object{{"sequence", event.sequence},
                        {"state", json::string(to_string(event.state))}};
    if (event.progress) {
        object["progress"] = event.progress->fraction;
        object["progress_text"] = event.progress->text;
    }
    if (event.log) {
        object["log"] = *event.log;
    }
    return object;
}

json::value to_json(const client::NodeInfo& node) {
    json::array workers;
    for (const client::WorkerInfo& worker : node.workers) {
        workers.push_back({{"cpus", json::value_from(worker.cpus)},
                           {"pid", worker.pid},
                           {"tasks_done", worker.tasks_done}});
    }
    json::object tags;
    for (const auto& [key, value] : node.tags) {
        tags[key] = value;
    }
    return {{"id", node.id},
            {"parent", node.parent},
            {"role", node.role},
            {"name", node.name},
            {"build", node.build},
            {"state", node.state},
            {"listening", json::value_from(node.listening)},
            {"tags", tags},
            {"workers", workers}};
}

json::value to_json(const client::CircuitFigures& figures) {
    json::object gates;
    for (const auto& [name, count] : figures.gates) {
        gates[name] = count;
    }
    return {{"two_qubit", figures.two_qubit},
            {"operations", figures.operations},
            {"depth", figures.depth},
            {"two_qubit_depth", figures.two_qubit_depth},
            {"gates", gates}};
}

}  // namespace quercus::cli
