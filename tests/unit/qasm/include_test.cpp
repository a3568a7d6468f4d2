#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "tests/unit/qasm/qasm_support.hpp"

namespace quercus::qasm {
namespace {

namespace fs = std::filesystem;
using namespace testing;

// A folder that goes away with the test.
class Folder {
 public:
    Folder() {
        std::string pattern = (fs::temp_directory_path() / "quercus-qasm-XXXXXX").string();
        REQUIRE(mkdtemp(pattern.data()) != nullptr);
        path_ = pattern;
    }
    ~Folder() { fs::remove_all(path_); }
    fs::path write(const std::string& name, const std::string& text) const {
        fs::create_directories((path_ / name).parent_path());
        std::ofstream(path_ / name, std::ios::binary) << text;
        return path_ / name;
    }

 private:
    fs::path path_;
};

std::string error_of_file(const fs::path& path) {
    const Result<circuit::Circuit> circuit = read_file(path);
    return circuit ? "accepted" : circuit.error().to_string();
}

TEST_CASE("includes come from the file's folder") {
    const Folder folder;
    folder.write("lib/my.inc", "gate twice a { h a; h a; }\ninclude \"lib/more.inc\";\n");
    folder.write("lib/more.inc", "gate thrice a { twice a; h a; }\n");
    const auto path = folder.write(
        "main.qasm", kHead + "include \"lib/my.inc\";\nqreg q[1];\ntwice q[0]; thrice q[0];\n");
    const Result<circuit::Circuit> circuit = read_file(path);
    REQUIRE(circuit.status().message().empty());
    CHECK(circuit->operations.size() == 5);
}

TEST_CASE("errors inside an included file name it") {
    const Folder folder;
    folder.write("bad.inc", "gate g a {\n  foo a; }\n");
    const auto path = folder.write("main.qasm", kHead + "include \"bad.inc\";");
    CHECK(error_of_file(path) == "INVALID_ARGUMENT: bad.inc:2:2: unknown gate 'foo'");
}

TEST_CASE("bad input: missing, escaping and circular includes") {
    const Folder folder;
    const auto error = [&](const std::string& name) {
        return error_of_file(folder.write("d/main.qasm", "include \"" + name + "\";"));
    };
    folder.write("outside.inc", "");
    CHECK(contains(error("gone.inc"), "NOT_FOUND: main.qasm:1:8: included file \"gone.inc\""));
    CHECK(contains(error("/etc/passwd"), "must be relative"));
    CHECK(contains(error("../outside.inc"), "leaves the folder"));
    CHECK(contains(error("x/../../outside.inc"), "INVALID_ARGUMENT") !=
          contains(error("x/../../outside.inc"), "NOT_FOUND"));
    CHECK(contains(error("main.qasm"), "INVALID_ARGUMENT"));
    CHECK(contains(error(""), "must be relative"));
    CHECK(contains(error("."), "not a file"));
    fs::create_symlink("../outside.inc", folder.write("d/a.inc", "").parent_path() / "link.inc");
    CHECK(contains(error("link.inc"), "leaves the folder"));
    folder.write("d/a.inc", "include \"b.inc\";");
    folder.write("d/b.inc", "include \"a.inc\";");
    CHECK(contains(error("a.inc"), "\"a.inc\" includes itself"));
    CHECK(contains(error_of_file(folder.write("none/../d/x", "").parent_path() / "nofile.qasm"),
                   "NOT_FOUND"));
}

TEST_CASE("text without a folder can include the built-in headers only") {
    CHECK(error_of("include \"qelib1.inc\"; qreg q[1]; h q;") == "accepted");
    CHECK(
        error_of("include \"hqslib1.inc\"; qreg q[2]; U1q(1,2) q[0]; ZZ q[0],q[1]; Rz(1) q[0];") ==
        "accepted");
    CHECK(contains(error_of("include \"stdgates.inc\";"), "only qelib1.inc is available"));
}

}  // namespace
}  // namespace quercus::qasm
