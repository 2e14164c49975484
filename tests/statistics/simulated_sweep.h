// Sweeps whose truth is chosen: accuracies made of what weights, subsets and runs add by chance, and
// of what pretraining gives.
#pragma once

#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include "core/random.h"
#include "statistics/cells.h"

namespace espalier::statistics {

struct SimulatedSweep {
  int64_t backbones = 1, seeds = 9;  // of each backbone
  int64_t cuts = 5;
  std::vector<int64_t> budgets = {10};
  double between = 0.015;  // standard deviation of what different weights give, kept frozen
  double subset = 0.02;    // of what the cells of a seed share
  double noise = 0.01;     // of a cell
  // Settings of which an arm and its control take one together, by held-out images of seed 0; what one
  // is worth to both, and beside that to particular weights, wherever they are cut.
  int64_t settings = 1;
  double worth = 0, taste = 0;
  // What pretraining gives after `cut` stages, kept frozen, tuned, and tuned at the lower factor.
  std::function<double(int64_t cut)> frozen = [](int64_t) { return 0.0; };
  std::function<double(int64_t cut)> tuned = [](int64_t) { return 0.0; };
  double lower = 0;
};

class Simulation {
 public:
  Simulation(SimulatedSweep sweep, uint64_t number) : sweep_(std::move(sweep)), number_(number) {
    for (const int64_t budget : sweep_.budgets)
      for (int64_t seed = 0; seed < sweep_.backbones * sweep_.seeds; ++seed) add_seed(budget, seed);
  }

  const std::vector<Cell>& cells() const { return cells_; }

 private:
  double normal(const char* name, int64_t a, int64_t b = 0, int64_t c = 0) const {
    return Draw(number_, name,
                {static_cast<uint64_t>(a), static_cast<uint64_t>(b), static_cast<uint64_t>(c)})
        .normal();
  }

  // What stages (from, to] of such weights are worth, of all `cuts`.
  double quality(int64_t weights, int64_t from, int64_t to) const {
    double sum = 0;
    for (int64_t stage = from + 1; stage <= to; ++stage) sum += normal("weights", weights, stage);
    return sweep_.between * sum / std::sqrt(static_cast<double>(sweep_.cuts));
  }

  // Random stages lose more the more of them are kept; a low rate loses too. Weights that are trained
  // matter less than frozen ones. What is above the cut is drawn anew for every seed.
  double frozen(int64_t kept, int64_t fresh, int64_t cut) const {
    return 0.5 - 0.04 * static_cast<double>(cut) + quality(kept, 0, cut) +
           0.3 * quality(fresh, cut, sweep_.cuts);
  }
  double tuned(int64_t kept, int64_t fresh, int64_t cut, double factor) const {
    return 0.5 + (factor < 1 ? -0.005 * static_cast<double>(cut) : 0) +
           (factor < 1 ? 0.6 : 0.3) * quality(kept, 0, cut) +
           0.3 * quality(fresh, cut, sweep_.cuts);
  }

  // Arms that choose together.
  struct Company {
    std::string name;
    int64_t budget = 0, cut = 0;
    bool lower = false;
  };

  double worth(const Company& company, int64_t weights, int64_t setting) const {
    const double of_all = normal(("worth to " + company.name).c_str(),
                                 100 * company.budget + setting, company.cut, company.lower);
    return sweep_.worth * of_all + sweep_.taste * normal("taste", weights, setting, company.lower);
  }

  // That of the highest mean over the arms, whose weights at seed 0 are given.
  int64_t chosen(const Company& company, const std::vector<int64_t>& weights) const {
    const auto held_out = [&](int64_t setting) {
      double sum = 0;
      for (const int64_t of : weights)
        sum += worth(company, of, setting) +
               0.02 * normal(("held out of " + company.name).c_str(), 100 * of + setting,
                             100 * company.budget + company.cut, company.lower);
      return sum;
    };
    int64_t best = 0;
    for (int64_t setting = 1; setting < sweep_.settings; ++setting)
      if (held_out(setting) > held_out(best)) best = setting;
    return best;
  }

  void add_seed(int64_t budget, int64_t seed) {
    const int64_t backbone = seed / sweep_.seeds, fresh = 1000 + seed, cuts = sweep_.cuts;
    const double shared = sweep_.subset * normal("subset", budget, seed);
    // `validation` is what held-out images of seed 0 say of the arm.
    const auto add = [&](const Line& line, const Company& company, int64_t setting, double mean,
                         double validation) {
      const auto run = static_cast<int64_t>(cells_.size());
      const double by_setting = worth(company, line.source.empty() ? fresh : backbone, setting);
      cells_.push_back({.source = line.source,
                        .mode = line.mode,
                        .head = line.head,
                        .status = "done",
                        .factor = line.factor,
                        .cut = company.cut,
                        .labels_per_class = budget,
                        .seed = seed,
                        .backbone = backbone,
                        .lr = 0.1 * static_cast<double>(1 + setting),
                        .validation = validation + 0.02 * normal(line.mode.c_str(), budget,
                                                                 company.cut, line.factor < 1),
                        .accuracy = mean + by_setting + shared + sweep_.noise * normal("run", run),
                        .control = line.control});
    };
    const Company alone{"scratch", budget};
    add({"", "scratch", "suffix", 1}, alone, chosen(alone, {1000}), tuned(fresh, fresh, cuts, 1),
        tuned(1000, 1000, cuts, 1));
    for (int64_t cut = 1; cut <= cuts; ++cut) {
      const Company rest{"frozen", budget, cut};
      const int64_t at = chosen(rest, {0, 1000});
      add({kOurs, "frozen", "suffix"}, rest, at, frozen(backbone, fresh, cut) + sweep_.frozen(cut),
          0);
      add({"", "random_frozen", "suffix", 0, true}, rest, at, frozen(fresh, fresh, cut), 0);
      for (const double factor : {1.0, 0.1}) {
        const double gain = sweep_.tuned(cut) + (factor < 1 ? sweep_.lower : 0);
        const Company learn{"tuned", budget, cut, factor < 1};
        const int64_t setting = chosen(learn, {0, 1000});
        add({kOurs, "tuned", "suffix", factor}, learn, setting,
            tuned(backbone, fresh, cut, factor) + gain, tuned(0, 1000, cut, factor) + gain);
        if (factor < 1 || sweep_.settings > 1)  // at factor 1 and one setting it is scratch
          add({"", "random_tuned", "suffix", factor, true}, learn, setting,
              tuned(fresh, fresh, cut, factor), tuned(1000, 1000, cut, factor));
      }
    }
  }

  SimulatedSweep sweep_;
  uint64_t number_;
  std::vector<Cell> cells_;
};

}  // namespace espalier::statistics
