#pragma once

// Whether a result on a machine is the circuit, by its mappings.

#include <algorithm>

#include "quantum/mapping/check_mapped.hpp"
#include "quantum/passes/compile.hpp"
#include "tests/support/catch.hpp"

namespace quercus::test {

// The mapped circuit without its machine: the permutations undone by relabelling.
inline void check_mapped_within(const circuit::Circuit& before,
                                const passes::CompileResult& result) {
    mapping::MappedCircuit mapped;
    mapped.circuit = result.circuit;
    mapped.initial_mapping = result.initial_mapping;
    mapped.final_mapping = result.final_mapping;
    const auto complete = [&](std::vector<circuit::Qubit> layout) {
        for (circuit::Qubit q = 0; q < result.circuit.num_qubits(); ++q) {
            if (std::find(layout.begin(), layout.end(), q) == layout.end()) {
                layout.push_back(q);
            }
        }
        return layout;
    };
    mapped.initial_layout = complete(result.initial_mapping);
    mapped.final_layout = complete(result.final_mapping);
    const auto same = mapping::check_mapping(before, mapped);
    INFO(same.status().to_string());
    REQUIRE(same);
    CAPTURE(same->distance, result.delta_bound);
    CHECK(same->distance <= result.delta_bound + 1e-12);
}

}  // namespace quercus::test
