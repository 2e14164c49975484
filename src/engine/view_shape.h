// The shape that pipelines give to the images of a packed set, found from its index alone.
#pragma once

#include <string>

#include "augment/pipeline.h"
#include "data/dataset.h"

namespace espalier::engine {

// What `pipeline` makes of the images of `set`; a height or width of 0 where they differ. kUsage,
// naming the image, when one of them cannot pass.
image::ViewShape output_of(const augment::Pipeline& pipeline, const data::Dataset& set);

// kUsage, beginning with `where`, unless `pipeline` makes `wanted`, what a network takes, of every
// image of `set`: the rule of augment/views.h, so that grey images fit a colour network.
void require_input(const augment::Pipeline& pipeline, const data::Dataset& set,
                   const image::ViewShape& wanted, const std::string& where);

// Whether views of the images of `set`, which pass `pipeline`, differ from epoch to epoch or with
// the seed.
bool is_random(const augment::Pipeline& pipeline, const data::Dataset& set);

}  // namespace espalier::engine
