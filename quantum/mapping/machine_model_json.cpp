// The JSON form of machine models: docs/machine_model.schema.json.

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <boost/json/value_stack.hpp>
#include <charconv>

#include <boost/json/parse.hpp>

#include "quantum/mapping/machine_model.hpp"

namespace quercus::mapping {

namespace {

namespace json = boost::json;

// ---- writing ----

std::string number(double value) {
    char buffer[32];
    const auto end = std::to_chars(std::begin(buffer), std::end(buffer), value).ptr;
    return {std::begin(buffer), end};
}

std::string gate_list(const std::vector<Gate>& gates) {
    std::string out = "[";
    for (const Gate gate : gates) {
        out += (out.size() > 1 ? ", \"" : "\"") + std::string(circuit::info(gate).name) + "\"";
    }
    return out + "]";
}

std::string calibration_members(const Calibration& calibration) {
    std::string out;
    if (calibration.error) {
        out += ", \"error\": " + number(*calibration.error);
    }
    if (calibration.duration_ns) {
        out += ", \"duration_ns\": " + number(*calibration.duration_ns);
    }
    return out;
}

std::string edge_json(const ModelEdge& edge) {
    std::string out =
        "{\"qubits\": [" + std::to_string(edge.first) + ", " + std::to_string(edge.second) + "]";
    out += edge.directed ? ", \"directed\": true" : "";
    if (!edge.gates.empty()) {
        out += ", \"gates\": [";
        for (std::size_t i = 0; i < edge.gates.size(); ++i) {
            out += std::string(i > 0 ? ", " : "") + "{\"gate\": \"" +
                   std::string(circuit::info(edge.gates[i].gate).name) + "\"" +
                   calibration_members(edge.gates[i].calibration) + "}";
        }
        out += "]";
    }
    return out + "}";
}

std::string qubit_json(std::size_t index, const ModelQubit& qubit) {
    std::string out = "{\"qubit\": " + std::to_string(index) + calibration_members(qubit.one_qubit);
    if (qubit.readout_error) {
        out += ", \"readout_error\": " + number(*qubit.readout_error);
    }
    return out + "}";
}

// ---- reading ----

// The first error wins; after it every step is skipped.
class Reader {
 public:
    Result<MachineModel> read(const json::value& root) {
        const json::object* object = as_object(root, "machine model");
        if (object != nullptr) {
            allow(*object, "machine model",
                  {"name", "num_qubits", "one_qubit_gates", "two_qubit_gates", "edges", "qubits"});
            if (const auto* name = object->if_contains("name")) {
                model_.name = name->is_string() ? std::string(name->get_string()) : "";
                require(name->is_string(), "machine model: name must be a string");
            }
            model_.num_qubits = index_member(*object, "num_qubits", "machine model");
            model_.one_qubit_gates = gates(*object, "one_qubit_gates");
            model_.two_qubit_gates = gates(*object, "two_qubit_gates");
            read_edges(*object);
            read_qubits(*object);
        }
        if (!status_.is_ok()) {
            return status_;
        }
        if (Status status = validate(model_); !status.is_ok()) {
            return status;
        }
        return std::move(model_);
    }

 private:
    void require(bool good, const std::string& message) {
        if (!good && status_.is_ok()) {
            status_ = invalid_argument(message);
        }
    }
    const json::object* as_object(const json::value& value, const std::string& where) {
        require(value.is_object(), where + ": must be an object");
        return value.if_object();
    }
    void allow(const json::object& object, const std::string& where,
               std::initializer_list<std::string_view> names) {
        for (const auto& member : object) {
            const std::string_view key = member.key();
            require(std::find(names.begin(), names.end(), key) != names.end(),
                    where + ": unknown member '" + std::string(key) + "'");
        }
    }
    std::uint32_t index_value(const json::value* value, const std::string& what) {
        const bool good = value != nullptr && value->is_int64() && value->get_int64() >= 0 &&
                          value->get_int64() <= 0xffffffffLL;
        require(good, what + " must be a whole number >= 0");
        return good ? static_cast<std::uint32_t>(value->get_int64()) : 0;
    }
    std::uint32_t index_member(const json::object& object, std::string_view key,
                               const std::string& where) {
        return index_value(object.if_contains(key), where + ": " + std::string(key));
    }
    std::optional<double> number_member(const json::object& object, std::string_view key,
                                        const std::string& where) {
        const json::value* value = object.if_contains(key);
        if (value == nullptr) {
            return std::nullopt;
        }
        require(value->is_number(), where + ": " + std::string(key) + " must be a number");
        return value->is_number() ? std::optional(value->to_number<double>()) : std::nullopt;
    }
    Calibration calibration(const json::object& object, const std::string& where) {
        return {number_member(object, "error", where), number_member(object, "duration_ns", where)};
    }
    Gate gate(const json::value* value, const std::string& where) {
        require(value != nullptr && value->is_string(), where + ": a gate is given by its name");
        if (value == nullptr || !value->is_string()) {
            return Gate::kId;
        }
        const std::string name(value->get_string());
        const auto found = circuit::gate_by_name(name);
        require(found.has_value(), where + ": unknown gate '" + name + "'");
        return found.value_or(Gate::kId);
    }
    const json::array* array_member(const json::object& object, std::string_view key) {
        const json::value* value = object.if_contains(key);
        require(value == nullptr || value->is_array(),
                "machine model: " + std::string(key) + " must be a list");
        return value == nullptr ? nullptr : value->if_array();
    }
    std::vector<Gate> gates(const json::object& object, std::string_view key) {
        std::vector<Gate> out;
        if (const json::array* list = array_member(object, key)) {
            for (const json::value& entry : *list) {
                out.push_back(gate(&entry, "machine model: " + std::string(key)));
            }
        }
        return out;
    }
    void read_pair(const json::value* value, const std::string& where, ModelEdge& edge) {
        const json::array* pair = value == nullptr ? nullptr : value->if_array();
        require(pair != nullptr && pair->size() == 2, where + ": qubits must be two numbers");
        if (pair != nullptr && pair->size() == 2) {
            edge.first = index_value(&(*pair)[0], where + ": a qubit");
            edge.second = index_value(&(*pair)[1], where + ": a qubit");
        }
    }
    ModelEdge read_edge(const json::value& value, const std::string& where) {
        ModelEdge edge;
        if (value.is_array()) {
            read_pair(&value, where, edge);
            return edge;
        }
        const json::object* object = as_object(value, where);
        if (object == nullptr) {
            return edge;
        }
        allow(*object, where, {"qubits", "directed", "gates"});
        read_pair(object->if_contains("qubits"), where, edge);
        if (const auto* directed = object->if_contains("directed")) {
            require(directed->is_bool(), where + ": directed must be true or false");
            edge.directed = directed->is_bool() && directed->get_bool();
        }
        if (const auto* list = object->if_contains("gates")) {
            require(list->is_array(), where + ": gates must be a list");
            for (const json::value& entry : list->is_array() ? list->get_array() : json::array()) {
                if (const json::object* item = as_object(entry, where + ": a gate")) {
                    allow(*item, where + ": a gate", {"gate", "error", "duration_ns"});
                    edge.gates.push_back(
                        {gate(item->if_contains("gate"), where), calibration(*item, where)});
                }
            }
        }
        return edge;
    }
    void read_edges(const json::object& object) {
        if (const json::array* list = array_member(object, "edges")) {
            for (std::size_t i = 0; i < list->size() && status_.is_ok(); ++i) {
                model_.edges.push_back(
                    read_edge((*list)[i], "machine model: edge " + std::to_string(i)));
            }
        }
    }
    void read_qubits(const json::object& object) {
        const json::array* list = array_member(object, "qubits");
        if (list == nullptr || list->empty()) {
            return;
        }
        require(model_.num_qubits <= kMaxModelQubits, "machine model: num_qubits is too large");
        if (!status_.is_ok()) {
            return;
        }
        model_.qubits.resize(model_.num_qubits);
        for (std::size_t i = 0; i < list->size() && status_.is_ok(); ++i) {
            const std::string where = "machine model: qubits entry " + std::to_string(i);
            const json::object* entry = as_object((*list)[i], where);
            if (entry == nullptr) {
                return;
            }
            allow(*entry, where, {"qubit", "error", "duration_ns", "readout_error"});
            const std::uint32_t q = index_member(*entry, "qubit", where);
            require(q < model_.num_qubits, where + " names qubit " + std::to_string(q) +
                                               ", but the model has " +
                                               std::to_string(model_.num_qubits) + " qubits");
            if (q < model_.num_qubits) {
                model_.qubits[q] = {calibration(*entry, where),
                                    number_member(*entry, "readout_error", where)};
            }
        }
    }

    MachineModel model_;
    Status status_;
};

}  // namespace

std::string to_json(const MachineModel& model) {
    std::string out = "{\"name\": " + json::serialize(json::string_view(model.name)) +
                      ",\n \"num_qubits\": " + std::to_string(model.num_qubits) +
                      ",\n \"one_qubit_gates\": " + gate_list(model.one_qubit_gates) +
                      ",\n \"two_qubit_gates\": " + gate_list(model.two_qubit_gates) +
                      ",\n \"edges\": [";
    for (std::size_t i = 0; i < model.edges.size(); ++i) {
        out += (i > 0 ? ",\n  " : "\n  ") + edge_json(model.edges[i]);
    }
    out += "]";
    if (!model.qubits.empty()) {
        out += ",\n \"qubits\": [";
        for (std::size_t q = 0; q < model.qubits.size(); ++q) {
            out += (q > 0 ? ",\n  " : "\n  ") + qubit_json(q, model.qubits[q]);
        }
        out += "]";
    }
    return out + "}\n";
}

Result<MachineModel> machine_model_from_json(std::string_view text) {
    boost::system::error_code error;
    const json::value root = json::parse(json::string_view(text.data(), text.size()), error);
    if (error) {
        return invalid_argument("machine model: not JSON: " + error.message());
    }
    return Reader().read(root);
}

}  // namespace quercus::mapping
