// Whatever bytes arrive: frames and job requests are decoded or refused, never a crash; and what
// was accepted survives another round trip unchanged.

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "quercus/v1/jobs.pb.h"
#include "quercus/v1/tree.pb.h"
#include "runtime/wire/frame.hpp"
#include "runtime/wire/jobs.hpp"

namespace {

using namespace quercus;

void require(bool condition) {
    if (!condition) {
        std::abort();
    }
}

std::string bytes_of(const wire::EncodedFrame& encoded) {
    std::string out;
    for (const auto& part : encoded.parts) {
        out += part->SerializeAsString();
    }
    return out;
}

void fuzz_frame(const std::uint8_t* data, std::size_t size) {
    const auto part = std::make_shared<v1::Frame>();
    if (!part->ParseFromArray(data, static_cast<int>(size)) || !wire::inspect_part(*part)) {
        return;
    }
    const auto frame = wire::decode_frame({part}, {});
    if (!frame) {
        return;
    }
    const auto encoded = wire::encode_frame(*frame);
    require(encoded.has_value());
    const std::string first = bytes_of(*encoded);
    const auto again = wire::decode_frame(encoded->parts, {});
    require(again.has_value());
    require(bytes_of(*wire::encode_frame(*again)) == first);
}

void fuzz_request(const std::uint8_t* data, std::size_t size) {
    v1::SubmitJobRequest request;
    if (!request.ParseFromArray(data, static_cast<int>(size))) {
        return;
    }
    const auto spec = wire::from_proto(request);
    if (!spec) {
        return;
    }
    v1::SubmitJobRequest out;
    wire::to_proto(*spec, out);
    const auto again = wire::from_proto(out);
    require(again.has_value());
    v1::SubmitJobRequest second;
    wire::to_proto(*again, second);
    require(second.SerializeAsString() == out.SerializeAsString());
}

void fuzz_chunk(const std::uint8_t* data, std::size_t size) {
    v1::Chunk chunk;
    if (chunk.ParseFromArray(data, static_cast<int>(size))) {
        wire::BlobAssembler assembler;
        (void)assembler.add(chunk);
        (void)assembler.add(chunk);
    }
}

}  // namespace

// The first byte says what the rest is.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) {
        return 0;
    }
    switch (data[0] % 3) {
        case 0:
            fuzz_frame(data + 1, size - 1);
            break;
        case 1:
            fuzz_request(data + 1, size - 1);
            break;
        default:
            fuzz_chunk(data + 1, size - 1);
            break;
    }
    return 0;
}
