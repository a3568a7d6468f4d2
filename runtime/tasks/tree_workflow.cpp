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

struct TreeInput {
    std::uint32_t depth = 0;
    std::uint32_t fan_out = 0;
    std::string kind;
    std::uint64_t index = 0;  // of this subtree among all of its level: makes the leaves distinct
};

Bytes encode(const TreeInput& tree) {
    Encoder out;
    out.varint(tree.depth);
    out.varint(tree.fan_out);
    out.bytes(tree.kind);
    out.varint(tree.index);
    return out.take();
}

Result<TreeInput> decode(BytesView bytes) {
    Decoder in(bytes);
    const std::uint64_t depth = in.varint();
    const std::uint64_t fan_out = in.varint();
    const BytesView kind = in.bytes();
    const std::uint64_t index = in.varint();
    if (!in.finished() || depth < 1 || depth > 32 || fan_out > 1'000'000) {
        return invalid_argument("tree wants a depth of 1..32, a fan-out up to 1000000, a kind");
    }
    return TreeInput{static_cast<std::uint32_t>(depth), static_cast<std::uint32_t>(fan_out),
                     std::string(kind), index};
}

Batch children_of(const TreeInput& tree) {
    Batch batch;
    batch.kind = tree.depth == 1 ? tree.kind : "tree";
    for (std::uint32_t i = 0; i < tree.fan_out; ++i) {
        const std::uint64_t index = tree.index * tree.fan_out + i;
        batch.inputs.push_back(tree.depth == 1
                                   ? counted_input(index)
                                   : encode({tree.depth - 1, tree.fan_out, tree.kind, index}));
    }
    return batch;
}

}  // namespace

Bytes tree_input(std::uint32_t depth, std::uint32_t fan_out, std::string_view kind) {
    return encode({depth, fan_out, std::string(kind), 0});
}

Flow run_tree(Runtime& runtime, Bytes input, std::uint32_t, Bytes) {
    const Result<TreeInput> tree = decode(input);
    if (!tree) {
        co_return tree.error();
    }
    Batch batch = children_of(*tree);
    const Result<Results> results = co_await runtime.map(std::move(batch));
    if (!results) {
        co_return results.error();
    }
    MapOutput output;
    Encoder all;
    for (const ChildResult& child : *results) {
        if (!child.status.is_ok()) {
            co_return child.status;
        }
        const auto below = map_output_from_bytes(child.output.view());
        output.count += tree->depth > 1 && below ? below->count : 1;
        all.bytes(child.output.view());
    }
    output.digest = sha256(all.view());
    Done done;
    done.output = to_bytes(output);
    co_return done;
}

}  // namespace quercus::tasks
