// A packed set, open for reading it once: merge, export and cards use it.
//
//   const StoredSet set("data/cifar10");
//   image::Image image = set.image(7);
//
// Every read is one pread and one check of the CRC-32. Training reads through data/dataset.h, which
// chooses between ways of reading. Reading is safe from any number of threads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "image/image.h"
#include "shards/index.h"
#include "shards/sample_addresses.h"
#include "shards/shard_files.h"

namespace espalier::shards {

class StoredSet {
 public:
  // kData, naming the file, when the index or a shard is missing, short or damaged.
  explicit StoredSet(const std::filesystem::path& folder);
  StoredSet(const StoredSet&) = delete;

  const IndexView& index() const { return index_; }
  int64_t size() const { return index_.table.size(); }
  int64_t label(int64_t i) const { return index_.table.label[i]; }  // -1 = none
  std::string key(int64_t i) const { return index_.table.key(i); }
  image::Codec codec(int64_t i) const { return static_cast<image::Codec>(index_.table.codec[i]); }
  const std::vector<std::string>& class_names() const { return index_.facts.class_names; }
  // Identity of the contents: equal for equal packs, wherever they lie.
  const std::string& hash() const { return index_.facts.plan_sha256; }

  // The stored bytes: an image file, or [H, W, C] pixels. kData or kIo, naming shard and key.
  std::vector<uint8_t> bytes(int64_t i) const;
  image::Image image(int64_t i) const;

 private:
  std::string place(int64_t i) const;  // "shard-00000.h5: sample cat/7.jpg"

  std::vector<std::byte> memory_;  // of the index
  IndexView index_;
  SampleAddresses addresses_;
  mutable ShardFiles files_;
};

}  // namespace espalier::shards
