#include "quercus/client.hpp"

#include <array>
#include <random>
#include <thread>
#include <utility>

#include "client/sdk/convert.hpp"
#include "client/sdk/local_jobs.hpp"
#include "client/sdk/session.hpp"
#include "runtime/host/build_info.hpp"
#include "runtime/host/machine.hpp"
#include "runtime/tasks/registry.hpp"
#include "runtime/transport/grpc_server.hpp"

namespace quercus::client {

using detail::ask;

namespace {

// Any answer proves that a server is there; the nil job is one that nobody has.
Status check_reachable(transport::Jobs& jobs, const std::string& address,
                       std::chrono::milliseconds limit) {
    auto promise = std::make_shared<std::promise<Status>>();
    auto answer = promise->get_future();
    jobs.get({}, [promise](const Result<transport::JobStatus>& result) {
        promise->set_value(result.status());
    });
    if (answer.wait_for(limit) != std::future_status::ready) {
        return unavailable("no answer from " + address + " within " +
                           std::to_string(limit.count()) + " ms (--server)");
    }
    const Status status = answer.get();
    const bool unreachable = status.code() == StatusCode::kUnavailable ||
                             status.code() == StatusCode::kDeadlineExceeded ||
                             status.code() == StatusCode::kUnimplemented;
    return unreachable ? unavailable(status.message()) : Status::ok();
}

Result<JobInfo> to_public(const Result<transport::JobStatus>& status) {
    return status ? Result<JobInfo>(detail::to_public(*status)) : Result<JobInfo>(status.error());
}

// An anytime search wants one island per worker. The number is fixed here, so that the job says the
// same however often it is submitted.
void choose_islands(tasks::Request& request, const Client& client) {
    auto* compile = std::get_if<tasks::CompileRequest>(&request);
    if (compile == nullptr || !(compile->time_budget_s > 0) || compile->islands != 0) {
        return;
    }
    std::size_t workers = 0;
    if (const auto nodes = client.tree()) {
        for (const NodeInfo& node : *nodes) {
            workers += node.workers.size();
        }
    }
    // An attached tree may not have grown yet.
    compile->islands =
        static_cast<std::uint32_t>(workers != 0 ? std::min<std::size_t>(workers, 1024)
                                                : host::inspect_machine().usable_cores());
}

}  // namespace

JobId JobId::random() {
    std::random_device device;
    JobId id;
    for (auto& byte : id.bytes) {
        byte = static_cast<std::uint8_t>(device());
    }
    // The marks of a random (version 4) UUID.
    id.bytes[6] = static_cast<std::uint8_t>((id.bytes[6] & 0x0f) | 0x40);
    id.bytes[8] = static_cast<std::uint8_t>((id.bytes[8] & 0x3f) | 0x80);
    return id;
}

std::optional<JobId> JobId::parse(std::string_view text) {
    std::string lower(text);
    for (char& c : lower) {
        c = c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    const auto id = scheduling::JobId::parse(lower);
    return id ? std::optional(detail::to_public(*id)) : std::nullopt;
}

std::string JobId::to_string() const {
    return detail::to_domain(*this).to_string();
}

Watch::Watch(std::shared_ptr<detail::Session> session, std::shared_ptr<detail::Follower> follower)
    : session_(std::move(session)), follower_(std::move(follower)) {}
Watch::Watch(Watch&&) noexcept = default;
Watch& Watch::operator=(Watch&& other) noexcept {
    std::swap(session_, other.session_);
    std::swap(follower_, other.follower_);
    return *this;
}
Watch::~Watch() {
    if (follower_) {
        follower_->stop();
    }
}

Job::Job(std::shared_ptr<detail::Session> session, JobId id)
    : session_(std::move(session)), id_(id) {}

Result<JobInfo> Job::info() const {
    return to_public(ask<transport::JobStatus>(
        [&](auto reply) { session_->jobs().get(detail::to_domain(id_), std::move(reply)); }));
}

Result<JobInfo> Job::wait(std::optional<std::chrono::milliseconds> limit) const {
    auto promise = std::make_shared<std::promise<Result<JobInfo>>>();
    auto answer = promise->get_future();
    const Watch following =
        watch({}, [promise](const Result<JobInfo>& result) { promise->set_value(result); });
    if (limit && answer.wait_for(*limit) != std::future_status::ready) {
        return Status(StatusCode::kDeadlineExceeded, "job " + id_.to_string() +
                                                         " is not finished after " +
                                                         std::to_string(limit->count()) + " ms");
    }
    return answer.get();
}

std::future<Result<JobInfo>> Job::finished() const {
    auto promise = std::make_shared<std::promise<Result<JobInfo>>>();
    on_finished([promise](const Result<JobInfo>& result) { promise->set_value(result); });
    return promise->get_future();
}

void Job::on_finished(OnFinished callback) const {
    session_->keep_following(id_, std::move(callback));
}

Watch Job::watch(OnEvent on_event, OnFinished on_finished, OnLost on_lost) const {
    return {session_,
            session_->follow(id_, std::move(on_event), std::move(on_finished), std::move(on_lost))};
}

Result<std::string> Job::result_bytes() const {
    const Result<Payload> payload = ask<Payload>(
        [&](auto reply) { session_->jobs().fetch(detail::to_domain(id_), std::move(reply)); });
    return payload ? Result<std::string>(std::string(payload->view()))
                   : Result<std::string>(payload.error());
}

Result<CompileResult> Job::compile_result() const {
    const Result<std::string> bytes = result_bytes();
    return bytes ? detail::decode_compile_result(*bytes) : Result<CompileResult>(bytes.error());
}

Result<SynthesizeResult> Job::synthesize_result() const {
    const Result<std::string> bytes = result_bytes();
    return bytes ? detail::decode_synthesize_result(*bytes)
                 : Result<SynthesizeResult>(bytes.error());
}

Result<JobInfo> Job::cancel() const {
    const Result<JobInfo> now = info();
    if (!now) {
        return now.error();
    }
    if (is_final(now->state)) {
        return failed_precondition("job " + id_.to_string() + " has already " +
                                   (now->state == JobState::kCancelled ? "been " : "") +
                                   std::string(to_string(now->state)) +
                                   "; there is nothing to cancel");
    }
    return to_public(ask<transport::JobStatus>(
        [&](auto reply) { session_->jobs().cancel(detail::to_domain(id_), std::move(reply)); }));
}

Status Job::remove() const {
    return ask<transport::Nothing>([&](auto reply) {
               session_->jobs().remove(detail::to_domain(id_), std::move(reply));
           })
        .status();
}

Client::Client(std::shared_ptr<detail::Session> session) : session_(std::move(session)) {}

Result<Client> Client::connect(const std::string& address, std::chrono::milliseconds limit) {
    auto session = detail::Session::create();
    session->remote = transport::connect_jobs(address);
    if (Status status = check_reachable(*session->remote, address, limit); !status.is_ok()) {
        return status;
    }
    return Client(std::move(session));
}

Result<Client> Client::attach(const AttachOptions& options) {
    auto session = detail::Session::create();
    host::AttachedOptions attached;
    attached.executor_binary = options.executor;
    attached.workers = options.workers;
    attached.memory_per_task_bytes = options.memory_per_task_bytes;
    auto tree = host::AttachedTree::start(std::move(attached));
    if (!tree) {
        return tree.error();
    }
    session->tree = *std::move(tree);
    return Client(std::move(session));
}

Result<Client> Client::in_process(const InProcessOptions& options) {
    auto session = detail::Session::create();
    const unsigned threads =
        options.workers != 0 ? options.workers : host::inspect_machine().usable_cores();
    session->remote = std::make_unique<detail::LocalJobs>(tasks::builtin_registry(), threads);
    return Client(std::move(session));
}

Result<Job> Client::submit(const Work& work, const JobOptions& options) const {
    Result<tasks::Request> request = detail::to_request(work);
    if (!request) {
        return request.error();
    }
    choose_islands(*request, *this);
    const JobId id = options.id ? *options.id : JobId::random();
    transport::JobSpec spec;
    spec.id = detail::to_domain(id);
    spec.name = options.name;
    spec.seed = options.seed;
    spec.memory_per_task_bytes = options.memory_per_task_bytes;
    spec.cancel_on_disconnect = options.cancel_on_disconnect;
    spec.request = *std::move(request);
    const auto accepted = ask<transport::JobStatus>(
        [&](auto reply) { session_->jobs().submit(std::move(spec), std::move(reply)); });
    if (!accepted) {
        return accepted.error();
    }
    return job(id);
}

Result<CompileResult> Client::compile(const CompileJob& work, const JobOptions& options) const {
    return std::move(compile(std::vector{work}, options).front());
}

std::vector<Result<CompileResult>> Client::compile(const std::vector<CompileJob>& works,
                                                   const JobOptions& options) const {
    struct Started {
        Result<CircuitFigures> before;
        Result<Job> job;
        std::future<Result<JobInfo>> end;  // waited for from now on, which keeps the job
    };
    std::vector<Started> started;
    for (const CompileJob& work : works) {
        Result<CircuitFigures> before = inspect_circuit(work);
        Result<Job> job =
            options.id && works.size() > 1
                ? invalid_argument("an id names one job, not " + std::to_string(works.size()))
            : before ? submit(work, options)
                     : Result<Job>(before.error());
        auto end = job ? job->finished() : std::future<Result<JobInfo>>();
        started.push_back({std::move(before), std::move(job), std::move(end)});
    }
    std::vector<Result<CompileResult>> results;
    for (Started& one : started) {
        const Result<JobInfo> info = one.job ? one.end.get() : one.job.error();
        results.push_back(info ? one.job->compile_result() : info.error());
        if (results.back()) {
            results.back()->before = *std::move(one.before);
        }
    }
    return results;
}

Job Client::job(JobId id) const {
    return {session_, id};
}

Result<std::vector<JobInfo>> Client::list() const {
    const auto jobs = ask<std::vector<transport::JobStatus>>(
        [&](auto reply) { session_->jobs().list(std::move(reply)); });
    if (!jobs) {
        return jobs.error();
    }
    std::vector<JobInfo> result;
    for (const transport::JobStatus& status : *jobs) {
        result.push_back(detail::to_public(status));
    }
    return result;
}

Result<std::vector<NodeInfo>> Client::tree() const {
    const auto tree =
        ask<scheduling::Subtree>([&](auto reply) { session_->jobs().tree(std::move(reply)); });
    return tree ? Result<std::vector<NodeInfo>>(detail::to_public(*tree))
                : Result<std::vector<NodeInfo>>(tree.error());
}

Result<CacheInfo> Client::cache() const {
    const auto stats =
        ask<scheduling::CacheStats>([&](auto reply) { session_->jobs().cache(std::move(reply)); });
    return stats ? Result<CacheInfo>(CacheInfo{stats->entries, stats->bytes, stats->limit_bytes,
                                               stats->hits, stats->misses})
                 : Result<CacheInfo>(stats.error());
}

Status Client::clear_cache() const {
    return ask<transport::Nothing>(
               [&](auto reply) { session_->jobs().clear_cache(std::move(reply)); })
        .status();
}

std::string version() {
    return host::build_text();
}

}  // namespace quercus::client
