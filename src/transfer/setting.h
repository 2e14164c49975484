// What all cells of a sweep share: configuration, weights and data, found to fit before any cell
// begins.
#pragma once

#include <memory>
#include <optional>

#include "data/dataset.h"
#include "transfer/arm.h"
#include "transfer/budget.h"
#include "transfer/evaluation_set.h"
#include "transfer/source.h"

namespace espalier::transfer {

// A class with fewer training images than its share of a budget.
struct ShortClass {
  std::string name;
  int64_t images = 0;
};

class Setting {
 public:
  // `backbones`: one or more that differ by their pretraining alone. Without `tests` data.test is
  // not opened, and cells read no test set. kUsage where configuration, weights and data do not fit
  // together, or where the test set is the training set.
  Setting(TransferConfig config, std::vector<engine::BackboneFile> backbones, bool tests = true);
  Setting(const Setting&) = delete;

  const TransferConfig config;
  const std::vector<engine::BackboneFile> backbones;
  const std::vector<Source> sources;  // "ours" first
  const data::Dataset train;
  const std::optional<data::Dataset> test;
  const std::vector<std::string> classes;  // in the training set's order; of both sets, by name
  const std::vector<int64_t> test_labels;  // of each test image, in the order of `classes`
  const std::vector<int64_t> class_sizes;  // labelled training images of each class
  const std::vector<Budget> budgets;
  const std::vector<ShortClass> short_classes;

  // The model that all backbones share.
  const engine::BackboneFile& model() const { return backbones.front(); }
  int64_t stage_count() const { return static_cast<int64_t>(model().stages.size()); }
  int64_t class_count() const { return static_cast<int64_t>(classes.size()); }
  // Of all backbones, each of which has planned_seeds() in a row.
  int64_t seed_count() const {
    return config.sweep.planned_seeds() * static_cast<int64_t>(backbones.size());
  }
  int64_t backbone_of(int64_t seed) const { return seed / config.sweep.planned_seeds(); }
  // Whether it is one of the first `seeds` of its backbone.
  bool is_among_first(int64_t seeds, int64_t seed) const {
    return seed % config.sweep.planned_seeds() < seeds;
  }
  std::vector<Arm> arms() const;
  // One that is not of the sweep is `labels_per_class` images of each class.
  Budget budget(int64_t labels_per_class) const;
  // Null for "".
  const Source* source(const std::string& name) const;
  const augment::AugmentOptions& augment(const Source* source) const {
    return source ? source->augment : config.augment;
  }

  // The images a network may see at (labels per class, key): `kept` to train on, `held_out` the
  // other labelled ones. Choices of fewer labels lie within those of more.
  data::Split training_split(int64_t labels_per_class, uint64_t key) const;
  // How `training` images are divided for choices: at 100 labels per class and more, and of all,
  // a fifth of each class is held out once; below, transfer.folds parts (at most the labels per
  // class) are held out in turn. Empty at one label per class.
  std::vector<data::Split> folds(const data::Selection& training, int64_t labels_per_class,
                                 uint64_t key) const;
  int64_t fold_count(int64_t labels_per_class) const;

  // Training images to look at, normalised for `source`.
  EvaluationSet training_images(data::Selection images, const Source* source) const;
  const EvaluationSet& test_set(const Source* source) const;

  // Looks at training images as training does where what is drawn does not decide their views.
  engine::Pass training_pass(const Source* source) const;
  bool views_are_random() const { return views_are_random_; }
  PrefixCache& prefix_cache() const { return *prefix_cache_; }

 private:
  using TestSets = std::vector<std::pair<std::vector<double>, std::unique_ptr<EvaluationSet>>>;

  engine::Pass pass(const data::Dataset& dataset, const Source* source, int64_t threads) const;
  std::vector<int64_t> checked_test_labels() const;
  std::vector<int64_t> checked_class_sizes() const;
  std::vector<ShortClass> find_short_classes() const;
  TestSets make_test_sets() const;
  void require_shapes() const;
  void require_heads() const;

  data::Selection labelled_;  // training samples that have a label
  TestSets test_sets_;        // by mean and deviation
  bool views_are_random_;
  std::unique_ptr<PrefixCache> prefix_cache_;
};

}  // namespace espalier::transfer
