#include "data/sample_table.h"

#include <algorithm>

#include "core/error.h"

namespace espalier::data {

std::string SampleTable::key(int64_t i) const {
  return {keys.begin() + key_offset[i], keys.begin() + key_offset[i + 1]};
}

Sample SampleTable::at(int64_t i) const {
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

SampleTable SampleTable::slice(int64_t begin, int64_t end) const {
  SampleTable part;
  for (int64_t i = begin; i < end; ++i) part.append(at(i));
  return part;
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

  const size_t samples = table.label.size();
  const auto rises = [&](const std::vector<int64_t>& offsets) {
    return offsets.size() == samples + 1 && offsets.front() == 0 && std::ranges::is_sorted(offsets);
  };
  const bool fits = rises(table.offset) && rises(table.key_offset) &&
                    table.codec.size() == samples && table.channels.size() == samples &&
                    table.height.size() == samples && table.width.size() == samples &&
                    table.crc32.size() == samples && table.flags.size() == samples &&
                    table.key_offset.back() == static_cast<int64_t>(table.keys.size());
  check(fits, Kind::kData, "{}: the sample table is damaged", name_for_errors);
  return table;
}

}  // namespace espalier::data
