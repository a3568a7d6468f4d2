#include "runtime/tasks/requests.hpp"

#include <bit>
#include <string>
#include <utility>

#include "quantum/base/codec.hpp"
#include "quantum/circuit/codec.hpp"
#include "runtime/tasks/registry.hpp"
#include "runtime/tasks/request_codec.hpp"

namespace quercus::tasks {

namespace {

constexpr double kUnitaryTolerance = 1e-8;
constexpr std::uint32_t kDefaultBlockSize = 3;

Result<RootTask> root_task(const CompileRequest& request) {
    auto valid = checked(request);
    if (!valid) {
        return valid.error();
    }
    return RootTask{"compile", to_bytes(*valid)};
}

Result<RootTask> root_task(const SynthesizeRequest& request) {
    if (Status valid = check(request); !valid.is_ok()) {
        return valid;
    }
    return RootTask{"synthesize", to_bytes(request)};
}

Result<RootTask> root_task(const TaskRequest& request) {
    if (builtin_registry().find(request.kind) == nullptr) {
        return invalid_argument("kind \"" + request.kind.substr(0, 100) + "\" is not registered");
    }
    return RootTask{request.kind, request.input};
}

}  // namespace

Result<CompileRequest> checked(CompileRequest request) {
    if (request.level > 1) {
        return invalid_argument("optimisation level " + std::to_string(request.level) +
                                " does not exist: 1 is the only one (--level)");
    }
    request.level = 1;
    if (request.block_size == 0) {
        request.block_size = kDefaultBlockSize;
    }
    if (request.block_size < 2 || request.block_size > 4) {
        return invalid_argument("block size " + std::to_string(request.block_size) +
                                " is not in 2..4 (--block-size)");
    }
    if (Status valid = circuit::validate(request.circuit); !valid.is_ok()) {
        return valid;
    }
    return request;
}

Status check(const SynthesizeRequest& request) {
    const base::Matrix& u = request.unitary;
    const std::size_t n = u.rows();
    if (n != u.cols() || n < 2 || n > 16 || !std::has_single_bit(n)) {
        return invalid_argument("the unitary is " + std::to_string(n) + " x " +
                                std::to_string(u.cols()) +
                                ": synthesis takes 2^n x 2^n with n = 1 ... 4");
    }
    const double defect = base::unitarity_defect(u);
    if (!(defect <= kUnitaryTolerance)) {
        return invalid_argument("the matrix is not unitary: max |(U^dagger U - 1)_ij| = " +
                                std::to_string(defect) + ", the limit is 1e-8");
    }
    return Status::ok();
}

Bytes to_bytes(const CompileRequest& request) {
    Encoder out;
    out.varint(request.level);
    out.varint(request.block_size);
    circuit::encode(out, request.circuit);
    return out.take();
}

Result<CompileRequest> compile_request_from_bytes(BytesView bytes) {
    Decoder in(bytes);
    CompileRequest request;
    const std::uint64_t level = in.varint();
    const std::uint64_t block_size = in.varint();
    if (level > 64 || block_size > 64) {
        return invalid_argument("compile: level or block size out of range");
    }
    request.level = static_cast<std::uint32_t>(level);
    request.block_size = static_cast<std::uint32_t>(block_size);
    auto circuit = circuit::decode(in);
    if (!circuit) {
        return circuit.error();
    }
    if (!in.finished()) {
        return data_loss("compile: bytes left over after the circuit");
    }
    request.circuit = std::move(*circuit);
    return checked(std::move(request));
}

Bytes to_bytes(const SynthesizeRequest& request) {
    Encoder out;
    circuit::encode(out, request.unitary);
    return out.take();
}

Result<SynthesizeRequest> synthesize_request_from_bytes(BytesView bytes) {
    Decoder in(bytes);
    auto matrix = circuit::decode_matrix(in);
    if (!matrix) {
        return matrix.error();
    }
    if (!in.finished()) {
        return data_loss("synthesize: bytes left over after the matrix");
    }
    SynthesizeRequest request{std::move(*matrix)};
    if (Status valid = check(request); !valid.is_ok()) {
        return valid;
    }
    return request;
}

Result<RootTask> to_root_task(const Request& request) {
    return std::visit([](const auto& one) { return root_task(one); }, request);
}

}  // namespace quercus::tasks
