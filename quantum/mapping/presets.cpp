#include "quantum/mapping/presets.hpp"

#include <charconv>
#include <map>

namespace quercus::mapping {

namespace {

// Qubits at places of a square lattice, numbered row by row, neighbours joined.
struct LatticeRow {
    int first_column, length;
};

std::vector<ModelEdge> lattice(const std::vector<LatticeRow>& rows) {
    std::map<std::pair<int, int>, Qubit> at;
    for (std::size_t r = 0; r < rows.size(); ++r) {
        for (int c = 0; c < rows[r].length; ++c) {
            at.emplace(std::pair(static_cast<int>(r), rows[r].first_column + c), at.size());
        }
    }
    std::vector<ModelEdge> edges;
    for (const auto& [place, q] : at) {
        for (const auto& next :
             {std::pair(place.first, place.second + 1), std::pair(place.first + 1, place.second)}) {
            if (const auto found = at.find(next); found != at.end()) {
                edges.push_back({q, found->second, false, {}});
            }
        }
    }
    return edges;
}

std::uint32_t qubits_of(const std::vector<LatticeRow>& rows) {
    std::uint32_t total = 0;
    for (const LatticeRow& row : rows) {
        total += static_cast<std::uint32_t>(row.length);
    }
    return total;
}

// IBM's lattice: long rows, every fourth place joined to the next row through one more qubit; the
// places alternate between `even` and `odd` from row to row. Numbered row, connectors, row, ...
// With `dangling` the last row has connectors that lead nowhere.
struct HeavyHex {
    std::vector<LatticeRow> rows;
    int even, odd, connectors;
    bool dangling;
};

MachineModel heavy_hex(const HeavyHex& shape) {
    MachineModel model;
    Qubit next = 0;
    std::map<int, Qubit> above;  // column -> connector over the row
    for (std::size_t r = 0; r < shape.rows.size(); ++r) {
        const LatticeRow row = shape.rows[r];
        std::map<int, Qubit> here;
        for (int c = 0; c < row.length; ++c) {
            if (c > 0) {
                model.edges.push_back({next - 1, next, false, {}});
            }
            here[row.first_column + c] = next++;
        }
        for (const auto& [column, connector] : above) {
            model.edges.push_back({connector, here.at(column), false, {}});
        }
        above.clear();
        if (r + 1 < shape.rows.size() || shape.dangling) {
            for (int k = 0; k < shape.connectors; ++k) {
                const int column = (r % 2 == 0 ? shape.even : shape.odd) + 4 * k;
                model.edges.push_back({here.at(column), next, false, {}});
                above[column] = next++;
            }
        }
    }
    model.num_qubits = next;
    return model;
}

MachineModel heavy_hex_27() {
    MachineModel model;
    model.num_qubits = 27;
    constexpr std::pair<Qubit, Qubit> kEdges[] = {
        {0, 1},   {1, 2},   {1, 4},   {2, 3},   {3, 5},   {4, 7},   {5, 8},
        {6, 7},   {7, 10},  {8, 9},   {8, 11},  {10, 12}, {11, 14}, {12, 13},
        {12, 15}, {13, 14}, {14, 16}, {15, 18}, {16, 19}, {17, 18}, {18, 21},
        {19, 20}, {19, 22}, {21, 23}, {22, 25}, {23, 24}, {24, 25}, {25, 26}};
    for (const auto& [a, b] : kEdges) {
        model.edges.push_back({a, b, false, {}});
    }
    return model;
}

// Two rows of five octagons, neighbours joined by two edges.
MachineModel aspen() {
    MachineModel model;
    model.num_qubits = 80;
    for (Qubit o = 0; o < 10; ++o) {
        for (Qubit k = 0; k < 8; ++k) {
            model.edges.push_back({8 * o + k, 8 * o + (k + 1) % 8, false, {}});
        }
        if (o % 5 < 4) {
            model.edges.push_back({8 * o + 1, 8 * o + 14, false, {}});
            model.edges.push_back({8 * o + 2, 8 * o + 13, false, {}});
        }
        if (o < 5) {
            model.edges.push_back({8 * o, 8 * (o + 5) + 3, false, {}});
            model.edges.push_back({8 * o + 7, 8 * (o + 5) + 4, false, {}});
        }
    }
    return model;
}

MachineModel all_to_all(std::uint32_t n) {
    MachineModel model;
    model.num_qubits = n;
    for (Qubit a = 0; a < n; ++a) {
        for (Qubit b = a + 1; b < n; ++b) {
            model.edges.push_back({a, b, false, {}});
        }
    }
    return model;
}

MachineModel of_lattice(const std::vector<LatticeRow>& rows) {
    MachineModel model;
    model.num_qubits = qubits_of(rows);
    model.edges = lattice(rows);
    return model;
}

// A whole number from 1 to `limit`, or 0.
std::uint32_t number(std::string_view text, std::uint32_t limit) {
    std::uint32_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool good = error == std::errc{} && end == text.data() + text.size() && value <= limit;
    return good ? value : 0;
}

struct Fixed {
    const char* name;
    MachineModel (*make)();
    std::vector<Gate> one_qubit, two_qubit;
};

const std::vector<Fixed>& fixed_models() {
    static const std::vector<Gate> kIbm = {Gate::kRZ, Gate::kSX, Gate::kX};
    static const std::vector<Fixed> models = {
        {"heavy-hex-27", heavy_hex_27, kIbm, {Gate::kCX}},
        {"heavy-hex-65",
         [] {
             return heavy_hex({{{0, 10}, {0, 11}, {0, 11}, {0, 11}, {1, 10}}, 0, 2, 3, false});
         },
         kIbm,
         {Gate::kCX}},
        {"heavy-hex-127",
         [] {
             return heavy_hex(
                 {{{0, 14}, {0, 15}, {0, 15}, {0, 15}, {0, 15}, {0, 15}, {1, 14}}, 0, 2, 4, false});
         },
         kIbm,
         {Gate::kECR}},
        {"heavy-hex-133",
         [] {
             return heavy_hex({std::vector<LatticeRow>(7, {0, 15}), 0, 2, 4, true});
         },
         kIbm,
         {Gate::kCZ}},
        {"heavy-hex-156",
         [] {
             return heavy_hex({std::vector<LatticeRow>(8, {0, 16}), 3, 1, 4, false});
         },
         kIbm,
         {Gate::kCZ}},
        {"sycamore-54",
         [] {
             return of_lattice(
                 {{5, 2}, {4, 4}, {3, 6}, {2, 8}, {1, 9}, {0, 9}, {1, 7}, {2, 5}, {3, 3}, {4, 1}});
         },
         {Gate::kPhasedXZ, Gate::kRZ},
         {Gate::kCZ, Gate::kSqrtISwap, Gate::kSycamore}},
        {"sycamore-23",
         [] {
             return of_lattice({{2, 1}, {1, 3}, {0, 5}, {1, 5}, {2, 5}, {3, 3}, {4, 1}});
         },
         {Gate::kPhasedXZ, Gate::kRZ},
         {Gate::kCZ, Gate::kSqrtISwap, Gate::kSycamore}},
        {"aspen", aspen, {Gate::kRZ, Gate::kRX}, {Gate::kCZ, Gate::kCP}},
        {"ankaa",
         [] {
             return of_lattice(std::vector<LatticeRow>(7, {0, 12}));
         },
         {Gate::kRZ, Gate::kRX},
         {Gate::kISwap}},
        {"h1", [] { return all_to_all(20); }, {Gate::kR, Gate::kRZ}, {Gate::kRZZ}},
        {"h2", [] { return all_to_all(56); }, {Gate::kR, Gate::kRZ}, {Gate::kRZZ}},
        {"iqm-20",
         [] {
             return of_lattice({{1, 2}, {0, 5}, {0, 5}, {0, 5}, {1, 3}});
         },
         {Gate::kR},
         {Gate::kCZ}},
    };
    return models;
}

// Generic shapes; a model without qubits when the name is none of them or a size is out of range.
struct Generic {
    bool known = false;
    MachineModel model;
};

Generic generic(std::string_view name) {
    const std::size_t dash = name.rfind('-');
    if (dash == std::string_view::npos) {
        return {};
    }
    const std::string_view shape = name.substr(0, dash), size = name.substr(dash + 1);
    if (shape == "all-to-all") {
        return {true, all_to_all(number(size, 200))};
    }
    if (shape == "line" || shape == "ring") {
        const std::uint32_t n = number(size, kMaxModelQubits);
        MachineModel model = of_lattice({{0, static_cast<int>(n)}});
        if (shape == "ring" && n >= 3) {
            model.edges.push_back({n - 1, 0, false, {}});
        }
        return {true, std::move(model)};
    }
    if (shape == "grid") {
        const std::size_t cross = size.find('x');
        const std::uint32_t r = number(size.substr(0, cross), kMaxModelQubits);
        const std::uint32_t c =
            cross == std::string_view::npos ? 0 : number(size.substr(cross + 1), kMaxModelQubits);
        if (r == 0 || c == 0 || std::uint64_t{r} * c > kMaxModelQubits) {
            return {true, {}};
        }
        return {true, of_lattice(std::vector<LatticeRow>(r, {0, static_cast<int>(c)}))};
    }
    return {};
}

}  // namespace

Result<MachineModel> preset(std::string_view name) {
    for (const Fixed& fixed : fixed_models()) {
        if (name == fixed.name) {
            MachineModel model = fixed.make();
            model.name = name;
            model.one_qubit_gates = fixed.one_qubit;
            model.two_qubit_gates = fixed.two_qubit;
            return model;
        }
    }
    Generic made = generic(name);
    if (made.known && made.model.num_qubits == 0) {
        return invalid_argument("machine model '" + std::string(name) +
                                "': the size must be at least 1 and at most " +
                                std::to_string(kMaxModelQubits) + " qubits (all-to-all: 200)");
    }
    if (made.known) {
        made.model.name = name;
        made.model.one_qubit_gates = {Gate::kRZ, Gate::kSX, Gate::kX};
        made.model.two_qubit_gates = {Gate::kCZ};
        return std::move(made.model);
    }
    std::string known;
    for (const std::string& other : preset_names()) {
        known += (known.empty() ? "" : ", ") + other;
    }
    return invalid_argument("no machine model '" + std::string(name) + "'; known are " + known);
}

std::vector<std::string> preset_names() {
    std::vector<std::string> names = {"all-to-all-N", "line-N", "ring-N", "grid-RxC"};
    for (const Fixed& fixed : fixed_models()) {
        names.emplace_back(fixed.name);
    }
    return names;
}

}  // namespace quercus::mapping
