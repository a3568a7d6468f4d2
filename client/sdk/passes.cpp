// What pipelines are made of, for people and for the command line.

#include <cstdio>

#include "client/sdk/convert.hpp"
#include "quantum/mapping/presets.hpp"
#include "quantum/passes/pipeline.hpp"
#include "quercus/jobs.hpp"
#include "runtime/tasks/requests.hpp"

namespace quercus::client {

namespace {

std::string text_of(double x) {
    char buffer[32];
    std::snprintf(buffer, sizeof(buffer), "%g", x);
    return buffer;
}

std::string values_of(const passes::Parameter& parameter) {
    switch (parameter.type) {
        case passes::ParameterType::kBool:
            return "true, false";
        case passes::ParameterType::kChoice: {
            std::string all;
            for (const std::string& one : parameter.choices) {
                all += (all.empty() ? "" : ", ") + one;
            }
            return all;
        }
        case passes::ParameterType::kInteger:
        case passes::ParameterType::kNumber:
            break;
    }
    return text_of(parameter.least) + " .. " + text_of(parameter.most);
}

std::string text_of(const passes::Value& value) {
    if (const auto* flag = std::get_if<bool>(&value)) {
        return *flag ? "true" : "false";
    }
    if (const auto* text = std::get_if<std::string>(&value)) {
        return "\"" + *text + "\"";
    }
    return text_of(std::get<double>(value));
}

}  // namespace

Status check_work(const CompileJob& job) {
    const tasks::CompileRequest request = detail::without_circuit(job);
    const Status status = tasks::pipeline_of(request).status();
    return status.is_ok() ? passes::resolve_target(request.target).status() : status;
}

Status check_work(const SynthesizeJob& job) {
    const Result<tasks::Request> request = detail::to_request(Work(job));
    return request ? tasks::to_root_task(*request).status() : request.error();
}

Status check_work(const InstantiateJob& job) {
    return detail::to_request(Work(job)).status();
}

Result<std::string> level_pipeline(const CompileJob& job) {
    const auto pipeline = tasks::pipeline_of(detail::without_circuit(job));
    return pipeline ? Result<std::string>(passes::pipeline_to_json(*pipeline))
                    : Result<std::string>(pipeline.error());
}

std::vector<std::string> machine_presets() {
    return mapping::preset_names();
}

Result<std::string> machine_json(const std::string& preset) {
    const auto model = mapping::preset(preset);
    return model ? Result<std::string>(mapping::to_json(*model))
                 : Result<std::string>(model.error());
}

std::vector<PassInfo> known_passes() {
    std::vector<PassInfo> out;
    for (const passes::PassInfo& pass : passes::known_passes()) {
        PassInfo info{pass.name,
                      pass.scope == passes::Scope::kCircuit ? "circuit"
                      : pass.scope == passes::Scope::kBlock ? "block"
                                                            : "combinator",
                      pass.doc,
                      {}};
        for (const passes::Parameter& parameter : pass.parameters) {
            info.parameters.push_back(
                {parameter.name, text_of(parameter.fallback), values_of(parameter), parameter.doc});
        }
        for (const std::string& body : pass.bodies) {
            info.parameters.push_back(
                {body, "", body == "branches" ? "lists of passes" : "a list of passes", ""});
        }
        out.push_back(std::move(info));
    }
    return out;
}

}  // namespace quercus::client
