#pragma once

#include <string>

namespace quercus::host {

// "0.1.0 (a1b2c3d)": version and, when built from a checkout, the commit.
[[nodiscard]] std::string build_text();
// For --version: program name, build, protocol, gRPC-free.
[[nodiscard]] std::string version_text(const std::string& program);

}  // namespace quercus::host
