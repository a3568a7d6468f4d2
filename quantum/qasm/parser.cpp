#include "quantum/qasm/parser.hpp"

#include <algorithm>
#include <boost/container/small_vector.hpp>
#include <limits>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "quantum/qasm/expander.hpp"
#include "quantum/qasm/include.hpp"
#include "quantum/qasm/library.hpp"
#include "quantum/qasm/symbols.hpp"
#include "quantum/qasm/token_stream.hpp"

namespace quercus::qasm {
namespace {

using circuit::Circuit;

constexpr std::uint64_t kMaxU32 = std::numeric_limits<std::uint32_t>::max();

using Names = std::vector<std::string_view>;

std::uint64_t saturating_add(std::uint64_t a, std::uint64_t b) {
    return a > std::numeric_limits<std::uint64_t>::max() - b
               ? std::numeric_limits<std::uint64_t>::max()
               : a + b;
}

std::string counted(std::size_t count, const char* noun) {
    return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

class Parser {
 public:
    explicit Parser(const ReadOptions& options)
        : files_(options.include_dir), expander_(circuit_, options.max_operations) {}

    Result<Circuit> parse_file(std::string_view text, const std::string& name) {
        circuit_.operations.reserve(text.size() / 24);  // virtual memory only until used
        TokenStream in(text, name);
        if (in.at(TokenKind::kEnd)) {
            in.fail(0, "the file is empty: expected 'OPENQASM 2.0;'");
        }
        statements(in);
        return in.ok() ? Result<Circuit>(std::move(circuit_)) : in.status();
    }

    std::vector<GateDefinition> parse_library(std::string_view text) {
        is_library_ = true;
        symbols_.use_library();
        TokenStream in(text, "library");
        statements(in);
        return std::move(library_);
    }

 private:
    void statements(TokenStream& in) {
        if (in.peek().text == "OPENQASM") {
            version(in);
        }
        while (in.ok() && !in.at(TokenKind::kEnd)) {
            statement(in);
        }
    }

    void version(TokenStream& in) {
        in.take();
        const Token token = in.take();
        if (token.text != "2.0" && token.text != "2") {
            in.fail(token.offset,
                    "expected version 2.0 (the only one supported), found " + describe(token));
        }
        in.expect(TokenKind::kSemicolon, "';'");
    }

    void statement(TokenStream& in) {
        const Token token = in.expect(TokenKind::kIdentifier, "a statement");
        const std::string_view word = token.text;
        if (!in.ok()) {
            return;
        }
        if (word == "qreg" || word == "creg") {
            declare_register(in, word == "qreg");
        } else if (word == "gate" || word == "opaque") {
            define_gate(in, word == "opaque");
        } else if (word == "include") {
            include(in);
        } else if (word == "barrier") {
            barrier(in, token);
        } else if (word == "if") {
            conditional(in);
        } else if (word == "OPENQASM") {
            in.fail(token.offset, "the version must be the first statement");
        } else {
            operation(in, token);
        }
    }

    // ---- declarations ----

    Token new_name(TokenStream& in, const char* what) {
        const Token token = in.expect(TokenKind::kIdentifier, what);
        if (in.ok() && !circuit::is_identifier(token.text)) {
            in.fail(token.offset, describe(token) + " is a keyword: expected " + what);
        }
        return token;
    }

    void declare_register(TokenStream& in, bool is_quantum) {
        const Token name = new_name(in, "a register name");
        in.expect(TokenKind::kLeftBracket, "'['");
        const auto size = static_cast<std::uint32_t>(in.expect_integer("register size", kMaxU32));
        in.expect(TokenKind::kRightBracket, "']'");
        in.expect(TokenKind::kSemicolon, "';'");
        finish(in, name, [&] { return symbols_.declare(circuit_, is_quantum, name.text, size); });
    }

    void define_gate(TokenStream& in, bool is_opaque) {
        const Token name = new_name(in, "a gate name");
        GateDefinition definition;
        definition.name = name.text;
        definition.is_opaque = is_opaque;
        Names params;
        if (in.accept(TokenKind::kLeftParen)) {
            if (!in.at(TokenKind::kRightParen)) {
                params = names(in, "a parameter name");
            }
            in.expect(TokenKind::kRightParen, "')'");
        }
        const Names qubits = names(in, "a qubit name");
        definition.num_params = static_cast<std::uint32_t>(params.size());
        definition.num_qubits = static_cast<std::uint32_t>(qubits.size());
        if (is_opaque) {
            in.expect(TokenKind::kSemicolon, "';'");
        } else {
            body(in, definition, params, qubits);
        }
        if (is_library_) {
            library_.push_back(std::move(definition));
            return;
        }
        finish(in, name, [&] { return symbols_.define(name.text, std::move(definition)); });
    }

    // Distinct names separated by commas.
    Names names(TokenStream& in, const char* what) {
        Names result;
        std::unordered_set<std::string_view> seen;
        do {
            const Token token = new_name(in, what);
            if (in.ok() && !seen.insert(token.text).second) {
                in.fail(token.offset, "name " + describe(token) + " is used twice");
            }
            result.push_back(token.text);
        } while (in.accept(TokenKind::kComma));
        return result;
    }

    void body(TokenStream& in, GateDefinition& definition, const Names& params,
              const Names& qubits) {
        std::unordered_map<std::string_view, std::uint32_t> index;
        for (std::uint32_t i = 0; i < qubits.size(); ++i) {
            index.emplace(qubits[i], i);
        }
        in.expect(TokenKind::kLeftBrace, "'{'");
        while (in.ok() && !in.at(TokenKind::kRightBrace)) {
            BodyStatement statement = body_statement(in, definition, params, index);
            definition.weight = saturating_add(definition.weight, Expander::weight_of(statement));
            if (statement.definition != nullptr) {
                definition.weight = saturating_add(definition.weight, statement.definition->weight);
                definition.depth = std::max(definition.depth, statement.definition->depth + 1);
            }
            definition.body.push_back(std::move(statement));
        }
        in.expect(TokenKind::kRightBrace, "'}'");
    }

    BodyStatement body_statement(TokenStream& in, const GateDefinition& definition,
                                 const Names& params,
                                 const std::unordered_map<std::string_view, std::uint32_t>& index) {
        BodyStatement statement;
        const Token name = in.expect(TokenKind::kIdentifier, "a gate or '}'");
        if (in.ok() && name.text == definition.name) {
            in.fail(name.offset, "gate " + describe(name) + " cannot use itself");
        }
        const bool is_barrier = name.text == "barrier";
        if (!is_barrier && in.accept(TokenKind::kLeftParen)) {
            while (in.ok() && !in.at(TokenKind::kRightParen)) {
                statement.params.push_back(in.expression(params));
                if (!in.accept(TokenKind::kComma)) {
                    break;
                }
            }
            in.expect(TokenKind::kRightParen, "')'");
        }
        do {
            const Token token = in.expect(TokenKind::kIdentifier, "a qubit name");
            const auto found = index.find(token.text);
            if (in.ok() && found == index.end()) {
                in.fail(token.offset,
                        "unknown qubit " + describe(token) + " in gate '" + definition.name + "'");
            }
            statement.qubits.push_back(in.ok() ? found->second : 0);
        } while (in.accept(TokenKind::kComma));
        check_distinct(in, name, statement.qubits);
        in.expect(TokenKind::kSemicolon, "';'");
        if (!is_barrier) {
            const Callee callee =
                find_gate(in, name, statement.params.size(), statement.qubits.size());
            std::visit([&](auto* gate) { set_callee(statement, gate); }, callee);
        }
        return statement;
    }

    static void set_callee(BodyStatement& statement, const LibraryGate* gate) {
        statement.library = gate;
    }
    static void set_callee(BodyStatement& statement, const GateDefinition* gate) {
        statement.definition = gate;
    }

    static void check_distinct(TokenStream& in, const Token& name,
                               std::vector<std::uint32_t> qubits) {
        std::sort(qubits.begin(), qubits.end());
        if (std::adjacent_find(qubits.begin(), qubits.end()) != qubits.end()) {
            in.fail(name.offset, describe(name) + " acts twice on one qubit");
        }
    }

    // ---- include ----

    void include(TokenStream& in) {
        const Token file = in.expect(TokenKind::kString, "a file name in quotes");
        in.expect(TokenKind::kSemicolon, "';'");
        if (!in.ok()) {
            return;
        }
        if (is_builtin_include(file.text)) {
            return symbols_.use_library();
        }
        const Result<IncludedFile> opened = files_.open(file.text);
        if (!opened) {
            return in.fail(file.offset, opened.error());
        }
        TokenStream included(opened->text, opened->name);
        statements(included);
        files_.close();
        if (!included.ok()) {
            in.fail(included.status());
        }
    }

    // ---- operations ----

    void conditional(TokenStream& in) {
        in.expect(TokenKind::kLeftParen, "'('");
        const Token name = in.expect(TokenKind::kIdentifier, "a classical register");
        const RegisterEntry* entry = find_register(in, name, false);
        in.expect(TokenKind::kEquals, "'=='");
        const std::uint64_t value = in.expect_integer("the value to compare with", ~0ull);
        in.expect(TokenKind::kRightParen, "')'");
        const Token operation_name = in.expect(TokenKind::kIdentifier, "a gate, measure or reset");
        if (!in.ok()) {
            return;
        }
        expander_.set_condition(circuit::Condition{entry->index, value});
        operation(in, operation_name);
        expander_.set_condition(std::nullopt);
    }

    void operation(TokenStream& in, const Token& name) {
        if (name.text == "measure") {
            measure(in, name);
        } else if (name.text == "reset") {
            const Operand qubits = operand(in, true);
            in.expect(TokenKind::kSemicolon, "';'");
            finish(in, name, [&] { return expander_.reset(qubits); });
        } else {
            gate_call(in, name);
        }
    }

    void measure(TokenStream& in, const Token& name) {
        const Operand qubits = operand(in, true);
        in.expect(TokenKind::kArrow, "'->'");
        const Operand clbits = operand(in, false);
        in.expect(TokenKind::kSemicolon, "';'");
        finish(in, name, [&] { return expander_.measure(qubits, clbits); });
    }

    void barrier(TokenStream& in, const Token& name) {
        std::vector<Operand> operands;
        do {
            operands.push_back(operand(in, true));
        } while (in.accept(TokenKind::kComma));
        in.expect(TokenKind::kSemicolon, "';'");
        finish(in, name, [&] { return expander_.barrier(operands); });
    }

    void gate_call(TokenStream& in, const Token& name) {
        boost::container::small_vector<double, 8> params;
        boost::container::small_vector<Operand, 8> operands;
        std::size_t bad_param = name.offset;
        if (in.accept(TokenKind::kLeftParen)) {
            while (in.ok() && !in.at(TokenKind::kRightParen)) {
                const std::size_t offset = in.peek().offset;
                params.push_back(in.constant());
                if (!(std::abs(params.back()) <= std::numeric_limits<double>::max()) &&
                    bad_param == name.offset) {
                    bad_param = offset;  // the expander refuses it
                }
                if (!in.accept(TokenKind::kComma)) {
                    break;
                }
            }
            in.expect(TokenKind::kRightParen, "')'");
        }
        if (in.ok() && symbols_.find_gate(name.text) == nullptr) {
            return unknown_gate(in, name);
        }
        do {
            operands.push_back(operand(in, true));
        } while (in.accept(TokenKind::kComma));
        in.expect(TokenKind::kSemicolon, "';'");
        if (!in.ok()) {
            return;
        }
        const Callee callee = find_gate(in, name, params.size(), operands.size());
        if (in.ok()) {
            const Status status = expander_.call(callee, params, operands);
            if (!status.is_ok()) {
                in.fail(bad_param, status);
            }
        }
    }

    template <class Action>
    static void finish(TokenStream& in, const Token& name, Action&& action) {
        if (!in.ok()) {
            return;
        }
        if (const Status status = action(); !status.is_ok()) {
            in.fail(name.offset, status);
        }
    }

    // ---- names ----

    void unknown_gate(TokenStream& in, const Token& name) {
        const bool needs_include = find_library_gate(name.text) != nullptr;
        in.fail(name.offset, "unknown gate " + describe(name) +
                                 (needs_include ? " (it needs include \"qelib1.inc\";)" : ""));
    }

    // Never a null pointer while the stream is good.
    Callee find_gate(TokenStream& in, const Token& name, std::size_t num_params,
                     std::size_t num_qubits) {
        const Callee* found = symbols_.find_gate(name.text);
        if (!in.ok() || found == nullptr) {
            unknown_gate(in, name);
            return static_cast<const LibraryGate*>(nullptr);
        }
        Callee callee = *found;
        if (name.text == "u0" && num_params == 0 &&
            std::holds_alternative<const LibraryGate*>(callee)) {
            callee = &bare_u0();
        }
        std::visit(
            [&](const auto* gate) {
                if (gate->num_params != num_params) {
                    in.fail(name.offset, "gate " + describe(name) + " takes " +
                                             counted(gate->num_params, "parameter") + ", found " +
                                             std::to_string(num_params));
                }
                if (gate->num_qubits != num_qubits) {
                    in.fail(name.offset, "gate " + describe(name) + " takes " +
                                             counted(gate->num_qubits, "qubit") + ", found " +
                                             std::to_string(num_qubits));
                }
            },
            callee);
        return callee;
    }

    // nullptr only when the stream failed.
    const RegisterEntry* find_register(TokenStream& in, const Token& name, bool is_quantum) {
        const RegisterEntry* found = symbols_.find_register(name.text);
        if (found == nullptr) {
            in.fail(name.offset, "unknown register " + describe(name));
            return nullptr;
        }
        if (found->is_quantum != is_quantum) {
            in.fail(name.offset, std::string("expected a ") +
                                     (is_quantum ? "quantum" : "classical") + " register, but " +
                                     describe(name) + " is " +
                                     (is_quantum ? "classical" : "quantum"));
            return nullptr;
        }
        return in.ok() ? found : nullptr;
    }

    Operand operand(TokenStream& in, bool is_quantum) {
        const Token name = in.expect(TokenKind::kIdentifier, "a register");
        const RegisterEntry* entry = find_register(in, name, is_quantum);
        if (entry == nullptr) {
            return {};
        }
        if (!in.accept(TokenKind::kLeftBracket)) {
            return {entry->first, entry->size, true};
        }
        const std::size_t offset = in.peek().offset;
        const std::uint64_t index = in.expect_integer("an index", kMaxU32);
        if (in.ok() && index >= entry->size) {
            in.fail(offset, "index " + std::to_string(index) + " is outside register " +
                                describe(name) + " of size " + std::to_string(entry->size));
        }
        in.expect(TokenKind::kRightBracket, "']'");
        return {entry->first + static_cast<std::uint32_t>(index), 1, false};
    }

    IncludeFiles files_;
    Circuit circuit_;
    Expander expander_;
    Symbols symbols_;
    std::vector<GateDefinition> library_;
    bool is_library_ = false;
};

}  // namespace

Result<Circuit> parse(std::string_view text, const ReadOptions& options) {
    return Parser(options).parse_file(text, options.file_name);
}

std::vector<GateDefinition> parse_library_definitions(std::string_view text) {
    return Parser(ReadOptions{}).parse_library(text);
}

}  // namespace quercus::qasm
