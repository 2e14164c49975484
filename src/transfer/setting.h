// What all cells of a sweep share: configuration, backbone and data, found to fit before any cell
// begins.
#pragma once

#include "data/dataset.h"
#include "transfer/evaluation_set.h"
#include "transfer/transfer_config.h"

namespace espalier::transfer {

class Setting {
 public:
  // kUsage where configuration, backbone and data do not fit together, or where the test set is the
  // training set.
  Setting(TransferConfig config, engine::BackboneFile backbone);
  Setting(const Setting&) = delete;

  const TransferConfig config;
  const engine::BackboneFile backbone;
  const data::Dataset train, test;
  const std::vector<std::string> classes;  // in the training set's order; of both sets, by name

  int64_t class_count() const { return static_cast<int64_t>(classes.size()); }

  // The images a network may see at (labels per class, seed): `kept` to train on, `held_out` the
  // other labelled ones. Choices of fewer labels lie within those of more.
  data::Split training_split(int64_t labels_per_class, uint64_t seed) const;
  // Up to 500 of `from`, for the curve of a cell.
  EvaluationSet validation_set(const data::Selection& from, uint64_t seed) const;
  const EvaluationSet& test_set() const { return test_set_; }

 private:
  engine::Pass pass(const data::Dataset& dataset, int64_t threads) const;
  EvaluationSet make_test_set() const;
  void require_shapes() const;
  void require_labels() const;

  data::Selection labelled_;  // training samples that have a label
  EvaluationSet test_set_;
};

}  // namespace espalier::transfer
