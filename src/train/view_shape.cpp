#include "train/view_shape.h"

#include <set>

#include "train/run_config.h"

namespace espalier::train {

image::ViewShape output_of(const augment::Pipeline& pipeline, const data::Dataset& set) {
  const image::ViewShape common = set.common_shape();
  const image::ViewShape output = pipeline.output(common);
  if (common.height > 0 && common.width > 0) return output;
  std::set<std::pair<int64_t, int64_t>> seen;
  for (int64_t i = 0; i < set.size(); ++i) {
    const image::ViewShape own = set.shape(i);
    if (!seen.emplace(own.height, own.width).second) continue;
    try {
      pipeline.output({common.channels, own.height, own.width});
    } catch (const Error& error) {
      throw Error(error.kind(), "{}, {} x {} px: {}", set.key(i), own.height, own.width,
                  error.what());
    }
  }
  return output;
}

void require_input(const AugmentOptions& augment, const data::Dataset& set,
                   const image::ViewShape& wanted, const std::string& where) {
  image::ViewShape shape;
  try {
    shape = output_of(augment.evaluation(), set);
  } catch (const Error& error) {
    throw Error(error.kind(), "{}: {}", where, error.what());
  }
  check(shape == wanted, Kind::kUsage,
        "{}: augment.evaluate makes views of {} x {} x {} (channels, height, width; 0 = they "
        "differ), the network takes {} x {} x {} (try: augment.evaluate=\"resize({}, {})\", or a "
        "set of images like those trained on)",
        where, shape.channels, shape.height, shape.width, wanted.channels, wanted.height,
        wanted.width, wanted.height, wanted.width);
}

}  // namespace espalier::train
