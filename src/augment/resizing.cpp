#include "augment/resizing.h"

#include "core/error.h"

namespace espalier::augment {

Fields Resizing::after(Fields fields) {
  fields.push_back({"filter", &filter_, {.help = "filter of the resizing"}});
  fields.push_back({"passes",
                    &passes_,
                    {.help = "which pass of the resizing comes first, rows or columns: as in this "
                             "version of Pillow"}});
  return fields;
}

void Resizing::resize(const image::Pixels& from, int64_t height, int64_t width,
                      image::Image& to) const {
  image::resize(from, height, width, filter_, passes_, to);
}

std::string Resizing::spelled(int64_t height, int64_t width) const {
  return fmt::format("resize({}, {}, {}, {})", height, width, filter_, passes_);
}

}  // namespace espalier::augment
