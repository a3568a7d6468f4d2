#include "quantum/circuit/json.hpp"

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <boost/json/value_stack.hpp>
#include <charconv>
#include <cmath>

namespace quercus::circuit {
namespace {

namespace json = boost::json;

// ---- writing ----

void put_number(std::string& out, double value) {
    char buffer[32];
    const auto end = std::to_chars(std::begin(buffer), std::end(buffer), value).ptr;
    out.append(buffer, end);
}

template <class Range, class Put>
void put_list(std::string& out, const Range& range, Put&& put) {
    out += '[';
    bool is_first = true;
    for (const auto& element : range) {
        out += is_first ? "" : ", ";
        is_first = false;
        put(element);
    }
    out += ']';
}

void put_registers(std::string& out, const char* key, const std::vector<Register>& registers) {
    out += std::string("\"") + key + "\": ";
    put_list(out, registers, [&](const Register& reg) {
        out += "{\"name\": " + json::serialize(json::string_view(reg.name)) +
               ", \"size\": " + std::to_string(reg.size) + "}";
    });
}

void put_operation(std::string& out, const Operation& op) {
    out += "{\"gate\": \"" + std::string(info(op.gate).name) + "\"";
    if (!op.opaque_name.empty()) {
        out += ", \"name\": " + json::serialize(json::string_view(op.opaque_name));
    }
    out += ", \"qubits\": ";
    put_list(out, op.qubits, [&](Qubit qubit) { out += std::to_string(qubit); });
    if (!op.params.empty()) {
        out += ", \"params\": ";
        put_list(out, op.params, [&](double param) { put_number(out, param); });
    }
    if (op.clbit) {
        out += ", \"clbit\": " + std::to_string(*op.clbit);
    }
    if (op.condition) {
        out += ", \"condition\": {\"creg\": " + std::to_string(op.condition->creg) +
               ", \"value\": " + std::to_string(op.condition->value) + "}";
    }
    if (op.matrix) {
        out += ", \"matrix\": ";
        put_list(out, op.matrix->data(), [&](const base::Complex& entry) {
            out += '[';
            put_number(out, entry.real());
            out += ", ";
            put_number(out, entry.imag());
            out += ']';
        });
    }
    out += '}';
}

// ---- reading ----

// Boost.JSON's own parser rounds numbers to within an ulp only; this handler builds the same value
// but converts the text of each number exactly.
struct ExactHandler {
    static constexpr std::size_t max_object_size = std::size_t(-1);
    static constexpr std::size_t max_array_size = std::size_t(-1);
    static constexpr std::size_t max_key_size = std::size_t(-1);
    static constexpr std::size_t max_string_size = std::size_t(-1);
    using Error = boost::system::error_code;

    json::value_stack stack;
    std::string number;

    bool on_document_begin(Error&) {
        stack.reset();
        return true;
    }
    bool on_document_end(Error&) { return true; }
    bool on_object_begin(Error&) { return true; }
    bool on_object_end(std::size_t n, Error&) {
        stack.push_object(n);
        return true;
    }
    bool on_array_begin(Error&) { return true; }
    bool on_array_end(std::size_t n, Error&) {
        stack.push_array(n);
        return true;
    }
    bool on_key_part(json::string_view s, std::size_t, Error&) {
        stack.push_chars(s);
        return true;
    }
    bool on_key(json::string_view s, std::size_t, Error&) {
        stack.push_key(s);
        return true;
    }
    bool on_string_part(json::string_view s, std::size_t, Error&) {
        stack.push_chars(s);
        return true;
    }
    bool on_string(json::string_view s, std::size_t, Error&) {
        stack.push_string(s);
        return true;
    }
    bool on_number_part(json::string_view s, Error&) {
        number.append(s.data(), s.size());
        return true;
    }
    bool on_int64(std::int64_t i, json::string_view, Error&) {
        number.clear();
        stack.push_int64(i);
        return true;
    }
    bool on_uint64(std::uint64_t u, json::string_view, Error&) {
        number.clear();
        stack.push_uint64(u);
        return true;
    }
    bool on_double(double d, json::string_view s, Error&) {
        number.append(s.data(), s.size());
        double exact = d;  // kept when the text is out of range
        std::from_chars(number.data(), number.data() + number.size(), exact);
        number.clear();
        stack.push_double(exact);
        return true;
    }
    bool on_bool(bool b, Error&) {
        stack.push_bool(b);
        return true;
    }
    bool on_null(Error&) {
        stack.push_null();
        return true;
    }
    bool on_comment_part(json::string_view, Error&) { return true; }
    bool on_comment(json::string_view, Error&) { return true; }
};

// First problem met; reading goes on with zeros.
struct Reader {
    std::string problem;

    void fail(std::string what) {
        if (problem.empty()) {
            problem = std::move(what);
        }
    }

    double number(const json::value& value) {
        if (value.is_int64()) {
            return static_cast<double>(value.get_int64());
        }
        if (value.is_uint64()) {
            return static_cast<double>(value.get_uint64());
        }
        if (value.is_double()) {
            return value.get_double();
        }
        fail("expected a number");
        return 0;
    }

    std::uint64_t unsigned64(const json::value& value) {
        if (value.is_uint64()) {
            return value.get_uint64();
        }
        if (value.is_int64() && value.get_int64() >= 0) {
            return static_cast<std::uint64_t>(value.get_int64());
        }
        fail("expected an integer that is not negative");
        return 0;
    }

    std::uint32_t unsigned32(const json::value& value) {
        const std::uint64_t wide = unsigned64(value);
        if (wide > 0xffffffffu) {
            fail("integer " + std::to_string(wide) + " is too large");
        }
        return static_cast<std::uint32_t>(wide);
    }

    std::string text(const json::value& value) {
        if (!value.is_string()) {
            fail("expected a string");
            return {};
        }
        return {value.get_string().data(), value.get_string().size()};
    }

    // Calls each element.
    template <class Each>
    void list(const json::value& value, Each&& each) {
        if (!value.is_array()) {
            return fail("expected an array");
        }
        for (const json::value& element : value.get_array()) {
            each(element);
        }
    }

    // Calls member(key, value) -> whether the key is known.
    template <class Member>
    void object(const json::value& value, Member&& member) {
        if (!value.is_object()) {
            return fail("expected an object");
        }
        for (const auto& pair : value.get_object()) {
            const std::string_view key(pair.key().data(), pair.key().size());
            if (!member(key, pair.value())) {
                fail("unknown member \"" + std::string(key) + "\"");
            }
        }
    }

    std::vector<Register> registers(const json::value& value) {
        std::vector<Register> result;
        list(value, [&](const json::value& element) {
            Register& reg = result.emplace_back();
            object(element, [&](std::string_view key, const json::value& member) {
                if (key == "name") {
                    reg.name = text(member);
                } else if (key == "size") {
                    reg.size = unsigned32(member);
                } else {
                    return false;
                }
                return true;
            });
        });
        return result;
    }

    Condition condition(const json::value& value) {
        Condition result;
        object(value, [&](std::string_view key, const json::value& member) {
            if (key == "creg") {
                result.creg = unsigned32(member);
            } else if (key == "value") {
                result.value = unsigned64(member);
            } else {
                return false;
            }
            return true;
        });
        return result;
    }

    std::shared_ptr<const base::Matrix> matrix(const json::value& value) {
        std::vector<base::Complex> entries;
        list(value, [&](const json::value& pair) {
            std::vector<double> parts;
            list(pair, [&](const json::value& part) { parts.push_back(number(part)); });
            if (parts.size() != 2) {
                fail("expected [re, im]");
                parts.resize(2);
            }
            entries.emplace_back(parts[0], parts[1]);
        });
        std::size_t dim = 0;
        while (dim * dim < entries.size()) {
            ++dim;
        }
        if (dim * dim != entries.size()) {
            fail("matrix has " + std::to_string(entries.size()) + " entries, no square number");
            return nullptr;
        }
        return std::make_shared<const base::Matrix>(dim, dim, std::move(entries));
    }

    bool operation_member(Operation& op, std::string_view key, const json::value& value) {
        if (key == "gate") {
            const std::string name = text(value);
            const std::optional<Gate> gate = gate_by_name(name);
            if (!gate) {
                fail("unknown gate \"" + name + "\"");
            }
            op.gate = gate.value_or(Gate::kId);
        } else if (key == "name") {
            op.opaque_name = text(value);
        } else if (key == "qubits") {
            list(value, [&](const json::value& q) { op.qubits.push_back(unsigned32(q)); });
        } else if (key == "params") {
            list(value, [&](const json::value& p) { op.params.push_back(number(p)); });
        } else if (key == "clbit") {
            op.clbit = unsigned32(value);
        } else if (key == "condition") {
            op.condition = condition(value);
        } else if (key == "matrix") {
            op.matrix = matrix(value);
        } else {
            return false;
        }
        return true;
    }

    std::vector<Operation> operations(const json::value& value) {
        std::vector<Operation> result;
        list(value, [&](const json::value& element) {
            const bool was_good = problem.empty();
            Operation& op = result.emplace_back();
            object(element, [&](std::string_view key, const json::value& member) {
                return operation_member(op, key, member);
            });
            if (was_good && !problem.empty()) {
                problem = "operation " + std::to_string(result.size() - 1) + ": " + problem;
            }
        });
        return result;
    }
};

Result<json::value> parse_exactly(std::string_view text) {
    json::basic_parser<ExactHandler> parser(json::parse_options{});
    boost::system::error_code error;
    const std::size_t used = parser.write_some(false, text.data(), text.size(), error);
    if (!error && used < text.size()) {
        error = json::error::extra_data;
    }
    if (error) {
        return invalid_argument("circuit JSON, byte " + std::to_string(used) + ": " +
                                error.message());
    }
    return parser.handler().stack.release();
}

}  // namespace

std::string to_json(const Circuit& circuit) {
    std::string out = "{";
    put_registers(out, "qregs", circuit.qregs);
    out += ",\n ";
    put_registers(out, "cregs", circuit.cregs);
    out += ",\n \"operations\": [";
    for (std::size_t i = 0; i < circuit.operations.size(); ++i) {
        out += i == 0 ? "\n  " : ",\n  ";
        put_operation(out, circuit.operations[i]);
    }
    out += "]}\n";
    return out;
}

Result<Circuit> from_json(std::string_view text) {
    const Result<json::value> document = parse_exactly(text);
    if (!document) {
        return document.error();
    }
    Reader reader;
    Circuit circuit;
    reader.object(*document, [&](std::string_view key, const json::value& value) {
        if (key == "qregs") {
            circuit.qregs = reader.registers(value);
        } else if (key == "cregs") {
            circuit.cregs = reader.registers(value);
        } else if (key == "operations") {
            circuit.operations = reader.operations(value);
        } else {
            return false;
        }
        return true;
    });
    if (!reader.problem.empty()) {
        return invalid_argument("circuit JSON: " + reader.problem);
    }
    if (Status status = validate(circuit); !status.is_ok()) {
        return status;
    }
    return circuit;
}

}  // namespace quercus::circuit
