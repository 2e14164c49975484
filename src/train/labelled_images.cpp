#include "train/labelled_images.h"

#include <torch/torch.h>

#include "data/classes.h"
#include "engine/features.h"
#include "engine/view_shape.h"
#include "train/open_dataset.h"
#include "train/run_history.h"

namespace espalier::train {
namespace {

data::Selection with_label(const data::Selection& from, const std::vector<int64_t>& labels) {
  data::Selection chosen;
  for (const int64_t i : from)
    if (labels[static_cast<size_t>(i)] >= 0) chosen.push_back(i);
  return chosen;
}

at::Tensor classes_of(const data::Selection& samples, const std::vector<int64_t>& labels) {
  const at::Tensor classes =
      torch::empty({static_cast<int64_t>(samples.size())}, torch::TensorOptions(torch::kLong));
  for (size_t i = 0; i < samples.size(); ++i)
    classes.mutable_data_ptr<int64_t>()[i] = labels[static_cast<size_t>(samples[i])];
  return classes;
}

// Fills in samples and classes of both.
void draw_samples(const TrainingView& view, const LabelledWish& wish,
                  const std::vector<std::string>& names, LabelledImages& known,
                  LabelledImages& tested) {
  const auto seed = static_cast<uint64_t>(view.config.seed);
  const std::string known_key = wish.hook + "." + wish.known;
  const std::string tested_key = wish.hook + "." + wish.tested;
  const auto known_labels = data::labels_by_name(*known.set, names, known.name);
  const auto tested_labels = data::labels_by_name(*tested.set, names, tested.name);
  const bool some = wish.data.empty() && !view.training.empty();
  data::Selection from =
      with_label(some ? view.training : data::all(known.set->size()), known_labels);
  if (view.validation != nullptr) {
    const data::Selection all = with_label(view.validating, tested_labels);
    tested.samples = data::draw_some(all, wish.tested_count, tested_key, seed);
    // An image would find itself.
    if (tested.set->hash() == known.set->hash()) from = data::without(from, all);
  } else {
    const auto wanted = static_cast<double>(wish.tested_count);
    const double part = wanted / (wanted + static_cast<double>(wish.known_count));
    const auto most = static_cast<int64_t>(part * static_cast<double>(from.size()));
    tested.samples = data::draw_some(from, std::min(wish.tested_count, std::max<int64_t>(1, most)),
                                     tested_key, seed);
    from = data::without(from, tested.samples);
  }
  check(!tested.samples.empty(), Kind::kUsage,
        "hook {} has no {}: no image of {} has a label (try: no data.validation and "
        "data.holdout=0; the {} are then other images of {})",
        wish.hook, wish.tested, tested.name, wish.tested, known.name);
  check(!from.empty(), Kind::kUsage,
        "hook {} has no {}: {} has no image with a label beside those of {} (try: "
        "data.holdout=0.1, or no data.validation)",
        wish.hook, wish.known, known.name, tested.name);
  known.samples = data::draw_some(from, wish.known_count, known_key, seed);
  known.classes = classes_of(known.samples, known_labels);
  tested.classes = classes_of(tested.samples, tested_labels);
}

}  // namespace

at::Tensor LabelledImages::features(const TrainingView& view) const {
  model::Backbone& backbone = *view.network.backbone;
  return engine::gather_features(
      backbone,
      {*set, view.config.augment, view.input, backbone.parameters()[0].scalar_type(), view.device},
      samples, view.control);
}

LabelledPair LabelledPair::draw(const TrainingView& view, const LabelledWish& wish) {
  LabelledPair pair;
  LabelledImages &known = pair.known, &tested = pair.tested;
  known = {.set = wish.data.empty()
                      ? view.dataset
                      : open_dataset(view.control, wish.data, view.config.data.reading, {}),
           .name = wish.data.empty() ? fmt::format("data.shards ({})", view.config.data.shards)
                                     : fmt::format("{}.data ({})", wish.hook, wish.data)};
  const std::vector<std::string> names = data::class_names(*known.set);
  pair.classes = static_cast<int64_t>(names.size());
  check(pair.classes > 1, Kind::kUsage,
        "hook {} needs labels, and {} has {} classes (try: {}.data=FOLDER, a packed set with "
        "labels)",
        wish.hook, known.name, pair.classes, wish.hook);
  tested = view.validation == nullptr ? known
                                      : LabelledImages{.set = *view.validation,
                                                       .name = view.config.data.validation_name()};
  for (const LabelledImages* images : {&known, &tested})
    engine::require_input(view.config.augment.evaluation(), *images->set, view.input, images->name);
  draw_samples(view, wish, names, known, tested);
  return pair;
}

void warn_below_start(TrainingView& view, const std::string& scalar, const Share& accuracy) {
  const auto start = view.history.at_start(scalar);
  if (!start || !(accuracy.high < *start)) return;
  view.history.warn(
      scalar + "_below_start",
      fmt::format("after step {} it is {:.4f} (95 % interval to {:.4f}), and the network that the "
                  "run began with gave {:.4f}: so far training makes these features worse, which "
                  "may be in the first epochs (if it stays, try: a lower optim.lr, a longer "
                  "warm-up, or the augmentation that the task was published with)",
                  view.step, accuracy.value, accuracy.high, *start));
}

}  // namespace espalier::train
