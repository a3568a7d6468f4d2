#pragma once

// The byte forms of a compilation kernel's inputs and outputs. Private to this room.

#include <cstdint>
#include <variant>
#include <vector>

#include "quantum/base/bytes.hpp"
#include "quantum/base/codec.hpp"
#include "quantum/base/status.hpp"
#include "quantum/circuit/circuit.hpp"
#include "quantum/mapping/map_circuit.hpp"
#include "quantum/passes/budget.hpp"
#include "quantum/passes/cost.hpp"
#include "quantum/passes/pipeline.hpp"
#include "quantum/passes/pipeline_codec.hpp"
#include "quantum/passes/source.hpp"

namespace quercus::passes {

// One block through the body of a for_each_block.
struct BlockInput {
    circuit::Circuit block;  // qubits 0..k-1, one register
    double threshold = 1e-8;
    Steps body;  // block passes
    // Approximations up to this delta are wanted too; 0: none.
    double approximate_to = 0;
};

// One island of a local search over a circuit in {cx, u3} and fences, or a stretch of one.
struct SearchInput {
    circuit::Circuit circuit;
    double threshold = 1e-8;
    double seconds = 0;            // 0: by iterations
    std::uint64_t iterations = 0;  // moves on blocks
    std::uint64_t sweeps = 0;      // over Pauli regions, before them
    std::uint64_t island = 0;      // makes the content, and so the seed, its own
    std::uint64_t round = 0;
    int block_size = 3;
    double most_delta = kNoLimit;  // of all replacements together
    Objective objective;
};

// One segment of a circuit in {cx, u3} and fences through the body of a for_each_segment.
struct SegmentInput {
    circuit::Circuit circuit;
    Steps body;                    // passes and combinators
    double most_delta = kNoLimit;  // of all passes together
    Objective objective;
    // Its kernels are wanted one by one (Compilation::start_segment) instead of run inside of it.
    bool is_spread = false;
};

// A circuit for a bare target.
struct SynthesisInput {
    SynthesisTarget target;
    double threshold = 1e-8;
    int effort = 1;
};
// `step`: a checked pass kSynthesizePass.
[[nodiscard]] SynthesisInput synthesis_input(SynthesisTarget target, const Step& step);

// The whole circuit onto its target.
struct PlaceInput {
    circuit::Circuit circuit;
    TargetSpec target;
    std::uint64_t trial = 0;    // makes the content, and so the seed, its own
    double routing_effort = 1;  // see Pipeline
};

// What a PlaceInput comes to where routing is work for more than one: trials, each range of them
// by a TrialsInput, and then a FinishInput for the best ones.
struct SpreadPlan {
    Seed seed = 0;
    std::uint64_t first_trials = 0;  // see mapping::MapPlan
    std::uint64_t refine_trials = 0;
    std::uint64_t per_task = 1;
};
using PlaceOutput = std::variant<Placed, SpreadPlan>;

// Trials [begin, end) of a placement: the first ones, or with `best` those that refine it. The
// output is best_trials of them.
struct TrialsInput {
    PlaceInput place;
    Seed seed = 0;
    std::uint64_t begin = 0, end = 0;
    std::vector<mapping::Trial> best;
};

// One trial's routing, resynthesised and in the target's gates.
struct FinishInput {
    PlaceInput place;
    Seed seed = 0;
    mapping::Trial trial;
};

using KernelInput = std::variant<BlockInput, SearchInput, PlaceInput, SynthesisInput, SegmentInput,
                                 TrialsInput, FinishInput>;

struct KernelOutput {
    bool improved = false;
    double delta = 0;          // as the kernel measured it
    circuit::Circuit circuit;  // if improved, which a synthesis always is
    // Of a block with approximate_to: with fewer and fewer cx.
    std::vector<circuit::Circuit> approximations;
};

[[nodiscard]] Bytes to_bytes(const BlockInput& input);
[[nodiscard]] Bytes to_bytes(const SearchInput& input);
[[nodiscard]] Bytes to_bytes(const PlaceInput& input);
[[nodiscard]] Bytes to_bytes(const TrialsInput& input);
[[nodiscard]] Bytes to_bytes(const FinishInput& input);
[[nodiscard]] Bytes to_bytes(const SynthesisInput& input);
[[nodiscard]] Bytes to_bytes(const SegmentInput& input);
[[nodiscard]] Bytes to_bytes(const KernelOutput& output);
[[nodiscard]] Bytes to_bytes(const Placed& output);
[[nodiscard]] Bytes to_bytes(const SpreadPlan& output);
[[nodiscard]] Bytes to_bytes(const std::vector<mapping::Trial>& output);
// DATA_LOSS for anything that to_bytes does not write.
[[nodiscard]] Result<KernelInput> kernel_input_from_bytes(BytesView bytes);
[[nodiscard]] Result<KernelOutput> kernel_output_from_bytes(BytesView bytes);
[[nodiscard]] Result<Placed> placed_from_bytes(BytesView bytes);
[[nodiscard]] Result<PlaceOutput> place_output_from_bytes(BytesView bytes);
[[nodiscard]] Result<std::vector<mapping::Trial>> trials_from_bytes(BytesView bytes);

// Of placements (placing_codec.cpp); the decoders have read version and kind.
inline constexpr std::uint8_t kKernelVersion = 2;
inline constexpr std::uint8_t kTrials = 9;
inline constexpr std::uint8_t kFinish = 10;
inline constexpr std::uint8_t kPlace = 11;
[[nodiscard]] Result<KernelInput> decode_place(Decoder& decoder);
[[nodiscard]] Result<KernelInput> decode_trials(Decoder& decoder);
[[nodiscard]] Result<KernelInput> decode_finish(Decoder& decoder);
[[nodiscard]] Status malformed_kernel(const char* what);

void encode(Encoder& encoder, const std::vector<circuit::Qubit>& mapping);
[[nodiscard]] std::vector<circuit::Qubit> decode_mapping(Decoder& decoder);
// Whether the entries are distinct qubits of a circuit of `size`.
[[nodiscard]] bool is_mapping_into(const std::vector<circuit::Qubit>& mapping, std::uint32_t size);

}  // namespace quercus::passes
