#include "statistics/predictions.h"

#include <algorithm>

#include "core/error.h"
#include "core/files.h"

namespace espalier::statistics {
namespace {

bool is_in(const Cell& cell, const Row& row) {
  return cell.done() && cell.labels_per_class == row.labels_per_class && cell.cut == row.cut &&
         cell.is_of(row.line);
}

}  // namespace

Predictions::Predictions(std::filesystem::path run, int64_t classes)
    : run_(std::move(run)), classes_(classes), labels_(read(run_ / "test_labels.bin")) {}

std::vector<int64_t> Predictions::read(const std::filesystem::path& file) const {
  std::error_code unreadable;
  if (!std::filesystem::exists(file, unreadable)) return {};
  const std::string bytes = read_file(file);
  const size_t width = classes_ > 256 ? 2 : 1;
  std::vector<int64_t> values(bytes.size() / width);
  for (size_t i = 0; i < values.size(); ++i) {
    for (size_t byte = width; byte-- > 0;)
      values[i] = values[i] << 8 | static_cast<unsigned char>(bytes[i * width + byte]);
    check(values[i] < classes_, Kind::kData, "{} is damaged: image {} is of class {} of {}",
          file.string(), i, values[i], classes_);
  }
  return values;
}

std::optional<std::vector<int64_t>> Predictions::of(const std::string& id) const {
  std::vector<int64_t> values = read(run_ / "cells" / id / "predictions.bin");
  if (values.empty() || values.size() != labels_.size()) return std::nullopt;
  return values;
}

std::optional<Hits> Predictions::hits(const std::string& id) const {
  const auto predictions = of(id);
  if (!predictions) return std::nullopt;
  Hits hits(labels_.size());
  for (size_t i = 0; i < hits.size(); ++i) hits[i] = (*predictions)[i] == labels_[i];
  return hits;
}

std::optional<ClassScores> Predictions::scores(const std::string& id) const {
  const auto predictions = of(id);
  if (!predictions) return std::nullopt;
  return class_scores(*predictions, labels_, classes_);
}

ClassScores mean_scores(const std::vector<Cell>& cells, const Row& row,
                        const Predictions& predictions) {
  ClassScores sum{0, 0, 0, {}};
  double count = 0;
  for (const Cell& cell : cells) {
    if (!is_in(cell, row)) continue;
    const auto scores = predictions.scores(cell.id);
    if (!scores) continue;
    ++count;
    sum.accuracy += scores->accuracy;
    sum.balanced_accuracy += scores->balanced_accuracy;
    sum.macro_f1 += scores->macro_f1;
    sum.by_class.resize(scores->by_class.size());
    for (size_t c = 0; c < sum.by_class.size(); ++c) sum.by_class[c] += scores->by_class[c];
  }
  for (double& share : sum.by_class) share /= count;
  return {sum.accuracy / count, sum.balanced_accuracy / count, sum.macro_f1 / count, sum.by_class};
}

void add_scores(std::vector<Row>& rows, const std::vector<Cell>& cells,
                const Predictions& predictions) {
  for (Row& row : rows) {
    const ClassScores scores = mean_scores(cells, row, predictions);
    row.balanced_accuracy = scores.balanced_accuracy;
    row.macro_f1 = scores.macro_f1;
  }
}

std::vector<Pair> pairs_with_scratch(const std::vector<Cell>& cells, const Row& row,
                                     const Predictions& predictions) {
  std::vector<Pair> pairs;
  for (const Cell& cell : cells) {
    if (!is_in(cell, row)) continue;
    const auto scratch = std::ranges::find_if(cells, [&](const Cell& other) {
      return other.done() && other.cut == 0 && other.seed == cell.seed &&
             other.labels_per_class == cell.labels_per_class;
    });
    if (scratch == cells.end()) continue;
    auto first = predictions.hits(cell.id), second = predictions.hits(scratch->id);
    if (first && second) pairs.push_back({cluster_of(cell), std::move(*first), std::move(*second)});
  }
  return pairs;
}

}  // namespace espalier::statistics
