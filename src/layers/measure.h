// A measure of every stage of a network: plug-in kind "layer_measure", one file each.
//
//   for (const std::string& name : Registry<LayerMeasure>::names())
//     Registry<LayerMeasure>::create(name)->measure(look);
//
// Features are gathered once, for all measures and stages. A measure is also taken of an untrained
// network of the same model, since a number means nothing alone.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "core/binomial.h"
#include "core/registry.h"
#include "image/image.h"
#include "layers/subject.h"

namespace espalier::layers {

// Points in a plane, one an image.
struct Scatter {
  std::string x, y;  // of the axes
  std::vector<std::array<double, 2>> points;
};

// One of these is filled.
struct Measured {
  // Of each stage. `low` and `high` are NaN where there is no interval, all three where the measure
  // has no value.
  std::vector<Share> numbers = {};
  // [stage of the network][stage of what it is compared with], 0 to 1.
  std::vector<std::vector<double>> table = {};
  std::vector<Scatter> scatters = {};  // of each stage
  image::Image picture = {};

  bool empty() const {
    return numbers.empty() && table.empty() && scatters.empty() && picture.pixels.empty();
  }
};

// What a measure may see.
struct Look {
  const Subject& network;
  const Subject* other;  // what --against names; null = nothing, or the network itself
  const Labels* labels;  // null = unknown
};

class LayerMeasure : public Plugin {
 public:
  static constexpr const char* kKind = "layer_measure";

  // Headings: what is measured, and how it is read. One line of text each.
  virtual std::string title() const = 0;
  virtual std::string reading() const = 0;
  // Numbers that are shares, shown in percent.
  virtual bool share() const { return false; }

  // Empty where the look has not what the measure needs.
  virtual Measured measure(const Look& look) const = 0;
};

// A number without an interval.
Share plain(double value);

// One number a stage: `number(stage)`.
template <typename Number>
Measured of_stages(const Subject& network, const Number& number) {
  Measured measured;
  for (size_t stage = 0; stage < network.stages.size(); ++stage)
    measured.numbers.push_back(plain(number(stage)));
  return measured;
}

}  // namespace espalier::layers
