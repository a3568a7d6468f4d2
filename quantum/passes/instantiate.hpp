#pragma once

// A circuit whose angles and unknown gates are fitted to a target (synthesis/fit_circuit.hpp), by
// many starts, each of them a kernel. Thread: plain values, pure functions.

#include <cstdint>
#include <vector>

#include "quantum/passes/compile.hpp"
#include "quantum/synthesis/fit_circuit.hpp"

namespace quercus::passes {

inline constexpr std::uint32_t kMostStarts = 100'000;
inline constexpr std::size_t kMostFittedOperations = 20'000;

struct InstantiateInput {
    Circuit shape;  // opaque gates are unknown
    SynthesisTarget target{};
    synthesis::FitMethod method = synthesis::FitMethod::kAuto;
    double threshold = 1e-8;  // a smaller d counts as success, in (0, 1]
    std::uint32_t starts = 8;
    std::vector<std::uint32_t> frozen{};  // numbers of operations that stay as they are
    friend bool operator==(const InstantiateInput&, const InstantiateInput&) = default;
};

// INVALID_ARGUMENT: what check(target) and check_fit say, and limits of the options;
// RESOURCE_EXHAUSTED: more than kMostFittedOperations.
[[nodiscard]] Status check(const InstantiateInput& input);

// Deterministic byte form. DATA_LOSS for anything else; the result has been checked.
[[nodiscard]] Bytes to_bytes(const InstantiateInput& input);
[[nodiscard]] Result<InstantiateInput> instantiate_input_from_bytes(BytesView bytes);

// What one start came to. The circuit only where it succeeded: gates that are matrices, unknown
// ones among them, are written in {cx, u3}, all others are as they were.
struct StartOutput {
    double d = 2;      // of this circuit, if there is one
    double delta = 2;  // of it, by dense computation
    std::uint32_t iterations = 0;
    std::optional<Circuit> circuit;
};
[[nodiscard]] Result<StartOutput> start_output_from_bytes(BytesView bytes);

// The kernel: start number `index`, of which 0 begins with the circuit's own angles. Pure.
// CANCELLED when `stop` said so. The same for any number of starts.
class StartInputs {
 public:
    explicit StartInputs(InstantiateInput input);
    [[nodiscard]] Bytes operator()(std::uint32_t index) const;
    [[nodiscard]] std::size_t bytes() const { return input_.size(); }

 private:
    Bytes input_;
};
[[nodiscard]] Result<Bytes> run_start(BytesView start, Seed seed,
                                      const synthesis::StopCheck& stop = {});

// What a successful start means for its job; `starts`: how many there were. DATA_LOSS where the
// circuit does not do what the start said; believed where it is too wide to look (more than six
// qubits, or many gates).
[[nodiscard]] Result<CompileResult> instantiated(const InstantiateInput& input,
                                                 const StartOutput& start, std::uint32_t starts);

}  // namespace quercus::passes
