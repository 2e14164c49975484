// A stored sample as the image that it was.
#pragma once

#include "data/dataset.h"
#include "data/format.h"

namespace espalier::data {

// The bytes as stored: an image file, or the pixels of a raw sample. kData, naming shard and key.
Content content_of(const Dataset& dataset, int64_t sample);

}  // namespace espalier::data
