#pragma once

// Private to this room: a Pauli program of which a beginning is synthesised. Emitting a gate
// conjugates all that is left by it.

#include <cstdint>
#include <vector>

#include "quantum/passes/pauli_moves.hpp"
#include "quantum/passes/pauli_network.hpp"

namespace quercus::passes::detail {

struct NetworkState {
    std::size_t qubits = 0;
    std::vector<PauliRotation> rotations;
    std::vector<std::size_t> active;  // indices of the rotations not yet emitted, ascending
    std::vector<Pauli> x, z;          // images of the Clifford that remains
    std::vector<RotationStep> out;
    std::size_t cx_count = 0;

    template <class Function>
    void for_each_row(Function&& function) {
        for (const std::size_t i : active) {
            function(rotations[i].pauli);
        }
        for (std::size_t q = 0; q < qubits; ++q) {
            function(x[q]);
            function(z[q]);
        }
    }

    void emit(RotationStep::Kind kind, std::size_t a, std::size_t b = 0, double angle = 0) {
        out.push_back(rotation_step(kind, static_cast<Qubit>(a), static_cast<Qubit>(b), angle));
    }

    void h(std::size_t q) {
        emit(RotationStep::Kind::kH, q);
        for_each_row([q](Pauli& p) {
            const std::uint64_t px = (p.x >> q) & 1, pz = (p.z >> q) & 1;
            p.negative ^= (px & pz) != 0;
            p.x ^= (px ^ pz) << q;
            p.z ^= (px ^ pz) << q;
        });
    }

    void s(std::size_t q) {
        emit(RotationStep::Kind::kRz, q, 0, kPi / 2);
        for_each_row([q](Pauli& p) {
            const std::uint64_t px = (p.x >> q) & 1, pz = (p.z >> q) & 1;
            p.negative ^= (px & pz) != 0;
            p.z ^= px << q;
        });
    }

    void cx(std::size_t c, std::size_t t) {
        emit(RotationStep::Kind::kCX, c, t);
        ++cx_count;
        for_each_row([c, t](Pauli& p) {
            const std::uint64_t xc = (p.x >> c) & 1, zc = (p.z >> c) & 1;
            const std::uint64_t xt = (p.x >> t) & 1, zt = (p.z >> t) & 1;
            p.negative ^= (xc & zt & (xt ^ zc ^ 1)) != 0;
            p.x ^= xc << t;
            p.z ^= zt << c;
        });
    }

    // Turns the axis on q into Z.
    void axis_to_z(std::size_t q, int axis) {
        if (axis == 3) {
            s(q);
        }
        if (axis != 2) {
            h(q);
        }
    }
    void axis_to_x(std::size_t q, int axis) {
        if (axis == 3) {
            s(q);
        } else if (axis == 2) {
            h(q);
        }
    }

    // The move up to one-qubit Cliffords, which cost nothing and change no weight.
    void apply(const Move& move) {
        axis_to_z(move.a, move.axis_a);
        axis_to_x(move.b, move.axis_b);
        cx(move.a, move.b);
    }
};

}  // namespace quercus::passes::detail
