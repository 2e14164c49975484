#include "layers/study.h"

#include <algorithm>

#include "layers/shown.h"
#include "statistics/estimate.h"
#include "transfer/stage_weights.h"

namespace espalier::layers {
namespace {

// Of each measure, in the order of the registry.
using Results = std::vector<Measured>;

Results results_of(const Look& look) {
  Results results;
  for (const std::string& name : Registry<LayerMeasure>::names())
    results.push_back(Registry<LayerMeasure>::create(name)->measure(look));
  return results;
}

// Those that are numbers in `first`.
Results numbers_of(const Look& look, const Results& first) {
  Results results(first.size());
  const std::vector<std::string> names = Registry<LayerMeasure>::names();
  for (size_t m = 0; m < names.size(); ++m)
    if (!first[m].numbers.empty())
      results[m] = Registry<LayerMeasure>::create(names[m])->measure(look);
  return results;
}

Share share_of(const statistics::Interval& interval) {
  return {interval.mean, interval.mean - interval.half_width, interval.mean + interval.half_width};
}

// Sets what is known of several untrained networks: `draws` has the result of each.
void compare_with(const std::vector<Measured>& draws, Study::Row& row, Measured& untrained) {
  for (const Measured& draw : draws) {
    row.draws.emplace_back();
    for (const Share& number : draw.numbers) row.draws.back().push_back(number.value);
  }
  if (draws.size() < 2) return;
  const Measured& run = row.of.front().measured;
  for (size_t stage = 0; stage < untrained.numbers.size(); ++stage) {
    std::vector<double> values;
    statistics::BySeed differences;
    for (const std::vector<double>& draw : row.draws) {
      differences[std::ssize(values)] = {run.numbers[stage].value - draw[stage], /*cluster=*/0};
      values.push_back(draw[stage]);
    }
    untrained.numbers[stage] = share_of(statistics::t_interval(values));
    row.gain.push_back(share_of(statistics::estimate_of_another(differences).interval));
  }
}

std::vector<Study::Row> rows_of(const Results& run, const std::vector<Results>& untrained,
                                const std::optional<Results>& against) {
  std::vector<Study::Row> rows;
  const std::vector<std::string> names = Registry<LayerMeasure>::names();
  for (size_t m = 0; m < names.size(); ++m) {
    if (run[m].empty()) continue;
    const auto measure = Registry<LayerMeasure>::create(names[m]);
    Study::Row row{names[m], measure->title(), measure->reading(), measure->share()};
    row.of.push_back({"run", run[m]});
    std::vector<Measured> draws;
    for (const Results& one : untrained) draws.push_back(one[m]);
    Measured first = draws.front();
    if (!first.numbers.empty()) compare_with(draws, row, first);
    if (!first.empty()) row.of.push_back({"untrained", std::move(first)});
    if (against && !(*against)[m].empty()) row.of.push_back({"against", (*against)[m]});
    rows.push_back(std::move(row));
  }
  return rows;
}

void require_one_model(const engine::TrainedModel& a, const engine::TrainedModel& b) {
  const auto own = engine::state_of(*a.backbone), other = engine::state_of(*b.backbone);
  const bool same = a.input == b.input && own.size() == other.size() &&
                    std::ranges::equal(own, other, [](const auto& x, const auto& y) {
                      return x.first == y.first && x.second.sizes() == y.second.sizes();
                    });
  check(same, Kind::kUsage,
        "{} and {} are not of one model: their stages do not compare (try: a run of the same model "
        "section and input)",
        a.path, b.path);
}

}  // namespace

Study Study::of(engine::TrainedModel run, const engine::TrainedModel* against,
                const StudyOptions& options) {
  const data::Dataset set = data::Dataset::open(options.data);
  const data::Selection selection = images_to_look_at(set, options.images, options.seed);
  Study study{.run = run.path,
              .against = against ? against->path : "",
              .options = options,
              .images = std::ssize(selection),
              .stages = run.backbone->stages()};
  for (const int64_t i : selection) study.classes.push_back(set.label(i));
  const auto labels = labels_of(study.classes, std::ssize(set.class_names()), options.seed);
  const Labels* known = labels ? &*labels : nullptr;
  if (labels) study.class_names = set.class_names();

  std::optional<Subject> other;
  if (against != nullptr) {
    require_one_model(run, *against);
    other = Subject{against->backbone, study.stages};
    // Both see the same images and views.
    Shown(set, *against, selection, options.seed, run.view).look(*other);
  }
  const Shown shown(set, run, selection, options.seed, run.view);
  Subject subject{run.backbone, study.stages};
  shown.look(subject);
  for (const at::Tensor& features : subject.features) study.widths.push_back(features.size(1));
  const Look look{subject, other ? &*other : nullptr, known};
  const Results trained = results_of(look);
  std::vector<Results> untrained;
  for (int64_t draw = 0; draw < options.draws; ++draw) {
    transfer::draw_anew(*run.backbone, run.init, shown.images(),
                        options.seed + static_cast<uint64_t>(draw));
    shown.look(subject);
    untrained.push_back(draw == 0 ? results_of(look) : numbers_of(look, untrained.front()));
  }
  std::optional<Results> others;
  if (other) others = results_of({*other, nullptr, known});
  study.rows = rows_of(trained, untrained, others);
  return study;
}

}  // namespace espalier::layers
