#include "data/dataset.h"

#include <algorithm>
#include <utility>

#include "core/cores.h"
#include "core/error.h"
#include "data/local_copy.h"
#include "data/order.h"

namespace espalier::data {

int64_t blocks_held(const shards::OrderFacts& order, const BatchShare& share) {
  int64_t streams = order.streams;
  if (share.batch > 0) {
    // An epoch may begin within a turn: one stream more is begun.
    streams = std::min(streams, streams_of_share(order, share.batch, share.begin, share.end) + 1);
  }
  // While a stream goes from one window to the next, the last samples of the old one are being
  // read.
  return (streams + 1) * order.window;
}

ReadChoice choose_read(const std::filesystem::path& folder, const shards::IndexView& index,
                       const ReadOptions& options, const BatchShare& share) {
  Storage storage = storage_of(folder, options, index.table.offset.back());
  storage.block = index.facts.order.block;
  storage.blocks_bytes = blocks_held(index.facts.order, share) * largest_block_bytes(index);
  return choose_read(options, storage);
}

Dataset::State::State(const std::filesystem::path& folder, std::span<const std::byte> memory,
                      std::shared_ptr<const void> owner, const ReadOptions& options,
                      ReadChoice choice, const BatchShare& share)
    : owner(std::move(owner)),
      index_bytes(static_cast<int64_t>(memory.size())),
      index(shards::view_index(memory)),
      choice(std::move(choice)),
      reader(this->choice.mode == ReadMode::kLocalCopy
                 ? folder_of_copy(options.copy_folder, index.facts)
                 : folder,
             index, this->choice.mode, options.verify, blocks_held(index.facts.order, share)) {
  blocks = this->choice.mode == ReadMode::kBlock ? blocks_held(index.facts.order, share) : 0;
}

Dataset::Dataset(const std::filesystem::path& folder, std::span<const std::byte> index,
                 std::shared_ptr<const void> owner, const ReadOptions& options,
                 const ReadChoice& choice, const BatchShare& share)
    : state_(
          std::make_shared<const State>(folder, index, std::move(owner), options, choice, share)) {}

Dataset Dataset::open(const std::filesystem::path& folder, const ReadOptions& options,
                      const BatchShare& share) {
  std::shared_ptr<std::byte[]> memory;
  int64_t bytes = 0;
  {
    const shards::IndexFile file(folder);
    bytes = file.bytes();
    memory = std::make_shared_for_overwrite<std::byte[]>(static_cast<size_t>(bytes));
    file.load({memory.get(), static_cast<size_t>(bytes)});
  }
  const std::span<const std::byte> contents(memory.get(), static_cast<size_t>(bytes));
  const shards::IndexView index = shards::view_index(contents);
  shards::require_shards(folder, index);
  const ReadChoice choice = choose_read(folder, index, options, share);
  if (choice.mode == ReadMode::kLocalCopy) {
    copy_shards(folder, index, options.copy_folder, core_share().cores);
  }
  return Dataset(folder, contents, memory, options, choice, share);
}

image::ViewShape Dataset::shape(int64_t i) const { return table().shape(i); }

image::ViewShape Dataset::common_shape() const {
  image::ViewShape common = shape(0);
  for (int64_t i = 1; i < size(); ++i) {
    const image::ViewShape own = shape(i);
    common.channels = std::max(common.channels, own.channels);
    if (own.height != common.height) common.height = 0;
    if (own.width != common.width) common.width = 0;
  }
  return common;
}

image::Encoded Dataset::encoded(int64_t i, std::vector<uint8_t>& memory) const {
  return {static_cast<image::Codec>(table().codec[i]), shape(i), stored(i, memory)};
}

image::Image Dataset::image(int64_t i) const {
  std::vector<uint8_t> bytes;
  const image::Encoded encoded = this->encoded(i, bytes);
  try {
    return encoded.image();
  } catch (const Error& error) {
    throw Error(error.kind(), "{}: {}", place(i), error.what());
  }
}

int64_t Dataset::memory_bytes() const {
  const int64_t bits = size() / 8;
  return state_->index_bytes + bits +
         (state_->blocks > 0 ? state_->blocks * largest_block_bytes(index()) : 0);
}

}  // namespace espalier::data
