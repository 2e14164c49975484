// Which test images an image is a copy of, if of any. Two comparisons: of whole pictures in fine
// detail, as they are and mirrored, and of pictures of which one or the other lacks some rows and
// columns, in coarse detail.
#pragma once

#include <functional>
#include <vector>

#include "leaks/gallery.h"
#include "leaks/nearness.h"

namespace espalier::leaks {

struct Reached {
  int64_t test = 0;
  double distance = 0;  // grey levels, root mean square
  double share = 0;     // of the radius
  bool cropped = false;
};

class Search {
 public:
  // `drawn` are thumbnails of some of the `images` that will be visited.
  Search(const std::vector<image::Image>& tests, const std::vector<image::Image>& drawn,
         int64_t images, int64_t threads);

  // found() for each test image that `thumbnail` is near to, and each way in which it is. From any
  // number of threads.
  void visit(const image::Image& thumbnail, const std::function<void(const Reached&)>& found) const;

  // What is usual for it, in grey levels.
  double usual(const Reached& found) const;
  // Test images that are called near by chance; NaN where the data do not say what is usual.
  double expected() const;

 private:
  void look(const Gallery& gallery, bool cropped, std::vector<float> signature,
            const std::function<void(const Reached&)>& found) const;

  std::vector<image::Box> crops_;
  Nearness fine_, coarse_;
  Gallery fine_whole_, coarse_whole_, coarse_crops_;
};

}  // namespace espalier::leaks
