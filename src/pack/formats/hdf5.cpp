// HDF5 files of other programs, for migration. Two layouts:
//  - a group for each class that holds a one-dimensional u8 dataset for each image, with the bytes
//    of its file (solo-learn's h5 data sets); compression is allowed;
//  - arrays: u8 [N, H, W, C] or [N, H, W] named images, data or x, and, where there are, integers
//    [N] named labels, label or y.
#include <algorithm>
#include <optional>

#include "pack/format.h"
#include "shards/class_order.h"
#include "shards/h5.h"

namespace espalier::pack {
namespace {

namespace fs = std::filesystem;

class Hdf5 : public Format {
 public:
  void open(const fs::path& source) override {
    path_ = source.string();
    file_.emplace(shards::h5::File::open(source));
    const std::vector<shards::h5::File::Child> children = file_->children("/");
    const std::string array = first_of({"images", "data", "x"}, children);
    if (!array.empty()) return open_arrays(array, children);
    std::vector<std::string> groups;
    for (const shards::h5::File::Child& child : children) {
      if (child.is_group) groups.push_back(child.name);
    }
    for (const std::string& group : groups) add_class(group);
    if (!groups.empty() && groups.size() < children.size()) {
      warnings_.push_back(fmt::format("{}: {} datasets beside the groups are left out", path_,
                                      children.size() - groups.size()));
    }
    classes_ = shards::ClassOrder(groups);
    check(!keys_.empty(), Kind::kUsage,
          "{} holds neither groups of images nor an array images, data or x (try: another "
          "--format; espalier merge for shards of Espalier)",
          path_);
    std::ranges::sort(keys_);
  }

  int64_t size() const override {
    return array_.empty() ? static_cast<int64_t>(keys_.size()) : shape_[0];
  }
  std::string key(int64_t item) const override {
    return array_.empty() ? keys_[item] : fmt::format("{:08d}", item);
  }
  int64_t label(int64_t item) const override {
    if (!array_.empty()) return labels_.empty() ? -1 : labels_[item];
    return classes_.number(keys_[item].substr(0, keys_[item].find('/')));
  }
  std::vector<std::string> class_names() const override { return classes_.names(); }
  std::vector<std::string> warnings() const override { return warnings_; }

  Content read(int64_t item) const override {
    if (array_.empty()) return file_->read_bytes(keys_[item]);
    image::Image image(shape_[1], shape_[2], shape_.size() == 3 ? 1 : shape_[3]);
    file_->read_row(array_, item, image.pixels);
    return image;
  }

 private:
  static std::string first_of(const std::vector<std::string>& names,
                              const std::vector<shards::h5::File::Child>& children) {
    for (const std::string& name : names) {
      for (const shards::h5::File::Child& child : children) {
        if (child.name == name && !child.is_group) return name;
      }
    }
    return {};
  }

  void add_class(const std::string& name) {
    for (const shards::h5::File::Child& child : file_->children(name)) {
      const std::string key = fmt::format("{}/{}", name, child.name);
      check(!child.is_group, Kind::kData, "{}: {} is a group, an image is expected", path_, key);
      keys_.push_back(key);
    }
  }

  void open_arrays(const std::string& array, const std::vector<shards::h5::File::Child>& children) {
    array_ = array;
    shape_ = file_->shape(array);
    const bool fits =
        shape_.size() == 3 || (shape_.size() == 4 && (shape_[3] == 1 || shape_[3] == 3));
    constexpr int64_t kMostValues = int64_t{1} << 32;
    int64_t values = 1;
    for (size_t d = 1; d < shape_.size(); ++d) {
      check(shape_[d] > 0 && shape_[d] < kMostValues / values, Kind::kData,
            "{}: dimension {} of {} is {}", path_, d, array, shape_[d]);
      values *= shape_[d];
    }
    check(fits && file_->is_u8(array), Kind::kData,
          "{}: {} is no u8 array [N, H, W] or [N, H, W, 1 or 3] (try: transpose or scale it)",
          path_, array);
    const std::string labels = first_of({"labels", "label", "y"}, children);
    if (labels.empty()) {
      warnings_.push_back(path_ + ": no array labels, label or y: the images have no labels");
      return;
    }
    labels_ = file_->read_integers(labels);
    check(static_cast<int64_t>(labels_.size()) == shape_[0], Kind::kData,
          "{}: {} has {} values for {} images", path_, labels, labels_.size(), shape_[0]);
    const auto [least, most] = std::ranges::minmax(labels_);
    constexpr int64_t kMostClasses = 1'000'000;
    check(least >= -1 && most < kMostClasses, Kind::kData, "{}: {} go from {} to {}", path_, labels,
          least, most);
    std::vector<std::string> names;
    for (int64_t c = 0; c <= most; ++c) names.push_back(fmt::format("{}", c));
    classes_ = shards::ClassOrder(std::move(names));
  }

  std::string path_;
  std::optional<shards::h5::File> file_;
  std::string array_;           // empty: groups
  std::vector<int64_t> shape_;  // of the array
  std::vector<int64_t> labels_;
  std::vector<std::string> keys_, warnings_;
  shards::ClassOrder classes_;
};

}  // namespace

ESPALIER_REGISTER(Format, Hdf5, "hdf5",
                  "HDF5 files: a group of u8 datasets per class, or arrays of images and labels");

}  // namespace espalier::pack
