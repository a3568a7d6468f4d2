#include "client/cli/target_file.hpp"

#include <utility>

#include "client/cli/number_table.hpp"

namespace quercus::cli {
namespace {

using client::SynthesizeJob;

std::string shape_text(const NumberTable& table) {
    std::string text;
    for (const std::size_t size : table.shape) {
        text += (text.empty() ? "" : " x ") + std::to_string(size);
    }
    return text;
}

bool is_square(const NumberTable& table) {
    return table.shape.size() == 2 && table.shape[0] == table.shape[1];
}

bool is_vector(const NumberTable& table) {
    return table.shape.size() == 1 ||
           (table.shape.size() == 2 && (table.shape[0] == 1 || table.shape[1] == 1));
}

bool is_pairs(const NumberTable& table) {
    return (table.shape.size() == 3 && table.shape[1] == 2) ||
           (table.shape.size() == 2 && table.shape[0] % 2 == 0);
}

TargetKind guess(const NumberTable& table) {
    return is_square(table)   ? TargetKind::kUnitary
           : is_vector(table) ? TargetKind::kState
           : is_pairs(table)  ? TargetKind::kStateMap
                              : TargetKind::kGuess;
}

std::vector<client::StatePair> pairs_of(const NumberTable& table) {
    const auto columns = static_cast<std::ptrdiff_t>(table.shape.back());
    std::vector<client::StatePair> pairs;
    for (auto at = table.entries.begin(); at != table.entries.end(); at += 2 * columns) {
        pairs.push_back({{at, at + columns}, {at + columns, at + 2 * columns}});
    }
    return pairs;
}

Status unfit(const NumberTable& table, const std::string& name, const char* wanted) {
    return invalid_argument(name + ": the numbers are " + shape_text(table) + ", " + wanted +
                            " (--kind)");
}

}  // namespace

std::string target_file_help() {
    return "Files hold numbers: .npy (float or complex) or text, one row a line.\n"
           "  unitary    2^n rows of 2^n numbers\n"
           "  state      2^n amplitudes in one row or one column\n"
           "  state-map  rows of 2^n amplitudes: first input, first output, second input, ...,\n"
           "             or an array of shape (pairs, 2, 2^n)\n"
           "Without --kind a square is a unitary, a single row or column a state, anything else a\n"
           "state map; give --kind for one that is square. Qubit 0 is the least significant bit\n"
           "of an index.";
}

Result<SynthesizeJob> with_target(SynthesizeJob job, std::string_view content,
                                  const std::string& name, TargetKind kind) {
    Result<NumberTable> table = parse_table(content, name);
    if (!table) {
        return table.error();
    }
    switch (kind == TargetKind::kGuess ? guess(*table) : kind) {
        case TargetKind::kUnitary:
            if (!is_square(*table)) {
                return unfit(*table, name, "a unitary has as many rows as columns");
            }
            job.unitary = std::move(table->entries);
            return job;
        case TargetKind::kState:
            if (!is_vector(*table)) {
                return unfit(*table, name, "a state is one row or one column");
            }
            job.state = std::move(table->entries);
            return job;
        case TargetKind::kStateMap:
            if (!is_pairs(*table)) {
                return unfit(*table, name, "a state map has inputs and outputs in turn");
            }
            job.state_map = pairs_of(*table);
            return job;
        case TargetKind::kGuess:
            break;
    }
    return unfit(*table, name, "which is neither a unitary nor a state nor a state map");
}

}  // namespace quercus::cli
