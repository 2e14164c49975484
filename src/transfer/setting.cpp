#include "transfer/setting.h"

#include <fmt/ranges.h>

#include <algorithm>

#include "core/log.h"
#include "core/random.h"
#include "data/classes.h"
#include "engine/view_shape.h"
#include "transfer/head.h"

namespace espalier::transfer {
namespace {

constexpr int64_t kMostTestBytes = 1'000'000'000, kMostTrainingBytes = 100'000'000;
constexpr int64_t kBatch = 64;  // images at once: what a layer gives of them stays in the cache
constexpr int64_t kOneSplitFrom = 100;  // labels per class
constexpr double kHeldOutOfAll = 0.1, kHeldOutForChoices = 0.2;

data::Dataset open(const std::string& folder, const char* option) {
  check(!folder.empty(), Kind::kUsage,
        "{} is empty: it names the folder of a packed set (try: espalier pack)", option);
  return data::Dataset::open(folder);
}

// What images are normalised by.
std::vector<double> normalisation(const augment::AugmentOptions& augment) {
  std::vector<double> numbers = augment.mean;
  numbers.insert(numbers.end(), augment.std.begin(), augment.std.end());
  return numbers;
}

}  // namespace

Setting::Setting(TransferConfig config_, std::vector<engine::BackboneFile> backbones_, bool tests)
    : config(std::move(config_)),
      backbones(std::move(backbones_)),
      sources(open_sources(backbones, config.sweep.sources, config.augment)),
      train(open(config.data.train, "data.train")),
      test(tests ? std::optional(open(config.data.test, "data.test")) : std::nullopt),
      classes(data::class_names(train)),
      test_labels(checked_test_labels()),
      class_sizes(checked_class_sizes()),
      budgets(make_budgets(config.sweep, class_sizes)),
      short_classes(find_short_classes()),
      labelled_(data::labelled(train.labels())),
      test_sets_(make_test_sets()),
      views_are_random_(engine::is_random(config.augment.pipelines(1)[0], train)),
      prefix_cache_(std::make_unique<PrefixCache>(config.sweep.cache_bytes)) {
  require_heads();
}

const Source* Setting::source(const std::string& name) const {
  const auto found = std::ranges::find(sources, name, &Source::name);
  return found == sources.end() ? nullptr : &*found;
}

void Setting::require_shapes() const {
  const image::ViewShape& input = model().input;
  engine::require_input(config.augment.pipelines(1)[0], train, input, "data.train");
  engine::require_input(config.augment.evaluation(), train, input, "data.train");
  if (test) engine::require_input(config.augment.evaluation(), *test, input, "data.test");
}

void Setting::require_heads() const {
  for (const std::string& name : config.sweep.heads)
    for (const int64_t cut : config.sweep.cuts) {
      const auto head = Registry<Head>::create(name);
      head->set_cut(cut);
      engine::build_network([this] { return model().make(); }, head,
                            {.input = model().input, .classes = class_count()});
    }
}

std::vector<int64_t> Setting::checked_test_labels() const {
  check(!test || train.hash() != test->hash(), Kind::kUsage,
        "data.test, {}, holds the same set as data.train, {}: a network would be tested on what it "
        "was trained on (try: data.test=FOLDER of other images)",
        config.data.test, config.data.train);
  require_shapes();
  check(classes.size() >= 2, Kind::kUsage, "data.train has {} classes, a task needs 2",
        classes.size());
  if (!test) return {};
  data::require_labels(*test, "data.test");
  return data::labels_by_name(*test, classes, "data.test");
}

std::vector<int64_t> Setting::checked_class_sizes() const {
  std::vector<int64_t> sizes(classes.size());
  for (const int64_t label : train.labels())
    if (label >= 0) ++sizes[static_cast<size_t>(label)];
  for (size_t c = 0; c < sizes.size(); ++c)
    check(sizes[c] > 0, Kind::kUsage, "class '{}' of data.train has no labelled images",
          classes[c]);
  return sizes;
}

std::vector<ShortClass> Setting::find_short_classes() const {
  int64_t most = 0;
  for (const int64_t labels : config.sweep.labels_per_class) most = std::max(most, labels);
  for (const int64_t labels : config.sweep.labels_total)
    most = std::max(most, labels / class_count());
  std::vector<ShortClass> few;
  std::vector<std::string> texts;
  for (size_t c = 0; c < classes.size(); ++c) {
    if (class_sizes[c] >= most) continue;
    few.push_back({classes[c], class_sizes[c]});
    texts.push_back(fmt::format("'{}' ({})", classes[c], class_sizes[c]));
  }
  if (!few.empty())
    log::warning("transfer",
                 "classes of data.train with fewer than {} images give all they have: "
                 "{}",
                 most, fmt::join(texts, ", "));
  return few;
}

std::vector<Arm> Setting::arms() const {
  std::vector<int64_t> labels;
  for (const Budget& one : budgets) labels.push_back(one.labels_per_class);
  return arms_of(config.sweep, labels, stage_count());
}

Budget Setting::budget(int64_t labels_per_class) const {
  const auto found = std::ranges::find(budgets, labels_per_class, &Budget::labels_per_class);
  return found == budgets.end() ? budget_per_class(labels_per_class, class_sizes) : *found;
}

engine::Pass Setting::pass(const data::Dataset& dataset, const Source* source,
                           int64_t threads) const {
  return {dataset, augment(source), model().input, at::kFloat, c10::kCPU, kBatch, threads};
}

engine::Pass Setting::training_pass(const Source* source) const {
  engine::Pass training = pass(train, source, /*threads=*/1);
  training.pipeline = augment(source).pipelines(1)[0];
  return training;
}

Setting::TestSets Setting::make_test_sets() const {
  TestSets sets;
  if (!test) return sets;
  for (const Source& source : sources) {
    std::vector<double> by = normalisation(source.augment);
    if (std::ranges::any_of(sets, [&](const auto& set) { return set.first == by; })) continue;
    sets.emplace_back(std::move(by), std::make_unique<EvaluationSet>(
                                         pass(*test, &source, config.data.threads),
                                         data::all(test->size()), test_labels, kMostTestBytes));
  }
  return sets;
}

const EvaluationSet& Setting::test_set(const Source* source) const {
  const std::vector<double> by = normalisation(augment(source));
  return *std::ranges::find_if(test_sets_, [&](const auto& set) {
            return set.first == by;
          })->second;
}

EvaluationSet Setting::training_images(data::Selection images, const Source* source) const {
  std::vector<int64_t> labels;
  for (const int64_t i : images) labels.push_back(train.label(i));
  return {pass(train, source, /*threads=*/1), std::move(images), std::move(labels),
          kMostTrainingBytes};
}

data::Split Setting::training_split(int64_t labels_per_class, uint64_t key) const {
  if (labels_per_class == 0) return data::split(train.labels(), labelled_, kHeldOutOfAll, key);
  data::Selection kept = data::few_shot(train.labels(), budget(labels_per_class).of_class, key);
  data::Selection rest = data::without(labelled_, kept);
  return {std::move(kept), std::move(rest)};
}

int64_t Setting::fold_count(int64_t labels_per_class) const {
  if (labels_per_class == 1) return 0;
  if (labels_per_class == 0 || labels_per_class >= kOneSplitFrom) return 1;
  return std::min(labels_per_class, config.sweep.folds);
}

std::vector<data::Split> Setting::folds(const data::Selection& training, int64_t labels_per_class,
                                        uint64_t key) const {
  const int64_t count = fold_count(labels_per_class);
  const uint64_t own_key = Draw(key, "folds").u64();
  if (count == 1) return {data::split(train.labels(), training, kHeldOutForChoices, own_key)};
  std::vector<data::Split> folds(static_cast<size_t>(count));
  if (folds.empty()) return folds;
  std::vector<int64_t> seen(classes.size());  // images of each class so far
  for (const int64_t i :
       Draw(own_key, "order").permutation(static_cast<int64_t>(training.size()))) {
    const int64_t sample = training[static_cast<size_t>(i)];
    const int64_t held_out_in = seen[static_cast<size_t>(train.label(sample))]++ % count;
    for (int64_t f = 0; f < count; ++f) {
      data::Split& fold = folds[static_cast<size_t>(f)];
      (f == held_out_in ? fold.held_out : fold.kept).push_back(sample);
    }
  }
  for (data::Split& fold : folds) {
    std::ranges::sort(fold.kept);
    std::ranges::sort(fold.held_out);
  }
  return folds;
}

}  // namespace espalier::transfer
