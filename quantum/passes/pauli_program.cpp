#include <bit>
#include <cassert>

#include "quantum/passes/pauli_moves.hpp"

namespace quercus::passes::detail {

namespace {

// i^turns p q, which must be Hermitian.
Pauli product(const Pauli& p, const Pauli& q, int turns) {
    Pauli r{p.x ^ q.x, p.z ^ q.z, false};
    const int phase = turns + 2 * p.negative + 2 * q.negative + std::popcount(p.x & p.z) +
                      std::popcount(q.x & q.z) + 2 * std::popcount(p.z & q.x) -
                      std::popcount(r.x & r.z);
    assert((phase & 1) == 0);
    r.negative = (phase & 3) == 2;
    return r;
}

// g^dagger p g for g = exp(-i turns pi/4 axis).
void conjugate_by_quarters(Pauli& p, const Pauli& axis, int turns) {
    if (turns == 0 || !anticommute(p, axis)) {
        return;
    }
    if (turns == 2) {
        p.negative = !p.negative;
        return;
    }
    p = product(p, axis, turns == 1 ? -1 : 1);
}

// A rotation by turns pi/2 goes from before rotation `from` into the Clifford.
void absorb(PauliProgram& program, const Pauli& axis, int turns, std::size_t from) {
    const int signed_turns = axis.negative ? (4 - turns) % 4 : turns;
    const Pauli plain{axis.x, axis.z, false};
    for (std::size_t j = from; j < program.rotations.size(); ++j) {
        conjugate_by_quarters(program.rotations[j].pauli, plain, signed_turns);
    }
    for (std::size_t q = 0; q < program.qubits; ++q) {
        conjugate_by_quarters(program.x[q], plain, signed_turns);
        conjugate_by_quarters(program.z[q], plain, signed_turns);
    }
}

class Reader {
 public:
    explicit Reader(std::size_t qubits) {
        program_.qubits = qubits;
        for (std::size_t q = 0; q < qubits; ++q) {
            program_.x.push_back({std::uint64_t{1} << q, 0, false});
            program_.z.push_back({0, std::uint64_t{1} << q, false});
        }
    }

    // Appends a step: the rows are those of the Clifford part so far, pulled back.
    void add(const RotationStep& step) {
        auto& x = program_.x;
        auto& z = program_.z;
        switch (step.kind) {
            case RotationStep::Kind::kCX:
                z[step.b] = product(z[step.a], z[step.b], 0);
                x[step.a] = product(x[step.a], x[step.b], 0);
                break;
            case RotationStep::Kind::kH:
                std::swap(x[step.a], z[step.a]);
                break;
            case RotationStep::Kind::kX:
                z[step.a].negative = !z[step.a].negative;
                break;
            default:
                add_rotation(step.a, step.angle);
        }
    }

    PauliProgram take() {
        while (merge_one() || absorb_one()) {
        }
        return std::move(program_);
    }

 private:
    void add_rotation(Qubit q, double angle) {
        const int turns = quarter_turns(angle);
        if (turns < 0) {
            program_.rotations.push_back({program_.z[q], angle});
        } else {
            conjugate_by_quarters(program_.x[q], program_.z[q], turns);
        }
    }

    // Merges as many equal neighbours as one sweep finds.
    bool merge_one() {
        auto& all = program_.rotations;
        bool merged = false;
        for (std::size_t k = 1; k < all.size(); ++k) {
            for (std::size_t j = k; j-- > 0;) {
                const Pauli& p = all[j].pauli;
                const Pauli& r = all[k].pauli;
                if (p.x == r.x && p.z == r.z) {
                    all[j].angle = snapped(
                        all[j].angle + (p.negative == r.negative ? all[k].angle : -all[k].angle));
                    all.erase(all.begin() + static_cast<std::ptrdiff_t>(k));
                    --k;
                    merged = true;
                    break;
                }
                if (anticommute(p, r)) {
                    break;
                }
            }
        }
        return merged;
    }

    // Moves one rotation by a multiple of pi/2 behind all others, into the Clifford.
    bool absorb_one() {
        auto& all = program_.rotations;
        for (std::size_t k = 0; k < all.size(); ++k) {
            const int turns = quarter_turns(all[k].angle);
            if (turns >= 0) {
                const Pauli axis = all[k].pauli;
                all.erase(all.begin() + static_cast<std::ptrdiff_t>(k));
                absorb(program_, axis, turns, k);
                return true;
            }
        }
        return false;
    }

    PauliProgram program_;
};

}  // namespace

PauliProgram pauli_program(std::span<const RotationStep> steps, std::size_t qubits) {
    Reader reader(qubits);
    for (const RotationStep& step : steps) {
        reader.add(step);
    }
    return reader.take();
}

}  // namespace quercus::passes::detail
