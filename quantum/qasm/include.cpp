#include "quantum/qasm/include.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>

namespace quercus::qasm {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kMaxFileBytes = std::uintmax_t{1} << 30;
constexpr std::size_t kMaxIncludes = 256;
constexpr std::size_t kMaxNesting = 16;

bool is_inside(const fs::path& path, const fs::path& folder) {
    return std::mismatch(folder.begin(), folder.end(), path.begin(), path.end()).first ==
           folder.end();
}

}  // namespace

Result<std::string> read_text(const fs::path& path) {
    std::error_code error;
    if (!fs::is_regular_file(path, error)) {
        return not_found("cannot open '" + path.string() + "': not a file");
    }
    const std::uintmax_t size = fs::file_size(path, error);
    if (!error && size > kMaxFileBytes) {
        return resource_exhausted("'" + path.string() + "' has " + std::to_string(size) +
                                  " bytes, limit is " + std::to_string(kMaxFileBytes));
    }
    std::ifstream file(path, std::ios::binary);
    if (!file) {
        return not_found("cannot open '" + path.string() + "'");
    }
    std::string text(error ? 0 : size, '\0');
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(file.gcount()));
    return text;
}

Result<IncludedFile> IncludeFiles::open(std::string_view name) {
    const fs::path relative{std::string(name)};
    if (folder_.empty()) {
        return invalid_argument("cannot include \"" + std::string(name) +
                                "\": only qelib1.inc is available here");
    }
    if (relative.is_absolute() || name.empty()) {
        return invalid_argument("include path \"" + std::string(name) + "\" must be relative");
    }
    std::error_code error;
    const fs::path folder = fs::canonical(folder_, error);
    const fs::path path = fs::canonical(folder / relative, error);
    if (error) {
        return not_found("included file \"" + std::string(name) + "\" does not exist");
    }
    if (!is_inside(path, folder)) {
        return invalid_argument("include path \"" + std::string(name) + "\" leaves the folder");
    }
    if (std::find(open_.begin(), open_.end(), path) != open_.end()) {
        return invalid_argument("\"" + std::string(name) + "\" includes itself");
    }
    if (open_.size() >= kMaxNesting || texts_.size() >= kMaxIncludes) {
        return resource_exhausted("more than " + std::to_string(kMaxIncludes) +
                                  " included files, or nested more than " +
                                  std::to_string(kMaxNesting) + " deep");
    }
    Result<std::string> text = read_text(path);
    if (!text) {
        return text.error();
    }
    texts_.push_back(*std::move(text));
    open_.push_back(path);
    return IncludedFile{texts_.back(), relative.string()};
}

void IncludeFiles::close() {
    open_.pop_back();
}

}  // namespace quercus::qasm
