#include "quantum/synthesis/clean_angles.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numbers>

namespace quercus::synthesis {

namespace {

constexpr double kPi = std::numbers::pi;
// From here on an angle may be rounded to a multiple, if the target is still reached.
constexpr double kNear = 1e-7;
constexpr double kFree = 1e-3;  // of Instantiator::freedom
// The d of what is exact up to rounding.
constexpr double kExact = 1e-24;
// A parameter that can move gets there in a few steps.
constexpr int kMostIterations = 30;
// Every parameter may ask for a descent or two; on long templates these take too long.
constexpr std::size_t kMostParameters = 64;

double nearest(double angle, double unit) {
    return std::round(angle / unit) * unit;
}

class Cleaner {
 public:
    Cleaner(Instantiator& engine, Ansatz solution, const StopCheck& stop)
        : engine_(engine),
          solution_(std::move(solution)),
          best_(solution_),
          fixed_(best_.params.size(), 0),
          most_(options_.polish) {
        options_.threshold = options_.polish;
        options_.max_iterations = kMostIterations;
        options_.is_hasty = true;
        options_.stop = stop;
    }

    Ansatz run() {
        std::vector<double> freedom = engine_.freedom(best_.shape, best_.params);
        for (std::size_t p = 0; p < fixed_.size() && !should_stop(options_.stop); ++p) {
            if (freedom[p] >= kFree && settle(p)) {
                freedom = engine_.freedom(best_.shape, best_.params, fixed_);
            }
        }
        // Where the target is flat a descent ends next to the angles that it should reach.
        most_ = std::max(kExact, d_of(solution_));
        const bool is_exact = round_all() || d_of(best_) <= most_;
        return is_exact ? std::move(best_) : std::move(solution_);
    }

 private:
    // Fixes one parameter at a multiple of pi / 2, else of pi / 4; the others follow. False if
    // they cannot.
    bool settle(std::size_t p) {
        const double coarse = nearest(best_.params[p], kPi / 2);
        const double fine = nearest(best_.params[p], kPi / 4);
        fixed_[p] = 1;
        std::vector<double> start = best_.params;
        start[p] = coarse;
        if (reach(start, fixed_)) {
            return true;
        }
        start[p] = fine;
        if (fine != coarse && reach(start, fixed_)) {
            return true;
        }
        fixed_[p] = 0;
        return false;
    }

    double d_of(const Ansatz& ansatz) {
        const std::vector<std::uint8_t> all(ansatz.params.size(), 1);
        options_.fixed = all;
        return engine_.run(ansatz.shape, ansatz.params, options_).d;
    }

    // What came next to a multiple becomes one. False if the target is not reached then.
    bool round_all() {
        std::vector<double> rounded = best_.params;
        std::vector<std::uint8_t> fixed(fixed_.size(), 0);
        for (std::size_t p = 0; p < rounded.size(); ++p) {
            const double multiple = nearest(rounded[p], kPi / 4);
            if (std::fabs(rounded[p] - multiple) <= kNear) {
                rounded[p] = multiple;
                fixed[p] = 1;
            }
        }
        return reach(rounded, fixed);
    }

    bool reach(const std::vector<double>& start, const std::vector<std::uint8_t>& fixed) {
        options_.fixed = fixed;
        Instantiation found = engine_.run(best_.shape, start, options_);
        if (!(found.d <= most_)) {
            return false;
        }
        best_.params = std::move(found.params);
        return true;
    }

    Instantiator& engine_;
    InstantiateOptions options_;
    Ansatz solution_;
    Ansatz best_;
    std::vector<std::uint8_t> fixed_;
    double most_;  // d that is taken
};

}  // namespace

Ansatz clean_angles(Instantiator& engine, Ansatz solution, const StopCheck& stop) {
    if (is_generic(solution.shape) || solution.params.size() > kMostParameters) {
        return solution;
    }
    return Cleaner(engine, std::move(solution), stop).run();
}

}  // namespace quercus::synthesis
