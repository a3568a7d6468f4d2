#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <charconv>

#include "quantum/passes/pipeline.hpp"

namespace quercus::passes {

namespace {

namespace json = boost::json;

constexpr std::size_t kMaxText = 1 << 20;

std::string text_of(double x) {
    char buffer[32];
    return {buffer, std::to_chars(std::begin(buffer), std::end(buffer), x).ptr};
}

// ---- reading

Result<Steps> read_steps(const json::value& value, const std::string& place, int depth);

Result<std::vector<Steps>> read_branches(const json::value& value, const std::string& place,
                                         int depth) {
    if (!value.is_array()) {
        return invalid_argument(place + " must be a list of lists of passes");
    }
    std::vector<Steps> branches;
    for (const json::value& one : value.get_array()) {
        auto steps =
            read_steps(one, place + "[" + std::to_string(branches.size()) + "]", depth + 1);
        if (!steps) {
            return steps.error();
        }
        branches.push_back(std::move(*steps));
    }
    return branches;
}

Status read_bodies(const json::object& object, const PassInfo& info, const std::string& here,
                   int depth, Step& step) {
    for (const std::string& name : info.bodies) {
        const json::value* value = object.if_contains(name);
        if (value == nullptr) {
            continue;
        }
        if (name == "branches") {
            auto branches = read_branches(*value, here + "." + name, depth);
            if (!branches) {
                return branches.error();
            }
            step.bodies = std::move(*branches);
            continue;
        }
        auto steps = read_steps(*value, here + "." + name, depth + 1);
        if (!steps) {
            return steps.error();
        }
        if (name == "else" && step.bodies.empty()) {
            return invalid_argument(here + ": else without then");
        }
        step.bodies.push_back(std::move(*steps));
    }
    return Status::ok();
}

Status read_parameters(const json::object& object, const PassInfo& info, const std::string& here,
                       Step& step) {
    for (const auto& [key, value] : object) {
        const std::string name(key);
        const bool is_list =
            std::find(info.bodies.begin(), info.bodies.end(), name) != info.bodies.end();
        if (name == "pass" || is_list) {
            continue;
        }
        if (value.is_bool()) {
            step.params[name] = value.get_bool();
        } else if (value.is_number()) {
            step.params[name] = value.to_number<double>();
        } else if (value.is_string()) {
            step.params[name] = std::string(value.get_string());
        } else {
            return invalid_argument(here + ": " + name +
                                    " must be a number, a text, true or false");
        }
    }
    return Status::ok();
}

Result<Step> read_step(const json::value& value, const std::string& place, int depth) {
    const json::object* object = value.if_object();
    const json::value* name = object != nullptr ? object->if_contains("pass") : nullptr;
    if (name == nullptr || !name->is_string()) {
        return invalid_argument(place + " must be an object with the name of a \"pass\"");
    }
    Step step;
    step.pass = std::string(name->get_string());
    const std::string here = place + " (" + step.pass + ")";
    const PassInfo* info = find_pass(step.pass);
    if (info == nullptr) {
        return invalid_argument(here + ": no such pass (quercus passes list)");
    }
    if (Status status = read_bodies(*object, *info, here, depth, step); !status.is_ok()) {
        return status;
    }
    if (Status status = read_parameters(*object, *info, here, step); !status.is_ok()) {
        return status;
    }
    return step;
}

Result<Steps> read_steps(const json::value& value, const std::string& place, int depth) {
    if (depth > kMaxNesting) {
        return invalid_argument(place + ": lists are nested deeper than " +
                                std::to_string(kMaxNesting));
    }
    if (!value.is_array()) {
        return invalid_argument(place + " must be a list of passes");
    }
    Steps steps;
    for (const json::value& one : value.get_array()) {
        auto step = read_step(one, place + "[" + std::to_string(steps.size()) + "]", depth);
        if (!step) {
            return step.error();
        }
        steps.push_back(std::move(*step));
    }
    return steps;
}

// ---- writing

std::string text_of(const Value& value) {
    if (const auto* flag = std::get_if<bool>(&value)) {
        return *flag ? "true" : "false";
    }
    if (const auto* text = std::get_if<std::string>(&value)) {
        return json::serialize(json::string_view(*text));
    }
    return text_of(std::get<double>(value));
}

void write_steps(std::string& out, const Steps& steps, std::size_t indent);

void write_step(std::string& out, const Step& step, std::size_t indent) {
    out += "{\"pass\": " + text_of(Value(step.pass));
    for (const auto& [name, value] : step.params) {
        out += ", " + text_of(Value(name)) + ": " + text_of(value);
    }
    const PassInfo* info = find_pass(step.pass);
    if (info != nullptr && info->bodies == std::vector<std::string>{"branches"}) {
        out += ", \"branches\": [";
        for (std::size_t i = 0; i < step.bodies.size(); ++i) {
            out += i == 0 ? "" : ", ";
            write_steps(out, step.bodies[i], indent);
        }
        out += "]";
    } else if (info != nullptr) {
        for (std::size_t i = 0; i < step.bodies.size() && i < info->bodies.size(); ++i) {
            out += ", " + text_of(Value(info->bodies[i])) + ": ";
            write_steps(out, step.bodies[i], indent);
        }
    }
    out += "}";
}

void write_steps(std::string& out, const Steps& steps, std::size_t indent) {
    const std::string margin(indent + 2, ' ');
    out += "[";
    for (std::size_t i = 0; i < steps.size(); ++i) {
        out += (i == 0 ? "\n" : ",\n") + margin;
        write_step(out, steps[i], indent + 2);
    }
    out += "]";
}

// What stands beside the passes.
Status read_head(const json::object& object, Pipeline& pipeline) {
    if (const json::value* name = object.if_contains("name"); name != nullptr) {
        if (!name->is_string()) {
            return invalid_argument("the pipeline's name must be a text");
        }
        pipeline.name = std::string(name->get_string());
    }
    if (const json::value* budget = object.if_contains("error_budget"); budget != nullptr) {
        if (!budget->is_number()) {
            return invalid_argument("the pipeline's error_budget must be a number");
        }
        pipeline.error_budget = budget->to_number<double>();
    }
    if (const json::value* optimize = object.if_contains("optimize"); optimize != nullptr) {
        const auto known = optimize_from_text(
            optimize->is_string() ? std::string_view(optimize->get_string()) : "no text");
        if (!known) {
            return known.error();
        }
        pipeline.optimize = *known;
    }
    if (const json::value* placements = object.if_contains("placements"); placements != nullptr) {
        json::error_code error;
        const auto count = placements->to_number<std::uint32_t>(error);
        pipeline.placements = error ? 0 : count;  // which check_pipeline refuses
    }
    if (const json::value* effort = object.if_contains("routing_effort"); effort != nullptr) {
        pipeline.routing_effort = effort->is_number() ? effort->to_number<double>() : 0;
    }
    return Status::ok();
}

}  // namespace

Result<Pipeline> pipeline_from_json(std::string_view text) {
    if (text.size() > kMaxText) {
        return resource_exhausted("a pipeline of more than 1 MiB");
    }
    json::error_code error;
    json::parse_options options;
    options.max_depth = 64;
    const json::value root = json::parse({text.data(), text.size()}, error, {}, options);
    if (error) {
        return invalid_argument("the pipeline is no JSON: " + error.message());
    }
    const json::object* object = root.if_object();
    const json::value* passes = object != nullptr ? object->if_contains("passes") : nullptr;
    if (passes == nullptr) {
        return invalid_argument("a pipeline is an object with the list \"passes\"");
    }
    auto steps = read_steps(*passes, "passes", 0);
    if (!steps) {
        return steps.error();
    }
    Pipeline pipeline;
    pipeline.steps = std::move(*steps);
    if (Status status = read_head(*object, pipeline); !status.is_ok()) {
        return status;
    }
    if (Status status = check_pipeline(pipeline); !status.is_ok()) {
        return status;
    }
    return pipeline;
}

std::string pipeline_to_json(const Pipeline& pipeline) {
    std::string out = "{\"name\": " + text_of(Value(pipeline.name)) + ",\n";
    if (pipeline.error_budget != 0) {
        out += " \"error_budget\": " + text_of(pipeline.error_budget) + ",\n";
    }
    if (pipeline.optimize != Optimize::kTwoQubit) {
        out += " \"optimize\": " + text_of(Value(std::string(to_text(pipeline.optimize)))) + ",\n";
    }
    if (pipeline.placements != 1) {
        out += " \"placements\": " + std::to_string(pipeline.placements) + ",\n";
    }
    if (pipeline.routing_effort != 1) {
        out += " \"routing_effort\": " + text_of(pipeline.routing_effort) + ",\n";
    }
    out += " \"passes\": ";
    write_steps(out, pipeline.steps, 1);
    return out + "}\n";
}

}  // namespace quercus::passes
