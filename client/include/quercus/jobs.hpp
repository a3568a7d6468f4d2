#pragma once

// What a client can ask a Quercus tree for, and what comes back. Plain values, standard library
// only.

#include <array>
#include <chrono>
#include <compare>
#include <complex>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "quantum/base/status.hpp"

namespace quercus::client {

using WallTime = std::chrono::system_clock::time_point;

// A job's name in the whole tree: 128 random bits, written as a UUID. Chosen by the client, so that
// a submission can be repeated without running twice.
struct JobId {
    std::array<std::uint8_t, 16> bytes{};
    static JobId random();
    // The 8-4-4-4-12 form, any case; nullopt for anything else.
    static std::optional<JobId> parse(std::string_view text);
    [[nodiscard]] std::string to_string() const;
    friend auto operator<=>(const JobId&, const JobId&) = default;
};

// Fewer gates for an OpenQASM 2 circuit. `qasm` is the text; if it is empty, the file `path` is
// read. `path` also names the text in messages, and includes are looked for in its folder. Errors
// in the text are INVALID_ARGUMENT, "file:line:column: ...".
struct CompileJob {
    std::string qasm{};
    std::string path{};
    std::uint32_t level = 1;       // 0 ... 4; ignored where a pipeline is given
    std::uint32_t block_size = 3;  // qubits of a block, 2 ... 5
    std::string pipeline{};        // JSON, instead of a level; see level_pipeline()
    double threshold = 0;          // d that a replaced block may differ by; 0: 1e-8
    double time_budget_s = 0;      // level 4; 0: by iterations, the same bytes for the same seed
    std::uint32_t iterations = 0;  // level 4 without a time budget, per island; 0: the default
    std::uint32_t islands = 0;     // level 4: searches side by side; 0: one per worker of the tree
                                   // with a time budget, else the default
    std::string machine{};         // preset's name or JSON; empty: any pair of qubits
    std::vector<std::string> gates{};  // by name; empty: the machine's own, else cx and u3
    double error_budget = 0;  // distance_bound that the result may have, at most 0.5: blocks are
                              // approximated where that saves gates; 0: by `threshold` alone
    std::string optimize{};   // "two_qubit" (the default), "depth" or "fidelity"
};

// 2^n amplitudes of norm 1 (to 1e-6), qubit 0 = least significant bit of the index.
using StateVector = std::vector<std::complex<double>>;
struct StatePair {
    StateVector input{}, output{};
};

// A circuit for one of these, on 1 to 8 qubits. Results are equal to it up to a global phase.
struct SynthesizeJob {
    // 2^n x 2^n, row-major, qubit 0 = least significant bit of the index; unitary to 1e-8.
    std::vector<std::complex<double>> unitary{};
    StateVector state{};                 // to be prepared from |0...0>
    std::vector<StatePair> state_map{};  // inputs to outputs, both orthonormal to 1e-6
    // As in CompileJob; a threshold above 1e-8 also holds for the first circuit.
    std::uint32_t level = 1;
    std::uint32_t block_size = 3;
    std::string pipeline{};
    double threshold = 0;
    double time_budget_s = 0;
    std::uint32_t iterations = 0;
    std::uint32_t islands = 0;
    std::string machine{};
    std::vector<std::string> gates{};
    double error_budget = 0;
    std::string optimize{};
};

// A circuit fitted to a unitary, a state or a state map: every angle is free, and every opaque gate
// (without parameters, on 1 to 3 qubits) an unknown unitary, which comes back in {cx, u3}. Gates
// and barriers only. The result is that of SynthesizeJob; FAILED_PRECONDITION where no start
// reaches the threshold.
struct InstantiateJob {
    std::string qasm{};  // as in CompileJob
    std::string path{};
    // As in SynthesizeJob, on as many qubits as the circuit.
    std::vector<std::complex<double>> unitary{};
    StateVector state{};
    std::vector<StatePair> state_map{};
    std::uint32_t starts = 8;  // at most, 1 ... 100,000; the first from the circuit's own angles
    std::string method{};      // "auto" (the default), "lm", "lbfgs" or "qfactor"
    double threshold = 0;      // a smaller 1 - |Tr(U^dagger V)|/N is a success, at most 1; 0: 1e-8
    // Operations that stay as they are, counted from 0, definitions of gates written out.
    std::vector<std::uint32_t> frozen{};
};

// Any kind of task that the tree's build knows, with its raw input: "noop", "hash", "sleep", ...
struct TaskJob {
    std::string kind;
    std::string input;
};

using Work = std::variant<CompileJob, SynthesizeJob, TaskJob, InstantiateJob>;

struct JobOptions {
    // Default: random. The same id with the same work again is the same job; the id of a job that
    // was removed is ALREADY_EXISTS.
    std::optional<JobId> id;
    std::string name;                         // for people; at most 256 bytes
    std::uint64_t seed = 0;                   // same job, same seed: same result bytes
    std::uint64_t memory_per_task_bytes = 0;  // 0: the workers' own limit
    // Cancelled by the server when nobody has watched or waited for it for 5 s, counted from its
    // submission.
    bool cancel_on_disconnect = false;
};

enum class JobState { kQueued, kRunning, kSucceeded, kFailed, kCancelled };
[[nodiscard]] constexpr bool is_final(JobState state) {
    return state >= JobState::kSucceeded;
}
// "queued", "running", "succeeded", "failed", "cancelled".
[[nodiscard]] std::string_view to_string(JobState state);

// Who did how much. Measured, so it differs from run to run; the result never does.
struct WorkerShare {
    std::string rank;  // node id
    std::uint32_t worker = 0;
    std::uint64_t tasks = 0;
    std::chrono::microseconds cpu{};
};
struct Report {
    std::uint64_t tasks = 0;
    std::uint64_t reissued = 0;  // attempts beyond each task's first
    std::vector<WorkerShare> workers;
    std::uint64_t cached = 0;  // tasks that were not run: the cache knew their result
};

// The server's cache of block results.
struct CacheInfo {
    std::uint64_t entries = 0;
    std::uint64_t bytes = 0;
    std::uint64_t limit_bytes = 0;  // 0: there is no cache
    std::uint64_t hits = 0;         // tasks answered since the start, or since it was cleared
    std::uint64_t misses = 0;       // cacheable tasks that had to run
};

struct JobInfo {
    JobId id;
    std::string name;
    std::string kind;
    JobState state = JobState::kQueued;
    double progress = 0;  // 0 ... 1
    std::string progress_text;
    WallTime submitted_at{};
    std::optional<WallTime> started_at;
    std::optional<WallTime> finished_at;
    Status error;  // of a failed or cancelled job
    std::uint64_t result_size_bytes = 0;
    std::string result_sha256;  // hex
    Report report;              // of a finished job
};

// One step of a job, numbered from 1.
struct JobEvent {
    std::uint64_t sequence = 0;
    JobState state = JobState::kQueued;
    struct Progress {
        double fraction = 0;
        std::string text;
    };
    std::optional<Progress> progress;
    std::optional<std::string> log;
};

struct CircuitFigures {
    std::map<std::string, std::uint64_t> gates;  // by OpenQASM name
    std::uint64_t two_qubit = 0;
    std::uint64_t operations = 0;
    std::uint64_t depth = 0;
    std::uint64_t two_qubit_depth = 0;  // gates on two qubits and more alone
};

struct CompileResult {
    std::string qasm;
    // `gates` and `two_qubit_depth` only from Client::compile, which has seen the input.
    CircuitFigures before;
    CircuitFigures after;
    // Upper bound of min over phases of ||U - e^{i phi} V||_F / sqrt(2^n), input against output.
    double delta_bound = 0;
    // Upper bound of 1 - |Tr(U^dagger V)| / 2^n.
    double distance_bound = 0;
    // Qubit i of the input starts on initial_mapping[i] and ends on final_mapping[i].
    std::vector<std::uint32_t> initial_mapping;
    std::vector<std::uint32_t> final_mapping;
};

// Of InstantiateJob too.
struct SynthesizeResult {
    std::string qasm;
    CircuitFigures figures;
    // As in CompileResult; for states upper bounds of min over phases of ||V in - e^{i phi} out||
    // (root mean square over the pairs) and of 1 - |sum of <out|V in>| / pairs.
    double delta_bound = 0;
    double distance_bound = 0;
    std::vector<std::uint32_t> initial_mapping;  // as in CompileResult
    std::vector<std::uint32_t> final_mapping;
};

// Whether level, options and pipeline of a compile job make sense; the circuit is not looked at.
// INVALID_ARGUMENT names the option or the pass.
[[nodiscard]] Status check_work(const CompileJob& job);
// The same, and whether there is one target and a possible one.
[[nodiscard]] Status check_work(const SynthesizeJob& job);
// The same, and whether the circuit can be fitted to it.
[[nodiscard]] Status check_work(const InstantiateJob& job);
// The pipeline behind the job's level and options, as JSON.
[[nodiscard]] Result<std::string> level_pipeline(const CompileJob& job);

// What a pipeline may hold.
struct PassParameter {
    std::string name;
    std::string fallback;  // as it stands in JSON
    std::string values;    // for people, e.g. "2 .. 4"
    std::string doc;
};
struct PassInfo {
    std::string name;
    std::string place;  // "circuit", "block" (inside of for_each_block) or "combinator"
    std::string doc;
    std::vector<PassParameter> parameters;
};
[[nodiscard]] std::vector<PassInfo> known_passes();

// Names of machines that are known without a file; N, R and C stand for numbers.
[[nodiscard]] std::vector<std::string> machine_presets();
// A preset as JSON (docs/machine_model.schema.json). NOT_FOUND lists the names.
[[nodiscard]] Result<std::string> machine_json(const std::string& preset);

// The figures of a circuit on its own; `qasm` and `path` as in CompileJob.
[[nodiscard]] Result<CircuitFigures> inspect_circuit(const CompileJob& circuit);

// One process of the tree; parents come before their children.
struct WorkerInfo {
    std::vector<int> cpus;  // what the kernel allows it
    std::int64_t pid = 0;
    std::uint64_t tasks_done = 0;
};
struct NodeInfo {
    std::string id;
    std::string parent;  // empty for the first
    std::string role;    // "server", "manager", "rank"
    std::string name;
    std::string build;
    std::vector<std::string> listening;
    std::map<std::string, std::string> tags;
    std::vector<WorkerInfo> workers;
    std::string state;  // "up", "silent for 3 s", "lost"
};

}  // namespace quercus::client
