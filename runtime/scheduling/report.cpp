#include "quantum/base/codec.hpp"
#include "runtime/scheduling/node.hpp"

namespace quercus::scheduling {

Bytes encode_report(const Report& report) {
    Encoder encoder;
    encoder.varint(report.tasks);
    encoder.varint(report.reissued);
    encoder.varint(report.cached);
    encoder.varint(report.workers.size());
    for (const WorkerShare& share : report.workers) {
        const auto& id = share.rank.bytes;
        encoder.bytes(BytesView(reinterpret_cast<const char*>(id.data()), id.size()));
        encoder.varint(share.place);
        encoder.varint(share.tasks);
        encoder.varint(share.cpu_us);
    }
    return encoder.take();
}

Result<Report> decode_report(BytesView bytes) {
    Report report;
    if (bytes.empty()) {
        return report;
    }
    Decoder decoder(bytes);
    report.tasks = decoder.varint();
    report.reissued = decoder.varint();
    report.cached = decoder.varint();
    const std::uint64_t count = decoder.count(20);
    for (std::uint64_t i = 0; i < count && decoder.ok(); ++i) {
        WorkerShare& share = report.workers.emplace_back();
        const BytesView id = decoder.bytes();
        if (id.size() != share.rank.bytes.size()) {
            return invalid_argument("report: a rank id has " + std::to_string(id.size()) +
                                    " bytes, 16 are expected");
        }
        std::memcpy(share.rank.bytes.data(), id.data(), id.size());
        share.place = static_cast<std::uint32_t>(decoder.varint());
        share.tasks = decoder.varint();
        share.cpu_us = decoder.varint();
    }
    if (!decoder.finished()) {
        return invalid_argument("report: truncated or followed by other bytes");
    }
    return report;
}

}  // namespace quercus::scheduling
