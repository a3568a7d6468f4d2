// Whatever the text: no crash, bounded work, and what is read is valid and survives the writer and
// both other forms of a circuit. The input is also tried as those forms.

#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "quantum/circuit/codec.hpp"
#include "quantum/circuit/json.hpp"
#include "quantum/qasm/reader.hpp"
#include "quantum/qasm/writer.hpp"

namespace {

using quercus::Result;
using quercus::circuit::Circuit;

void require(bool condition, const char* what, const quercus::Status& status = {}) {
    if (!condition) {
        std::fprintf(stderr, "%s: %s\n", what, status.message().c_str());
        std::abort();
    }
}

void check_round_trips(const Circuit& circuit) {
    const quercus::Status valid = validate(circuit);
    require(valid.is_ok(), "the circuit read is invalid", valid);
    const Result<Circuit> bytes = quercus::circuit::from_bytes(quercus::circuit::to_bytes(circuit));
    require(bytes && *bytes == circuit, "bytes", bytes.status());
    const Result<Circuit> json = quercus::circuit::from_json(quercus::circuit::to_json(circuit));
    require(json && *json == circuit, "json", json.status());
    const Result<std::string> text = quercus::qasm::write(circuit);
    if (text) {  // not when opaque gates clash
        const Result<Circuit> again = quercus::qasm::read(*text);
        require(again && *again == circuit, "written text", again.status());
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    quercus::qasm::ReadOptions options;
    options.max_operations = 2000;
    const Result<Circuit> circuit = quercus::qasm::read(text, options);
    if (circuit && circuit->num_qubits() + circuit->num_clbits() < 5000) {
        check_round_trips(*circuit);
    }
    if (const Result<Circuit> decoded = quercus::circuit::from_bytes(text); decoded) {
        require(!quercus::circuit::to_bytes(*decoded).empty(), "re-encoding");
    }
    if (const Result<Circuit> decoded = quercus::circuit::from_json(text); decoded) {
        require(validate(*decoded).is_ok(), "the JSON circuit is invalid");
    }
    return 0;
}
