// From what a client hands over to what travels: reads and checks circuits and matrices.

#include <bit>
#include <cmath>
#include <filesystem>
#include <utility>

#include "client/sdk/convert.hpp"
#include "quantum/qasm/reader.hpp"

namespace quercus::client {
namespace detail {

tasks::CompileRequest without_circuit(const CompileJob& job) {
    tasks::CompileRequest request;
    request.level = job.level;
    request.block_size = job.block_size;
    request.pipeline = job.pipeline;
    request.threshold = job.threshold;
    request.time_budget_s = job.time_budget_s;
    request.iterations = job.iterations;
    request.islands = job.islands;
    request.target = {job.machine, job.gates};
    request.error_budget = job.error_budget;
    request.optimize = job.optimize;
    return request;
}

namespace {

Result<circuit::Circuit> read_circuit(const CompileJob& job) {
    if (job.qasm.empty() && job.path.empty()) {
        return invalid_argument("the job has no circuit: neither text nor a file");
    }
    qasm::ReadOptions options;
    if (!job.path.empty()) {
        options.file_name = job.path;
        options.include_dir = std::filesystem::path(job.path).parent_path();
    }
    auto circuit = job.qasm.empty() ? qasm::read_file(job.path) : qasm::read(job.qasm, options);
    // To the caller a missing file is bad input like any other.
    if (!circuit && circuit.error().code() == StatusCode::kNotFound) {
        return invalid_argument(circuit.error().message());
    }
    return circuit;
}

Result<tasks::Request> request_of(const CompileJob& job) {
    auto circuit = read_circuit(job);
    if (!circuit) {
        return circuit.error();
    }
    tasks::CompileRequest request = without_circuit(job);
    request.circuit = *std::move(circuit);
    return tasks::Request(std::move(request));
}

Result<tasks::Request> request_of(const SynthesizeJob& job) {
    const auto size =
        static_cast<std::size_t>(std::llround(std::sqrt(static_cast<double>(job.unitary.size()))));
    if (size < 2 || size * size != job.unitary.size() || !std::has_single_bit(size)) {
        return invalid_argument("a matrix of " + std::to_string(job.unitary.size()) +
                                " entries is not 2^n x 2^n");
    }
    return tasks::Request(tasks::SynthesizeRequest{base::Matrix(size, size, job.unitary)});
}

Result<tasks::Request> request_of(const TaskJob& job) {
    return tasks::Request(tasks::TaskRequest{job.kind, job.input});
}

}  // namespace

Result<tasks::Request> to_request(const Work& work) {
    return std::visit([](const auto& job) { return request_of(job); }, work);
}

CircuitFigures figures_of(const circuit::Circuit& circuit) {
    CircuitFigures figures;
    figures.gates = circuit::count_gates(circuit);
    figures.two_qubit = circuit::count_two_qubit(circuit);
    figures.operations = circuit.operations.size();
    figures.depth = circuit::depth(circuit);
    figures.two_qubit_depth = circuit::two_qubit_depth(circuit);
    return figures;
}

}  // namespace detail

Result<CircuitFigures> inspect_circuit(const CompileJob& job) {
    const auto circuit = detail::read_circuit(job);
    return circuit ? Result<CircuitFigures>(detail::figures_of(*circuit))
                   : Result<CircuitFigures>(circuit.error());
}

}  // namespace quercus::client
