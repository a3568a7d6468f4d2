// From what a client hands over to what travels: reads and checks circuits and matrices.

#include <cmath>
#include <filesystem>
#include <utility>

#include "client/sdk/convert.hpp"
#include "quantum/qasm/reader.hpp"

namespace quercus::client {
namespace detail {

namespace {

// CompileJob and SynthesizeJob differ in their source only.
template <class Job>
tasks::CompileRequest without_source(const Job& job) {
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

template <class Job>
Result<circuit::Circuit> read_circuit(const Job& job) {
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

Result<tasks::CompileRequest> request_of(const CompileJob& job) {
    auto circuit = read_circuit(job);
    if (!circuit) {
        return circuit.error();
    }
    tasks::CompileRequest request = without_source(job);
    request.source = *std::move(circuit);
    return request;
}

Result<base::Matrix> read_unitary(const std::vector<std::complex<double>>& entries) {
    const auto size =
        static_cast<std::size_t>(std::llround(std::sqrt(static_cast<double>(entries.size()))));
    if (size * size != entries.size()) {
        return invalid_argument("a matrix of " + std::to_string(entries.size()) +
                                " entries is not 2^n x 2^n");
    }
    return base::Matrix(size, size, entries);
}

template <class Job>
Result<synthesis::SynthesisTarget> read_target(const Job& job) {
    if (!job.unitary.empty() + !job.state.empty() + !job.state_map.empty() != 1) {
        return invalid_argument("the job needs one target: unitary, state or state_map");
    }
    synthesis::SynthesisTarget target = job.state;
    if (!job.unitary.empty()) {
        auto unitary = read_unitary(job.unitary);
        if (!unitary) {
            return unitary.error();
        }
        target = *std::move(unitary);
    } else if (!job.state_map.empty()) {
        synthesis::StateMap map;
        for (const StatePair& pair : job.state_map) {
            map.push_back({pair.input, pair.output});
        }
        target = std::move(map);
    }
    const Status status = synthesis::check(target);
    return status.is_ok() ? Result<synthesis::SynthesisTarget>(std::move(target)) : status;
}

Result<tasks::CompileRequest> request_of(const SynthesizeJob& job) {
    auto target = read_target(job);
    if (!target) {
        return target.error();
    }
    tasks::CompileRequest request = without_source(job);
    request.source = *std::move(target);
    return request;
}

Result<passes::InstantiateInput> request_of(const InstantiateJob& job) {
    auto circuit = read_circuit(job);
    if (!circuit) {
        return circuit.error();
    }
    auto target = read_target(job);
    if (!target) {
        return target.error();
    }
    const auto method = synthesis::fit_method_from_text(job.method.empty() ? "auto" : job.method);
    if (!method) {
        return method.error();
    }
    passes::InstantiateInput request{*std::move(circuit), *std::move(target)};
    request.method = *method;
    request.threshold = job.threshold != 0 ? job.threshold : request.threshold;
    request.starts = job.starts;
    request.frozen = job.frozen;
    const Status status = passes::check(request);
    return status.is_ok() ? Result<passes::InstantiateInput>(std::move(request)) : status;
}

Result<tasks::TaskRequest> request_of(const TaskJob& job) {
    return tasks::TaskRequest{job.kind, job.input};
}

}  // namespace

tasks::CompileRequest without_circuit(const CompileJob& job) {
    return without_source(job);
}

Result<tasks::Request> to_request(const Work& work) {
    return std::visit(
        [](const auto& job) {
            auto request = request_of(job);
            return request ? Result<tasks::Request>(*std::move(request))
                           : Result<tasks::Request>(request.error());
        },
        work);
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
