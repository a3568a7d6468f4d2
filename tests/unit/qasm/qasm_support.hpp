#pragma once

#include <string>

#include "quantum/qasm/reader.hpp"
#include "tests/support/catch.hpp"

namespace quercus::qasm::testing {

inline const std::string kHead = "OPENQASM 2.0;\ninclude \"qelib1.inc\";\n";

// Fails the test with the reader's message.
inline circuit::Circuit must_read(const std::string& text) {
    const Result<circuit::Circuit> circuit = read(text);
    INFO(text);
    REQUIRE(circuit.status().message().empty());
    REQUIRE(validate(*circuit).is_ok());
    return *circuit;
}

// The error's "CODE: message", or "accepted".
inline std::string error_of(const std::string& text) {
    const Result<circuit::Circuit> circuit = read(text);
    return circuit ? "accepted" : circuit.error().to_string();
}

// The value of a parameter expression.
inline double value_of(const std::string& expression) {
    return must_read(kHead + "qreg q[1]; u1(" + expression + ") q[0];").operations.at(0).params[0];
}

inline bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

}  // namespace quercus::qasm::testing
