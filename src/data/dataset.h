// A packed set, open for reading.
//
//   const Dataset dataset = Dataset::open("data/cifar10");
//   image::Image image = dataset.image(7);
//
// Everything known without pixels is in memory after open(); HDF5 is closed by then, and samples
// are read by pread. Reading is safe from any number of threads. The CRC of a sample is checked at
// its first read.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/files.h"
#include "data/index.h"
#include "image/batch.h"
#include "image/encoded.h"
#include "image/image.h"

namespace espalier::data {

class Dataset {
 public:
  // kData, naming the file, when the index or a shard is missing, short or damaged.
  static Dataset open(const std::filesystem::path& folder);

  int64_t size() const { return index_.table.size(); }
  int64_t label(int64_t i) const { return index_.table.label[i]; }  // -1 = none
  const std::vector<int64_t>& labels() const { return index_.table.label; }
  std::string key(int64_t i) const { return index_.table.key(i); }
  const std::vector<std::string>& class_names() const { return index_.facts.class_names; }
  image::ViewShape shape(int64_t i) const;
  // The shape of every sample, or nothing when they differ.
  std::optional<image::ViewShape> uniform_shape() const;

  // Identity of the contents: equal for equal packs, wherever they lie.
  const std::string& hash() const { return index_.facts.plan_sha256; }
  const Index& index() const { return index_; }

  // The stored bytes: an image file, or [H, W, C] pixels. kData, naming shard and key, when they
  // are damaged.
  void read(int64_t i, std::vector<uint8_t>& bytes) const;
  // The same with what is known of them; `bytes` is the memory.
  image::Encoded encoded(int64_t i, std::vector<uint8_t>& bytes) const;
  image::Image image(int64_t i) const;
  std::string place(int64_t i) const;  // "shard-00000.h5: sample cat/7.jpg"

 private:
  explicit Dataset(Index index);

  size_t shard_of(int64_t i) const;
  bool first_read(int64_t i) const;

  Index index_;
  std::vector<int64_t> shard_end_;  // number of the sample after a shard's last
  std::vector<ReadOnlyFile> files_;
  std::unique_ptr<std::atomic<uint64_t>[]> read_before_;  // one bit a sample
};

}  // namespace espalier::data
