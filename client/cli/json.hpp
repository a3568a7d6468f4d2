#pragma once

// What --json prints: one object per answer, field names as in the SDK, times in ISO 8601 (UTC).

#include <boost/json/value.hpp>
#include <boost/json/value_from.hpp>
#include <string>

#include "quercus/client.hpp"

namespace quercus::cli {

namespace json = boost::json;

[[nodiscard]] std::string to_text(const json::value& value);

[[nodiscard]] json::value to_json(const Status& error);
[[nodiscard]] json::value to_json(const client::Report& report);
[[nodiscard]] json::object to_json(const client::JobInfo& job);
[[nodiscard]] json::value to_json(const client::JobEvent& event);
[[nodiscard]] json::value to_json(const client::NodeInfo& node);
[[nodiscard]] json::value to_json(const client::CircuitFigures& figures);

// Figures, bounds and mappings of a result.
void add_result(json::object& to, const client::CompileResult& result);
void add_result(json::object& to, const client::SynthesizeResult& result);

// "2024-05-01T12:00:00Z"
[[nodiscard]] std::string iso_time(client::WallTime time);

}  // namespace quercus::cli
