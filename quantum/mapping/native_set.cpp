#include "quantum/mapping/native_set.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>

#include "quantum/circuit/unitary.hpp"
#include "quantum/mapping/native_pair.hpp"
#include "quantum/mapping/one_qubit_basis.hpp"
#include "quantum/partition/quick.hpp"
#include "quantum/synthesis/kak.hpp"
#include "quantum/synthesis/rebase.hpp"

namespace quercus::mapping {

namespace {

using base::Matrix;

Result<NativeSet> checked(NativeSet set) {
    std::string names;
    for (const Gate gate : set.gates) {
        const circuit::GateInfo& info = circuit::info(gate);
        if (!info.is_unitary || info.num_qubits < 1 || info.num_qubits > 2) {
            return invalid_argument("native set: gate '" + std::string(info.name) +
                                    "' is no gate on one or two qubits");
        }
        names += (names.empty() ? "" : ", ") + std::string(info.name);
    }
    if (one_qubit_set(set.gates).basis == OneQubitBasis::kNone) {
        return invalid_argument("native set {" + names +
                                "}: no supported one-qubit gates; needs u3, u or pxz, or rz with "
                                "sx, rx, ry or r, or r");
    }
    if (std::none_of(set.gates.begin(), set.gates.end(), is_entangler)) {
        return invalid_argument("native set {" + names +
                                "}: no supported two-qubit gate; needs one of cx, cz, ecr, rzz, "
                                "cy, cp, cu1, crz, rxx, ryy, rzx, iswap, sqisw, fsim, syc, b");
    }
    return set;
}

// ---- native gates between one-qubit matrices ----

class Rebaser {
 public:
    Rebaser(const Circuit& input, const NativeSet& set, const MachineModel* model)
        : set_(set),
          one_qubit_(one_qubit_set(set.gates)),
          model_(model),
          pending_(input.num_qubits()),
          is_conditional_(input.num_qubits()) {
        out_.circuit.qregs = input.qregs;
        out_.circuit.cregs = input.cregs;
        if (model != nullptr) {
            for (const ModelEdge& edge : model->edges) {
                edges_[{edge.first, edge.second}] = &edge;
            }
        }
    }

    Result<RebaseResult> run(const partition::Partition& cut) {
        for (const partition::Item& item : cut.items) {
            const auto* block = std::get_if<partition::Block>(&item);
            const Status status =
                block != nullptr ? add_block(*block) : add_operation(std::get<Operation>(item));
            if (!status.is_ok()) {
                return status;
            }
        }
        end_condition();
        for (Qubit q = 0; q < pending_.size(); ++q) {
            flush(q, Next::kOther);
        }
        for (const Operation& op : out_.circuit.operations) {
            const bool is_virtual = op.gate == Gate::kRZ || op.gate == Gate::kP ||
                                    op.gate == Gate::kU1 || op.gate == Gate::kId;
            out_.pulses +=
                op.qubits.size() == 1 && circuit::info(op.gate).is_unitary && !is_virtual ? 1 : 0;
        }
        return std::move(out_);
    }

 private:
    // What stands after the one-qubit gates of a qubit.
    enum class Next : std::uint8_t { kDiagonal, kForgetsPhase, kOther };

    void apply(Qubit q, const Matrix& matrix) {
        pending_[q] = pending_[q] ? base::multiply(matrix, *pending_[q]) : matrix;
    }

    void flush(Qubit q, Next next) {
        if (!pending_[q]) {
            return;
        }
        Pulses pulses = pulses_of(*pending_[q], q, one_qubit_);
        pending_[q].reset();
        for (Operation& op : pulses.pulses) {
            emit(std::move(op));
        }
        const std::vector<Operation> tail = z_rotation(pulses.tail, q, one_qubit_);
        if (tail.empty() || next == Next::kForgetsPhase) {
            return;
        }
        if (next == Next::kDiagonal) {
            const double angle[] = {pulses.tail};
            pending_[q] = circuit::gate_matrix(Gate::kRZ, angle);
            return;
        }
        for (const Operation& op : tail) {
            emit(op);
        }
    }

    void emit(Operation op) {
        if (condition_) {
            op.condition = condition_;
        }
        out_.circuit.operations.push_back(std::move(op));
    }

    void emit_native(const NativeStep& step, const std::vector<Qubit>& qubits) {
        Operation op;
        op.gate = step.gate;
        op.params.assign(step.params.begin(), step.params.end());
        for (std::size_t k = 0; k < 2; ++k) {
            const Qubit q = qubits[step.order[k]];
            flush(q, commutes_with_z(step.gate, k) ? Next::kDiagonal : Next::kOther);
            op.qubits.push_back(q);
        }
        emit(std::move(op));
    }

    // A gate that may stand on a pair, with its error rate where the machine knows it.
    struct Offer {
        EntanglerChoice choice;
        std::optional<double> error;
    };

    // In the set's order of preference.
    Result<std::vector<Offer>> offers_for(const std::vector<Qubit>& qubits) const {
        const ModelEdge* forward = edge(qubits[0], qubits[1]);
        const ModelEdge* backward = edge(qubits[1], qubits[0]);
        const ModelEdge* found = forward != nullptr ? forward : backward;
        const std::string where = "native gates: qubits " + std::to_string(qubits[0]) + " and " +
                                  std::to_string(qubits[1]);
        if (model_ != nullptr && found == nullptr) {
            return failed_precondition(where + " are not coupled on machine '" + model_->name +
                                       "'");
        }
        const std::vector<Gate> there = found != nullptr ? gates_of(*model_, *found) : set_.gates;
        std::vector<Offer> offers;
        for (const Gate gate : set_.gates) {
            if (is_entangler(gate) && std::find(there.begin(), there.end(), gate) != there.end()) {
                offers.push_back(
                    {{gate}, found != nullptr ? error_of(*found, gate) : std::nullopt});
                if (found != nullptr) {
                    EntanglerChoice& choice = offers.back().choice;
                    choice.only_forward =
                        forward != nullptr && forward->directed && backward == nullptr;
                    choice.only_backward = forward == nullptr && backward->directed;
                }
            }
        }
        if (offers.empty()) {
            return failed_precondition(where +
                                       ": no two-qubit gate of the native set on this edge");
        }
        return offers;
    }
    static std::optional<double> error_of(const ModelEdge& edge, Gate gate) {
        for (const EdgeGate& own : edge.gates) {
            if (own.gate == gate) {
                return own.calibration.error;
            }
        }
        return std::nullopt;
    }
    const ModelEdge* edge(Qubit a, Qubit b) const {
        const auto found = edges_.find({a, b});
        return found == edges_.end() ? nullptr : found->second;
    }

    // A unitary on two qubits; `own` has the same meaning and is kept when it is no longer.
    Status add_pair(const Circuit& own, const std::vector<Qubit>& qubits) {
        const auto offers = offers_for(qubits);
        if (!offers) {
            return offers.error();
        }
        auto found = best_pair(own, *offers);
        if (!found) {
            return found.error();
        }
        out_.delta += found->delta;
        for (const NativeStep& step : found->steps) {
            if (step.matrix) {
                apply(qubits[step.order[0]], *step.matrix);
            } else {
                emit_native(step, qubits);
            }
        }
        return Status::ok();
    }

    // The least chance of an error where all rates are known, else the fewest two-qubit gates; of
    // equals the first.
    static Result<NativePair> best_pair(const Circuit& own, const std::vector<Offer>& offers) {
        const bool is_calibrated =
            std::all_of(offers.begin(), offers.end(), [](const Offer& o) { return o.error; });
        std::optional<NativePair> best;
        double least = 0;
        for (const Offer& offer : offers) {
            // Numerical fits take milliseconds and rarely need fewer gates than the first choice.
            if (best && !is_calibrated && is_fitted(offer.choice.gate)) {
                continue;
            }
            auto found = native_pair(own, offer.choice);
            if (!found) {
                return found.error();
            }
            const double cost =
                static_cast<double>(std::count_if(found->steps.begin(), found->steps.end(),
                                                  [](const NativeStep& s) { return !s.matrix; })) *
                (is_calibrated ? -std::log1p(-std::min(*offer.error, 0.999)) : 1.0);
            if (!best || cost < least) {
                least = cost;
                best = std::move(*found);
            }
        }
        return *std::move(best);
    }

    Status add_block(const partition::Block& block) {
        end_condition();
        if (block.qubits.size() == 2 && circuit::count_two_qubit(block.circuit) > 0) {
            return add_pair(block.circuit, block.qubits);
        }
        for (const Operation& op : block.circuit.operations) {
            apply(block.qubits[op.qubits[0]], circuit::matrix_of(op));
        }
        return Status::ok();
    }

    Status add_operation(const Operation& op) {
        const bool is_gate = circuit::info(op.gate).is_unitary && op.gate != Gate::kDelay;
        if (!is_gate) {
            end_condition();
            const bool forgets =
                (op.gate == Gate::kMeasure || op.gate == Gate::kReset) && !op.condition;
            for (const Qubit q : op.qubits) {
                flush(q, forgets ? Next::kForgetsPhase : Next::kOther);
            }
            out_.circuit.operations.push_back(op);
            return Status::ok();
        }
        if (op.qubits.size() > 2) {
            return failed_precondition("native gates: '" +
                                       std::string(circuit::info(op.gate).name) + "' acts on " +
                                       std::to_string(op.qubits.size()) +
                                       " qubits; rebase to one- and two-qubit gates first");
        }
        under(op.condition, op.qubits);
        Status status = add_gate(op);
        if (!op.condition) {
            end_condition();
        }
        return status;
    }

    // From here on gates on `qubits` stand under `condition`. Gates in a row under the same one are
    // merged like others.
    template <class Qubits>
    void under(const std::optional<circuit::Condition>& condition, const Qubits& qubits) {
        if (condition_ != condition) {
            end_condition();
        }
        condition_.reset();  // of what is flushed: it stood before
        for (const Qubit q : qubits) {
            if (!is_conditional_[q]) {
                flush(q, Next::kOther);
                conditional_.push_back(q);
                is_conditional_[q] = true;
            }
        }
        condition_ = condition;
    }

    void end_condition() {
        for (const Qubit q : conditional_) {
            flush(q, Next::kOther);
            is_conditional_[q] = false;
        }
        conditional_.clear();
        condition_.reset();
    }

    Status add_gate(Operation op) {
        if (op.qubits.size() == 1) {
            apply(op.qubits[0], circuit::matrix_of(op));
            return Status::ok();
        }
        const std::vector<Qubit> qubits(op.qubits.begin(), op.qubits.end());
        Circuit own = Circuit::with_qubits(2);
        op.qubits = {0, 1};
        op.condition.reset();
        own.operations.push_back(std::move(op));
        return add_pair(own, qubits);
    }

    const NativeSet& set_;
    OneQubitSet one_qubit_;
    const MachineModel* model_;
    std::map<std::pair<Qubit, Qubit>, const ModelEdge*> edges_;
    std::vector<std::optional<Matrix>> pending_;
    std::optional<circuit::Condition> condition_;  // of the gates that come now
    std::vector<Qubit> conditional_;               // qubits whose pending gates stand under it
    std::vector<bool> is_conditional_;             // by qubit
    RebaseResult out_;
};

}  // namespace

Result<NativeSet> native_set(const std::vector<std::string>& names) {
    NativeSet set;
    for (const std::string& name : names) {
        const auto gate = name == "prx" ? std::optional(Gate::kR)
                          : name == "sqrt_iswap" || name == "siswap"
                              ? std::optional(Gate::kSqrtISwap)
                              : circuit::gate_by_name(name);
        if (!gate) {
            return invalid_argument("native set: unknown gate '" + name + "'");
        }
        set.gates.push_back(*gate);
    }
    return checked(std::move(set));
}

Result<NativeSet> native_set_of(const MachineModel& model) {
    NativeSet set;
    const auto add = [&](Gate gate) {
        if (std::find(set.gates.begin(), set.gates.end(), gate) == set.gates.end()) {
            set.gates.push_back(gate);
        }
    };
    std::for_each(model.one_qubit_gates.begin(), model.one_qubit_gates.end(), add);
    std::for_each(model.two_qubit_gates.begin(), model.two_qubit_gates.end(), add);
    for (const ModelEdge& edge : model.edges) {
        for (const EdgeGate& gate : edge.gates) {
            add(gate.gate);
        }
    }
    return checked(std::move(set));
}

Result<RebaseResult> rebase_to_native(const Circuit& circuit, const NativeSet& set,
                                      const MachineModel* model) {
    if (auto good = checked(set); !good) {
        return good.error();
    }
    partition::QuickOptions pairs;
    pairs.block_size = 2;
    const auto cut = partition::quick_partition(circuit, pairs);
    if (!cut) {
        return cut.error();
    }
    return Rebaser(circuit, set, model).run(*cut);
}

}  // namespace quercus::mapping
