#include "layers/study.h"

#include "layers/shown.h"

namespace espalier::layers {
namespace {

std::vector<Study::Row> measured(const std::vector<Subject>& subjects, const Labels* labels) {
  std::vector<Study::Row> rows;
  const Subject* other = subjects.size() > 2 ? &subjects[2] : nullptr;
  for (const std::string& name : Registry<LayerMeasure>::names()) {
    const auto measure = Registry<LayerMeasure>::create(name);
    Study::Row row{name, measure->title(), measure->reading(), measure->share()};
    for (const Subject& subject : subjects) {
      Measured one = measure->measure({subject, &subject == other ? nullptr : other, labels});
      if (!one.empty()) row.of.push_back({subject.name, std::move(one)});
    }
    if (!row.of.empty()) rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace

Study Study::of(const StudyOptions& options) {
  const auto file = open_backbone(options.run);
  const data::Dataset set = data::Dataset::open(options.data);
  const data::Selection selection = images_to_look_at(set, options.images, options.seed);
  Study study{.options = options, .images = std::ssize(selection), .stages = file.stages};
  for (const int64_t i : selection) study.classes.push_back(set.label(i));
  const auto labels = labels_of(study.classes, std::ssize(set.class_names()), options.seed);
  if (labels) study.class_names = set.class_names();

  const Shown shown(set, file, selection, options.seed);
  std::vector<Subject> subjects = {
      {"run", trained(file), file.stages},
      {"untrained", untrained(file, options.seed, shown.images()), file.stages}};
  for (Subject& subject : subjects) shown.look(subject);
  if (!options.against.empty()) {
    const auto other = open_backbone(options.against);
    check(other.model_text == file.model_text && other.input == file.input, Kind::kUsage,
          "{} and {} are not of one model: their stages do not compare (try: a run of the same "
          "model section and input)",
          options.run, options.against);
    subjects.push_back({"against", trained(other), other.stages});
    // Both see the same images and views.
    Shown(set, other, selection, options.seed, options.run).look(subjects.back());
  }
  for (const at::Tensor& features : subjects.front().features)
    study.widths.push_back(features.size(1));
  study.rows = measured(subjects, labels ? &*labels : nullptr);
  return study;
}

}  // namespace espalier::layers
