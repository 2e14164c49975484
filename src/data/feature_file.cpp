#include "data/feature_file.h"

#include <algorithm>

#include "core/csv_field.h"
#include "core/error.h"
#include "core/files.h"
#include "data/classes.h"
#include "shards/h5.h"
#include "shards/shard_writer.h"

namespace espalier::data {
namespace {

namespace fs = std::filesystem;

// What is said of the samples beside their features.
struct Samples {
  std::vector<std::string> keys;
  std::vector<int64_t> labels;  // -1 = none
  std::vector<std::string> classes;

  Samples(const Dataset& set, const Selection& selection) : classes(class_names(set)) {
    for (const int64_t i : selection) {
      keys.push_back(set.key(i));
      labels.push_back(set.label(i));
    }
  }

  std::string class_of(size_t row) const {
    return labels[row] < 0 ? "" : classes[static_cast<size_t>(labels[row])];
  }
};

std::string csv_of(const Samples& samples, std::span<const float> rows, int64_t width) {
  std::string csv = "key,label,class";
  for (int64_t d = 0; d < width; ++d) csv += fmt::format(",{}", d);
  csv += '\n';
  for (size_t i = 0; i < samples.keys.size(); ++i) {
    csv += fmt::format("{},{},{}", csv_field(samples.keys[i]), samples.labels[i],
                       csv_field(samples.class_of(i)));
    for (const float value : rows.subspan(i * static_cast<size_t>(width), width))
      csv += fmt::format(",{}", value);
    csv += '\n';
  }
  return csv;
}

// NumPy's format 1.0 (numpy.lib.format): magic, length of the header, header, values.
void write_npy(const fs::path& path, const Samples& samples, std::span<const float> rows,
               int64_t width) {
  std::string header =
      fmt::format("{{'descr': '<f4', 'fortran_order': False, 'shape': ({}, {}), }}",
                  samples.keys.size(), width);
  constexpr size_t kBefore = 10, kMultiple = 64;
  header.append(kMultiple - 1 - (kBefore + header.size()) % kMultiple, ' ');
  header += '\n';
  AtomicFile file(path);
  file.write(std::string_view("\x93NUMPY\x01\x00", 8));
  const auto length = static_cast<uint16_t>(header.size());
  file.write(&length, sizeof length);
  file.write(header);
  file.write(rows.data(), rows.size_bytes());
  write_file(path.string() + ".csv", csv_of(samples, {}, 0));
  file.commit();
}

void write_h5(const fs::path& path, const Samples& samples, std::span<const float> rows,
              int64_t width) {
  const shards::TemporaryFile temporary(temporary_name(path));
  auto file = shards::h5::File::create(temporary.path);
  file.write("features", rows, {static_cast<int64_t>(samples.keys.size()), width});
  file.write_texts("key", samples.keys);
  file.write("label", samples.labels);
  file.write_texts("class_names", samples.classes);
  file.close();
  publish(temporary.path, path);
}

}  // namespace

std::vector<std::string> feature_file_types() { return {".npy", ".h5", ".csv"}; }

void write_features(const fs::path& path, const Dataset& set, const Selection& selection,
                    std::span<const float> rows, int64_t width) {
  const Samples samples(set, selection);
  check(rows.size() == selection.size() * static_cast<size_t>(width), Kind::kBug,
        "{} numbers are no {} rows of {}", rows.size(), selection.size(), width);
  const std::string type = path.extension().string();
  if (type == ".npy") return write_npy(path, samples, rows, width);
  if (type == ".h5") return write_h5(path, samples, rows, width);
  check(type == ".csv", Kind::kUsage, "'{}' ends in none of {} (try: features.npy)", path.string(),
        fmt::join(feature_file_types(), ", "));
  write_file(path, csv_of(samples, rows, width));
}

}  // namespace espalier::data
