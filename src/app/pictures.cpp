#include "app/pictures.h"

#include <algorithm>
#include <filesystem>

#include "core/files.h"
#include "data/classes.h"
#include "pack/pack.h"
#include "pack/transcode.h"

namespace espalier::app {

namespace fs = std::filesystem;

class Pictures::Source {
 public:
  virtual ~Source() = default;
  virtual int64_t size() const = 0;
  virtual std::string name(int64_t i) const = 0;
  virtual std::string class_name(int64_t i) const = 0;
  virtual image::Image image(int64_t i) const = 0;
};

namespace {

image::Image decoded(const pack::Content& content, const std::string& name) {
  try {
    return pack::transcode(content, {.encoded = false}).pixels;
  } catch (const Error& error) {
    throw Error(error.kind(), "{}: {}", name, error.what());
  }
}

class OneFile : public Pictures::Source {
 public:
  explicit OneFile(fs::path path) : path_(std::move(path)) {}
  int64_t size() const override { return 1; }
  std::string name(int64_t) const override { return path_.string(); }
  std::string class_name(int64_t) const override { return ""; }
  image::Image image(int64_t) const override { return decoded(read_bytes(path_), path_.string()); }

 private:
  fs::path path_;
};

class Folder : public Pictures::Source {
 public:
  explicit Folder(fs::path path)
      : path_(std::move(path)), files_(pack::open_source("image_folder", path_)) {}
  int64_t size() const override { return files_->size(); }
  std::string name(int64_t i) const override { return (path_ / files_->key(i)).string(); }
  std::string class_name(int64_t i) const override {
    const int64_t label = files_->label(i);
    return label < 0 ? "" : files_->class_names()[static_cast<size_t>(label)];
  }
  image::Image image(int64_t i) const override { return decoded(files_->read(i), name(i)); }

 private:
  fs::path path_;
  std::shared_ptr<pack::Format> files_;
};

class PackedSet : public Pictures::Source {
 public:
  explicit PackedSet(const fs::path& path)
      : set_(data::Dataset::open(path)), classes_(data::class_names(set_)) {}
  int64_t size() const override { return set_.size(); }
  std::string name(int64_t i) const override { return set_.key(i); }
  std::string class_name(int64_t i) const override {
    const int64_t label = set_.label(i);
    return label < 0 ? "" : classes_[static_cast<size_t>(label)];
  }
  image::Image image(int64_t i) const override { return set_.image(i); }

 private:
  data::Dataset set_;
  std::vector<std::string> classes_;
};

std::unique_ptr<Pictures::Source> open(const fs::path& path) {
  check(fs::exists(path), Kind::kUsage, "there is no {}", path.string());
  if (!fs::is_directory(path)) return std::make_unique<OneFile>(path);
  if (fs::exists(path / shards::kIndexName)) return std::make_unique<PackedSet>(path);
  return std::make_unique<Folder>(path);
}

}  // namespace

Pictures::Pictures(const std::vector<std::string>& paths) {
  int64_t total = 0;
  for (const std::string& path : paths) {
    begins_.push_back(total);
    sources_.push_back(open(path));
    total += sources_.back()->size();
  }
  chosen_ = data::all(total);
}

Pictures::~Pictures() = default;

void Pictures::draw(int64_t count, uint64_t seed) {
  chosen_ = data::draw_some(chosen_, count, "pictures", seed);
}

Pictures::Place Pictures::place(int64_t i) const {
  const int64_t number = chosen_[static_cast<size_t>(i)];
  const auto source = std::ranges::upper_bound(begins_, number) - begins_.begin() - 1;
  return {*sources_[static_cast<size_t>(source)], number - begins_[static_cast<size_t>(source)]};
}

std::string Pictures::name(int64_t i) const {
  const auto [source, number] = place(i);
  return source.name(number);
}

std::string Pictures::class_name(int64_t i) const {
  const auto [source, number] = place(i);
  return source.class_name(number);
}

image::Image Pictures::image(int64_t i) const {
  const auto [source, number] = place(i);
  return source.image(number);
}

}  // namespace espalier::app
