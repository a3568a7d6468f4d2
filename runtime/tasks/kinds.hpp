#pragma once

// The functions behind the kinds; private to this room. Inputs as in README.md, in the codec of
// quantum/base.

#include "runtime/workflow/runtime.hpp"

namespace quercus::tasks {

Result<Bytes> run_noop(BytesView input, const workflow::KernelContext& context);
Result<Bytes> run_echo(BytesView input, const workflow::KernelContext& context);
Result<Bytes> run_hash(BytesView input, const workflow::KernelContext& context);
Result<Bytes> run_sleep(BytesView input, const workflow::KernelContext& context);
Result<Bytes> run_probe(BytesView input, const workflow::KernelContext& context);
Result<Bytes> run_compile_part(BytesView input, const workflow::KernelContext& context);
Result<Bytes> run_instantiate_start(BytesView input, const workflow::KernelContext& context);

workflow::Flow run_map(workflow::Runtime& runtime, Bytes input, std::uint32_t round, Bytes state);
workflow::Flow run_tree(workflow::Runtime& runtime, Bytes input, std::uint32_t round, Bytes state);
workflow::Flow run_compile(workflow::Runtime& runtime, Bytes input, std::uint32_t round,
                           Bytes state);
workflow::Flow run_instantiate(workflow::Runtime& runtime, Bytes input, std::uint32_t round,
                               Bytes state);
workflow::Flow run_compile_segment(workflow::Runtime& runtime, Bytes input, std::uint32_t round,
                                   Bytes state);

// Kinds that crash, hang, or use up memory.
void add_test_kinds(workflow::Registry& registry);

}  // namespace quercus::tasks
