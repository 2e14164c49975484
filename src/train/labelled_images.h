// Images with labels, for hooks that ask how far features tell classes apart. Labels are read here
// and nowhere else in pretraining; those of two sets meet by the names of their classes.
#pragma once

#include <ATen/core/Tensor.h>

#include <optional>
#include <string>

#include "core/binomial.h"
#include "train/training_view.h"

namespace espalier::train {

struct LabelledImages {
  std::optional<data::Dataset> set;
  data::Selection samples;
  at::Tensor classes;  // i64, of each of `samples`, in the numbers of the known images' set
  std::string name;    // of the set, for messages

  // Collective. Pooled features f32 [N, D] on every rank, in the order of `samples`.
  at::Tensor features(const TrainingView& view) const;
};

// What a hook asks for.
struct LabelledWish {
  std::string hook;                   // its name: of its section, and of the key of the draw
  std::string data;                   // folder of the set of known images; empty = the training set
  std::string known, tested;          // what the hook calls them
  int64_t known_count, tested_count;  // at most
};

// Known images, drawn from `data` or the training set, and others to test on, from the validation
// set or, where there is none, from the same set. Only images with a label are drawn, by the run's
// seed.
struct LabelledPair {
  LabelledImages known, tested;
  int64_t classes = 0;

  // As Hook::check(); collective. kUsage where there are fewer than two classes or no images.
  static LabelledPair draw(const TrainingView& view, const LabelledWish& wish);
};

// Warns, once a run, where an accuracy lies below that of the network that the run began with: all
// of its interval.
void warn_below_start(TrainingView& view, const std::string& scalar, const Share& accuracy);

}  // namespace espalier::train
