#include "shards/sample_table.h"

#include <algorithm>

#include "core/error.h"

namespace espalier::shards {

std::string SampleColumns::key(int64_t i) const {
  return {keys.begin() + key_offset[i], keys.begin() + key_offset[i + 1]};
}

Sample SampleColumns::at(int64_t i) const {
  return {.key = key(i),
          .label = label[i],
          .codec = static_cast<image::Codec>(codec[i]),
          .height = height[i],
          .width = width[i],
          .channels = channels[i],
          .stored_bytes = stored_bytes(i),
          .crc32 = crc32[i],
          .flags = flags[i]};
}

void SampleTable::append(const Sample& sample) {
  offset.push_back(offset.back() + sample.stored_bytes);
  codec.push_back(static_cast<uint8_t>(sample.codec));
  channels.push_back(static_cast<uint8_t>(sample.channels));
  height.push_back(static_cast<int32_t>(sample.height));
  width.push_back(static_cast<int32_t>(sample.width));
  crc32.push_back(sample.crc32);
  flags.push_back(sample.flags);
  label.push_back(sample.label);
  key_offset.push_back(key_offset.back() + static_cast<int64_t>(sample.key.size()));
  keys.insert(keys.end(), sample.key.begin(), sample.key.end());
}

SampleTable SampleColumns::slice(int64_t begin, int64_t end) const {
  const auto part = [&](auto values, auto& into) {
    into.assign(values.begin() + begin, values.begin() + end);
  };
  const auto offsets = [&](std::span<const int64_t> values, std::vector<int64_t>& into) {
    into.assign(values.begin() + begin, values.begin() + end + 1);
    for (int64_t& value : into) value -= values[begin];
  };
  SampleTable table;
  offsets(offset, table.offset);
  part(codec, table.codec);
  part(channels, table.channels);
  part(height, table.height);
  part(width, table.width);
  part(crc32, table.crc32);
  part(flags, table.flags);
  part(label, table.label);
  offsets(key_offset, table.key_offset);
  table.keys.assign(keys.begin() + key_offset[begin], keys.begin() + key_offset[end]);
  return table;
}

void SampleColumns::require_fit(const std::string& name_for_errors) const {
  const size_t samples = label.size();
  const auto rises = [&](std::span<const int64_t> offsets) {
    return offsets.size() == samples + 1 && offsets.front() == 0 && std::ranges::is_sorted(offsets);
  };
  const bool fits = rises(offset) && rises(key_offset) && codec.size() == samples &&
                    channels.size() == samples && height.size() == samples &&
                    width.size() == samples && crc32.size() == samples && flags.size() == samples &&
                    key_offset.back() == static_cast<int64_t>(keys.size());
  check(fits, Kind::kData, "{}: the sample table is damaged", name_for_errors);
}

SampleColumns SampleTable::columns() const {
  return {.offset = offset,
          .codec = codec,
          .channels = channels,
          .height = height,
          .width = width,
          .crc32 = crc32,
          .flags = flags,
          .label = label,
          .key_offset = key_offset,
          .keys = keys};
}

void SampleTable::write(h5::File& file) const {
  file.write("offset", offset);
  file.write("codec", codec);
  file.write("channels", channels);
  file.write("height", height);
  file.write("width", width);
  file.write("crc32", crc32);
  file.write("flags", flags);
  file.write("label", label);
  file.write("key_offset", key_offset);
  file.write("key", keys);
}

SampleTable SampleTable::read(const h5::File& file, const std::string& name_for_errors) {
  SampleTable table;
  table.offset = file.read<int64_t>("offset");
  table.codec = file.read<uint8_t>("codec");
  table.channels = file.read<uint8_t>("channels");
  table.height = file.read<int32_t>("height");
  table.width = file.read<int32_t>("width");
  table.crc32 = file.read<uint32_t>("crc32");
  table.flags = file.read<uint32_t>("flags");
  table.label = file.read<int64_t>("label");
  table.key_offset = file.read<int64_t>("key_offset");
  table.keys = file.read<uint8_t>("key");
  table.columns().require_fit(name_for_errors);
  return table;
}

}  // namespace espalier::shards
