// How well predictions fit labels. What the labels do not determine (a class without images, no
// negatives) is NaN and not counted. Pure functions.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace espalier::statistics {

struct ClassScores {
  double accuracy;               // share of the images
  double balanced_accuracy;      // mean over classes of by_class
  double macro_f1;               // mean over classes of 2 TP / (2 TP + FP + FN)
  std::vector<double> by_class;  // share of each class's images that are right
};

// Of images; both are numbers of classes in [0, classes).
[[nodiscard]] ClassScores class_scores(std::span<const int64_t> predictions,
                                       std::span<const int64_t> labels, int64_t classes);

// The chance that a positive has a larger score than a negative, ties counting one half: the area
// under the receiver operating characteristic.
[[nodiscard]] double auroc(std::span<const double> scores, const std::vector<bool>& positive);

// Expected calibration error (Guo et al. 2017): the distance between confidence and the share of
// right answers, over `bins` equal parts of (0, 1], weighted by their images.
[[nodiscard]] double calibration_error(std::span<const double> confidence,
                                       const std::vector<bool>& right, int64_t bins = 15);

}  // namespace espalier::statistics
