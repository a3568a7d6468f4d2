#pragma once

// What a tree does with one kernel that a compilation wants: runs it, or compiles the segment that
// it is.

#include "quantum/passes/compile.hpp"

namespace quercus::test {

inline Result<Bytes> run_wanted(const Bytes& input, Seed seed = 0) {
    if (!passes::is_spread_segment(input)) {
        return passes::run_compile_kernel(input, derive_seed(seed, digest_of(input)));
    }
    auto segment = passes::Compilation::start_segment(input);
    while (segment && !segment->finished()) {
        std::vector<Bytes> outputs;
        for (const Bytes& wanted : segment->wanted()) {
            auto output = run_wanted(wanted, seed);
            if (!output) {
                return output.error();
            }
            outputs.push_back(std::move(*output));
        }
        if (Status status = segment->answer(std::move(outputs)); !status.is_ok()) {
            return status;
        }
    }
    return segment ? segment->segment_output() : Result<Bytes>(segment.error());
}

}  // namespace quercus::test
