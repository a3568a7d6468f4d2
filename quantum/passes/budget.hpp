#pragma once

// How an error budget is spent. The budget is a delta (ARCHITECTURE section 8): deltas of replaced
// blocks add up. Private to this room.

#include <cstddef>
#include <limits>
#include <vector>

namespace quercus::passes {

inline constexpr double kNoLimit = std::numeric_limits<double>::infinity();

// The delta that a distance_bound of `error_budget` allows in all; kNoLimit for 0.
[[nodiscard]] double allowed_delta(double error_budget);

// At most 20% less, in few steps, so that kernels of nearly equal circuits have equal inputs.
[[nodiscard]] double coarse(double x);

// One way to replace something: what it saves and what it costs, against leaving it alone.
struct Offer {
    double saved = 0;
    double delta = 0;
};

inline constexpr std::size_t kNone = ~std::size_t{0};

// Which offer each of several places takes (an index into offers[place], or kNone), such that the
// deltas beyond those of `start` sum up to at most `allowance`: the cheapest per saving first, and
// of these the first place first. `start[place]` is what is taken anyway (an index or kNone).
[[nodiscard]] std::vector<std::size_t> choose_offers(const std::vector<std::vector<Offer>>& offers,
                                                     const std::vector<std::size_t>& start,
                                                     double allowance);

}  // namespace quercus::passes
