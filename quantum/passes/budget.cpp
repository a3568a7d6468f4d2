#include "quantum/passes/budget.hpp"

#include <algorithm>
#include <cmath>
#include <tuple>

namespace quercus::passes {

namespace {

// From one offer of a place to one that saves more.
struct Upgrade {
    double price = 0;  // delta per saving
    std::size_t place = 0;
    std::size_t from = kNone, to = kNone;
    double delta = 0;
};

// The upgrades along the lower convex hull of (saved, delta), from `start` on: each costs more per
// saving than the one before it.
void add_upgrades(const std::vector<Offer>& offers, std::size_t start, std::size_t place,
                  std::vector<Upgrade>& all) {
    for (std::size_t now = start;;) {
        const Offer here = now == kNone ? Offer{} : offers[now];
        Upgrade best{kNoLimit, place, now, kNone, 0};
        for (std::size_t to = 0; to < offers.size(); ++to) {
            const double saved = offers[to].saved - here.saved;
            const double delta = std::max(0.0, offers[to].delta - here.delta);
            if (saved > 0 && delta / saved < best.price) {
                best.price = delta / saved;
                best.to = to;
                best.delta = delta;
            }
        }
        if (best.to == kNone) {
            return;
        }
        all.push_back(best);
        now = best.to;
    }
}

}  // namespace

double allowed_delta(double error_budget) {
    // A hair less, so that squaring it gives no more than the budget again.
    return error_budget > 0 ? std::sqrt(2 * error_budget) * (1 - 1e-12) : kNoLimit;
}

double coarse(double x) {
    constexpr double kSteps = 8;
    int exponent = 0;
    const double fraction = std::frexp(x, &exponent);
    return std::isfinite(x) ? std::ldexp(std::floor(fraction * kSteps) / kSteps, exponent) : x;
}

std::vector<std::size_t> choose_offers(const std::vector<std::vector<Offer>>& offers,
                                       const std::vector<std::size_t>& start, double allowance) {
    std::vector<Upgrade> upgrades;
    for (std::size_t place = 0; place < offers.size(); ++place) {
        add_upgrades(offers[place], start[place], place, upgrades);
    }
    std::stable_sort(upgrades.begin(), upgrades.end(), [](const Upgrade& a, const Upgrade& b) {
        return std::tie(a.price, a.place) < std::tie(b.price, b.place);
    });
    std::vector<std::size_t> chosen = start;
    double left = allowance;
    for (const Upgrade& upgrade : upgrades) {
        if (chosen[upgrade.place] == upgrade.from && upgrade.delta <= left) {
            chosen[upgrade.place] = upgrade.to;
            left -= upgrade.delta;
        }
    }
    return chosen;
}

}  // namespace quercus::passes
