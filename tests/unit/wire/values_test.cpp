#include "runtime/wire/values.hpp"

#include "tests/support/catch.hpp"

namespace quercus::wire {

TEST_CASE("text: valid UTF-8 stays, anything else becomes '?'") {
    CHECK(clean_text("plain", 100) == "plain");
    CHECK(clean_text("\xC3\xA4\xE2\x82\xAC\xF0\x9F\x8C\xB3", 100) ==
          "\xC3\xA4\xE2\x82\xAC\xF0\x9F\x8C\xB3");
    CHECK(clean_text("a\xFF z", 100) == "a? z");
    CHECK(clean_text("\xC0\x80", 100) == "??");            // overlong
    CHECK(clean_text("\xED\xA0\x80", 100) == "???");       // surrogate
    CHECK(clean_text("\xF4\x90\x80\x80", 100) == "????");  // above U+10FFFF
    CHECK(clean_text("end\xE2\x82", 100) == "end??");
}

TEST_CASE("text: is cut between characters") {
    CHECK(clean_text("abc", 2) == "ab");
    CHECK(clean_text("a\xE2\x82\xAC", 3) == "a");
    CHECK(clean_text("a\xE2\x82\xAC", 4) == "a\xE2\x82\xAC");
    CHECK(clean_text("\xE2\x82\xAC", 0).empty());
}

}  // namespace quercus::wire
