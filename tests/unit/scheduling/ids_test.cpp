#include "runtime/scheduling/node.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/scheduling/harness.hpp"

namespace quercus::scheduling {

TEST_CASE("ids: text form of uuids") {
    const std::string text = "01234567-89ab-cdef-0123-456789abcdef";
    REQUIRE(JobId::parse(text)->to_string() == text);
    for (const char* wrong :
         {"", "01234567", "01234567-89ab-cdef-0123-456789abcdeg",
          "01234567-89AB-cdef-0123-456789abcdef", "0123456789ab-cdef-0123-456789abcdef-"}) {
        CAPTURE(wrong);
        REQUIRE_FALSE(JobId::parse(wrong));
    }
}

TEST_CASE("ids: paths nest and refuse what is no path") {
    const Path a = Path().child({1, 2, 300});
    const Path b = a.child({0, 0, 7});
    REQUIRE(b.to_string() == "/1.2.300/0.0.7");
    REQUIRE(b.parent() == a);
    REQUIRE(b.last() == PathElement{0, 0, 7});
    REQUIRE(a.contains(b));
    REQUIRE(a.contains(a));
    REQUIRE_FALSE(b.contains(a));
    REQUIRE(Path::from_bytes(b.bytes()) == b);
    REQUIRE_FALSE(Path::from_bytes(b.bytes().substr(1)));
    REQUIRE_FALSE(Path::from_bytes(Bytes(65 * 16, 'x')));
    REQUIRE(Path().child({0, 0, 2}) < Path().child({0, 0, 300}));
}

TEST_CASE("ids: fences of children grow with every re-issue further up") {
    const TaskId root{testing::job_id(1), Path()};
    const TaskId flow{root.job, Path().child({0, 0, 1})};
    const Fence flow_often{owner_number(root, {0, 1}), 9};
    const Fence flow_anew{owner_number(root, {0, 2}), 1};
    REQUIRE(flow_anew > flow_often);
    REQUIRE(owner_number(flow, flow_anew) > owner_number(flow, flow_often));
    REQUIRE(is_first_instance(root, {0, 1}));
    REQUIRE(is_first_instance(flow, {owner_number(root, {0, 1}), 1}));
    REQUIRE_FALSE(is_first_instance(root, {0, 2}));
    REQUIRE_FALSE(is_first_instance(flow, flow_anew));
}

TEST_CASE("items: the digest covers everything that decides the result") {
    const TaskHead head{"kind", 1, false, 7, 0};
    TaskHead other = head;
    other.version = 2;
    REQUIRE(task_digest(head, "a") == task_digest(head, "a"));
    REQUIRE(task_digest(head, "a") != task_digest(head, "b"));
    REQUIRE(task_digest(head, "a") != task_digest(other, "a"));
    other = head;
    other.job_seed = 8;
    REQUIRE(task_digest(head, "a") != task_digest(other, "a"));
}

TEST_CASE("report: round trip, and nothing else is a report") {
    Report report{12, 3, {{testing::node_id(1), 2, 10, 1000}, {testing::node_id(2), 0, 2, 7}}};
    const Bytes bytes = encode_report(report);
    const auto again = decode_report(bytes);
    REQUIRE(again);
    REQUIRE(again->tasks == 12);
    REQUIRE(again->workers.size() == 2);
    REQUIRE(again->workers[1].rank == testing::node_id(2));
    for (std::size_t size = 1; size < bytes.size(); ++size) {
        REQUIRE_FALSE(decode_report(BytesView(bytes).substr(0, size)));
    }
    REQUIRE_FALSE(decode_report(bytes + "x"));
}

}  // namespace quercus::scheduling
