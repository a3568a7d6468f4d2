#pragma once

// Private to this room: one fit of fit_circuit under way. What is free moves along coordinates: one
// for each angle (radians), and for each unknown gate G on q qubits 4^q - 1, G exp(i sum a P / 2).

#include <Eigen/Dense>
#include <vector>

#include "quantum/synthesis/fit_circuit.hpp"

namespace quercus::synthesis::detail {

using Columns = Eigen::MatrixXcd;

// Column j is input or output j of the target; of a unitary those of the identity and its own.
struct TargetColumns {
    Columns in, out;
};
[[nodiscard]] TargetColumns columns_of(const SynthesisTarget& target);

// dG/dx of parameter `index` of a gate, in the parameter's own unit.
[[nodiscard]] base::Matrix gate_derivative(circuit::Gate gate, std::span<const double> params,
                                           std::size_t index);
// Whether the parameters of a gate are angles that change its matrix.
[[nodiscard]] bool has_angles(circuit::Gate gate);
// How many coordinates an operation has: 0 where nothing of it is free.
[[nodiscard]] std::size_t coordinates_of(const circuit::Operation& op, bool is_frozen);

// m^dagger m (of real matrices m^T m) and a^dagger b with sums in a fixed order: Eigen's products
// depend on the processor's caches.
[[nodiscard]] Eigen::MatrixXd gram_of(const Eigen::MatrixXd& m);
[[nodiscard]] Columns adjoint_product(const Columns& a, const Columns& b);

class FitProblem {
 public:
    // What check_fit accepts.
    FitProblem(const circuit::Circuit& shape, TargetColumns target,
               const std::vector<std::uint8_t>& frozen);

    void randomise_angles(Philox& random);
    void randomise_unknown(Philox& random);

    [[nodiscard]] std::size_t num_coordinates() const { return coordinates_; }
    [[nodiscard]] const circuit::Circuit& circuit() const { return circuit_; }
    [[nodiscard]] std::size_t num_columns() const {
        return static_cast<std::size_t>(target_.in.cols());
    }

    [[nodiscard]] double cost() const;  // d
    // Moves along the coordinates.
    void move(const Eigen::VectorXd& step);
    // Real rows of the residual V^dagger (V in - e^{i phi} out) and its derivatives, by coordinate
    // and, last, by the phase. Returns d.
    double linearise(Eigen::VectorXd& residual, Eigen::MatrixXd& jacobian) const;
    // Derivatives of d by coordinate; returns d.
    double gradient(Eigen::VectorXd& gradient) const;
    // One QFactor sweep over the unknown gates; returns d.
    double sweep();

 private:
    struct Free {
        std::size_t operation;
        bool is_unknown;
        std::size_t first;  // coordinate
        std::size_t count;
    };
    [[nodiscard]] const base::Matrix& matrix(std::size_t operation) const {
        return matrices_[operation];
    }
    void apply(std::size_t operation, Columns& columns) const;
    void update_matrix(std::size_t operation);
    // G^dagger dG for each coordinate of a free operation.
    [[nodiscard]] std::vector<base::Matrix> generators(const Free& free) const;
    // E with Tr(G E) = Tr(back^dagger G front), on the operation's qubits.
    [[nodiscard]] base::Matrix environment(std::size_t operation, const Columns& front,
                                           const Columns& back) const;
    // out carried back through all gates: V^dagger out.
    [[nodiscard]] Columns carried_back() const;
    [[nodiscard]] double cost_of(const Columns& reached) const;

    circuit::Circuit circuit_;
    TargetColumns target_;
    std::vector<base::Matrix> matrices_;  // by operation; empty for barriers
    std::vector<Free> free_;              // in program order
    std::size_t coordinates_ = 0;
};

}  // namespace quercus::synthesis::detail
