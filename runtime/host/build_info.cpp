#include "runtime/host/build_info.hpp"

#include "runtime/host/machine.hpp"
#include "runtime/scheduling/items.hpp"

namespace quercus::host {

std::string build_text() {
    const std::string commit = QUERCUS_COMMIT;
    return commit.empty() ? QUERCUS_VERSION : QUERCUS_VERSION " (" + commit + ")";
}

std::string version_text(const std::string& program) {
    return program + " " + build_text() + ", protocol " +
           std::to_string(scheduling::kProtocolMajor) + "." +
           std::to_string(scheduling::kProtocolMinor) + ", numeric profile " + numeric_profile();
}

}  // namespace quercus::host
