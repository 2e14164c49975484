// Facts of every sample that are known without reading it: one array per fact. A shard holds the
// table of its own samples, the index that of all.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "image/batch.h"
#include "image/codec.h"
#include "shards/h5.h"

namespace espalier::shards {

struct Sample {
  std::string key;     // the image's name in its source, exact bytes
  int64_t label = -1;  // -1 = none
  image::Codec codec = image::Codec::kRaw;
  int64_t height = 0, width = 0, channels = 0;
  int64_t stored_bytes = 0;
  uint32_t crc32 = 0;  // of the stored bytes
  uint32_t flags = 0;  // shards/flags.h
};

struct SampleTable;

// A table whose arrays lie somewhere else.
struct SampleColumns {
  std::span<const int64_t> offset;  // [N+1]
  std::span<const uint8_t> codec, channels;
  std::span<const int32_t> height, width;
  std::span<const uint32_t> crc32, flags;
  std::span<const int64_t> label;
  std::span<const int64_t> key_offset;  // [N+1]
  std::span<const uint8_t> keys;

  int64_t size() const { return static_cast<int64_t>(label.size()); }
  int64_t stored_bytes(int64_t i) const { return offset[i + 1] - offset[i]; }
  std::string key(int64_t i) const;
  image::ViewShape shape(int64_t i) const { return {channels[i], height[i], width[i]}; }
  Sample at(int64_t i) const;
  SampleTable slice(int64_t begin, int64_t end) const;  // its offsets start at 0 again
  // kData when the arrays do not fit each other.
  void require_fit(const std::string& name_for_errors) const;
};

struct SampleTable {
  std::vector<int64_t> offset{0};  // [N+1] of the stored bytes, all payloads end to end
  std::vector<uint8_t> codec, channels;
  std::vector<int32_t> height, width;
  std::vector<uint32_t> crc32, flags;
  std::vector<int64_t> label;
  std::vector<int64_t> key_offset{0};  // [N+1]
  std::vector<uint8_t> keys;

  int64_t size() const { return static_cast<int64_t>(label.size()); }
  int64_t stored_bytes(int64_t i) const { return offset[i + 1] - offset[i]; }
  std::string key(int64_t i) const { return columns().key(i); }
  Sample at(int64_t i) const { return columns().at(i); }
  SampleTable slice(int64_t begin, int64_t end) const { return columns().slice(begin, end); }
  SampleColumns columns() const;  // valid until this table changes
  void append(const Sample& sample);
  bool operator==(const SampleTable&) const = default;

  void write(h5::File& file) const;
  // kData when the arrays do not fit each other.
  static SampleTable read(const h5::File& file, const std::string& name_for_errors);
};

}  // namespace espalier::shards
