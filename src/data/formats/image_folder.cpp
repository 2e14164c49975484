// A folder of JPEG and PNG files. A file's class is the first folder on its way; a folder without
// folders is unlabeled. What is hidden, files and folders, is left out; links are followed.
#include <algorithm>
#include <array>

#include "core/files.h"
#include "core/log.h"
#include "data/format.h"

namespace espalier::data {
namespace {

namespace fs = std::filesystem;

bool is_hidden(const fs::path& path) { return path.filename().native().starts_with('.'); }

// Image files by name. Those no codec knows are listed too, so that packing names them instead of
// losing them.
bool names_an_image(const fs::path& path) {
  constexpr std::array kExtensions = {".jpg", ".jpeg", ".jpe", ".png", ".webp",
                                      ".bmp", ".gif",  ".tif", ".tiff"};
  std::string extension = path.extension().string();
  std::ranges::transform(extension, extension.begin(),
                         [](unsigned char letter) { return std::tolower(letter); });
  return std::ranges::find(kExtensions, extension) != kExtensions.end() && !is_hidden(path);
}

class ImageFolder : public Format {
 public:
  void open(const fs::path& source) override {
    check(fs::is_directory(source), Kind::kUsage, "{} is not a folder", source.string());
    source_ = source;
    list();
    std::ranges::sort(keys_);
    find_classes();
  }

  int64_t size() const override { return static_cast<int64_t>(keys_.size()); }
  std::string key(int64_t item) const override { return keys_[item]; }
  int64_t label(int64_t item) const override {
    if (classes_.empty()) return -1;
    return std::ranges::lower_bound(classes_, class_of(keys_[item])) - classes_.begin();
  }
  std::vector<std::string> class_names() const override { return classes_; }

  Content read(int64_t item) const override { return read_bytes(source_ / keys_[item]); }

 private:
  static std::string class_of(const std::string& key) { return key.substr(0, key.find('/')); }

  void list() {
    int64_t others = 0;
    const auto options = fs::directory_options::follow_directory_symlink;
    const size_t prefix = (source_ / "").native().size();
    fs::recursive_directory_iterator entry(source_ / "", options);
    for (; entry != fs::recursive_directory_iterator(); ++entry) {
      const fs::path& path = entry->path();
      if (entry->is_directory()) {
        if (is_hidden(path)) entry.disable_recursion_pending();
      } else if (names_an_image(path)) {
        keys_.push_back(path.native().substr(prefix));
      } else {
        ++others;
      }
    }
    if (others > 0) log::info("pack", "{} files are not images by their name and left out", others);
  }

  void find_classes() {
    const auto lies_flat = [](const std::string& key) { return key.find('/') == key.npos; };
    const auto flat = std::ranges::find_if(keys_, lies_flat);
    const auto nested = std::ranges::find_if_not(keys_, lies_flat);
    if (nested == keys_.end()) return;
    check(flat == keys_.end(), Kind::kUsage,
          "{} has images both beside class folders ({}) and in them ({}) (try: one or the other)",
          source_.string(), flat == keys_.end() ? "" : *flat, *nested);
    for (const std::string& key : keys_) {
      if (classes_.empty() || classes_.back() != class_of(key)) classes_.push_back(class_of(key));
    }
    std::ranges::sort(classes_);  // "a b/" lies before "a/", but "a" before "a b"
  }

  fs::path source_;
  std::vector<std::string> keys_, classes_;
};

}  // namespace

ESPALIER_REGISTER(Format, ImageFolder, "image_folder",
                  "a folder of JPEG and PNG files; class = folder, a flat folder is unlabeled");

}  // namespace espalier::data
