#include "data/stage.h"

#include <algorithm>
#include <atomic>
#include <vector>

#include "core/error.h"
#include "core/files.h"
#include "core/hash.h"
#include "core/log.h"
#include "data/parallel.h"

namespace espalier::data {
namespace {

void copy_shard(const std::filesystem::path& from, const std::filesystem::path& to,
                const ShardFile& shard) {
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

bool is_staged(const std::filesystem::path& path, const ShardFile& shard) {
  std::error_code none;
  return std::filesystem::file_size(path, none) == static_cast<uintmax_t>(shard.size_bytes) &&
         !none && sha256_hex_of_file(path) == shard.sha256;
}

}  // namespace

std::filesystem::path staged_folder(const std::filesystem::path& stage_folder,
                                    const SetFacts& facts) {
  return stage_folder / facts.plan_sha256.substr(0, 16);
}

void stage_shards(const std::filesystem::path& folder, const IndexView& index,
                  const std::filesystem::path& stage_folder, int64_t threads) {
  const std::filesystem::path to = staged_folder(stage_folder, index.facts);
  make_directories(to);
  std::atomic<int64_t> copied = 0;
  parallel_for(static_cast<int64_t>(index.shards.size()), threads, [&](int64_t k) {
    const ShardFile& shard = index.shards[k];
    if (is_staged(to / shard.name, shard)) return;
    copy_shard(folder / shard.name, to / shard.name, shard);
    ++copied;
  });
  log::info("data", "{} of {} shards copied to {}, the rest was there", copied.load(),
            index.shards.size(), to.string());
}

}  // namespace espalier::data
