// The SDK against the in-process job API: everything but the tree behind it.

#include <atomic>
#include <set>
#include <thread>

#include "client/cli/run_input.hpp"
#include "quercus/client.hpp"
#include "runtime/tasks/map_request.hpp"
#include "tests/support/catch.hpp"

using namespace quercus;
using namespace quercus::client;
using namespace std::chrono_literals;

namespace {

Client make_client() {
    auto client = Client::in_process({2});
    REQUIRE(client);
    return *client;
}

std::string long_sleep() {
    cli::InputOptions options;
    options.seconds = 1000;
    return *cli::make_input("sleep", options);
}

constexpr const char* kBell =
    "OPENQASM 2.0;\ninclude \"qelib1.inc\";\nqreg q[2];\n"
    "h q[0];\ncx q[0],q[1];\ncx q[0],q[1];\ncx q[0],q[1];\n";

}  // namespace

TEST_CASE("sdk: submit, wait, fetch", "[correctness]") {
    const Client client = make_client();
    const auto job = client.submit(TaskJob{"hash", "abc"});
    REQUIRE(job);
    const auto info = job->wait(10s);
    REQUIRE(info);
    CHECK(info->state == JobState::kSucceeded);
    const auto bytes = job->result_bytes();
    REQUIRE(bytes);
    // FIPS 180-2, appendix B.1
    CHECK(cli::to_hex(*bytes) ==
          "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    CHECK(info->result_size_bytes == 32);
    CHECK(info->result_sha256 ==
          "4f8b42c22dd3729b519ba6f68d2da7cc5b2d606d05daed5ad5128cc03e6c6358");
}

TEST_CASE("sdk: several compile jobs side by side, each with its own terms", "[correctness]") {
    const Client client = make_client();
    CompileJob work;
    work.qasm =
        "OPENQASM 2.0;\ninclude \"qelib1.inc\";\nqreg q[3];\nh q;\ncp(0.05) q[0],q[1];\n"
        "rx(0.4) q[1];\ncp(0.9) q[1],q[2];\n";
    std::vector<Job> jobs;
    for (const double budget : {0.0, 1e-3}) {
        work.error_budget = budget;
        const auto job = client.submit(work);
        REQUIRE(job);
        jobs.push_back(*job);
    }
    std::vector<std::uint64_t> counts;
    for (const Job& job : jobs) {
        REQUIRE(job.wait(30s));
        const auto result = job.compile_result();
        REQUIRE(result);
        CHECK(result->distance_bound <= 1e-3);
        CHECK(result->after.two_qubit_depth <= result->after.two_qubit);
        counts.push_back(result->after.two_qubit);
    }
    CHECK(counts == std::vector<std::uint64_t>{4, 2});
    work.optimize = "size";
    CHECK(client.submit(work).status().code() == StatusCode::kInvalidArgument);
}

TEST_CASE("sdk: compile in one call", "[correctness]") {
    const Client client = make_client();
    CompileJob work;
    work.qasm = kBell;
    const auto result = client.compile(work);
    REQUIRE(result);
    CHECK(result->before.two_qubit == 3);
    CHECK(result->before.gates.at("cx") == 3);
    CHECK(result->after.two_qubit == 1);
    CHECK(result->delta_bound < 1e-6);
    CHECK(result->initial_mapping == std::vector<std::uint32_t>{0, 1});
    CHECK(result->qasm.find("cx q[") != std::string::npos);
}

TEST_CASE("sdk: many circuits in one call, each with its own result or error", "[correctness]") {
    const Client client = make_client();
    std::vector<CompileJob> works(4);
    works[0].qasm = kBell;
    works[1].qasm = "OPENQASM 2.0;\nqreg q[2];\nnothing q[0];\n";
    works[2].qasm = kBell;
    works[2].level = 7;
    works[3].qasm = kBell;
    works[3].level = 0;
    const auto results = client.compile(works);
    REQUIRE(results.size() == 4);
    REQUIRE(results[0]);
    CHECK(results[0]->before.two_qubit == 3);
    CHECK(results[0]->after.two_qubit == 1);
    CHECK_THAT(results[1].status().message(), Catch::Contains("nothing"));
    CHECK_THAT(results[2].status().message(), Catch::Contains("level 7"));
    REQUIRE(results[3]);
    CHECK(results[3]->after.two_qubit == 3);
    CHECK(client.list()->size() == 2);
    CHECK(client.compile(std::vector<CompileJob>{}).empty());

    JobOptions named;
    named.id = JobId::random();
    for (const auto& result : client.compile(works, named)) {
        CHECK(result.status().code() == StatusCode::kInvalidArgument);
    }
    CHECK(client.list()->size() == 2);
}

TEST_CASE("sdk: synthesize a state for a gate set", "[correctness]") {
    const Client client = make_client();
    SynthesizeJob work;
    work.state = {0, 0.6, {0, 0.8}, 0};
    work.gates = {"cz", "rz", "sx"};
    const auto job = client.submit(work);
    REQUIRE(job);
    const auto info = job->wait();
    REQUIRE(info);
    CHECK(info->kind == "synthesize");
    const auto result = job->synthesize_result();
    REQUIRE(result);
    CHECK(result->figures.gates.at("cz") == 1);
    CHECK_FALSE(result->figures.gates.contains("u3"));
    CHECK(result->delta_bound < 1e-6);
    CHECK(result->final_mapping == std::vector<std::uint32_t>{0, 1});
}

TEST_CASE("sdk: instantiate a circuit with an unknown gate", "[correctness]") {
    const Client client = make_client();
    InstantiateJob work;
    work.qasm =
        "OPENQASM 2.0; include \"qelib1.inc\"; opaque any a; qreg q[2];"
        "ry(0.1) q[0]; cx q[0],q[1]; any q[1];";
    work.state = {0, 0.6, {0, 0.8}, 0};
    const auto job = client.submit(work);
    REQUIRE(job);
    const auto info = job->wait();
    REQUIRE(info);
    CHECK(info->kind == "instantiate");
    CHECK(info->state == JobState::kSucceeded);
    const auto result = job->synthesize_result();
    REQUIRE(result);
    CHECK(result->figures.gates ==
          std::map<std::string, std::uint64_t>{{"ry", 1}, {"cx", 1}, {"u3", 1}});
    CHECK(result->distance_bound < 1e-13);

    work.frozen = {0};
    work.starts = 3;
    const auto hopeless = client.submit(work);
    REQUIRE(hopeless);
    const auto failed = hopeless->wait();
    REQUIRE(failed);
    CHECK(failed->state == JobState::kFailed);
    CHECK(failed->error.message().find("none of 3 starts") != std::string::npos);

    work.frozen = {7};
    CHECK(check_work(work).message().find("no operation 7") != std::string::npos);
    work.frozen = {};
    work.starts = 0;
    CHECK(check_work(work).code() == StatusCode::kInvalidArgument);
    CHECK(check_work(InstantiateJob{}).code() == StatusCode::kInvalidArgument);
}

TEST_CASE("sdk: a synthesis needs exactly one target", "[bad input]") {
    CHECK(check_work(SynthesizeJob{}).code() == StatusCode::kInvalidArgument);
    SynthesizeJob both;
    both.state = {1, 0};
    CHECK(check_work(both).is_ok());
    both.unitary = {1, 0, 0, 1};
    CHECK(check_work(both).code() == StatusCode::kInvalidArgument);
}

TEST_CASE("sdk: futures, callbacks and several jobs at once", "[correctness]") {
    const Client client = make_client();
    std::vector<Job> jobs;
    std::vector<std::future<Result<JobInfo>>> futures;
    std::promise<void> all_called;
    std::atomic<int> called = 0;
    constexpr int kJobs = 20;
    for (int i = 0; i < kJobs; ++i) {
        const auto job = client.submit(TaskJob{"hash", std::to_string(i)});
        REQUIRE(job);
        jobs.push_back(*job);
        futures.push_back(job->finished());
        job->on_finished([&](const Result<JobInfo>& info) {
            if (info && info->state == JobState::kSucceeded && ++called == kJobs) {
                all_called.set_value();
            }
        });
    }
    std::set<std::string> results;
    for (int i = 0; i < kJobs; ++i) {
        const auto info = futures[static_cast<std::size_t>(i)].get();
        REQUIRE(info);
        results.insert(*jobs[static_cast<std::size_t>(i)].result_bytes());
    }
    CHECK(results.size() == kJobs);
    CHECK(all_called.get_future().wait_for(10s) == std::future_status::ready);
    const auto list = client.list();
    REQUIRE(list);
    CHECK(list->size() == kJobs);
    CHECK(list->front().id == jobs.back().id());
}

TEST_CASE("sdk: a watch sees progress in order and then the end", "[correctness]") {
    const Client client = make_client();
    const auto job = client.submit(TaskJob{"map", tasks::counted_map("hash", 1000)});
    REQUIRE(job);
    std::vector<std::uint64_t> sequences;
    std::vector<double> fractions;
    std::promise<Result<JobInfo>> end;
    {
        const Watch watch = job->watch(
            [&](const JobEvent& event) {
                sequences.push_back(event.sequence);
                if (event.progress) {
                    fractions.push_back(event.progress->fraction);
                }
            },
            [&](const Result<JobInfo>& info) { end.set_value(info); });
        const auto info = end.get_future().get();
        REQUIRE(info);
        CHECK(info->state == JobState::kSucceeded);
    }
    REQUIRE(sequences.size() >= 3);
    CHECK(std::is_sorted(sequences.begin(), sequences.end()));
    CHECK(std::is_sorted(fractions.begin(), fractions.end()));
}

TEST_CASE("sdk: submitting an id again is the same job", "[correctness]") {
    const Client client = make_client();
    JobOptions options;
    options.id = JobId::random();
    REQUIRE(client.submit(TaskJob{"hash", "a"}, options));
    REQUIRE(client.submit(TaskJob{"hash", "a"}, options));
    CHECK(client.list()->size() == 1);
}

TEST_CASE("sdk: cancel ends a job; a second cancel and its result are errors", "[bad input]") {
    const Client client = make_client();
    const auto job = client.submit(TaskJob{"sleep", long_sleep()});
    REQUIRE(job);
    CHECK(job->result_bytes().status().code() == StatusCode::kFailedPrecondition);
    CHECK(job->remove().code() == StatusCode::kFailedPrecondition);
    CHECK(job->wait(20ms).status().code() == StatusCode::kDeadlineExceeded);
    REQUIRE(job->cancel());
    const auto info = job->wait(10s);
    REQUIRE(info);
    CHECK(info->state == JobState::kCancelled);
    CHECK(job->cancel().status().code() == StatusCode::kFailedPrecondition);
    CHECK(job->cancel().status().message().find("already been cancelled") != std::string::npos);
    CHECK(job->result_bytes().status().code() == StatusCode::kCancelled);
    CHECK(job->remove().is_ok());
    CHECK(job->info().status().code() == StatusCode::kNotFound);
}

TEST_CASE("sdk: the client may go while futures are open", "[bad input]") {
    std::future<Result<JobInfo>> open;
    {
        const Client client = make_client();
        const auto job = client.submit(TaskJob{"sleep", long_sleep()});
        REQUIRE(job);
        open = job->finished();
    }
    CHECK(open.get().status().code() == StatusCode::kCancelled);
}

TEST_CASE("sdk: the last handle may end in a callback", "[bad input]") {
    std::promise<void> called;
    {
        const auto job = make_client().submit(TaskJob{"noop", ""});
        REQUIRE(job);
        job->on_finished([&called, copy = *job](const Result<JobInfo>&) { called.set_value(); });
        called.get_future().wait();
    }
    SUCCEED("no deadlock");
}

TEST_CASE("sdk: bad input is refused before anything is sent", "[bad input]") {
    const Client client = make_client();
    const auto code = [&](const Work& work, const JobOptions& options = {}) {
        return client.submit(work, options).status().code();
    };
    CHECK(code(CompileJob{}) == StatusCode::kInvalidArgument);
    CHECK(code(CompileJob{.path = "/nowhere.qasm"}) == StatusCode::kInvalidArgument);
    CHECK(code(SynthesizeJob{.unitary = {1, 0, 0}}) == StatusCode::kInvalidArgument);
    CHECK(code(SynthesizeJob{.unitary = {1, 0, 0, 2}}) == StatusCode::kInvalidArgument);
    CHECK(code(TaskJob{"unheard-of", ""}) != StatusCode::kOk);
    JobOptions limited;
    limited.memory_per_task_bytes = 1 << 20;
    CHECK(code(TaskJob{"noop", ""}, limited) == StatusCode::kInvalidArgument);
    CHECK(client.list()->empty());
    const auto broken = client.submit(CompileJob{.qasm = "OPENQASM 2.0;\nqreg q[2];\nfoo q[0];\n"});
    REQUIRE_FALSE(broken);
    CHECK(broken.error().message().find("<input>:3:") == 0);
    CHECK(client.job(JobId::random()).info().status().code() == StatusCode::kNotFound);
    CHECK(client.job(JobId::random()).wait(10s).status().code() == StatusCode::kNotFound);
}

TEST_CASE("sdk: nobody listens at the address", "[bad input]") {
    const auto client = Client::connect("127.0.0.1:1", 5s);
    REQUIRE_FALSE(client);
    CHECK(client.error().code() == StatusCode::kUnavailable);
    CHECK(client.error().message().find("127.0.0.1:1") != std::string::npos);
}
