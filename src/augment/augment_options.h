// The section `augment` of a configuration: how images become views, and views numbers.
#pragma once

#include <string>
#include <vector>

#include "augment/views.h"
#include "config/document.h"

namespace espalier::augment {

enum class Decode { kExact, kScaled };
constexpr auto names_of(Decode) {
  using enum Decode;
  return names<Decode>({{kExact, "exact"}, {kScaled, "scaled"}});
}

// How images become views, and how views become numbers. Shared by pretraining and transfer.
struct AugmentOptions {
  std::vector<std::string> views = {""};
  std::string evaluate;
  std::vector<double> mean, std;  // empty = those of the set, until with_normalisation()
  Decode decode = Decode::kExact;
  Fields fields();

  // A pipeline for each view; one given pipeline serves all views. kUsage for any other number of
  // pipelines.
  std::vector<Pipeline> pipelines(int64_t views_wanted) const;
  Pipeline evaluation() const;
  // Makes views of the formats in a loader's plan.
  Views transform(std::vector<Pipeline> pipelines, std::vector<image::SlabFormat> formats) const;
};

// Other programs normalise pixels in [0, 255]: kUsage for a mean or a standard deviation of that
// kind, with the number for pixels in [0, 1].
void refuse_byte_units(const config::Document& document);

}  // namespace espalier::augment
