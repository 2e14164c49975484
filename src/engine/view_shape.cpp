#include "engine/view_shape.h"

#include <set>

#include "augment/views.h"
#include "core/error.h"

namespace espalier::engine {

namespace {

// Calls visit(number, shape) for one image of each size, where sizes differ.
template <typename Visit>
void each_size(const data::Dataset& set, const Visit& visit) {
  const image::ViewShape common = set.common_shape();
  if (common.height > 0 && common.width > 0) return;
  std::set<std::pair<int64_t, int64_t>> seen;
  for (int64_t i = 0; i < set.size(); ++i) {
    const image::ViewShape own = set.shape(i);
    if (seen.emplace(own.height, own.width).second) visit(i, own);
  }
}

}  // namespace

image::ViewShape output_of(const augment::Pipeline& pipeline, const data::Dataset& set) {
  const image::ViewShape common = set.common_shape();
  each_size(set, [&](int64_t i, const image::ViewShape& own) {
    try {
      pipeline.output({common.channels, own.height, own.width});
    } catch (const Error& error) {
      throw Error(error.kind(), "{}, {} x {} px: {}", set.key(i), own.height, own.width,
                  error.what());
    }
  });
  return pipeline.output(common);
}

void require_input(const augment::Pipeline& pipeline, const data::Dataset& set,
                   const image::ViewShape& wanted, const std::string& where) {
  const image::ViewShape common = set.common_shape();
  augment::require_fit(pipeline, common, wanted, where);
  each_size(set, [&](int64_t i, const image::ViewShape& own) {
    augment::require_fit(
        pipeline, {common.channels, own.height, own.width}, wanted,
        fmt::format("{}: {}, {} x {} px", where, set.key(i), own.height, own.width));
  });
}

bool is_random(const augment::Pipeline& pipeline, const data::Dataset& set) {
  const image::ViewShape common = set.common_shape();
  if (common.height > 0 && common.width > 0) return pipeline.is_random(common);
  bool any = false;
  each_size(set, [&](int64_t, const image::ViewShape& own) {
    any |= pipeline.is_random({common.channels, own.height, own.width});
  });
  return any;
}

}  // namespace espalier::engine
