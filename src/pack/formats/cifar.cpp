// CIFAR-10 and CIFAR-100, binary version (Krizhevsky, 2009): records of one label byte (CIFAR-100:
// coarse, fine) and 3 x 32 x 32 bytes, plane by plane. The source is one .bin file, or the folder,
// which stands for its training files.
#include <algorithm>
#include <sstream>

#include "core/files.h"
#include "pack/format.h"

namespace espalier::pack {
namespace {

namespace fs = std::filesystem;

constexpr size_t kBatches = 5;  // of CIFAR-10
constexpr int64_t kSide = 32, kPlane = kSide * kSide, kPixels = 3 * kPlane;

class Cifar : public Format {
 public:
  void open(const fs::path& source) override {
    for (const fs::path& path : files_of(source)) add(path);
    whole_ = fs::is_directory(source);
    const fs::path folder = whole_ ? source : source.parent_path();
    read_class_names(folder / (label_bytes_ == 2 ? "fine_label_names.txt" : "batches.meta.txt"));
  }

  int64_t size() const override { return size_; }
  std::string key(int64_t item) const override {
    const auto [file, record] = place(item);
    return fmt::format("{}/{:05d}", file->name, record);
  }
  int64_t label(int64_t item) const override {
    return static_cast<uint8_t>(record_of(item)[label_bytes_ - 1]);
  }
  std::vector<std::string> class_names() const override { return class_names_; }
  std::vector<std::string> warnings() const override {
    const bool is_batch = files_.front().name.starts_with("data_batch_");
    if (!whole_ || !is_batch || files_.size() == kBatches) return {};
    return {fmt::format("only {} of {} training files are there, the last is {}", files_.size(),
                        kBatches, files_.back().name)};
  }

  Content read(int64_t item) const override {
    const char* planes = record_of(item) + label_bytes_;
    image::Image image(kSide, kSide, 3);
    for (int64_t i = 0; i < kPixels; ++i) {
      image.pixels[i] = static_cast<uint8_t>(planes[i % 3 * kPlane + i / 3]);
    }
    return image;
  }

 private:
  struct File {
    std::string name, bytes;
    int64_t first = 0, records = 0;
  };

  static std::vector<fs::path> files_of(const fs::path& source) {
    if (!fs::is_directory(source)) return {source};
    std::vector<fs::path> files;
    for (size_t batch = 1; batch <= kBatches; ++batch) {
      const fs::path path = source / fmt::format("data_batch_{}.bin", batch);
      if (fs::exists(path)) files.push_back(path);
    }
    if (files.empty() && fs::exists(source / "train.bin")) files.push_back(source / "train.bin");
    check(!files.empty(), Kind::kUsage,
          "{} has neither data_batch_1.bin nor train.bin (try: the folder of the binary version, "
          "or one .bin file)",
          source.string());
    return files;
  }

  void add(const fs::path& path) {
    File file{.name = path.filename().string(), .bytes = read_file(path), .first = size_};
    const auto bytes = static_cast<int64_t>(file.bytes.size());
    if (files_.empty()) label_bytes_ = bytes % (1 + kPixels) == 0 ? 1 : 2;
    const int64_t record = label_bytes_ + kPixels;
    check(bytes > 0 && bytes % record == 0, Kind::kData,
          "{} has {} bytes, no multiple of a record of CIFAR-10 (3073) or CIFAR-100 (3074)",
          path.string(), bytes);
    file.records = bytes / record;
    size_ += file.records;
    files_.push_back(std::move(file));
  }

  std::pair<const File*, int64_t> place(int64_t item) const {
    const auto after = std::ranges::upper_bound(files_, item, {}, &File::first);
    const File& file = *(after - 1);
    return {&file, item - file.first};
  }
  const char* record_of(int64_t item) const {
    const auto [file, record] = place(item);
    return file->bytes.data() + record * (label_bytes_ + kPixels);
  }

  // The names that come with the files; "0", "1", ... without.
  void read_class_names(const fs::path& path) {
    int64_t classes = 0;
    for (int64_t i = 0; i < size_; ++i) classes = std::max(classes, label(i) + 1);
    if (fs::exists(path)) {
      std::istringstream lines(read_file(path));
      for (std::string line; std::getline(lines, line);) {
        if (line.ends_with('\r')) line.pop_back();
        if (!line.empty()) class_names_.push_back(line);
      }
      check(static_cast<int64_t>(class_names_.size()) >= classes, Kind::kData,
            "{} names {} classes, the labels go up to {}", path.string(), class_names_.size(),
            classes - 1);
    } else {
      for (int64_t c = 0; c < classes; ++c) class_names_.push_back(fmt::format("{}", c));
    }
  }

  std::vector<File> files_;
  std::vector<std::string> class_names_;
  int64_t label_bytes_ = 1, size_ = 0;
  bool whole_ = false;  // the source is the folder
};

}  // namespace

ESPALIER_REGISTER(Format, Cifar, "cifar", "CIFAR-10 or CIFAR-100, binary version");

}  // namespace espalier::pack
