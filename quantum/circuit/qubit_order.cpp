#include "quantum/circuit/qubit_order.hpp"

#include <algorithm>
#include <numeric>

namespace quercus::circuit {

namespace {

void replace(Circuit& circuit, const std::vector<Qubit>& by) {
    for (Operation& operation : circuit.operations) {
        for (Qubit& q : operation.qubits) {
            q = by[q];
        }
        // A set: in one order, whatever its qubits were called.
        if (operation.gate == Gate::kBarrier) {
            std::sort(operation.qubits.begin(), operation.qubits.end());
        }
    }
}

// Place -> qubit.
std::vector<Qubit> names_of(const std::vector<Qubit>& places) {
    std::vector<Qubit> names(places.size());
    for (Qubit q = 0; q < names.size(); ++q) {
        names[places[q]] = q;
    }
    return names;
}

}  // namespace

std::vector<Qubit> order_of_first_use(const Circuit& circuit) {
    const Qubit n = circuit.num_qubits();
    std::vector<Qubit> places(n, n);
    Qubit next = 0;
    for (const Operation& operation : circuit.operations) {
        if (operation.gate == Gate::kBarrier) {
            continue;
        }
        for (const Qubit q : operation.qubits) {
            places[q] = places[q] == n ? next++ : places[q];
        }
    }
    for (Qubit& place : places) {
        place = place == n ? next++ : place;
    }
    return places;
}

std::vector<Qubit> name_by_first_use(Circuit& circuit) {
    const std::vector<Qubit> places = order_of_first_use(circuit);
    circuit.qregs = Circuit::with_qubits(circuit.num_qubits()).qregs;
    replace(circuit, places);
    return names_of(places);
}

Circuit rename_qubits(const Circuit& circuit, const std::vector<Qubit>& places) {
    Circuit out = circuit;
    out.qregs = Circuit::with_qubits(circuit.num_qubits()).qregs;
    replace(out, places);
    return out;
}

Circuit restore_qubits(Circuit circuit, const std::vector<Qubit>& places,
                       const std::vector<Register>& qregs) {
    circuit.qregs = qregs;
    replace(circuit, names_of(places));
    return circuit;
}

}  // namespace quercus::circuit
