#include "transfer/setting.h"

#include <algorithm>

#include "core/random.h"
#include "data/classes.h"
#include "engine/view_shape.h"

namespace espalier::transfer {
namespace {

constexpr int64_t kMostTestBytes = 1'000'000'000, kMostValidationBytes = 100'000'000;
constexpr int64_t kValidationImages = 500;

data::Dataset open(const std::string& folder, const char* option) {
  check(!folder.empty(), Kind::kUsage,
        "{} is empty: it names the folder of a packed set (try: espalier pack)", option);
  return data::Dataset::open(folder);
}

data::Selection labelled(const data::Dataset& dataset) {
  data::Selection selection;
  for (int64_t i = 0; i < dataset.size(); ++i)
    if (dataset.label(i) >= 0) selection.push_back(i);
  return selection;
}

}  // namespace

Setting::Setting(TransferConfig config_, engine::BackboneFile backbone_)
    : config(std::move(config_)),
      backbone(std::move(backbone_)),
      train(open(config.data.train, "data.train")),
      test(open(config.data.test, "data.test")),
      classes(data::class_names(train)),
      labelled_(labelled(train)),
      test_set_(make_test_set()) {}

void Setting::require_labels() const {
  check(classes.size() >= 2, Kind::kUsage, "data.train has {} classes, a task needs 2",
        classes.size());
  std::vector<int64_t> count(classes.size());
  for (const int64_t i : labelled_) ++count[static_cast<size_t>(train.label(i))];
  const auto fewest = std::ranges::min_element(count);
  const int64_t most = std::ranges::max(config.sweep.labels_per_class);
  check(*fewest >= std::max<int64_t>(1, most), Kind::kUsage,
        "transfer.labels_per_class has {}, class '{}' of data.train has {} labelled images (try: "
        "transfer.labels_per_class=[{}], or a training set with more)",
        most, classes[static_cast<size_t>(fewest - count.begin())], *fewest, *fewest);
}

void Setting::require_shapes() const {
  engine::require_input(config.augment.pipelines(1)[0], train, backbone.input, "data.train");
  engine::require_input(config.augment.evaluation(), train, backbone.input, "data.train");
  engine::require_input(config.augment.evaluation(), test, backbone.input, "data.test");
}

engine::Pass Setting::pass(const data::Dataset& dataset, int64_t threads) const {
  return {dataset, config.augment, backbone.input, at::kFloat, c10::kCPU, /*batch=*/500, threads};
}

EvaluationSet Setting::make_test_set() const {
  check(train.hash() != test.hash(), Kind::kUsage,
        "data.test, {}, holds the same set as data.train, {}: a network would be tested on what it "
        "was trained on (try: data.test=FOLDER of other images)",
        config.data.test, config.data.train);
  require_shapes();
  require_labels();
  data::require_labels(test, "data.test");
  return {pass(test, config.data.threads), data::all(test.size()),
          data::labels_by_name(test, classes, "data.test"), kMostTestBytes};
}

data::Split Setting::training_split(int64_t labels_per_class, uint64_t seed) const {
  if (labels_per_class == 0) return data::split(train.labels(), labelled_, 0.1, seed);
  data::Selection kept = data::few_shot(train.labels(), class_count(), labels_per_class, seed);
  data::Selection rest = data::without(labelled_, kept);
  return {std::move(kept), std::move(rest)};
}

EvaluationSet Setting::validation_set(const data::Selection& from, uint64_t seed) const {
  Draw draw(seed, "validation");
  std::vector<int64_t> order = draw.permutation(static_cast<int64_t>(from.size()));
  order.resize(std::min<size_t>(order.size(), kValidationImages));
  data::Selection chosen;
  for (const int64_t i : order) chosen.push_back(from[static_cast<size_t>(i)]);
  std::ranges::sort(chosen);
  std::vector<int64_t> labels;
  for (const int64_t i : chosen) labels.push_back(train.label(i));
  return {pass(train, /*threads=*/1), std::move(chosen), std::move(labels), kMostValidationBytes};
}

}  // namespace espalier::transfer
