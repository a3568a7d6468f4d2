#pragma once

// The compact binary form of a circuit, as it travels in task inputs and outputs. Deterministic:
// equal circuits are equal bytes (but note that 0.0 and -0.0 compare equal and encode differently).

#include "quantum/base/codec.hpp"
#include "quantum/base/status.hpp"
#include "quantum/circuit/circuit.hpp"

namespace quercus::circuit {

void encode(Encoder& encoder, const Circuit& circuit);
void encode(Encoder& encoder, const base::Matrix& matrix);

// Reads one circuit and leaves the decoder behind it. The input is distrusted: the result passed
// validate(). DATA_LOSS when the bytes are no circuit, else validate()'s error.
[[nodiscard]] Result<Circuit> decode(Decoder& decoder);
// A matrix of at most 2^12 x 2^12 entries, any values. DATA_LOSS when the bytes are no matrix.
[[nodiscard]] Result<base::Matrix> decode_matrix(Decoder& decoder);

[[nodiscard]] Bytes to_bytes(const Circuit& circuit);
// As decode; bytes left over are an error.
[[nodiscard]] Result<Circuit> from_bytes(BytesView bytes);

}  // namespace quercus::circuit
