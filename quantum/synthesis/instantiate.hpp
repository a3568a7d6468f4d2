#pragma once

// Instantiation: parameters of a template such that it equals a target unitary up to global phase.
//
// Levenberg-Marquardt (More 1978; damping after Nielsen 1999) on the residual V - e^{i phi} U with
// the best phi projected out. Departure from the textbook: since V is unitary, V^dagger dV/dtheta =
// -i/2 A with A Hermitian, so the normal equations live in the N^2 real coordinates of Hermitian
// matrices instead of the 2 N^2 entries of the residual, and A = R^dagger P R needs only the
// product R of the gates to the right: one forward sweep gives cost and Jacobian.

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "quantum/base/matrix.hpp"
#include "quantum/base/random.hpp"
#include "quantum/base/status.hpp"
#include "quantum/synthesis/stop.hpp"
#include "quantum/synthesis/template.hpp"

namespace quercus::synthesis {

struct InstantiateOptions {
    double threshold = 1e-8;   // d = 1 - |Tr(U^dagger V)|/N that counts as success
    double polish = 1e-14;     // successes are driven down to this d, or as far as they go
    int max_iterations = 150;  // per start; polishing may add 60
    bool is_hasty = false;     // gives up early where d > 1e-3 seems to converge above `polish`
    // For each parameter, if not empty: nonzero where it stays as it starts.
    std::span<const std::uint8_t> fixed;
    StopCheck stop;
};

struct Instantiation {
    std::vector<double> params;
    double d = 1;      // accurate near zero: delta^2 / 2
    double delta = 2;  // min over phases of ||U - e^{i phi} V||_F / sqrt(N), from the norm
    int iterations = 0;
    bool success = false;  // d < threshold
};

// Holds one target and the workspace for it; not for use from two threads at once.
class Instantiator {
 public:
    // INVALID_ARGUMENT unless the target is 2^n x 2^n, n = 2..5, and unitary to 1e-8.
    static Result<Instantiator> create(const base::Matrix& target);
    Instantiator(Instantiator&&) noexcept;
    Instantiator& operator=(Instantiator&&) noexcept;
    ~Instantiator();

    [[nodiscard]] int num_qubits() const;

    // One descent from `start` (shape.num_parameters() entries; shape.num_qubits == num_qubits()).
    Instantiation run(const Template& shape, std::span<const double> start,
                      const InstantiateOptions& options = {});
    // Up to `starts` descents from uniformly random angles; the first success, else the best.
    Instantiation run_random(const Template& shape, Philox& random, int starts,
                             const InstantiateOptions& options = {});
    // For each parameter, between 0 and 1 but for rounding: how far it alone lies in the directions
    // that leave the unitary as it is, to first order, while those of `fixed` do not move.
    std::vector<double> freedom(const Template& shape, std::span<const double> params,
                                std::span<const std::uint8_t> fixed = {});
    // Descents so far.
    [[nodiscard]] std::uint64_t count() const;

    class Engine;  // defined in instantiate.cpp

 private:
    explicit Instantiator(std::unique_ptr<Engine> engine);
    std::unique_ptr<Engine> engine_;
    std::uint64_t count_ = 0;
};

}  // namespace quercus::synthesis
