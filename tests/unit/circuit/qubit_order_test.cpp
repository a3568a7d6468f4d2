#include "quantum/circuit/qubit_order.hpp"

#include "tests/support/catch.hpp"

using namespace quercus;
using namespace quercus::circuit;

TEST_CASE("qubit order: by first use, barriers do not count, untouched ones last") {
    Circuit circuit = Circuit::with_qubits(5);
    circuit.append(Gate::kBarrier, {0, 1, 2, 3, 4}, {});
    circuit.append(Gate::kCX, {3, 1}, {});
    circuit.append(Gate::kH, {4}, {});
    CHECK(order_of_first_use(circuit) == std::vector<Qubit>{3, 1, 4, 0, 2});
    const auto places = order_of_first_use(circuit);
    CHECK(restore_qubits(rename_qubits(circuit, places), places, circuit.qregs) == circuit);
}
