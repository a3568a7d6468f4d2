#include "quantum/passes/circuit_passes.hpp"

#include <map>
#include <utility>

#include "quantum/passes/cancel_two_qubit.hpp"
#include "quantum/passes/clean_up.hpp"
#include "quantum/passes/drop_near_identity.hpp"
#include "quantum/passes/fold_two_qubit.hpp"
#include "quantum/passes/merge_one_qubit.hpp"
#include "quantum/passes/merge_rotations.hpp"
#include "quantum/passes/rebase_to_cx_u3.hpp"
#include "quantum/passes/resynthesize.hpp"

namespace quercus::passes {

namespace {

// What recognising an angle as a multiple of pi / 4, or a gate as the identity, and the rounding of
// its product may add to delta for one operation.
constexpr double kSnapPerOperation = 5e-13;

using Stop = synthesis::StopCheck;
using Run = Result<PassResult> (*)(Circuit&&, const Step&, const Stop&);

ResynthesizeOptions regions(const Step& step, const Stop& stop) {
    ResynthesizeOptions options;
    options.stop = stop;
    options.most_qubits = static_cast<std::size_t>(number_of(step, "qubits"));
    options.restarts = static_cast<int>(number_of(step, "restarts"));
    return options;
}

const std::map<std::string, Run, std::less<>>& runs() {
    static const std::map<std::string, Run, std::less<>> all{
        {"rebase_cx_u3", [](Circuit&& c, const Step&, const Stop&) { return rebase_to_cx_u3(c); }},
        {"cancel_two_qubit",
         [](Circuit&& c, const Step&, const Stop&) {
             return Result<PassResult>(cancel_two_qubit(std::move(c)));
         }},
        {"merge_one_qubit",
         [](Circuit&& c, const Step&, const Stop&) {
             return Result<PassResult>(merge_one_qubit(std::move(c)));
         }},
        {"fold_two_qubit",
         [](Circuit&& c, const Step&, const Stop&) { return fold_two_qubit(std::move(c)); }},
        {"clean_up", [](Circuit&& c, const Step&, const Stop&) { return clean_up(std::move(c)); }},
        {"merge_rotations",
         [](Circuit&& c, const Step&, const Stop&) { return merge_rotations(std::move(c)); }},
        {"resynthesize_linear",
         [](Circuit&& c, const Step& s, const Stop& stop) {
             return resynthesize_linear(c, regions(s, stop));
         }},
        {"resynthesize_clifford",
         [](Circuit&& c, const Step& s, const Stop& stop) {
             return resynthesize_clifford(c, regions(s, stop));
         }},
        {"resynthesize_pauli",
         [](Circuit&& c, const Step& s, const Stop& stop) {
             return resynthesize_pauli(c, regions(s, stop));
         }},
        {"drop_near_identity",
         [](Circuit&& c, const Step& s, const Stop&) {
             return drop_near_identity(c, number_of(s, "tolerance"));
         }},
    };
    return all;
}

}  // namespace

Result<PassResult> run_circuit_pass(Circuit circuit, const Step& step, const Stop& stop) {
    const auto found = runs().find(step.pass);
    if (found == runs().end()) {
        return internal_error("pass '" + step.pass + "' is listed but cannot be run");
    }
    const auto operations = static_cast<double>(circuit.operations.size());
    auto result = found->second(std::move(circuit), step, stop);
    if (result) {
        result->delta += kSnapPerOperation * operations;
    }
    return result;
}

}  // namespace quercus::passes
