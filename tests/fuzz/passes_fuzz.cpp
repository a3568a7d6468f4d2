// Pipelines and machines as text, kernel inputs, outputs and results as bytes: no crash, bounded
// work, and what is read is written and read again as the same.

#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "quantum/mapping/machine_model.hpp"
#include "quantum/passes/compile.hpp"
#include "quantum/passes/instantiate.hpp"
#include "quantum/passes/kernel_codec.hpp"

namespace {

using namespace quercus;

void require(bool condition, const char* what) {
    if (!condition) {
        std::fprintf(stderr, "%s\n", what);
        std::abort();
    }
}

void check_text(std::string_view text) {
    if (const auto pipeline = passes::pipeline_from_json(text)) {
        require(passes::check_pipeline(*pipeline).is_ok(), "a pipeline that was read is refused");
        const auto again = passes::pipeline_from_json(passes::pipeline_to_json(*pipeline));
        require(again && *again == *pipeline, "pipeline");
    }
    if (const auto machine = mapping::machine_model_from_json(text)) {
        require(mapping::validate(*machine).is_ok(), "a machine that was read is invalid");
        const auto again = mapping::machine_model_from_json(mapping::to_json(*machine));
        require(again && mapping::to_json(*again) == mapping::to_json(*machine), "machine");
    }
}

void check_bytes(std::string_view bytes) {
    if (const auto input = passes::kernel_input_from_bytes(bytes)) {
        const Bytes written =
            std::visit([](const auto& part) { return passes::to_bytes(part); }, *input);
        require(passes::kernel_input_from_bytes(written).has_value(), "kernel input");
    }
    if (const auto output = passes::kernel_output_from_bytes(bytes)) {
        require(passes::kernel_output_from_bytes(passes::to_bytes(*output)).has_value(),
                "kernel output");
    }
    if (const auto output = passes::place_output_from_bytes(bytes)) {
        const Bytes written =
            std::visit([](const auto& one) { return passes::to_bytes(one); }, *output);
        require(passes::place_output_from_bytes(written).has_value(), "placement");
    }
    if (const auto trials = passes::trials_from_bytes(bytes)) {
        require(passes::trials_from_bytes(passes::to_bytes(*trials)).has_value(), "trials");
    }
    if (const auto input = passes::instantiate_input_from_bytes(bytes)) {
        const auto again = passes::instantiate_input_from_bytes(passes::to_bytes(*input));
        require(again.has_value() && *again == *input, "instantiation");
    }
    require(
        !passes::start_output_from_bytes(bytes) || passes::start_output_from_bytes(bytes)->d >= 0,
        "output of a start");
    if (const auto result = passes::compile_result_from_bytes(bytes)) {
        const auto again = passes::compile_result_from_bytes(passes::to_bytes(*result));
        require(again && *again == *result, "result");
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    check_text(input);
    check_bytes(input);
    return 0;
}
