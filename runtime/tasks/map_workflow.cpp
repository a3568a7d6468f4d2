#include <algorithm>
#include <utility>

#include "quantum/base/codec.hpp"
#include "runtime/tasks/kinds.hpp"
#include "runtime/tasks/map_request.hpp"
#include "runtime/tasks/sha256.hpp"

namespace quercus::tasks {

using workflow::Batch;
using workflow::ChildResult;
using workflow::Done;
using workflow::Flow;
using workflow::Results;
using workflow::Runtime;

namespace {

constexpr std::uint8_t kCounted = 0;
constexpr std::uint8_t kListed = 1;

Result<Batch> read_batch(BytesView input) {
    Decoder in(input);
    Batch batch;
    batch.kind = Bytes(in.bytes());
    const std::uint8_t form = in.u8();
    const std::uint64_t count = form == kCounted ? in.varint() : in.count();
    if (!in.ok() || form > kListed || count > kMaxMapTasks) {
        return invalid_argument("map wants a kind and at most " + std::to_string(kMaxMapTasks) +
                                " inputs, or their number");
    }
    for (std::uint64_t i = 0; i < count && in.ok(); ++i) {
        if (form == kCounted) {
            batch.inputs.push_back(counted_input(i));
        } else {
            batch.inputs.push_back(in.bytes());
        }
    }
    return in.finished() ? Result<Batch>(std::move(batch))
                         : Result<Batch>(invalid_argument("map: malformed list of inputs"));
}

Bytes digest_of_all(const std::vector<Payload>& outputs) {
    Encoder all;
    for (const Payload& output : outputs) {
        all.bytes(output.view());
    }
    return sha256(all.view());
}

// Outputs by key, and the failure with the smallest key.
struct Collected {
    explicit Collected(std::size_t count) : outputs(count) {}
    std::vector<Payload> outputs;
    Status failure;
    std::uint64_t failed_key = 0;
    std::size_t arrived = 0;

    void take(ChildResult& result) {
        ++arrived;
        if (result.status.is_ok()) {
            outputs[result.key] = std::move(result.output);
        } else if (failure.is_ok() || result.key < failed_key) {
            failure = std::move(result.status);
            failed_key = result.key;
        }
    }
};

}  // namespace

Bytes counted_map(std::string_view kind, std::uint64_t count) {
    Encoder out;
    out.bytes(kind);
    out.u8(kCounted);
    out.varint(count);
    return out.take();
}

Bytes listed_map(std::string_view kind, const ByteColumn& inputs) {
    Encoder out;
    out.bytes(kind);
    out.u8(kListed);
    out.varint(inputs.size());
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        out.bytes(inputs[i]);
    }
    return out.take();
}

Bytes counted_input(std::uint64_t index) {
    Encoder out;
    out.u64(index);
    out.u64(~index);
    return out.take();
}

Bytes to_bytes(const MapOutput& output) {
    Encoder out;
    out.varint(output.count);
    out.bytes(output.digest);
    return out.take();
}

Result<MapOutput> map_output_from_bytes(BytesView bytes) {
    Decoder in(bytes);
    MapOutput output;
    output.count = in.varint();
    output.digest = Bytes(in.bytes());
    return in.finished() ? Result<MapOutput>(std::move(output))
                         : Result<MapOutput>(data_loss("not the output of a map"));
}

Bytes expected_hash_map(std::uint64_t count) {
    std::vector<Payload> outputs;
    outputs.reserve(count);
    for (std::uint64_t i = 0; i < count; ++i) {
        outputs.emplace_back(sha256(counted_input(i)));
    }
    return to_bytes(MapOutput{count, digest_of_all(outputs)});
}

Flow run_map(Runtime& runtime, Bytes input, std::uint32_t, Bytes) {
    Result<Batch> batch = read_batch(input);
    if (!batch) {
        co_return batch.error();
    }
    const std::size_t count = batch->inputs.size();
    Collected collected(count);
    std::size_t reported = 0;
    auto stream = runtime.spawn(std::move(*batch));
    while (true) {
        Result<Results> some = co_await stream.next();
        if (!some) {
            co_return some.error();
        }
        if (some->empty()) {
            break;
        }
        for (ChildResult& result : *some) {
            collected.take(result);
        }
        if (const std::size_t percent = collected.arrived * 100 / count; percent > reported) {
            reported = percent;
            runtime.progress(static_cast<double>(percent) / 100.0, "");
        }
    }
    if (!collected.failure.is_ok()) {
        co_return Status(collected.failure.code(),
                         "task " + std::to_string(collected.failed_key) +
                             " of the map: " + collected.failure.message());
    }
    Done done;
    done.output = to_bytes(MapOutput{count, digest_of_all(collected.outputs)});
    co_return done;
}

}  // namespace quercus::tasks
