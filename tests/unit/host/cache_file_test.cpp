// The cache of results on disk.

#include <sqlite3.h>

#include <filesystem>
#include <fstream>

#include "runtime/host/cache_file.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/process.hpp"

namespace quercus::host {
namespace {

constexpr std::uint64_t kRoomy = 1 << 20;
const Digest kBuild = digest_of("build");

Digest key(int i) {
    return digest_of("key " + std::to_string(i));
}
Payload value(int i) {
    return Payload("value " + std::to_string(i) + std::string(100, 'x'));
}

void fill(const std::filesystem::path& folder, int count, std::uint64_t limit = kRoomy) {
    CacheFile file(folder, kBuild, limit);
    for (int i = 0; i < count; ++i) {
        file.store(key(i), value(i));
    }
}

CacheEntries load(const std::filesystem::path& folder, const Digest& build = kBuild) {
    return CacheFile(folder, build, kRoomy).take_loaded();
}

struct Folder {
    testing::TemporaryFolder folder;
    std::filesystem::path path = folder.file("state/deep");
    [[nodiscard]] std::filesystem::path file() const { return path / "cache.sqlite"; }
};

}  // namespace

TEST_CASE("cache file: what is stored is loaded by the next one, in order") {
    Folder t;
    fill(t.path, 20);
    const CacheEntries loaded = load(t.path);
    REQUIRE(loaded.size() == 20);
    for (int i = 0; i < 20; ++i) {
        CHECK(loaded[static_cast<std::size_t>(i)].first == key(i));
        CHECK(loaded[static_cast<std::size_t>(i)].second.view() == value(i).view());
    }
}

TEST_CASE("cache file: another build's results, and cleared ones, are gone") {
    Folder t;
    fill(t.path, 3);
    CHECK(load(t.path, digest_of("other")).empty());
    CHECK(load(t.path).empty());
    fill(t.path, 3);
    CacheFile(t.path, kBuild, kRoomy).clear();
    CHECK(load(t.path).empty());
}

TEST_CASE("cache file: the oldest go above the limit") {
    Folder t;
    const auto one = static_cast<std::uint64_t>(value(10).size() + 150);
    fill(t.path, 50, 10 * one);
    const CacheEntries loaded = load(t.path);
    REQUIRE_FALSE(loaded.empty());
    CHECK(loaded.size() <= 10);
    CHECK(loaded.back().first == key(49));
}

TEST_CASE("cache file: storing again costs nothing, a lower limit holds at once") {
    Folder t;
    {
        CacheFile file(t.path, kBuild, kRoomy);
        for (int turn = 0; turn < 50; ++turn) {
            file.store(key(1), value(1));
        }
        for (int i = 2; i < 12; ++i) {
            file.store(key(i), value(i));
        }
    }
    CHECK(load(t.path).size() == 11);
    const std::uint64_t room_for_five = 5 * (value(10).size() + 150);
    { const CacheFile smaller(t.path, kBuild, room_for_five); }
    const CacheEntries loaded = load(t.path);
    CHECK(loaded.size() <= 5);
    CHECK(loaded.size() >= 3);
    CHECK(loaded.back().first == key(11));
}

TEST_CASE("cache file: a second user of the folder keeps out of it") {
    Folder t;
    CacheFile first(t.path, kBuild, kRoomy);
    first.store(key(1), value(1));
    {
        CacheFile second(t.path, digest_of("other"), kRoomy);
        CHECK(second.take_loaded().empty());
        second.store(key(2), value(2));
    }
    first.store(key(3), value(3));
    first.clear();
    first.store(key(4), value(4));
    CHECK(std::filesystem::exists(t.file()));
}

TEST_CASE("cache file: a file that is no file of ours but cannot be written is left alone") {
    Folder t;
    std::filesystem::create_directories(t.file());  // a folder under the file's name
    fill(t.path, 2);
    CHECK(std::filesystem::is_directory(t.file()));
    CHECK(load(t.path).empty());
}

TEST_CASE("cache file: a changed result is dropped, the others stay") {
    Folder t;
    fill(t.path, 5);
    sqlite3* db = nullptr;
    REQUIRE(sqlite3_open(t.file().c_str(), &db) == SQLITE_OK);
    CHECK(sqlite3_exec(db, "UPDATE result SET output = x'00' WHERE number = 3", nullptr, nullptr,
                       nullptr) == SQLITE_OK);
    sqlite3_close(db);
    const CacheEntries loaded = load(t.path);
    REQUIRE(loaded.size() == 4);
    CHECK(loaded[2].first == key(3));
    CHECK(load(t.path).size() == 4);  // and it is gone for good
}

TEST_CASE("cache file: a damaged file is put aside and a new one begun") {
    Folder t;
    fill(t.path, 200);
    const auto size = std::filesystem::file_size(t.file());
    const bool from_the_start = GENERATE(true, false);
    {
        std::fstream file(t.file(), std::ios::in | std::ios::out | std::ios::binary);
        const auto begin = from_the_start ? std::uintmax_t{0} : size / 3;
        file.seekp(static_cast<std::streamoff>(begin));
        file << std::string(size - begin, '\x5a');
    }
    CHECK(load(t.path).empty());
    CHECK(std::filesystem::exists(t.path / "cache.sqlite.damaged"));
    fill(t.path, 2);
    CHECK(load(t.path).size() == 2);
}

TEST_CASE("cache file: a folder that cannot be made costs the file only") {
    const testing::TemporaryFolder folder;
    const std::string blocked = folder.write("file", "no folder");
    fill(blocked, 2);
    CHECK(load(blocked).empty());
}

}  // namespace quercus::host
