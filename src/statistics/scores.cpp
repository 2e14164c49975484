#include "statistics/scores.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/error.h"
#include "statistics/student.h"

namespace espalier::statistics {
namespace {

double known_mean(std::vector<double> values) {
  std::erase_if(values, [](double value) { return std::isnan(value); });
  return mean(values);
}

}  // namespace

ClassScores class_scores(std::span<const int64_t> predictions, std::span<const int64_t> labels,
                         int64_t classes) {
  check(predictions.size() == labels.size(), Kind::kBug, "{} predictions of {} images",
        predictions.size(), labels.size());
  std::vector<double> right(static_cast<size_t>(classes)), labelled(right), predicted(right);
  for (size_t i = 0; i < labels.size(); ++i) {
    const auto label = static_cast<size_t>(labels[i]), said = static_cast<size_t>(predictions[i]);
    ++labelled.at(label);
    ++predicted.at(said);
    right[label] += label == said;
  }
  std::vector<double> recall(right.size()), f1(right.size());
  for (size_t c = 0; c < right.size(); ++c) {
    recall[c] = labelled[c] > 0 ? right[c] / labelled[c] : kUnknown;
    const double size = labelled[c] + predicted[c];
    f1[c] = size > 0 ? 2 * right[c] / size : kUnknown;
  }
  const double all = std::accumulate(right.begin(), right.end(), 0.0);
  return {labels.empty() ? kUnknown : all / static_cast<double>(labels.size()), known_mean(recall),
          known_mean(f1), recall};
}

double auroc(std::span<const double> scores, const std::vector<bool>& positive) {
  std::vector<size_t> order(scores.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::ranges::sort(order, [&](size_t a, size_t b) { return scores[a] < scores[b]; });
  double negatives = 0, positives = 0, below = 0;  // below: pairs with the negative below
  for (size_t first = 0, end = 0; first < order.size(); first = end) {
    double tied_positives = 0, tied_negatives = 0;
    for (; end < order.size() && scores[order[end]] == scores[order[first]]; ++end)
      ++(positive[order[end]] ? tied_positives : tied_negatives);
    below += tied_positives * (negatives + tied_negatives / 2);
    positives += tied_positives;
    negatives += tied_negatives;
  }
  return positives * negatives > 0 ? below / (positives * negatives) : kUnknown;
}

double calibration_error(std::span<const double> confidence, const std::vector<bool>& right,
                         int64_t bins) {
  std::vector<double> distance(static_cast<size_t>(bins));  // of sums
  for (size_t i = 0; i < confidence.size(); ++i) {
    const auto above = static_cast<int64_t>(std::ceil(confidence[i] * static_cast<double>(bins)));
    distance[static_cast<size_t>(std::clamp<int64_t>(above - 1, 0, bins - 1))] +=
        confidence[i] - static_cast<double>(right[i]);
  }
  double sum = 0;
  for (const double part : distance) sum += std::abs(part);
  return confidence.empty() ? kUnknown : sum / static_cast<double>(confidence.size());
}

}  // namespace espalier::statistics
