#include "runtime/tasks/registry.hpp"

#include <cassert>
#include <cstdlib>
#include <string_view>
#include <utility>

#include "runtime/tasks/kinds.hpp"

namespace quercus::tasks {

namespace {

using workflow::KindInfo;
using workflow::Registry;
using workflow::Seeding;

void add(Registry& registry, KindInfo kind) {
    [[maybe_unused]] const Status added = registry.add(std::move(kind));
    assert(added.is_ok());
}

Registry make_registry() {
    Registry registry;
    add(registry, {"noop", 1, Seeding::kContent, run_noop, nullptr});
    add(registry, {"echo", 1, Seeding::kContent, run_echo, nullptr});
    add(registry, {"hash", 1, Seeding::kContent, run_hash, nullptr});
    add(registry, {"sleep", 1, Seeding::kContent, run_sleep, nullptr});
    add(registry, {"probe", 1, Seeding::kContent, run_probe, nullptr});
    add(registry, {"compile_part", 10, Seeding::kContent, run_compile_part, nullptr});
    add(registry, {"synthesize", 11, Seeding::kContent, nullptr, run_compile});
    add(registry, {"compile", 11, Seeding::kContent, nullptr, run_compile});
    add(registry, {"compile_segment", 2, Seeding::kContent, nullptr, run_compile_segment});
    add(registry, {"instantiate_start", 1, Seeding::kContent, run_instantiate_start, nullptr});
    add(registry, {"instantiate", 1, Seeding::kContent, nullptr, run_instantiate});
    add(registry, {"map", 1, Seeding::kContent, nullptr, run_map});
    add(registry, {"tree", 1, Seeding::kContent, nullptr, run_tree});
    const char* tests = std::getenv("QUERCUS_TEST_KINDS");
    if (tests != nullptr && std::string_view(tests) == "1") {
        add_test_kinds(registry);
    }
    return registry;
}

}  // namespace

const workflow::Registry& builtin_registry() {
    static const Registry registry = make_registry();
    return registry;
}

Digest kernel_set_digest() {
    return digest_of(builtin_registry().describe());
}

}  // namespace quercus::tasks
