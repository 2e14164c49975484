#include "data/dataset.h"

#include <algorithm>
#include <utility>

#include "core/error.h"
#include "core/hash.h"

namespace espalier::data {

Dataset::Dataset(Index index)
    : index_(std::move(index)),
      read_before_(std::make_unique<std::atomic<uint64_t>[]>(
          static_cast<size_t>(index_.table.size() + 63) / 64)) {}

Dataset Dataset::open(const std::filesystem::path& folder) {
  Dataset dataset(read_index(folder));
  int64_t end = 0;
  for (const ShardFile& shard : dataset.index_.shards) {
    const std::filesystem::path path = folder / shard.name;
    check(!is_missing(path), Kind::kData,
          "{} is missing (try: copy the whole folder again, or pack again)", path.string());
    const ReadOnlyFile& file = dataset.files_.emplace_back(path);
    check(file.size_bytes() == shard.size_bytes, Kind::kData,
          "{} has {} bytes instead of {} (try: copy it again, or pack again)", path.string(),
          file.size_bytes(), shard.size_bytes);
    end += shard.num_samples;
    dataset.shard_end_.push_back(end);
  }
  return dataset;
}

image::ViewShape Dataset::shape(int64_t i) const {
  const SampleTable& table = index_.table;
  return {table.channels[i], table.height[i], table.width[i]};
}

std::optional<image::ViewShape> Dataset::uniform_shape() const {
  for (int64_t i = 1; i < size(); ++i) {
    if (shape(i) != shape(0)) return std::nullopt;
  }
  return shape(0);
}

size_t Dataset::shard_of(int64_t i) const {
  return static_cast<size_t>(std::ranges::upper_bound(shard_end_, i) - shard_end_.begin());
}

std::string Dataset::place(int64_t i) const {
  return fmt::format("{}: sample {}", files_[shard_of(i)].path().string(), key(i));
}

bool Dataset::first_read(int64_t i) const {
  const uint64_t bit = uint64_t{1} << (i % 64);
  return (read_before_[i / 64].fetch_or(bit, std::memory_order_relaxed) & bit) == 0;
}

void Dataset::read(int64_t i, std::vector<uint8_t>& bytes) const {
  const size_t shard = shard_of(i);
  const int64_t first = shard == 0 ? 0 : shard_end_[shard - 1];
  const int64_t offset = index_.table.offset[i] - index_.table.offset[first];
  bytes.resize(static_cast<size_t>(index_.table.stored_bytes(i)));
  files_[shard].read(index_.shards[shard].payload_address + offset, bytes);
  if (first_read(i)) {
    check(crc32(bytes) == index_.table.crc32[i], Kind::kData,
          "{} is damaged (CRC-32) (try: espalier verify, then copy or pack again)", place(i));
  }
}

image::Encoded Dataset::encoded(int64_t i, std::vector<uint8_t>& bytes) const {
  read(i, bytes);
  return {static_cast<image::Codec>(index_.table.codec[i]), shape(i), bytes};
}

image::Image Dataset::image(int64_t i) const {
  std::vector<uint8_t> bytes;
  const image::Encoded encoded = this->encoded(i, bytes);
  image::Image memory;
  try {
    const image::Pixels pixels = encoded.decode(encoded.whole(), memory);
    if (pixels.data == memory.pixels.data()) return memory;
    image::Image image(pixels.height, pixels.width, pixels.channels);
    std::copy_n(pixels.data, image.pixels.size(), image.pixels.data());
    return image;
  } catch (const Error& error) {
    throw Error(error.kind(), "{}: {}", place(i), error.what());
  }
}

}  // namespace espalier::data
