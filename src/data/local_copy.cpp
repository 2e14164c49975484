#include "data/local_copy.h"

#include <algorithm>
#include <atomic>
#include <vector>

#include "core/clock.h"
#include "core/error.h"
#include "core/files.h"
#include "core/hash.h"
#include "core/log.h"
#include "shards/parallel.h"

namespace espalier::data {
namespace {

void copy_shard(const std::filesystem::path& from, const std::filesystem::path& to,
                const shards::ShardFile& shard) {
  const ReadOnlyFile source(from);
  AtomicFile copy(to);
  Sha256 hash;
  std::vector<uint8_t> piece;
  for (int64_t at = 0; at < shard.size_bytes; at += static_cast<int64_t>(piece.size())) {
    piece.resize(static_cast<size_t>(std::min<int64_t>(4 << 20, shard.size_bytes - at)));
    source.read(at, piece);
    hash.update(piece.data(), piece.size());
    copy.write(piece.data(), piece.size());
  }
  check(source.size_bytes() == shard.size_bytes && hash.hex() == shard.sha256, Kind::kData,
        "{}: SHA-256 differs from the index (try: espalier verify, then copy or pack again)",
        from.string());
  copy.commit();
}

bool is_there(const std::filesystem::path& path, const shards::ShardFile& shard) {
  std::error_code none;
  return std::filesystem::file_size(path, none) == static_cast<uintmax_t>(shard.size_bytes) &&
         !none && sha256_hex_of_file(path) == shard.sha256;
}

}  // namespace

std::filesystem::path folder_of_copy(const std::filesystem::path& copy_folder,
                                     const shards::SetFacts& facts) {
  return copy_folder / facts.plan_sha256.substr(0, 16);
}

void copy_shards(const std::filesystem::path& folder, const shards::IndexView& index,
                 const std::filesystem::path& copy_folder, int64_t threads) {
  constexpr double kSecondsBetweenLines = 10;
  const std::filesystem::path to = folder_of_copy(copy_folder, index.facts);
  const auto shards = static_cast<int64_t>(index.shards.size());
  int64_t bytes = 0;
  for (const shards::ShardFile& shard : index.shards) bytes += shard.size_bytes;
  log::info("data",
            "local copy of {} shards, {} MB, to {}: shards that are already there are checked",
            shards, with_commas((bytes + 999'999) / 1'000'000), to.string());
  make_directories(to);
  std::atomic<int64_t> copied = 0;
  Stopwatch since_line;
  shards::parallel_for(
      shards, threads,
      [&](int64_t k) {
        const shards::ShardFile& shard = index.shards[k];
        if (is_there(to / shard.name, shard)) return;
        copy_shard(folder / shard.name, to / shard.name, shard);
        ++copied;
      },
      [&](int64_t done) {
        if (since_line.seconds() < kSecondsBetweenLines) return;
        since_line.lap();
        log::info("data", "local copy: {} of {} shards", done, shards);
      });
  log::info("data", "local copy: {} of {} shards were copied, the others were already there",
            copied.load(), shards);
}

}  // namespace espalier::data
