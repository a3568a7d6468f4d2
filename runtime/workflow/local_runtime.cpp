#include "runtime/workflow/local_runtime.hpp"

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include "runtime/workflow/flow_driver.hpp"
#include "runtime/workflow/kernel_call.hpp"

namespace quercus::workflow {

using scheduling::Path;
using scheduling::TaskHead;

namespace {

// Where a result belongs. Flow ids are never used again, so a late result finds nobody.
struct Address {
    std::uint64_t flow = 0;
    std::uint32_t round = 0;
    std::uint32_t call = 0;
    std::uint64_t key = 0;
    friend bool operator==(const Address&, const Address&) = default;
};
// Outputs of cacheable kernels are kept for inputs of at most so many bytes.
constexpr std::size_t kMostKeptBytes = std::size_t{16} << 10;
// Where nobody lives: a result for it only wakes the run.
constexpr Address kNobody{.flow = ~std::uint64_t{0}};

struct AddressHash {
    std::size_t operator()(const Address& a) const {
        return a.flow * 0x9e3779b97f4a7c15u ^ (a.key * 0xc2b2ae3d27d4eb4fu) ^
               (std::uint64_t{a.round} << 32) ^ a.call;
    }
};

}  // namespace

// Threads that run jobs last in, first out, as a rank does with its own children.
class LocalRuntime::Pool {
 public:
    explicit Pool(unsigned threads) {
        for (unsigned i = 0; i < threads; ++i) {
            threads_.emplace_back([this] { work(); });
        }
    }
    ~Pool() {
        {
            const std::lock_guard lock(mutex_);
            ending_ = true;
        }
        ready_.notify_all();
        threads_.clear();
    }
    void post(std::vector<std::function<void()>> jobs) {
        {
            const std::lock_guard lock(mutex_);
            for (auto& job : jobs) {
                jobs_.push_back(std::move(job));
            }
        }
        ready_.notify_all();
    }

 private:
    void work() {
        std::unique_lock lock(mutex_);
        while (true) {
            ready_.wait(lock, [this] { return ending_ || !jobs_.empty(); });
            if (jobs_.empty()) {
                return;
            }
            const std::function<void()> job = std::move(jobs_.back());
            jobs_.pop_back();
            lock.unlock();
            job();
            lock.lock();
        }
    }

    std::mutex mutex_;
    std::condition_variable ready_;
    std::vector<std::function<void()>> jobs_;
    bool ending_ = false;
    std::vector<std::jthread> threads_;
};

// One job. Everything but `finished_` belongs to the thread inside run().
class LocalRuntime::Run {
 public:
    Run(const Registry& registry, Pool& pool, Seed job_seed, ProgressCallback progress)
        : registry_(registry), pool_(pool), job_seed_(job_seed), progress_(std::move(progress)) {}

    Result<Bytes> execute(const KindInfo& kind, BytesView input, const std::stop_token& stop) {
        const std::stop_callback on_stop(stop, [this] { finish(kNobody, {}); });
        auto head = std::make_shared<TaskHead>(head_of(kind, 0));
        start(kind, std::move(head), Address{}, Path{}, Payload(Bytes(input)));
        while (!outcome_ && !stop.stop_requested()) {
            step_all();
            post_all();
            if (!outcome_) {
                take_finished();
            }
        }
        if (!outcome_) {
            outcome_ = Status(StatusCode::kCancelled, "the job was cancelled");
        }
        wind_up();
        return std::move(*outcome_);
    }

 private:
    struct Finished {
        Address address;
        ChildResult result;
    };
    // A workflow in progress. Address: where its own result goes.
    struct FlowState final : FlowHost {
        FlowState(Run& r, std::uint64_t i, const KindInfo& k, std::shared_ptr<const TaskHead> h,
                  Address a, Path p, Payload in)
            : run(r),
              id(i),
              kind(k),
              head(std::move(h)),
              address(a),
              path(std::move(p)),
              input(std::move(in)) {
            begin_round(0, {});
        }
        void begin_round(std::uint32_t round, Bytes state) {
            const Seed seed = task_seed(*head, kind.seeding, path.bytes(), input.view());
            driver = std::make_unique<FlowDriver>(
                run.registry_, *this,
                FlowStart{&kind, Bytes(input.view()), round, std::move(state), seed});
        }
        void spawn(std::uint32_t call, const KindInfo& child, const Batch& batch) override {
            run.spawn(*this, call, child, batch);
        }
        void cancel_children(std::uint32_t call, const std::vector<std::uint64_t>& keys) override {
            for (const std::uint64_t key : keys) {
                run.cancel(Address{id, driver->round(), call, key});
            }
        }
        void progress(double fraction, std::string_view text, BytesView incumbent) override {
            if (run.progress_) {
                run.progress_(fraction, text, incumbent);
            }
        }
        void log(std::string_view) override {}  // has no reader in this process

        Run& run;
        std::uint64_t id;
        const KindInfo& kind;
        std::shared_ptr<const TaskHead> head;
        Address address;
        Path path;
        Payload input;
        std::unique_ptr<FlowDriver> driver;
        std::vector<Address> children;  // of the current round; some have finished
    };
    // Shared with the pool's thread that runs it.
    struct KernelJob {
        std::stop_source stop;
    };
    // What an address stands for while it is open: a kernel, or else a workflow.
    struct Child {
        std::shared_ptr<KernelJob> kernel;
        std::uint64_t flow = 0;
        std::optional<Digest> digest;  // of a cacheable kernel: under what its output is kept
    };

    TaskHead head_of(const KindInfo& kind, std::uint64_t memory_bytes) const {
        return {kind.name, kind.version, static_cast<bool>(kind.workflow),
                job_seed_, memory_bytes, false};
    }

    void start(const KindInfo& kind, std::shared_ptr<const TaskHead> head, const Address& address,
               Path path, Payload input) {
        if (!kind.workflow) {
            start_kernel(kind, std::move(head), address, path, std::move(input));
            return;
        }
        const std::uint64_t id = ++last_flow_;
        flows_.emplace(id, std::make_unique<FlowState>(*this, id, kind, std::move(head), address,
                                                       std::move(path), std::move(input)));
        children_[address] = Child{nullptr, id, {}};
        ready_.push_back(id);
    }

    void start_kernel(const KindInfo& kind, std::shared_ptr<const TaskHead> head,
                      const Address& address, const Path& path, Payload input) {
        auto job = std::make_shared<KernelJob>();
        children_[address] = Child{job, 0, {}};
        ++kernels_open_;
        new_jobs_.push_back(
            [this, &kind, head = std::move(head), address, path, input = std::move(input), job] {
                ChildResult result{address.key, {}, {}};
                if (job->stop.stop_requested()) {
                    result.status = {StatusCode::kCancelled, "cancelled before it started"};
                } else {
                    const Seed seed = task_seed(*head, kind.seeding, path.bytes(), input.view());
                    auto output = call_kernel(kind, input.view(), {seed, job->stop.get_token()});
                    result.status = output.status();
                    result.output = output ? Payload(std::move(*output)) : Payload();
                }
                finish(address, std::move(result));
            });
    }

    void spawn(FlowState& flow, std::uint32_t call, const KindInfo& kind, const Batch& batch) {
        const auto head = std::make_shared<const TaskHead>(head_of(kind, batch.memory_bytes));
        const std::uint32_t round = flow.driver->round();
        for (std::size_t i = 0; i < batch.keys.size(); ++i) {
            const Address address{flow.id, round, call, batch.keys[i]};
            flow.children.push_back(address);
            const bool is_kept =
                batch.cacheable && !kind.workflow && batch.inputs[i].size() <= kMostKeptBytes;
            if (is_kept && answer_kept(address, task_digest(*head, batch.inputs[i]))) {
                continue;
            }
            start(kind, head, address, flow.path.child({round, call, batch.keys[i]}),
                  Payload(Bytes(batch.inputs[i])));
            if (is_kept) {
                children_[address].digest = task_digest(*head, batch.inputs[i]);
            }
        }
    }

    // True when an equal kernel has run for this job; its output then arrives with the next ones.
    bool answer_kept(const Address& address, const Digest& digest) {
        const auto known = kept_.find(digest);
        if (known == kept_.end()) {
            return false;
        }
        children_[address] = Child{std::make_shared<KernelJob>(), 0, {}};
        ++kernels_open_;
        finish(address, {address.key, {}, known->second});
        return true;
    }

    // Any thread.
    void finish(const Address& address, ChildResult result) {
        // Notified under the lock: the run may end, and take this condition variable with it, as
        // soon as the lock is free.
        const std::lock_guard lock(mutex_);
        finished_.push_back({address, std::move(result)});
        wake_.notify_one();
    }

    void take_finished() {
        std::vector<Finished> batch;
        {
            std::unique_lock lock(mutex_);
            if (ready_.empty()) {
                wake_.wait(lock, [this] { return !finished_.empty(); });
            }
            batch.swap(finished_);
        }
        for (Finished& one : batch) {
            settle(one.address, std::move(one.result));
        }
    }

    // A child's result reaches its owner, or becomes the job's outcome.
    void settle(const Address& address, ChildResult result) {
        const auto child = children_.find(address);
        if (child == children_.end()) {
            return;  // the wake-up of a stop
        }
        kernels_open_ -= child->second.kernel ? 1 : 0;
        if (child->second.digest && result.status.is_ok()) {
            kept_.emplace(*child->second.digest, result.output);
        }
        children_.erase(child);
        if (address == Address{}) {
            outcome_ = result.status.is_ok() ? Result<Bytes>(Bytes(result.output.view()))
                                             : Result<Bytes>(result.status);
            return;
        }
        const auto owner = flows_.find(address.flow);
        if (owner == flows_.end() || owner->second->driver->round() != address.round) {
            return;
        }
        if (owner->second->driver->deliver(address.call, std::move(result))) {
            ready_.push_back(address.flow);
        }
    }

    void step_all() {
        for (std::size_t i = 0; i < ready_.size() && !outcome_; ++i) {
            const auto at = flows_.find(ready_[i]);
            if (at == flows_.end()) {
                continue;
            }
            if (auto outcome = at->second->driver->step()) {
                end_round(*at->second, std::move(*outcome));
            }
        }
        ready_.clear();
    }

    void end_round(FlowState& flow, Outcome outcome) {
        drop_children(flow);
        if (auto* next = std::get_if<ContinueAs>(&outcome)) {
            flow.begin_round(flow.driver->round() + 1, std::move(next->state));
            ready_.push_back(flow.id);
            return;
        }
        const Address address = flow.address;
        ChildResult result{address.key, {}, {}};
        if (auto* done = std::get_if<Done>(&outcome)) {
            result.output = Payload(std::move(done->output));
        } else {
            result.status = std::get<Status>(outcome);
        }
        flows_.erase(flow.id);
        settle(address, std::move(result));
    }

    void drop_children(FlowState& flow) {
        for (const Address& address : std::exchange(flow.children, {})) {
            cancel(address);
        }
    }

    void cancel(const Address& address) {
        const auto child = children_.find(address);
        if (child == children_.end()) {
            return;
        }
        if (child->second.kernel) {
            child->second.kernel->stop.request_stop();  // its row stays until it has ended
            return;
        }
        const auto flow = flows_.find(child->second.flow);
        children_.erase(child);
        if (flow != flows_.end()) {
            const std::unique_ptr<FlowState> state = std::move(flow->second);
            flows_.erase(flow);
            state->driver->request_stop();
            drop_children(*state);
        }
    }

    void post_all() {
        if (!new_jobs_.empty()) {
            pool_.post(std::exchange(new_jobs_, {}));
        }
    }

    // The pool's jobs refer to this run: stop them and wait for the last.
    void wind_up() {
        flows_.clear();
        ready_.clear();
        for (auto& [address, child] : children_) {
            if (child.kernel) {
                child.kernel->stop.request_stop();
            }
        }
        post_all();
        const Result<Bytes> outcome = *outcome_;
        while (kernels_open_ > 0) {
            take_finished();
        }
        outcome_ = outcome;
        const std::lock_guard lock(mutex_);  // the last finish() has left
    }

    const Registry& registry_;
    Pool& pool_;
    const Seed job_seed_;
    const ProgressCallback progress_;

    std::unordered_map<Address, Child, AddressHash> children_;
    std::unordered_map<Digest, Payload> kept_;  // outputs of cacheable kernels
    std::unordered_map<std::uint64_t, std::unique_ptr<FlowState>> flows_;
    std::vector<std::uint64_t> ready_;  // flows that can go on
    std::vector<std::function<void()>> new_jobs_;
    std::uint64_t last_flow_ = 0;  // flow 0 stands for the caller
    std::size_t kernels_open_ = 0;
    std::optional<Result<Bytes>> outcome_;

    std::mutex mutex_;
    std::condition_variable wake_;
    std::vector<Finished> finished_;  // guarded by mutex_
};

LocalRuntime::LocalRuntime(const Registry& registry, unsigned threads)
    : pool_(std::make_unique<Pool>(threads)), registry_(registry) {}

LocalRuntime::~LocalRuntime() = default;

Result<Bytes> LocalRuntime::run(std::string_view kind, BytesView input, Seed job_seed,
                                std::stop_token stop, ProgressCallback progress) {
    const KindInfo* info = registry_.find(kind);
    if (info == nullptr) {
        return not_found("kind " + std::string(kind) + " is not registered");
    }
    Run run(registry_, *pool_, job_seed, std::move(progress));
    return run.execute(*info, input, stop);
}

}  // namespace quercus::workflow
