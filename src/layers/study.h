// All measures of a network's stages, of untrained networks of its model, and of another network.
//
//   const Study study = Study::of(run, nullptr, {.data = "data/test"});
//   study.write("runs/rotation/layers");      // layers.json, layers.csv, layers.html
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/jsonl.h"
#include "engine/trained_model.h"
#include "layers/measure.h"

namespace espalier::layers {

struct StudyOptions {
  std::string data;
  int64_t images = 2000;  // to look at, at most; those with a label where there are some
  uint64_t seed = 0;      // of the choice of images and of the first untrained network
  int64_t draws = 3;      // untrained networks, of seeds that follow each other; above 0
};

struct Study {
  // One measure of one network.
  struct Of {
    std::string network;
    Measured measured;
  };
  // Of several untrained networks the numbers are the mean with its interval (Student, 95 %),
  // everything else is of the first.
  struct Row {
    std::string name, title, reading;
    bool share = false;
    std::vector<Of> of = {};  // of each network that has what it needs: run, untrained, against
    std::vector<std::vector<double>> draws =
        {};  // numbers of each untrained network, [draw][stage]
    // The run minus the untrained mean, with the interval of one more untrained network: one that
    // leaves out 0 tells the run apart from them. Empty for fewer than two.
    std::vector<Share> gain = {};
  };

  std::string run, against;  // paths; against: "" = nothing
  StudyOptions options;
  int64_t images = 0;
  std::vector<std::string> stages = {};
  std::vector<int64_t> widths = {};           // of the features
  std::vector<std::string> class_names = {};  // empty without labels
  std::vector<int64_t> classes = {};          // of each image, -1 = none
  std::vector<Row> rows = {};

  // `against` may be null; it has modules of its own, the same as `run`, whose weights are drawn
  // anew: the untrained networks are made of it. kUsage where networks and data do not fit together.
  static Study of(engine::TrainedModel run, const engine::TrainedModel* against,
                  const StudyOptions& options);

  Json json() const;
  std::string csv() const;   // measure,network,stage,name,value,low,high: numbers of stages
  std::string page() const;  // self-contained HTML
  // Makes the folder.
  void write(const std::filesystem::path& folder) const;
};

}  // namespace espalier::layers
