#include "runtime/workflow/kernel_call.hpp"

#include <exception>
#include <new>

namespace quercus::workflow {

Seed task_seed(const scheduling::TaskHead& head, Seeding seeding, BytesView path, BytesView input) {
    const Digest digest =
        seeding == Seeding::kPath ? digest_of(path) : scheduling::task_digest(head, input);
    return derive_seed(head.job_seed, digest);
}

Result<Bytes> call_kernel(const KindInfo& kind, BytesView input, const KernelContext& context) {
    if (!kind.kernel) {
        return internal_error("kind " + kind.name + " is no kernel");
    }
    try {
        return kind.kernel(input, context);
    } catch (const std::bad_alloc&) {
        return resource_exhausted("kernel " + kind.name +
                                  " ran out of memory (--memory-per-task limits it)");
    } catch (const std::exception& error) {
        return internal_error("kernel " + kind.name + " threw: " + error.what());
    } catch (...) {
        return internal_error("kernel " + kind.name + " threw an unknown exception");
    }
}

}  // namespace quercus::workflow
