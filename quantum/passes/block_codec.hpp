#pragma once

// The byte forms of a block kernel's input and output. Private to this room.

#include "quantum/base/bytes.hpp"
#include "quantum/base/status.hpp"
#include "quantum/circuit/circuit.hpp"

namespace quercus::passes {

struct BlockInput {
    circuit::Circuit block;  // qubits 0..k-1, one register
    double threshold = 1e-8;
    std::uint8_t effort = 1;
};

struct BlockOutput {
    bool improved = false;
    double delta = 0;          // as the kernel measured it
    circuit::Circuit circuit;  // if improved
};

[[nodiscard]] Bytes to_bytes(const BlockInput& input);
[[nodiscard]] Bytes to_bytes(const BlockOutput& output);
// DATA_LOSS for anything that to_bytes does not write.
[[nodiscard]] Result<BlockInput> block_input_from_bytes(BytesView bytes);
[[nodiscard]] Result<BlockOutput> block_output_from_bytes(BytesView bytes);

}  // namespace quercus::passes
