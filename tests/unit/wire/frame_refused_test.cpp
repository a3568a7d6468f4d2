#include <cmath>
#include <functional>
#include <limits>
#include <type_traits>

#include "quercus/v1/tree.pb.h"
#include "runtime/wire/frame.hpp"
#include "runtime/wire/limits.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/wire/frame_samples.hpp"

namespace quercus::wire::test {
namespace {

// The sample with one thing spoilt. `spoil` gets all items of the only part.
Status decode_spoilt(const std::function<void(v1::Frame&)>& spoil) {
    auto encoded = encode_frame(full_frame());
    REQUIRE(encoded->parts.size() == 1);
    spoil(*encoded->parts[0]);
    const auto info = inspect_part(*encoded->parts[0]);
    return info ? decode_frame(encoded->parts, {}).status() : info.error();
}

// Spoils the first item that has `kind`.
Status spoil_item(v1::Item::KindCase kind, const std::function<void(v1::Item&)>& spoil) {
    return decode_spoilt([&](v1::Frame& frame) {
        for (auto& item : *frame.mutable_items()) {
            if (item.kind_case() == kind) {
                return spoil(item);
            }
        }
        FAIL("no such item");
    });
}

using I = v1::Item;

struct Case {
    const char* name;
    I::KindCase kind;
    std::function<void(I&)> spoil;
};

v1::TaskGroup& group(I& item) {
    return *item.mutable_task_batch()->mutable_groups(0);
}

const std::vector<Case>& cases() {
    static const std::vector<Case> all = {
        {"unset kind", I::kHeartbeat, [](I& i) { i.clear_kind(); }},
        {"continues, next is another kind", I::kStarted, [](I& i) { i.set_continues(true); }},
        {"continues at the end", I::kBye, [](I& i) { i.set_continues(true); }},
        {"short job id", I::kJobEnded, [](I& i) { i.mutable_job_ended()->set_job("x"); }},
        {"nil job id", I::kJobEnded,
         [](I& i) { i.mutable_job_ended()->set_job(std::string(16, '\0')); }},
        {"hello: nil node", I::kHello,
         [](I& i) { i.mutable_hello()->set_node(std::string(16, '\0')); }},
        {"hello: kernels", I::kHello, [](I& i) { i.mutable_hello()->set_kernels("k"); }},
        {"hello: role unspecified", I::kHello,
         [](I& i) { i.mutable_hello()->set_role(v1::ROLE_UNSPECIFIED); }},
        {"hello: role unknown", I::kHello,
         [](I& i) { i.mutable_hello()->set_role(static_cast<v1::Role>(99)); }},
        {"hello: position unknown", I::kHello,
         [](I& i) { i.mutable_hello()->set_i_am(static_cast<v1::Position>(-1)); }},
        {"hello: long name", I::kHello,
         [](I& i) { i.mutable_hello()->set_name(std::string(kMaxNameBytes + 1, 'n')); }},
        {"hello: many addresses", I::kHello,
         [](I& i) {
             for (std::size_t n = 0; n <= kMaxListening; ++n) {
                 i.mutable_hello()->add_listening("a:1");
             }
         }},
        {"ancestors: none", I::kAncestors, [](I& i) { i.mutable_ancestors()->clear_nodes(); }},
        {"path not of whole elements", I::kTaskBatch,
         [](I& i) { group(i).mutable_ids()->set_parent("abc"); }},
        {"path too deep", I::kTaskBatch,
         [](I& i) { group(i).mutable_ids()->set_parent(std::string(64 * 16, '\0')); }},
        {"root with a path", I::kTaskBatch, [](I& i) { group(i).mutable_ids()->clear_keys(); }},
        {"no kind", I::kTaskBatch, [](I& i) { group(i).mutable_head()->clear_kind(); }},
        {"no head", I::kTaskBatch, [](I& i) { group(i).clear_head(); }},
        {"fences: too few", I::kTaskBatch,
         [](I& i) { group(i).mutable_fences()->mutable_owners()->Truncate(2); }},
        {"fences: none", I::kTaskBatch, [](I& i) { group(i).clear_fences(); }},
        {"inputs: none", I::kTaskBatch, [](I& i) { group(i).clear_inputs(); }},
        {"inputs: arena too short", I::kTaskBatch,
         [](I& i) { group(i).mutable_inputs()->mutable_arena()->pop_back(); }},
        {"inputs: arena too long", I::kTaskBatch,
         [](I& i) { group(i).mutable_inputs()->mutable_arena()->push_back('x'); }},
        {"inputs: size overflows", I::kTaskBatch,
         [](I& i) {
             group(i).mutable_inputs()->set_sizes_bytes(0,
                                                        std::numeric_limits<std::uint64_t>::max());
         }},
        {"inputs: blob without position", I::kTaskBatch,
         [](I& i) {
             auto* blob = group(i).mutable_inputs()->add_blobs();
             blob->set_digest(std::string(16, 'b'));
             blob->set_size_bytes(5);
         }},
        {"inputs: blob of size 0", I::kTaskBatch,
         [](I& i) {
             group(i).mutable_inputs()->add_blobs()->set_digest(std::string(16, 'b'));
             group(i).mutable_inputs()->add_blob_positions(1);
         }},
        {"inputs: blob that is not there", I::kTaskBatch,
         [](I& i) {
             auto* blob = group(i).mutable_inputs()->add_blobs();
             blob->set_digest(std::string(16, 'b'));
             blob->set_size_bytes(5);
             group(i).mutable_inputs()->add_blob_positions(1);
         }},
        {"inputs: blob position out of range", I::kTaskBatch,
         [](I& i) {
             auto* blob = group(i).mutable_inputs()->add_blobs();
             blob->set_digest(std::string(16, 'b'));
             blob->set_size_bytes(5);
             group(i).mutable_inputs()->add_blob_positions(3'000'000'000u);
         }},
        {"resumed task in company", I::kTaskBatch, [](I& i) { group(i).set_round(3); }},
        {"done: failure out of range", I::kDoneBatch,
         [](I& i) { i.mutable_done_batch()->mutable_failures(0)->set_position(3); }},
        {"done: failure that is OK", I::kDoneBatch,
         [](I& i) { i.mutable_done_batch()->mutable_failures(0)->mutable_status()->set_code(0); }},
        {"done: unknown code", I::kDoneBatch,
         [](I& i) { i.mutable_done_batch()->mutable_failures(0)->mutable_status()->set_code(17); }},
        {"done: no such rank", I::kDoneBatch,
         [](I& i) { i.mutable_done_batch()->mutable_executions()->set_rank_indexes(0, 9); }},
        {"done: reports too few", I::kDoneBatch,
         [](I& i) {
             i.mutable_done_batch()->mutable_reports()->mutable_sizes_bytes()->RemoveLast();
         }},
        {"lost: reason missing", I::kLostBatch,
         [](I& i) { i.mutable_lost_batch()->mutable_reasons()->RemoveLast(); }},
        {"lost: reason unspecified", I::kLostBatch,
         [](I& i) { i.mutable_lost_batch()->set_reasons(0, v1::LOSS_REASON_UNSPECIFIED); }},
        {"memo: digest cut", I::kMemo,
         [](I& i) { i.mutable_memo()->mutable_digests()->pop_back(); }},
        {"recall: digest cut", I::kRecall,
         [](I& i) { i.mutable_recall()->mutable_digests()->pop_back(); }},
        {"inventory: state missing", I::kInventory,
         [](I& i) { i.mutable_inventory()->mutable_states()->RemoveLast(); }},
        {"inventory: state unknown", I::kInventory,
         [](I& i) { i.mutable_inventory()->set_states(0, static_cast<v1::HeldState>(9)); }},
        {"round state: two tasks", I::kRoundState,
         [](I& i) { *i.mutable_round_state()->mutable_id() = v1::TaskIds(); }},
        {"progress: above 1", I::kProgress, [](I& i) { i.mutable_progress()->set_fraction(1.5); }},
        {"progress: NaN", I::kProgress,
         [](I& i) { i.mutable_progress()->set_fraction(std::nan("")); }},
        {"log: severity", I::kLog,
         [](I& i) { i.mutable_log()->set_severity(v1::SEVERITY_UNSPECIFIED); }},
        {"log: long text", I::kLog,
         [](I& i) { i.mutable_log()->set_text(std::string(kMaxTextBytes + 1, 'x')); }},
        {"subtree: nil node", I::kSubtree,
         [](I& i) { i.mutable_subtree()->mutable_nodes(0)->set_node(std::string(16, '\0')); }},
        {"subtree: negative cpu", I::kSubtree,
         [](I& i) { i.mutable_subtree()->mutable_nodes(0)->mutable_workers(0)->set_cpus(0, -1); }},
        {"bye: code", I::kBye, [](I& i) { i.mutable_bye()->mutable_reason()->set_code(-1); }},
    };
    return all;
}

}  // namespace

TEST_CASE("frame: bad input is refused with a reason") {
    REQUIRE(decode_spoilt([](v1::Frame&) {}).is_ok());
    for (const auto& c : cases()) {
        INFO(c.name);
        const Status status = spoil_item(c.kind, c.spoil);
        CHECK(status.code() == StatusCode::kInvalidArgument);
        CHECK_FALSE(status.message().empty());
    }
}

TEST_CASE("frame: bad input, too large") {
    v1::Frame frame;
    frame.add_items()->mutable_task_batch()->add_groups()->mutable_inputs()->set_arena(
        std::string(kMaxFrameBytes + kFrameSlackBytes, 'x'));
    CHECK(inspect_part(frame).status().code() == StatusCode::kResourceExhausted);

    // A million tasks at the end of a deep path: 1 MiB on the wire, a gigabyte written out.
    auto part = std::make_shared<v1::Frame>();
    auto* ids = part->add_items()->mutable_cancel()->mutable_tasks()->add_groups();
    ids->set_job(std::string(16, 'j'));
    ids->set_parent(std::string(63 * 16, '\0'));
    for (int i = 0; i < 1'000'000; ++i) {
        ids->add_keys(1);
    }
    REQUIRE(inspect_part(*part).has_value());
    CHECK(decode_frame({part}, {}).status().code() == StatusCode::kResourceExhausted);
}

TEST_CASE("frame: bad input, parts that do not belong together") {
    const auto part = [](std::uint64_t seq) {
        auto out = std::make_shared<v1::Frame>();
        out->set_seq(seq);
        return out;
    };
    CHECK(decode_frame({part(1), part(1)}, {}).has_value());
    CHECK(decode_frame({part(1), part(2)}, {}).status().code() == StatusCode::kInvalidArgument);
}

}  // namespace quercus::wire::test
