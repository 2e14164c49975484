// A stored sample as the image that it was.
#pragma once

#include "data/dataset.h"
#include "pack/format.h"

namespace espalier::pack {

// The bytes as stored: an image file, or the pixels of a raw sample. kData, naming shard and key.
Content content_of(const data::Dataset& dataset, int64_t sample);

}  // namespace espalier::pack
