// From the payload of a finished job to what a client sees.

#include <utility>

#include "client/sdk/convert.hpp"
#include "quantum/passes/compile.hpp"
#include "quantum/qasm/writer.hpp"

namespace quercus::client::detail {
namespace {

CircuitFigures to_public(const passes::CircuitFigures& figures) {
    CircuitFigures result;
    result.two_qubit = figures.two_qubit;
    result.operations = figures.operations;
    result.depth = figures.depth;
    return result;
}

std::string list_of(const std::vector<circuit::Qubit>& mapping) {
    std::string out;
    for (const circuit::Qubit q : mapping) {
        out += (out.empty() ? "" : " ") + std::to_string(q);
    }
    return out;
}

// Says where the qubits are, wherever they are not where they were.
std::string mapping_comment(const passes::CompileResult& result) {
    bool is_identity = result.initial_mapping.size() == result.circuit.num_qubits();
    for (std::size_t q = 0; q < result.initial_mapping.size(); ++q) {
        is_identity = is_identity && result.initial_mapping[q] == q && result.final_mapping[q] == q;
    }
    return is_identity
               ? ""
               : "// logical qubits 0, 1, ... start on: " + list_of(result.initial_mapping) +
                     "\n// and end on: " + list_of(result.final_mapping) + "\n";
}

}  // namespace

Result<CompileResult> decode_compile_result(BytesView bytes) {
    const auto decoded = passes::compile_result_from_bytes(bytes);
    if (!decoded) {
        return decoded.error();
    }
    auto text = qasm::write(decoded->circuit);
    if (!text) {
        return text.error();
    }
    CompileResult result;
    result.qasm = mapping_comment(*decoded) + *std::move(text);
    result.before = to_public(decoded->before);
    result.after = figures_of(decoded->circuit);
    result.delta_bound = decoded->delta_bound;
    result.distance_bound = decoded->distance_bound;
    result.initial_mapping = decoded->initial_mapping;
    result.final_mapping = decoded->final_mapping;
    return result;
}

Result<SynthesizeResult> decode_synthesize_result(BytesView bytes) {
    auto circuit = decode_compile_result(bytes);
    if (!circuit) {
        return circuit.error();
    }
    return SynthesizeResult{std::move(circuit->qasm),
                            std::move(circuit->after),
                            circuit->delta_bound,
                            circuit->distance_bound,
                            std::move(circuit->initial_mapping),
                            std::move(circuit->final_mapping)};
}

}  // namespace quercus::client::detail
