// The images that networks of one model are shown, and their views.
#pragma once

#include <optional>
#include <vector>

#include "data/dataset.h"
#include "data/selection.h"
#include "engine/trained_model.h"
#include "layers/subject.h"

namespace espalier::layers {

// At most `count` images of a set, drawn by `seed`: of those with a label, where there are some.
// kUsage where there are fewer than two.
data::Selection images_to_look_at(const data::Dataset& set, int64_t count, uint64_t seed);

class Shown {
 public:
  // Normalised as `model` knows them. Views are four draws each of up to 500 of the images by the
  // pipeline `view`; none where there is no pipeline. kUsage where the images do not fit the network.
  Shown(const data::Dataset& set, const engine::TrainedModel& model,
        const data::Selection& selection, uint64_t seed,
        const std::optional<augment::Pipeline>& view);
  Shown(const Shown&) = delete;

  const transfer::EvaluationSet& images() const { return *images_; }
  bool has_views() const { return !views_.empty(); }

  // Sets the features and views of a network.
  void look(Subject& subject) const;

 private:
  const data::Dataset set_;
  const augment::AugmentOptions augment_;
  std::optional<transfer::EvaluationSet> images_;
  std::vector<transfer::EvaluationSet> views_;
};

}  // namespace espalier::layers
