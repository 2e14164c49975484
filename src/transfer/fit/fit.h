// One arm of a sweep, trained once on its images and kept: the network that a sweep measures and
// throws away, bit for bit that of seed 0. It reads no test set.
//
//   Fit fit(config, backbone, {.mode = "tuned", .cut = 3});
//   fit.choose();
//   write_fitted({"runs/fitted"}, fit, fit.train(), command);
#pragma once

#include "transfer/cell.h"

namespace espalier::transfer {

// What is asked for; the rest is the configuration's.
struct FitChoice {
  std::string mode = "tuned", head = "suffix", source = kOurs;
  int64_t cut = 0;               // 0 = every stage
  int64_t labels_per_class = 0;  // 0 = all
};

// `document` of a sweep, so that it has the arms of this choice alone.
config::Document with_choice(config::Document document, const FitChoice& choice,
                             const engine::BackboneFile& backbone);

class Fit {
 public:
  // An arm and a setting of it.
  struct Candidate {
    Cell cell;
    double validation = kNone;  // mean accuracy on held-out training images; NaN = not asked
  };

  // `config` has the choice. kUsage where the choice names no arm that is trained, or the parts do
  // not fit together.
  Fit(TransferConfig config, const engine::BackboneFile& backbone, const FitChoice& choice);

  // Of several factors, rates or numbers of steps in the configuration, takes the one of highest
  // accuracy on held-out training images, as a sweep does; of equal ones the first. At 1 label per
  // class, where none can be held out, the middle one. Calls `progress(runs done, runs)`.
  void choose(const std::function<void(int64_t, int64_t)>& progress);

  const Candidate& chosen() const { return candidates_[chosen_]; }
  const Setting& setting() const { return setting_; }

  // `at_step` is called after every step. kUsage when the loss is not finite any more.
  TrainedCell train(const std::function<void()>& at_step) const;

 private:
  Setting setting_;
  std::vector<Candidate> candidates_;
  size_t chosen_ = 0;
};

}  // namespace espalier::transfer
