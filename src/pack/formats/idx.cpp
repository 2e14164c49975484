// IDX, the files of MNIST, Fashion-MNIST, KMNIST, EMNIST (LeCun, Cortes, Burges: "The MNIST
// database"): a header of big-endian sizes, then bytes. The source is the file of images, or a
// prefix of it ("mnist/train"); the labels are looked for beside it by name. Both may be compressed
// by gzip.
#include <zlib.h>

#include <algorithm>

#include "core/files.h"
#include "pack/format.h"

namespace espalier::pack {
namespace {

namespace fs = std::filesystem;

std::string inflate_gzip(const std::string& packed, const std::string& path) {
  z_stream stream{};
  constexpr int kGzip = 16;
  check(inflateInit2(&stream, kGzip + MAX_WBITS) == Z_OK, Kind::kBug, "zlib does not start");
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  stream.avail_in = static_cast<uInt>(packed.size());
  std::string bytes;
  std::string block(1 << 20, '\0');
  int status = Z_OK;
  while (status == Z_OK) {
    stream.next_out = reinterpret_cast<Bytef*>(block.data());
    stream.avail_out = static_cast<uInt>(block.size());
    status = inflate(&stream, Z_NO_FLUSH);
    bytes.append(block.data(), block.size() - stream.avail_out);
    const bool another = stream.avail_in > 1 && stream.next_in[0] == 0x1f;
    if (status == Z_STREAM_END && another) status = inflateReset(&stream);  // gzip files in a row
  }
  inflateEnd(&stream);
  check(status == Z_STREAM_END, Kind::kData, "{} is damaged: the gzip stream {}", path,
        status == Z_BUF_ERROR ? "ends early" : "has errors");
  return bytes;
}

struct Idx {
  std::vector<int64_t> shape;
  std::string bytes;  // header included
  int64_t start = 0;  // of the values
};

Idx read_idx(const fs::path& path, int64_t dimensions) {
  Idx idx{.shape = {}, .bytes = read_file(path), .start = 4 + 4 * dimensions};
  if (idx.bytes.starts_with("\x1f\x8b")) idx.bytes = inflate_gzip(idx.bytes, path.string());
  const auto size = static_cast<int64_t>(idx.bytes.size());
  const std::string magic{0, 0, 8, static_cast<char>(dimensions)};
  check(size >= idx.start && idx.bytes.starts_with(magic), Kind::kData,
        "{} is not an IDX file of bytes in {} dimensions", path.string(), dimensions);
  int64_t values = 1;
  for (int64_t d = 0; d < dimensions; ++d) {
    int64_t extent = 0;
    for (int64_t b = 0; b < 4; ++b) {
      extent = extent * 256 + static_cast<uint8_t>(idx.bytes[4 + 4 * d + b]);
    }
    check(extent > 0 && extent <= size, Kind::kData, "{}: a dimension is {}", path.string(),
          extent);
    idx.shape.push_back(extent);
    values = std::min(values * extent, size + 1);  // cannot overflow, and is refused below
  }
  check(size == idx.start + values, Kind::kData, "{} has {} bytes, its header gives another size",
        path.string(), size);
  return idx;
}

fs::path images_file(const fs::path& source) {
  if (fs::is_regular_file(source)) return source;
  for (const char* ending : {"-images-idx3-ubyte", "-images-idx3-ubyte.gz", "-images.idx3-ubyte"}) {
    const fs::path path = source.string() + ending;
    if (fs::exists(path)) return path;
  }
  throw Error(
      Kind::kUsage,
      "there is neither {} nor {}-images-idx3-ubyte[.gz] (try: --source with the file of images)",
      source.string(), source.string());
}

// "train-images-idx3-ubyte.gz" -> "train-labels-idx1-ubyte" with or without .gz; empty when there
// is none.
fs::path labels_file(const fs::path& images) {
  std::string name = images.filename().string();
  const size_t word = name.find("images"), dimensions = name.find("idx3");
  if (word == name.npos || dimensions == name.npos) return {};
  name.replace(dimensions, 4, "idx1").replace(word, 6, "labels");
  if (name.ends_with(".gz")) name.resize(name.size() - 3);
  for (const char* ending : {"", ".gz"}) {
    if (fs::exists(images.parent_path() / (name + ending))) {
      return images.parent_path() / (name + ending);
    }
  }
  return {};
}

class IdxFormat : public Format {
 public:
  void open(const fs::path& source) override {
    const fs::path images = images_file(source);
    images_ = read_idx(images, 3);
    const fs::path labels = labels_file(images);
    if (labels.empty()) {
      warnings_.push_back(fmt::format(
          "{} has no file of labels beside it: the images have no labels (try: call the two files "
          "NAME-images-idx3-ubyte and NAME-labels-idx1-ubyte, in one folder)",
          images.string()));
      return;
    }
    labels_ = read_idx(labels, 1);
    check(labels_.shape[0] == size(), Kind::kData, "{} has {} labels for {} images",
          labels.string(), labels_.shape[0], size());
  }

  int64_t size() const override { return images_.shape[0]; }
  std::string key(int64_t item) const override { return fmt::format("{:08d}", item); }
  int64_t label(int64_t item) const override {
    if (labels_.bytes.empty()) return -1;
    return static_cast<uint8_t>(labels_.bytes[labels_.start + item]);
  }
  std::vector<std::string> class_names() const override {
    std::vector<std::string> names;
    int64_t classes = 0;
    for (int64_t i = 0; i < size(); ++i) classes = std::max(classes, label(i) + 1);
    for (int64_t c = 0; c < classes; ++c) names.push_back(fmt::format("{}", c));
    return names;
  }

  std::vector<std::string> warnings() const override { return warnings_; }

  Content read(int64_t item) const override {
    image::Image image(images_.shape[1], images_.shape[2], 1);
    const auto pixels = static_cast<int64_t>(image.pixels.size());
    const char* first = images_.bytes.data() + images_.start + item * pixels;
    std::copy_n(first, pixels, image.pixels.begin());
    return image;
  }

 private:
  Idx images_, labels_;
  std::vector<std::string> warnings_;
};

}  // namespace

ESPALIER_REGISTER(
    Format, IdxFormat, "idx",
    "IDX files (MNIST family), plain or .gz; the source is the file of images or its prefix");

}  // namespace espalier::pack
