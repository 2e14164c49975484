// The kernels of geometry.h.
#pragma once

#include "image/image.h"

namespace espalier::image {

// Where the rows and pixels of an image come from.
struct Order {
  bool last_row_first, last_column_first;
};

// The pixels in another order.
void reorder(const Pixels& from, Order order, Image& to);

// Columns become rows; the order is that of `to`.
void transpose(const Pixels& from, Order order, Image& to);

}  // namespace espalier::image
