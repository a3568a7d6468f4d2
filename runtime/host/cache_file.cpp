#include "runtime/host/cache_file.hpp"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/file.h>
#include <unistd.h>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "runtime/host/logging.hpp"

namespace quercus::host {

namespace fs = std::filesystem;

namespace {

constexpr const char* kFileName = "cache.sqlite";
constexpr const char* kLockName = "cache.lock";
constexpr std::int64_t kRowBytes = 150;  // digests, numbers and index
constexpr std::chrono::milliseconds kGather{100};
constexpr const char* kSchema =
    "PRAGMA auto_vacuum=INCREMENTAL; PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"
    "CREATE TABLE IF NOT EXISTS build(digest BLOB);"
    "CREATE TABLE IF NOT EXISTS result("
    " number INTEGER PRIMARY KEY, digest BLOB UNIQUE, output BLOB, checksum BLOB);";

BytesView view_of(const Digest& digest) {
    return {reinterpret_cast<const char*>(digest.bytes.data()), digest.bytes.size()};
}

// Over all three, so that none can be exchanged.
Digest checksum(const Digest& build, const Digest& digest, BytesView output) {
    return digest_of(Bytes(view_of(build)).append(view_of(digest)).append(output));
}

std::int64_t row_bytes(BytesView output) {
    return kRowBytes + static_cast<std::int64_t>(output.size());
}

struct Close {
    void operator()(sqlite3* db) const { sqlite3_close_v2(db); }
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Database = std::unique_ptr<sqlite3, Close>;

// One statement, run once.
class Statement {
 public:
    Statement(sqlite3* db, const char* sql) {
        sqlite3_stmt* raw = nullptr;
        sqlite3_prepare_v2(db, sql, -1, &raw, nullptr);
        statement_.reset(raw);
    }
    Statement& bind(int at, BytesView bytes) {
        sqlite3_bind_blob64(statement_.get(), at, bytes.data(), bytes.size(), SQLITE_TRANSIENT);
        return *this;
    }
    Statement& bind(int at, std::int64_t number) {
        sqlite3_bind_int64(statement_.get(), at, number);
        return *this;
    }
    // SQLITE_ROW, SQLITE_DONE or an error; SQLITE_MISUSE when it could not be prepared.
    int step() { return statement_ ? sqlite3_step(statement_.get()) : SQLITE_MISUSE; }
    [[nodiscard]] BytesView blob(int at) const {
        const auto* data = static_cast<const char*>(sqlite3_column_blob(statement_.get(), at));
        return {data, static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), at))};
    }
    [[nodiscard]] std::int64_t number(int at) const {
        return sqlite3_column_int64(statement_.get(), at);
    }

 private:
    std::unique_ptr<sqlite3_stmt, Close> statement_;
};

bool run(sqlite3* db, const char* sql) {
    return sqlite3_exec(db, sql, nullptr, nullptr, nullptr) == SQLITE_OK;
}

struct Opened {
    Database db;  // null: it could not be opened
    bool damaged = false;
    std::string error;
};
Opened open(const fs::path& file) {
    sqlite3* raw = nullptr;
    int code = sqlite3_open(file.c_str(), &raw);
    Opened out;
    out.db.reset(raw);
    if (code == SQLITE_OK) {
        constexpr int kPatienceMs = 2000;
        sqlite3_busy_timeout(raw, kPatienceMs);
        code = sqlite3_exec(raw, kSchema, nullptr, nullptr, nullptr);
    }
    if (code == SQLITE_OK &&
        Statement(raw, "SELECT count(*) FROM result, build").step() != SQLITE_ROW) {
        code = sqlite3_errcode(raw);
    }
    if (code != SQLITE_OK) {
        out.damaged = code == SQLITE_CORRUPT || code == SQLITE_NOTADB;
        out.error = sqlite3_errstr(code);
        out.db.reset();
    }
    return out;
}

// Held by one process at a time; free again when it ends, however it does.
class Lock {
 public:
    explicit Lock(const fs::path& file)
        : fd_(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)) {
        is_held_ = fd_ >= 0 && ::flock(fd_, LOCK_EX | LOCK_NB) == 0;
    }
    ~Lock() {
        if (fd_ >= 0) {
            ::close(fd_);
        }
    }
    Lock(const Lock&) = delete;
    Lock& operator=(const Lock&) = delete;
    [[nodiscard]] bool is_held() const { return is_held_; }

 private:
    int fd_;
    bool is_held_ = false;
};

fs::path made(const fs::path& folder) {
    std::error_code error;
    fs::create_directories(folder, error);
    return folder;
}

void warn(const std::string& text) {
    log_event(scheduling::Severity::kWarning, "cache_file", text);
}

}  // namespace

class CacheFile::Impl {
 public:
    Impl(const fs::path& folder, const Digest& build, std::uint64_t limit_bytes)
        : build_(build),
          limit_bytes_(static_cast<std::int64_t>(limit_bytes)),
          lock_(made(folder) / kLockName) {
        const fs::path file = folder / kFileName;
        if (!lock_.is_held()) {
            warn(folder.string() +
                 " cannot be used, or another server uses it: results are cached " +
                 "in memory only");
            return;
        }
        Opened opened = open(file);
        bool is_sound = opened.db != nullptr && keep_build(*opened.db) && load(*opened.db);
        if (opened.damaged || (opened.db && !is_sound)) {
            opened.db.reset();
            put_aside(file);
            opened = open(file);
            is_sound = opened.db != nullptr && keep_build(*opened.db);
        }
        if (!is_sound) {
            warn("cannot use " + file.string() + " (" + opened.error +
                 "): results are cached in memory only");
            return;
        }
        db_ = std::move(opened.db);
        write(false, {});  // the limit may be lower than it was
        thread_ = std::thread([this] { write_loop(); });
    }

    ~Impl() {
        if (thread_.joinable()) {
            {
                const std::lock_guard lock(mutex_);
                ends_ = true;
            }
            changed_.notify_one();
            thread_.join();
        }
    }

    CacheEntries take_loaded() { return std::exchange(loaded_, {}); }

    void store(const Digest& digest, const Payload& output) {
        post([&] {
            waiting_.emplace_back(digest, output);
            return waiting_.size() == 1;
        });
    }
    void clear() {
        post([&] {
            waiting_.clear();
            clears_ = true;
            return true;
        });
    }

 private:
    // `change` says whether the writer is to be woken.
    template <class Change>
    void post(Change change) {
        if (!thread_.joinable()) {
            return;
        }
        bool wakes = false;
        {
            const std::lock_guard lock(mutex_);
            wakes = change();
        }
        if (wakes) {
            changed_.notify_one();
        }
    }

    static void put_aside(const fs::path& file) {
        std::error_code error;
        for (const char* end : {"", "-wal", "-shm"}) {
            fs::path part = file;
            part += end;
            fs::path aside = part;
            aside += ".damaged";
            fs::rename(part, aside, error);
        }
        warn("damaged: put aside as " + file.string() + ".damaged");
    }

    [[nodiscard]] bool keep_build(sqlite3& db) const {
        Statement known(&db, "SELECT digest FROM build");
        if (known.step() == SQLITE_ROW && known.blob(0) == view_of(build_)) {
            return true;
        }
        return run(&db, "DELETE FROM result; DELETE FROM build;") &&
               Statement(&db, "INSERT INTO build VALUES(?)").bind(1, view_of(build_)).step() ==
                   SQLITE_DONE;
    }

    // False when SQLite finds the file damaged.
    bool load(sqlite3& db) {
        std::vector<std::int64_t> wrong;
        Statement rows(&db, "SELECT digest, output, checksum, number FROM result ORDER BY number");
        int code = rows.step();
        for (; code == SQLITE_ROW; code = rows.step()) {
            Digest digest;
            const BytesView key = rows.blob(0);
            const BytesView output = rows.blob(1);
            const bool has_key = key.size() == digest.bytes.size();
            if (has_key) {
                std::copy(key.begin(), key.end(), digest.bytes.begin());
            }
            if (has_key && rows.blob(2) == view_of(checksum(build_, digest, output))) {
                loaded_.emplace_back(digest, Payload(Bytes(output)));
                size_ += row_bytes(output);
            } else {
                wrong.push_back(rows.number(3));
            }
        }
        if (code != SQLITE_DONE) {
            loaded_.clear();
            size_ = 0;
            return false;
        }
        for (const std::int64_t number : wrong) {
            Statement(&db, "DELETE FROM result WHERE number = ?").bind(1, number).step();
        }
        if (!wrong.empty()) {
            warn(std::to_string(wrong.size()) + " results with a wrong checksum dropped");
        }
        return true;
    }

    void write_loop() {
        std::unique_lock lock(mutex_);
        for (;;) {
            changed_.wait(lock, [this] { return ends_ || clears_ || !waiting_.empty(); });
            // One transaction for what comes together.
            changed_.wait_for(lock, kGather, [this] { return ends_ || clears_; });
            if (!clears_ && waiting_.empty()) {
                return;
            }
            const bool clears = std::exchange(clears_, false);
            const CacheEntries entries = std::exchange(waiting_, {});
            lock.unlock();
            write(clears, entries);
            lock.lock();
        }
    }

    void write(bool clears, const CacheEntries& entries) {
        run(db_.get(), "BEGIN");
        if (clears) {
            run(db_.get(), "DELETE FROM result");
            size_ = 0;
        }
        for (const auto& [digest, output] : entries) {
            const Digest sum = checksum(build_, digest, output.view());
            const int code =
                Statement(db_.get(),
                          "INSERT OR IGNORE INTO result(digest, output, checksum) VALUES(?,?,?)")
                    .bind(1, view_of(digest))
                    .bind(2, output.view())
                    .bind(3, view_of(sum))
                    .step();
            const bool is_new = code == SQLITE_DONE && sqlite3_changes(db_.get()) == 1;
            size_ += is_new ? row_bytes(output.view()) : 0;
        }
        while (size_ > limit_bytes_ && drop_oldest()) {
        }
        if (!run(db_.get(), "COMMIT")) {
            warn(std::string("cannot write: ") + sqlite3_errmsg(db_.get()));
            run(db_.get(), "ROLLBACK");
        }
        run(db_.get(), "PRAGMA incremental_vacuum");
    }

    // A tenth of the entries, at least one.
    bool drop_oldest() {
        Statement oldest(
            db_.get(),
            "SELECT max(number), sum(length(output) + ?) FROM (SELECT number, output FROM "
            "result ORDER BY number LIMIT (SELECT count(*) / 10 + 1 FROM result))");
        if (oldest.bind(1, kRowBytes).step() != SQLITE_ROW || oldest.number(0) == 0) {
            return false;
        }
        size_ -= oldest.number(1);
        return Statement(db_.get(), "DELETE FROM result WHERE number <= ?")
                   .bind(1, oldest.number(0))
                   .step() == SQLITE_DONE;
    }

    const Digest build_;
    const std::int64_t limit_bytes_;
    Lock lock_;
    Database db_;  // the writer's once it runs
    std::int64_t size_ = 0;
    CacheEntries loaded_;
    std::mutex mutex_;
    std::condition_variable changed_;
    CacheEntries waiting_;
    bool clears_ = false;
    bool ends_ = false;
    std::thread thread_;
};

CacheFile::CacheFile(const fs::path& folder, const Digest& build, std::uint64_t limit_bytes)
    : impl_(std::make_unique<Impl>(folder, build, limit_bytes)) {}
CacheFile::~CacheFile() = default;
CacheEntries CacheFile::take_loaded() {
    return impl_->take_loaded();
}
void CacheFile::store(const Digest& digest, const Payload& output) {
    impl_->store(digest, output);
}
void CacheFile::clear() {
    impl_->clear();
}

}  // namespace quercus::host
