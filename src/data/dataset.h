// A packed set, open for reading.
//
//   const Dataset dataset = Dataset::open("data/cifar10");
//   image::Image image = dataset.image(7);
//
// Everything known without pixels is in memory after open(); HDF5 is closed by then, and shards are
// opened when they are first read. Reading is safe from any number of threads. A Dataset is a
// handle: its copies are the same open set, which ends with the last of them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "data/read_mode.h"
#include "data/reader.h"
#include "image/batch.h"
#include "image/encoded.h"
#include "image/image.h"
#include "shards/index.h"

namespace espalier::data {

// The samples [begin, end) of every batch: what this process reads. A batch of 0 = anything.
struct BatchShare {
  int64_t batch = 0, begin = 0, end = 0;
};

class Dataset {
 public:
  // Checks that all shards are there, and copies them first where the mode is `local_copy`. kData,
  // naming the file, when the index or a shard is missing, short or damaged.
  static Dataset open(const std::filesystem::path& folder,
                      const ReadOptions& options = {.read = ReadMode::kSample},
                      const BatchShare& share = {});

  // Over an index in memory, which `owner` keeps; `choice.mode` is not auto. Does not access the
  // file system: the caller has checked, and copied, the shards.
  Dataset(const std::filesystem::path& folder, std::span<const std::byte> index,
          std::shared_ptr<const void> owner, const ReadOptions& options, const ReadChoice& choice,
          const BatchShare& share);

  int64_t size() const { return table().size(); }
  int64_t label(int64_t i) const { return table().label[i]; }  // -1 = none
  std::span<const int64_t> labels() const { return table().label; }
  std::string key(int64_t i) const { return table().key(i); }
  const std::vector<std::string>& class_names() const { return index().facts.class_names; }
  image::ViewShape shape(int64_t i) const;
  // What all samples have in common: a height or width of 0 where they differ, and the channels of
  // the colour images where some are grey.
  image::ViewShape common_shape() const;

  // Identity of the contents: equal for equal packs, wherever they lie.
  const std::string& hash() const { return index().facts.plan_sha256; }
  const shards::OrderFacts& order() const { return index().facts.order; }
  const shards::IndexView& index() const { return state_->index; }
  const ReadChoice& read_choice() const { return state_->choice; }

  // The stored bytes: an image file, or [H, W, C] pixels; `memory` only grows. kData or kIo, naming
  // shard and key.
  std::span<const uint8_t> stored(int64_t i, std::vector<uint8_t>& memory) const {
    return state_->reader.read(i, memory);
  }
  // The same with what is known of them.
  image::Encoded encoded(int64_t i, std::vector<uint8_t>& memory) const;
  image::Image image(int64_t i) const;
  std::string place(int64_t i) const { return state_->reader.place(i); }

  // Samples [first, last) will be read soon.
  void announce(int64_t first, int64_t last) const { state_->reader.announce(first, last); }

  const Reader& reader() const { return state_->reader; }

  // Bytes of memory that this object takes, blocks included; the index counts once per node.
  int64_t memory_bytes() const;

 private:
  struct State {
    State(const std::filesystem::path& folder, std::span<const std::byte> memory,
          std::shared_ptr<const void> owner, const ReadOptions& options, ReadChoice choice,
          const BatchShare& share);
    std::shared_ptr<const void> owner;
    int64_t index_bytes, blocks;
    shards::IndexView index;
    ReadChoice choice;
    mutable Reader reader;
  };

  const shards::SampleColumns& table() const { return state_->index.table; }

  std::shared_ptr<const State> state_;
};

// How a set with this index is to be read from `folder`.
ReadChoice choose_read(const std::filesystem::path& folder, const shards::IndexView& index,
                       const ReadOptions& options, const BatchShare& share);

// Blocks that mode `block` holds for a share of the batches: the windows of its streams.
int64_t blocks_held(const shards::OrderFacts& order, const BatchShare& share);

}  // namespace espalier::data
