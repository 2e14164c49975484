// All measures of a run's stages, of an untrained network of its model, and of another run.
//
//   const Study study = Study::of({.run = "runs/rotation", .data = "data/test"});
//   study.write("runs/rotation/layers");      // layers.json, layers.csv, layers.html
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/jsonl.h"
#include "layers/measure.h"

namespace espalier::layers {

struct StudyOptions {
  std::string run, data, against = {};  // as layers::open_backbone(); "" = nothing
  int64_t images = 2000;  // to look at, at most; those with a label where there are some
  uint64_t seed = 0;      // of the choice of images and of the untrained weights
};

struct Study {
  // One measure of one network.
  struct Of {
    std::string network;
    Measured measured;
  };
  struct Row {
    std::string name, title, reading;
    bool share = false;
    std::vector<Of> of = {};  // of each network that has what it needs
  };

  StudyOptions options;
  int64_t images = 0;
  std::vector<std::string> stages = {};
  std::vector<int64_t> widths = {};           // of the features
  std::vector<std::string> class_names = {};  // empty without labels
  std::vector<int64_t> classes = {};          // of each image, -1 = none
  std::vector<Row> rows = {};

  // kUsage where runs and data do not fit together.
  static Study of(const StudyOptions& options);

  Json json() const;
  std::string csv() const;   // measure,network,stage,name,value,low,high: numbers of stages
  std::string page() const;  // self-contained HTML
  // Makes the folder.
  void write(const std::filesystem::path& folder) const;
};

}  // namespace espalier::layers
