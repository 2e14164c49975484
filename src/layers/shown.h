// The images that networks of one model are shown, and their views.
#pragma once

#include <string>
#include <vector>

#include "data/dataset.h"
#include "data/selection.h"
#include "layers/subject.h"

namespace espalier::layers {

// At most `count` images of a set, drawn by `seed`: of those with a label, where there are some.
// kUsage where there are fewer than two.
data::Selection images_to_look_at(const data::Dataset& set, int64_t count, uint64_t seed);

class Shown {
 public:
  // Normalised as `file` knows them. Views are four draws each of up to 500 of the images by the
  // pipeline of the first view in config.yaml of `views_of`, or of the run that `file` came from;
  // none where there is no such file. kUsage where the images do not fit the network.
  Shown(const data::Dataset& set, const engine::BackboneFile& file,
        const data::Selection& selection, uint64_t seed, const std::string& views_of = {});
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
