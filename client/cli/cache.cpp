// quercus cache stats, quercus cache clear

#include <CLI/CLI.hpp>

#include "client/cli/commands.hpp"
#include "client/cli/table.hpp"

namespace quercus::cli {
namespace {

int show_stats(const Globals& globals) {
    const auto client = connect_to_server(globals, "cache stats");
    const auto cache = client ? client->cache() : Result<client::CacheInfo>(client.error());
    if (!cache) {
        return report(globals, cache.error());
    }
    if (globals.json) {
        print_json({{"entries", cache->entries},
                    {"bytes", cache->bytes},
                    {"limit_bytes", cache->limit_bytes},
                    {"hits", cache->hits},
                    {"misses", cache->misses}});
        return kExitOk;
    }
    const std::uint64_t asked = cache->hits + cache->misses;
    Table table({Align::kLeft, Align::kLeft});
    table.add({"results", std::to_string(cache->entries)});
    table.add(
        {"bytes", std::to_string(cache->bytes) + " of " + std::to_string(cache->limit_bytes)});
    table.add(
        {"hits", std::to_string(cache->hits) + " of " + std::to_string(asked) +
                     (asked == 0 ? "" : " (" + std::to_string(100 * cache->hits / asked) + "%)")});
    print_line(table.to_string());
    return kExitOk;
}

int clear(const Globals& globals) {
    const auto client = connect_to_server(globals, "cache clear");
    const Status status = client ? client->clear_cache() : client.error();
    return status.is_ok() ? kExitOk : report(globals, status);
}

}  // namespace

void add_cache(CLI::App& app, Action& chosen) {
    CLI::App* cache =
        app.add_subcommand("cache", "The server's cache of block results, shared by all jobs");
    cache->require_subcommand(1);
    cache->add_subcommand("stats", "How much it holds, how often it knew the answer")
        ->callback([&chosen] {
            chosen = [](const Globals& globals, Interrupts&) { return show_stats(globals); };
        });
    cache->add_subcommand("clear", "Forget everything, on disk and in the managers too")
        ->callback([&chosen] {
            chosen = [](const Globals& globals, Interrupts&) { return clear(globals); };
        });
}

}  // namespace quercus::cli
