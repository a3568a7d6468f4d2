#include "tests/simulation/script.hpp"

#include "quantum/base/codec.hpp"

namespace quercus::simulation {
namespace {

using scheduling::TaskHead;

Bytes digest_bytes(BytesView data) {
    const Digest digest = digest_of(data);
    return Bytes(reinterpret_cast<const char*>(digest.bytes.data()), digest.bytes.size());
}

Bytes leaf_input(const Script& script, BytesView salt, std::uint32_t call, std::uint64_t key) {
    Encoder encoder;
    const bool is_shared = call == 2 || (call == 1 && script.shares_nested);
    if (is_shared && key % 2 == 0) {
        // Of all workflows alike: what one has computed, or computes now, serves the others.
        encoder.varint(key);
        return encoder.take();
    }
    encoder.u64(script.seed);
    encoder.bytes(salt);
    encoder.varint(call);
    encoder.varint(key);
    return encoder.take();
}

Script nested_script(const Script& script, BytesView salt, std::uint64_t key) {
    const Digest digest = digest_of(leaf_input(script, salt, 1, key));
    Script child;
    std::memcpy(&child.seed, digest.bytes.data(), sizeof(child.seed));
    child.rounds = 1;
    child.leaves = script.leaves / 2 + 1;
    child.nested = script.depth > 1 ? 1 : 0;
    child.more_leaves = script.more_leaves / 2 + 1;
    child.depth = script.depth > 0 ? script.depth - 1 : 0;
    child.shares_nested = script.shares_nested;
    return child;
}

Bytes text_of(const Status& status, BytesView output) {
    return status.is_ok() ? Bytes(output) : status.to_string();
}

// The inputs of one call, given what the calls before it have yielded.
std::vector<Bytes> inputs_of(const Script& script, BytesView salt, std::uint32_t call) {
    std::vector<Bytes> inputs;
    const std::uint32_t count = call == 0   ? script.leaves
                                : call == 1 ? script.nested
                                            : script.more_leaves;
    for (std::uint32_t key = 0; key < count; ++key) {
        inputs.push_back(call == 1 ? nested_script(script, salt, key).encode()
                                   : leaf_input(script, salt, call, key));
    }
    return inputs;
}

}  // namespace

Bytes Script::encode() const {
    Encoder encoder;
    encoder.u64(seed);
    for (const std::uint32_t value :
         {rounds, leaves, nested, more_leaves, depth, std::uint32_t{shares_nested}}) {
        encoder.varint(value);
    }
    return encoder.take();
}

Script Script::decode(BytesView bytes) {
    Decoder decoder(bytes);
    Script script;
    script.seed = decoder.u64();
    for (std::uint32_t* value :
         {&script.rounds, &script.leaves, &script.nested, &script.more_leaves, &script.depth}) {
        *value = static_cast<std::uint32_t>(decoder.varint());
    }
    script.shares_nested = decoder.varint() != 0;
    return script;
}

std::shared_ptr<const TaskHead> leaf_head() {
    static const auto head = std::make_shared<const TaskHead>(TaskHead{"leaf", 1, false, 0, 0});
    return head;
}

std::shared_ptr<const TaskHead> cacheable_leaf_head() {
    static const auto head =
        std::make_shared<const TaskHead>(TaskHead{"leaf", 1, false, 0, 0, true});
    return head;
}

std::shared_ptr<const TaskHead> script_head() {
    static const auto head = std::make_shared<const TaskHead>(TaskHead{"script", 1, true, 0, 0});
    return head;
}

std::shared_ptr<const TaskHead> cacheable_script_head() {
    static const auto head =
        std::make_shared<const TaskHead>(TaskHead{"script", 1, true, 0, 0, true});
    return head;
}

Outcome run_leaf(BytesView input) {
    const Digest digest = digest_of(input);
    if (digest.bytes[0] % 64 == 0) {
        return {invalid_argument("leaf " + digest.to_hex() + " fails by design"), {}};
    }
    return {Status::ok(), digest_bytes(input) + Bytes(digest.bytes[1], 'x')};
}

std::uint64_t leaf_cpu_us(BytesView input) {
    return digest_of(input).bytes[2] * std::uint64_t{100};
}

bool is_worth_keeping(BytesView input) {
    return run_leaf(input).status.is_ok() && leaf_cpu_us(input) >= 1000;
}

Bytes reference(const Script& script) {
    Bytes state;
    for (std::uint32_t round = 0; round < script.rounds; ++round) {
        const Bytes start = state + std::to_string(round);
        Bytes seen;
        for (const Bytes& input : inputs_of(script, start, 0)) {
            const Outcome outcome = run_leaf(input);
            seen += text_of(outcome.status, outcome.output);
        }
        for (const Bytes& input : inputs_of(script, start, 1)) {
            seen += reference(Script::decode(input));
        }
        const Bytes middle = digest_bytes(seen);
        seen.clear();
        for (const Bytes& input : inputs_of(script, middle, 2)) {
            const Outcome outcome = run_leaf(input);
            seen += text_of(outcome.status, outcome.output);
        }
        state = digest_bytes(middle + seen);
    }
    return state;
}

std::uint64_t leaves_of(const Script& script) {
    std::uint64_t count = script.leaves + script.more_leaves;
    if (script.nested > 0) {
        count += script.nested * leaves_of(nested_script(script, {}, 0));
    }
    return count * script.rounds;
}

ScriptRun::ScriptRun(const scheduling::Task& task, std::uint32_t round, BytesView state)
    : id_(task.id), script_(Script::decode(task.input.view())), round_(round), state_(state) {
    calls_.resize(3);
}

scheduling::Event ScriptRun::spawn(std::uint32_t call) {
    scheduling::FlowSpawned event;
    event.flow = id_;
    event.round = round_;
    event.call = call;
    // Without equal ones what is kept serves only where one is lost and run again.
    const bool keeps_nested = script_.shares_nested || script_.seed % 2 == 0;
    event.head = call == 0      ? leaf_head()
                 : call == 2    ? cacheable_leaf_head()
                 : keeps_nested ? cacheable_script_head()
                                : script_head();
    const Bytes salt = call == 2 ? gather(0, 2) : state_ + std::to_string(round_);
    for (Bytes& input : inputs_of(script_, salt, call)) {
        event.keys.push_back(event.keys.size());
        event.inputs.emplace_back(std::move(input));
    }
    calls_[call].results.resize(event.keys.size());
    calls_[call].missing = event.keys.size();
    return event;
}

Bytes ScriptRun::gather(std::uint32_t first, std::uint32_t last) const {
    Bytes seen;
    for (std::uint32_t call = first; call < last; ++call) {
        for (const auto& result : calls_[call].results) {
            seen += *result;
        }
    }
    return first == 0 ? digest_bytes(seen) : seen;
}

std::vector<scheduling::Event> ScriptRun::step() {
    std::vector<scheduling::Event> events;
    if (ended_) {
        return events;
    }
    if (stage_ == 0) {
        stage_ = 1;
        events.push_back(spawn(0));
        events.push_back(spawn(1));
    }
    if (stage_ == 1 && calls_[0].missing + calls_[1].missing == 0) {
        stage_ = 2;
        events.push_back(spawn(2));
    }
    if (stage_ == 2 && calls_[2].missing == 0) {
        ended_ = true;
        Bytes state = digest_bytes(gather(0, 2) + gather(2, 3));
        if (round_ + 1 < script_.rounds) {
            events.push_back(scheduling::FlowContinued{id_, round_ + 1, Payload(std::move(state))});
        } else {
            events.push_back(
                scheduling::FlowFinished{id_, Status::ok(), Payload(std::move(state))});
        }
    }
    return events;
}

void ScriptRun::result(const scheduling::Done& done) {
    const scheduling::PathElement element = done.id.path.last();
    if (element.round != round_ || element.call >= calls_.size() ||
        element.key >= calls_[element.call].results.size()) {
        return;
    }
    auto& slot = calls_[element.call].results[element.key];
    if (!slot) {
        slot = text_of(done.status, done.output.view());
        --calls_[element.call].missing;
    }
}

}  // namespace quercus::simulation
