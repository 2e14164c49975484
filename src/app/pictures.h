// Images to look at, from files, folders of them and packed sets alike, treated as packing treats
// them: upright by their EXIF orientation, over white where they are transparent.
//
//   const Pictures pictures({"photos", "cat.jpg"});
//   for (int64_t i = 0; i < pictures.size(); ++i) ... pictures.image(i)
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "data/selection.h"
#include "image/image.h"

namespace espalier::app {

class Pictures {
 public:
  // Folders are searched as the format image_folder does. kUsage where a path is not there or a
  // folder holds no images.
  explicit Pictures(const std::vector<std::string>& paths);
  ~Pictures();

  // Keeps `count` of them, drawn by `seed`.
  void draw(int64_t count, uint64_t seed);

  int64_t size() const { return static_cast<int64_t>(chosen_.size()); }
  // The path, or the key in a packed set.
  std::string name(int64_t i) const;
  // The class by folder or label; "" where there is none.
  std::string class_name(int64_t i) const;
  // kData, naming it, when it cannot be decoded; kIo.
  image::Image image(int64_t i) const;

  class Source;

 private:
  struct Place {
    const Source& source;
    int64_t number;
  };
  Place place(int64_t i) const;

  std::vector<std::unique_ptr<Source>> sources_;
  std::vector<int64_t> begins_;  // the first image of each source
  data::Selection chosen_;
};

}  // namespace espalier::app
