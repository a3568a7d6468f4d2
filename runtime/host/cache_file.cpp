#include "runtime/host/cache_file.hpp"

#include <sqlite3.h>

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
constexpr const char* kSchema =
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"
    "CREATE TABLE IF NOT EXISTS build(digest BLOB);"
    "CREATE TABLE IF NOT EXISTS result("
    " number INTEGER PRIMARY KEY, digest BLOB UNIQUE, output BLOB, checksum BLOB);";

BytesView view_of(const Digest& digest) {
    return {reinterpret_cast<const char*>(digest.bytes.data()), digest.bytes.size()};
}

// Over both, so that neither can be exchanged.
Digest checksum(const Digest& digest, BytesView output) {
    return digest_of(Bytes(view_of(digest)).append(output));
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

Database open(const fs::path& file) {
    sqlite3* raw = nullptr;
    const int code = sqlite3_open(file.c_str(), &raw);
    Database db(raw);
    if (code != SQLITE_OK) {
        return nullptr;
    }
    constexpr int kPatienceMs = 2000;
    sqlite3_busy_timeout(db.get(), kPatienceMs);
    if (!run(db.get(), kSchema) ||
        Statement(db.get(), "SELECT count(*) FROM result, build").step() != SQLITE_ROW) {
        return nullptr;
    }
    return db;
}

void warn(const std::string& text) {
    log_event(scheduling::Severity::kWarning, "cache_file", text);
}

}  // namespace

class CacheFile::Impl {
 public:
    Impl(const fs::path& folder, const Digest& build, std::uint64_t limit_bytes)
        : limit_bytes_(static_cast<std::int64_t>(limit_bytes)) {
        std::error_code error;
        fs::create_directories(folder, error);
        const fs::path file = folder / kFileName;
        db_ = open(file);
        if (!db_) {
            put_aside(file);
            db_ = open(file);
        }
        if (!db_) {
            warn("cannot use " + file.string() + ": results are cached in memory only");
            return;
        }
        keep_build(build);
        if (!load()) {
            // Damaged behind its first pages.
            db_.reset();
            put_aside(file);
            db_ = open(file);
            keep_build(build);
        }
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
        post([&] { waiting_.emplace_back(digest, output); });
    }
    void clear() {
        post([&] {
            waiting_.clear();
            clears_ = true;
        });
    }

 private:
    template <class Change>
    void post(Change change) {
        if (!thread_.joinable()) {
            return;
        }
        {
            const std::lock_guard lock(mutex_);
            change();
        }
        changed_.notify_one();
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

    void keep_build(const Digest& build) {
        if (!db_) {
            return;
        }
        Statement known(db_.get(), "SELECT digest FROM build");
        if (known.step() == SQLITE_ROW && known.blob(0) == view_of(build)) {
            return;
        }
        run(db_.get(), "DELETE FROM result; DELETE FROM build;");
        Statement(db_.get(), "INSERT INTO build VALUES(?)").bind(1, view_of(build)).step();
    }

    // False when SQLite finds the file damaged.
    bool load() {
        std::size_t wrong = 0;
        Statement rows(db_.get(), "SELECT digest, output, checksum FROM result ORDER BY number");
        int code = rows.step();
        for (; code == SQLITE_ROW; code = rows.step()) {
            Digest digest;
            const BytesView key = rows.blob(0);
            if (key.size() == digest.bytes.size()) {
                std::copy(key.begin(), key.end(), digest.bytes.begin());
                if (rows.blob(2) == view_of(checksum(digest, rows.blob(1)))) {
                    loaded_.emplace_back(digest, Payload(Bytes(rows.blob(1))));
                    size_ += static_cast<std::int64_t>(rows.blob(1).size());
                    continue;
                }
            }
            ++wrong;
        }
        if (wrong > 0) {
            warn(std::to_string(wrong) + " results with a wrong checksum dropped");
        }
        if (code != SQLITE_DONE) {
            loaded_.clear();
            size_ = 0;
        }
        return code == SQLITE_DONE;
    }

    void write_loop() {
        std::unique_lock lock(mutex_);
        for (;;) {
            changed_.wait(lock, [this] { return ends_ || clears_ || !waiting_.empty(); });
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
            const Digest sum = checksum(digest, output.view());
            Statement(db_.get(),
                      "INSERT OR REPLACE INTO result(digest, output, checksum) VALUES(?,?,?)")
                .bind(1, view_of(digest))
                .bind(2, output.view())
                .bind(3, view_of(sum))
                .step();
            size_ += static_cast<std::int64_t>(output.size());
        }
        while (size_ > limit_bytes_ && drop_oldest()) {
        }
        if (!run(db_.get(), "COMMIT")) {
            warn(std::string("cannot write: ") + sqlite3_errmsg(db_.get()));
            run(db_.get(), "ROLLBACK");
        }
    }

    // A tenth of the entries, at least one.
    bool drop_oldest() {
        Statement oldest(db_.get(),
                         "SELECT max(number), sum(length(output)) FROM (SELECT number, output FROM "
                         "result ORDER BY number LIMIT (SELECT count(*) / 10 + 1 FROM result))");
        if (oldest.step() != SQLITE_ROW || oldest.number(0) == 0) {
            return false;
        }
        size_ -= oldest.number(1);
        return Statement(db_.get(), "DELETE FROM result WHERE number <= ?")
                   .bind(1, oldest.number(0))
                   .step() == SQLITE_DONE;
    }

    const std::int64_t limit_bytes_;
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
