#include "quantum/synthesis/clean_angles.hpp"

#include <cmath>
#include <cstdint>
#include <numbers>

namespace quercus::synthesis {

namespace {

constexpr double kPi = std::numbers::pi;
// From here on an angle may be rounded to a multiple, if the target is still reached.
constexpr double kNear = 1e-7;
constexpr double kFree = 1e-3;  // of Instantiator::freedom
// A parameter that can move gets there in a few steps.
constexpr int kMostIterations = 30;
// Every parameter may ask for a descent or two; on long templates these take too long.
constexpr std::size_t kMostParameters = 64;

double nearest(double angle, double unit) {
    return std::round(angle / unit) * unit;
}

class Cleaner {
 public:
    Cleaner(Instantiator& engine, Ansatz solution, double polish, const StopCheck& stop)
        : engine_(engine), best_(std::move(solution)), fixed_(best_.params.size(), 0) {
        options_.threshold = polish;
        options_.polish = polish;
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
        round_all();
        return std::move(best_);
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

    // What came next to a multiple becomes one.
    void round_all() {
        std::vector<double> rounded = best_.params;
        std::vector<std::uint8_t> fixed(fixed_.size(), 0);
        for (std::size_t p = 0; p < rounded.size(); ++p) {
            const double multiple = nearest(rounded[p], kPi / 4);
            if (std::fabs(rounded[p] - multiple) <= kNear) {
                rounded[p] = multiple;
                fixed[p] = 1;
            }
        }
        reach(rounded, fixed);
    }

    bool reach(const std::vector<double>& start, const std::vector<std::uint8_t>& fixed) {
        options_.fixed = fixed;
        Instantiation found = engine_.run(best_.shape, start, options_);
        if (!(found.success && found.d <= options_.polish)) {
            return false;
        }
        best_.params = std::move(found.params);
        return true;
    }

    Instantiator& engine_;
    Ansatz best_;
    std::vector<std::uint8_t> fixed_;
    InstantiateOptions options_;
};

}  // namespace

Ansatz clean_angles(Instantiator& engine, Ansatz solution, double polish, const StopCheck& stop) {
    if (is_generic(solution.shape) || solution.params.size() > kMostParameters) {
        return solution;
    }
    return Cleaner(engine, std::move(solution), polish, stop).run();
}

}  // namespace quercus::synthesis
