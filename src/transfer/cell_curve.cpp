#include "transfer/cell_curve.h"

#include <fmt/format.h>

namespace espalier::transfer {
namespace {

constexpr int64_t kRows = 20, kScores = 4;

}  // namespace

bool CellCurve::ends_one_of(int64_t parts, int64_t step) const {
  return step * parts / steps_ > (step - 1) * parts / steps_;
}

void CellCurve::add(int64_t step, const engine::StepSums& sums, double lr,
                    const std::function<std::optional<engine::Scores>()>& score) {
  loss_ += sums.loss;
  accuracy_ += sums.metrics.at(0).second;
  count_ += 1;
  if (!ends_one_of(kRows, step)) return;
  const auto count = static_cast<double>(count_);
  csv_ += fmt::format("{},{},{},{},", step, loss_ / count, accuracy_ / count, lr);
  const std::optional<engine::Scores> scores = ends_one_of(kScores, step) ? score() : std::nullopt;
  csv_ += scores ? fmt::format("{},{}\n", scores->loss, scores->accuracy) : ",\n";
  loss_ = accuracy_ = 0;
  count_ = 0;
}

}  // namespace espalier::transfer
