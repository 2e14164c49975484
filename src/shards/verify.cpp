#include "shards/verify.h"

#include <algorithm>
#include <set>
#include <sstream>

#include "core/error.h"
#include "core/files.h"
#include "core/hash.h"
#include "shards/index.h"
#include "shards/parallel.h"

namespace espalier::shards {
namespace {

namespace fs = std::filesystem;

// Runs `action`, which reads `path`; damage, or that there is no such file, becomes a line of
// `faults`. What the system refuses is no fault of the data, and is thrown.
template <typename Action>
void sound(std::vector<std::string>& faults, const fs::path& path, const Action& action) {
  try {
    action();
  } catch (const Error& error) {
    const bool absent = error.kind() == Kind::kIo && is_missing(path);
    if (error.kind() != Kind::kData && !absent) throw;
    faults.push_back(error.what());
  }
}

void check_checksums(const fs::path& folder, const Index& index, std::vector<std::string>& faults) {
  std::set<std::string> unlisted = {kIndexName, kSkippedName};
  for (const ShardFile& shard : index.shards) unlisted.insert(shard.name);
  std::istringstream lines(read_file(folder / kChecksumsName));
  for (std::string line; std::getline(lines, line);) {
    const size_t gap = line.find("  ");
    if (gap == line.npos) {
      faults.push_back(fmt::format("{}: '{}' is not a line of checksums", kChecksumsName, line));
      continue;
    }
    const std::string name = line.substr(gap + 2);
    unlisted.erase(name);
    sound(faults, folder / name, [&] {
      check(sha256_hex_of_file(folder / name) == line.substr(0, gap), Kind::kData,
            "{}: SHA-256 differs from {}", name, kChecksumsName);
    });
  }
  for (const std::string& name : unlisted) {
    faults.push_back(fmt::format("{} does not list {}", kChecksumsName, name));
  }
}

void check_no_other_shard(const fs::path& folder, const Index& index,
                          std::vector<std::string>& faults) {
  std::set<std::string> known;
  for (const ShardFile& shard : index.shards) known.insert(shard.name);
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename().string();
    if (is_shard_name(name) && !known.contains(name)) {
      faults.push_back(fmt::format("{} is not a shard of this set", name));
    }
  }
}

// Throws unless a sample decodes to the shape in the table.
void check_image(const Sample& sample, std::span<const uint8_t> bytes) {
  image::Header shown{.codec = sample.codec,
                      .height = sample.height,
                      .width = sample.width,
                      .channels = sample.channels};
  if (sample.codec != image::Codec::kRaw) {
    const image::DecodeLimits limits{.max_pixels = sample.height * sample.width};
    const image::Image image = image::decode(bytes, limits).image;
    shown = {*image::sniff(bytes), image.height, image.width, image.channels};
  }
  check(shown.codec == sample.codec && shown.height == sample.height &&
            shown.width == sample.width && shown.channels == sample.channels,
        Kind::kData, "the table has {} x {} x {}, the image is {} x {} x {}", sample.height,
        sample.width, sample.channels, shown.height, shown.width, shown.channels);
  check(sample.codec != image::Codec::kRaw ||
            std::ssize(bytes) == sample.height * sample.width * sample.channels,
        Kind::kData, "{} bytes for {} x {} x {} pixels", bytes.size(), sample.height, sample.width,
        sample.channels);
}

// Samples [begin, end) of a table, whose payload begins with sample `first`.
struct Piece {
  int64_t shard, first, begin, end;
};

// The samples of a piece whose bytes differ from `expected`. Needs no sound HDF5 structure.
void check_samples(const fs::path& path, int64_t payload_address, const SampleTable& expected,
                   const Piece& piece, bool deep, std::vector<std::string>& faults) {
  const ReadOnlyFile file(path);
  std::vector<uint8_t> bytes;
  for (int64_t i = piece.begin; i < piece.end; ++i) {
    sound(faults, path, [&] {
      bytes.resize(static_cast<size_t>(expected.stored_bytes(i)));
      file.read(payload_address + expected.offset[i] - expected.offset[piece.first], bytes);
      check(crc32(bytes) == expected.crc32[i], Kind::kData, "{}: sample {} is damaged (CRC-32)",
            path.filename().string(), expected.key(i));
      if (!deep) return;
      try {
        check_image(expected.at(i), bytes);
      } catch (const Error& error) {
        throw Error(Kind::kData, "{}: sample {}: {}", path.filename().string(), expected.key(i),
                    error.what());
      }
    });
  }
}

void check_structure(const fs::path& path, const Shard& expected, int64_t& payload_address,
                     std::vector<std::string>& faults) {
  sound(faults, path, [&] {
    const StoredShard stored = read_shard(path);
    check(payload_address < 0 || stored.payload_address == payload_address, Kind::kData,
          "{}: the payload is at byte {}, not {}", path.filename().string(), stored.payload_address,
          payload_address);
    payload_address = stored.payload_address;
    check(stored.shard == expected, Kind::kData,
          "{}: attributes or sample table differ from the index", path.filename().string());
  });
}

}  // namespace

std::vector<std::string> shard_faults(const fs::path& path, const Shard& expected) {
  std::vector<std::string> faults;
  int64_t payload_address = -1;
  check_structure(path, expected, payload_address, faults);
  if (payload_address >= 0) {
    const Piece whole{.shard = 0, .first = 0, .begin = 0, .end = expected.table.size()};
    sound(faults, path,
          [&] { check_samples(path, payload_address, expected.table, whole, false, faults); });
  }
  return faults;
}

std::vector<std::string> verify(const fs::path& folder, int64_t threads, bool deep,
                                const std::function<void(int64_t)>& progress) {
  const Index index = read_index(folder);
  std::vector<std::string> faults;
  sound(faults, folder / kChecksumsName, [&] { check_checksums(folder, index, faults); });
  check_no_other_shard(folder, index, faults);

  constexpr int64_t kPieceSamples = 256;
  std::vector<Piece> pieces;
  int64_t first = 0;
  for (size_t k = 0; k < index.shards.size(); ++k) {
    const ShardFile& file = index.shards[k];
    int64_t payload_address = file.payload_address;
    const auto shard = static_cast<int64_t>(k);
    check_structure(folder / file.name, index.expected_shard(shard), payload_address, faults);
    const int64_t end = first + file.num_samples;
    for (int64_t begin = first; begin < end; begin += kPieceSamples) {
      pieces.push_back({shard, first, begin, std::min(end, begin + kPieceSamples)});
    }
    first = end;
  }
  std::vector<std::vector<std::string>> by_piece(pieces.size());
  const auto check_piece = [&](int64_t p) {
    const ShardFile& file = index.shards[pieces[p].shard];
    sound(by_piece[p], folder / file.name, [&] {
      check_samples(folder / file.name, file.payload_address, index.table, pieces[p], deep,
                    by_piece[p]);
    });
  };
  const auto count = static_cast<int64_t>(pieces.size());
  parallel_for(count, threads, check_piece, [&](int64_t done) {
    if (progress) progress(done * index.table.size() / count);
  });
  for (const auto& lines : by_piece) {
    for (const std::string& line : lines) {  // a missing file is reported once
      if (faults.empty() || faults.back() != line) faults.push_back(line);
    }
  }
  return faults;
}

}  // namespace espalier::shards
