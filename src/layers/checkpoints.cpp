#include "layers/checkpoints.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <functional>
#include <limits>
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "layers/probing.h"
#include "layers/shown.h"
#include "report/numbers.h"
#include "tensor/feature_statistics.h"
#include "train/checkpoint.h"
#include "train/trained_run.h"

namespace espalier::layers {
namespace {

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

using LossRow = std::pair<int64_t, double>;

struct Measure {
  const char* name;
  std::function<double(const Subject&, double loss)> value;
  std::function<double(double)> merit;  // larger is better
};

const std::vector<Measure>& measures() {
  static const std::vector<Measure> all = {
      {"rank_me", [](const Subject& s, double) { return tensor::rank_me(s.features.back()); },
       [](double value) { return value; }},
      {"lidar",
       [](const Subject& s, double) {
         return s.views.empty() ? kUnknown : tensor::lidar(s.views.back());
       },
       [](double value) { return value; }},
      {"alpha_req", [](const Subject& s, double) { return tensor::alpha_req(s.features.back()); },
       [](double value) { return -std::abs(value - 1); }},
      {"loss", [](const Subject&, double loss) { return loss; },
       [](double value) { return -value; }}};
  return all;
}

std::vector<LossRow> losses_of(const std::filesystem::path& metrics) {
  std::vector<LossRow> rows;
  if (!std::filesystem::exists(metrics)) return rows;
  for (const Json& row : read_jsonl(metrics))
    if (row.contains("step") && row.contains("loss") && row["loss"].is_number())
      rows.emplace_back(row["step"].get<int64_t>(), row["loss"].get<double>());
  return rows;
}

double mean_loss(const std::vector<LossRow>& rows, int64_t after, int64_t until) {
  double sum = 0;
  int64_t count = 0;
  for (const auto& [step, loss] : rows)
    if (step > after && step <= until) {
      sum += loss;
      ++count;
    }
  return count > 0 ? sum / static_cast<double>(count) : kUnknown;
}

std::string verdict_of(const statistics::RankCorrelation& found) {
  if (std::isnan(found.tau)) return "not measured";
  if (std::isnan(found.ends.low)) return "undecided: fewer than five checkpoints";
  if (found.ends.low > 0) return "orders these checkpoints as the probe does";
  if (found.ends.high < 0) return "orders these checkpoints the other way round: not to choose by";
  return "undecided: its order may be chance";
}

}  // namespace

CheckpointStudy CheckpointStudy::of(const CheckpointOptions& options) {
  const engine::RunFolder run{options.run};
  std::vector<int64_t> steps = train::checkpoint_steps(run);
  std::ranges::reverse(steps);
  check(steps.size() >= 2, Kind::kUsage,
        "{} holds {}, and two are compared (try: a run with "
        "train.checkpoint_steps=100 train.keep_checkpoints=20)",
        run.checkpoints().string(), report::counted(std::ssize(steps), "checkpoint"));
  const engine::TrainedModel first = train::open_trained_run(run, steps.front());
  const data::Dataset set = data::Dataset::open(options.data);
  const data::Selection selection = images_to_look_at(set, options.images, options.seed);
  std::vector<int64_t> classes;
  for (const int64_t i : selection) classes.push_back(set.label(i));
  const auto labels = labels_of(classes, std::ssize(set.class_names()), options.seed);
  const Shown shown(set, first, selection, options.seed, first.view);
  const std::vector<LossRow> losses = losses_of(run.metrics());

  CheckpointStudy study{.options = options, .rows = {}, .measures = {}};
  study.labels = labels.has_value();
  for (size_t i = 0; i < steps.size(); ++i) {
    Subject subject{train::open_trained_run(run, steps[i]).backbone, first.backbone->stages()};
    shown.look(subject);
    // The last stage alone: what a transfer takes.
    subject.features = {subject.features.back()};
    const Measured probed =
        probe_accuracy("ridge", {subject, nullptr, labels ? &*labels : nullptr});
    Row row{steps[i], probed.numbers.empty() ? plain(kUnknown) : probed.numbers.back()};
    const double loss = mean_loss(losses, i > 0 ? steps[i - 1] : 0, steps[i]);
    for (const auto& measure : layers::measures())
      row.values.push_back(measure.value(subject, loss));
    study.rows.push_back(std::move(row));
  }
  study.judge();
  return study;
}

void CheckpointStudy::judge() {
  std::vector<double> probe;
  for (const Row& row : rows) probe.push_back(row.probe.value);
  for (size_t m = 0; m < layers::measures().size(); ++m) {
    std::vector<double> merit;
    for (const Row& row : rows) merit.push_back(layers::measures()[m].merit(row.values[m]));
    Measure one{.name = layers::measures()[m].name,
                .with_probe = statistics::rank_correlation(merit, probe)};
    for (size_t i = 0; i < merit.size(); ++i)
      if (std::isnan(merit[one.choice]) || merit[i] > merit[one.choice]) one.choice = i;
    one.verdict = labels ? verdict_of(one.with_probe) : "there are no labels to judge it by";
    measures.push_back(std::move(one));
  }
}

Json CheckpointStudy::json() const {
  Json json = {{"run", options.run},
               {"data", options.data},
               {"images", options.images},
               {"checkpoints", Json::array()},
               {"measures", Json::object()}};
  for (const Row& row : rows) {
    Json one = {{"step", row.step}};
    if (labels) one["probe_accuracy"] = {row.probe.value, row.probe.low, row.probe.high};
    for (size_t m = 0; m < measures.size(); ++m) one[measures[m].name] = row.values[m];
    json["checkpoints"].push_back(std::move(one));
  }
  for (const Measure& measure : measures)
    json["measures"][measure.name] = {{"kendall_tau", measure.with_probe.tau},
                                      {"low", measure.with_probe.ends.low},
                                      {"high", measure.with_probe.ends.high},
                                      {"chooses_step", rows[measure.choice].step},
                                      {"verdict", measure.verdict}};
  return json;
}

std::string CheckpointStudy::text() const {
  std::string text = fmt::format("{:>10} {:>22}", "step", "probe accuracy");
  for (const Measure& measure : measures) text += fmt::format(" {:>10}", measure.name);
  for (const Row& row : rows) {
    text += fmt::format("\n{:>10} ", row.step);
    text += std::isnan(row.probe.value)
                ? fmt::format("{:>22}", "-")
                : fmt::format("{:>6.1f} % ({:>5.1f} to {:>5.1f})", 100 * row.probe.value,
                              100 * row.probe.low, 100 * row.probe.high);
    for (const double value : row.values)
      text += std::isnan(value) ? fmt::format(" {:>10}", "-") : fmt::format(" {:>10.4g}", value);
  }
  for (const Measure& measure : measures) {
    const Row& chosen = rows[measure.choice];
    text += fmt::format("\n{} chooses step {}", measure.name, chosen.step);
    if (labels) text += fmt::format(", {:.1f} % by the probe", 100 * chosen.probe.value);
    if (!std::isnan(measure.with_probe.tau))
      text += fmt::format("; Kendall's tau {:+.2f} ({:+.2f} to {:+.2f})", measure.with_probe.tau,
                          measure.with_probe.ends.low, measure.with_probe.ends.high);
    text += "; " + measure.verdict;
  }
  return text + "\n";
}

}  // namespace espalier::layers
