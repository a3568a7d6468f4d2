#include "quantum/qasm/reader.hpp"

#include "quantum/qasm/include.hpp"
#include "quantum/qasm/parser.hpp"

namespace quercus::qasm {

Result<circuit::Circuit> read(std::string_view text, const ReadOptions& options) {
    return parse(text, options);
}

Result<circuit::Circuit> read_file(const std::filesystem::path& path) {
    const Result<std::string> text = read_text(path);
    if (!text) {
        return text.error();
    }
    ReadOptions options;
    options.file_name = path.filename().string();
    options.include_dir = path.has_parent_path() ? path.parent_path() : ".";
    return read(*text, options);
}

}  // namespace quercus::qasm
