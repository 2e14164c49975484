// A folder of JPEG and PNG files, known by name or by content. A file's class is the first folder
// on its way; a folder without folders is unlabeled. What is hidden, files and folders, is left
// out. Links are followed, but not one that leads back to a folder on its way.
#include <sys/stat.h>

#include <algorithm>
#include <utility>

#include "core/files.h"
#include "core/log.h"
#include "pack/format.h"
#include "pack/image_files.h"
#include "shards/class_order.h"

namespace espalier::pack {
namespace {

namespace fs = std::filesystem;

bool is_image_by_content(const fs::path& path) {
  const ReadOnlyFile file(path);
  std::vector<uint8_t> first(static_cast<size_t>(std::min(kFirstBytes, file.size_bytes())));
  file.read(0, first);
  return begins_as_image(first);
}

// A link to itself has no type; another error is the system's.
fs::file_type type_of(const fs::directory_entry& entry) {
  std::error_code error;
  const fs::file_type type = entry.status(error).type();
  if (type == fs::file_type::none && error != std::errc::too_many_symbolic_link_levels) {
    throw fs::filesystem_error("", entry.path(), error);
  }
  return type;
}

class ImageFolder : public Format {
 public:
  void open(const fs::path& source) override {
    check(fs::is_directory(source), Kind::kUsage, "{} is not a folder", source.string());
    source_ = source;
    list();
    std::ranges::sort(keys_);
    tell_others();
    find_classes();
  }

  int64_t size() const override { return static_cast<int64_t>(keys_.size()); }
  std::string key(int64_t item) const override { return keys_[item]; }
  int64_t label(int64_t item) const override {
    return classes_.names().empty() ? -1 : classes_.number(class_of(keys_[item]));
  }
  std::vector<std::string> class_names() const override { return classes_.names(); }
  std::vector<LeftOut> left_out() const override { return left_out_; }
  std::vector<std::string> warnings() const override {
    if (loops_.empty()) return {};
    return {
        fmt::format("{} links lead back to a folder that holds them and are not followed, as {}",
                    loops_.size(), loops_.front())};
  }

  Content read(int64_t item) const override { return read_bytes(source_ / keys_[item]); }

 private:
  using FolderId = std::pair<dev_t, ino_t>;

  static FolderId id_of(const fs::path& path) {
    struct stat status {};
    check(stat(path.c_str(), &status) == 0, Kind::kIo, "cannot list {}: {}", path.string(),
          errno_text());
    return {status.st_dev, status.st_ino};
  }

  static std::string class_of(const std::string& key) { return key.substr(0, key.find('/')); }

  void list() {
    const auto options = fs::directory_options::follow_directory_symlink;
    const size_t prefix = (source_ / "").native().size();
    std::vector<FolderId> way = {id_of(source_)};
    fs::recursive_directory_iterator entry(source_ / "", options);
    for (; entry != fs::recursive_directory_iterator(); ++entry) {
      const std::string key = entry->path().native().substr(prefix);
      const fs::file_type type = type_of(*entry);
      if (type != fs::file_type::directory) {
        add(key, entry->path(), type);
        continue;
      }
      way.resize(static_cast<size_t>(entry.depth()) + 1);
      way.push_back(id_of(entry->path()));
      const bool is_loop = std::find(way.begin(), way.end() - 1, way.back()) != way.end() - 1;
      if (is_loop) loops_.push_back(key);
      if (is_loop || is_hidden(key)) entry.disable_recursion_pending();
    }
  }

  void add(const std::string& key, const fs::path& path, fs::file_type type) {
    const bool regular = type == fs::file_type::regular, named = is_named_as_image(key);
    if (is_hidden(key)) {
      if (regular && named && is_image_by_content(path)) left_out_.push_back({key, "hidden"});
    } else if (named || (regular && is_image_by_content(path))) {
      keys_.push_back(key);
    } else {
      others_.push_back(key);
    }
  }

  void tell_others() const {
    if (others_.empty() && !keys_.empty()) return;
    const std::string text = others_.empty()
                                 ? ""
                                 : fmt::format("{} files are not images by name or content: {}",
                                               others_.size(), count_extensions(others_));
    check(!keys_.empty(), Kind::kData, "{} holds no images{}{}", source_.string(),
          others_.empty() ? "" : "; ", text);
    log::info("pack", "{}; they are left out", text);
  }

  void find_classes() {
    const auto lies_flat = [](const std::string& key) { return key.find('/') == key.npos; };
    const auto flat = std::ranges::find_if(keys_, lies_flat);
    const auto nested = std::ranges::find_if_not(keys_, lies_flat);
    if (nested == keys_.end()) return;
    check(flat == keys_.end(), Kind::kUsage,
          "{} has images both beside class folders ({}) and in them ({}) (try: one or the other)",
          source_.string(), flat == keys_.end() ? "" : *flat, *nested);
    std::vector<std::string> classes;
    for (const std::string& key : keys_) {
      if (classes.empty() || classes.back() != class_of(key)) classes.push_back(class_of(key));
    }
    classes_ = shards::ClassOrder(std::move(classes));
  }

  fs::path source_;
  std::vector<std::string> keys_, others_, loops_;
  std::vector<LeftOut> left_out_;
  shards::ClassOrder classes_;
};

}  // namespace

ESPALIER_REGISTER(
    Format, ImageFolder, "image_folder",
    "a folder of JPEG and PNG files; each subfolder is a class, a flat folder is unlabeled");

}  // namespace espalier::pack
