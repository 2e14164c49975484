// A source of images -> a folder of shards with index.h5, SHA256SUMS and skipped.tsv, by any number
// of ranks.
//
//   Packer packer(source, "image_folder", out, options);
//   scans = gather(packer.scan(rank, ranks, progress));  // every rank its share
//   packer.plan(scans);                                  // every rank, all alike
//   packer.prepare();                                    // rank 0
//   written = gather(packer.write(rank, ranks, progress));
//   packer.finish(written);                              // rank 0
//
// This folder knows no communicator: the caller takes the strings from rank to rank. The bytes that
// are written depend on the contents and the options alone, never on the place of the source, the
// ranks or the threads. A pack that was killed is continued by running it again: finished shards of
// the same plan are checked and kept.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "data/index.h"
#include "data/plan.h"

namespace espalier::data {

using PackProgress = std::function<void(int64_t done)>;

class Packer {
 public:
  // Lists the source.
  Packer(const std::filesystem::path& source, const std::string& format, std::filesystem::path out,
         PackOptions options);

  int64_t items() const { return source_->size(); }

  // Reads and decodes items rank, rank + ranks, ...; kIo, with the key, when one cannot be read.
  std::string scan(int rank, int ranks, const PackProgress& progress) const;

  // `scans` are by rank. kData when they differ in what they listed; else as make_plan().
  void plan(const std::vector<std::string>& scans);
  const Plan& plan() const { return plan_; }

  // Makes the folder, or refuses one that holds anything else than this pack's files.
  void prepare() const;

  // Writes shards rank, rank + ranks, ...; kData, with the key, when an image changed since the
  // scan.
  std::string write(int rank, int ranks, const PackProgress& progress) const;

  // Writes index.h5, skipped.tsv and, last, SHA256SUMS.
  void finish(const std::vector<std::string>& written) const;

 private:
  ShardFile write_shard(int64_t shard, const PackProgress& progress) const;
  void write_payload(const std::filesystem::path& path, int64_t address, int64_t shard,
                     const PackProgress& progress) const;

  std::shared_ptr<Format> source_;
  std::filesystem::path out_;
  PackOptions options_;
  Plan plan_;
};

}  // namespace espalier::data
