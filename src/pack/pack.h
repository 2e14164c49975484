// A source of images -> a folder of shards with index.h5, SHA256SUMS and skipped.tsv, by any number
// of ranks.
//
//   Packer packer(open_source("image_folder", source), out, options, rank, ranks);
//   packer.enter();                         // rank 0; the others wait for it
//   scans = gather(packer.scan(progress));
//   packer.plan(scans);
//   packer.prepare();                       // rank 0; the others wait for it
//   begun = gather(packer.begin());
//   packer.write(begun, progress);          // then all wait for each other
//   written = gather(packer.seal());
//   packer.finish(written);                 // rank 0
//
// This folder knows no communicator: the caller takes the strings from rank to rank. The bytes that
// are written depend on the contents and the options alone, never on the place of the source, the
// ranks or the threads. A pack that was killed is continued by running it again: what it found in
// the images is known (scan_journal.h), finished shards of the same plan are checked and kept.
//
// Ranks share the samples, not the shards: rank r scans and writes the r-th part of the samples in
// their order. Where that cuts a shard, the rank that has its first sample begins and seals it.
// What a rank decoded it keeps for the writing while `memory` lasts.
#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "pack/pack_folder.h"
#include "pack/plan.h"
#include "shards/index.h"
#include "shards/shard_writer.h"

namespace espalier::pack {

using PackProgress = std::function<void(int64_t done)>;

// kUsage, kData or kIo when there is no such source or it cannot be listed.
std::shared_ptr<Format> open_source(const std::string& format, const std::filesystem::path& source);

class Packer {
 public:
  Packer(std::shared_ptr<Format> source, std::filesystem::path out, PackOptions options,
         int rank = 0, int ranks = 1);

  // As PackFolder(): from here on no other pack may write there.
  void enter();

  // Reads and decodes this rank's items; kIo, with the key, when one cannot be read.
  std::string scan(const PackProgress& progress);
  // Images among them that a stopped pack had decoded.
  int64_t known() const { return known_; }
  int64_t items() const { return end_position_ - first_position_; }
  int64_t all_items() const { return source_->size(); }

  // `scans` are by rank. kData when they differ in what they listed; else as make_plan().
  void plan(const std::vector<std::string>& scans);
  const Plan& plan() const { return plan_; }

  // Refuses a folder that holds another pack.
  void prepare() const;

  // Makes the shards that other ranks write into too.
  std::string begin();

  // Writes this rank's samples; kData, with the key, when an image changed since the scan.
  void write(const std::vector<std::string>& begun, const PackProgress& progress);
  int64_t samples() const { return end_ - first_; }

  std::string seal();

  // Writes index.h5, skipped.tsv and, last, SHA256SUMS.
  void finish(const std::vector<std::string>& written) const;

 private:
  struct Range {
    int64_t begin, end;  // sample numbers
  };
  bool owns(int64_t shard) const;
  bool shares(int64_t shard) const;
  std::filesystem::path path_of(int64_t shard) const { return out_ / shards::shard_name(shard); }
  void write_whole(int64_t shard, const PackProgress& progress);
  void write_range(const std::filesystem::path& path, int64_t address, int64_t shard, Range range,
                   const PackProgress& progress);
  void append_stored(int64_t sample, std::vector<uint8_t>& bytes);
  void complete(int64_t shard, const std::filesystem::path& temporary, int64_t address);
  void record(int64_t shard, int64_t address);

  std::shared_ptr<Format> source_;
  std::filesystem::path out_;
  PackOptions options_;
  int rank_, ranks_;
  std::vector<int64_t> order_;
  int64_t first_position_, end_position_;     // of this rank in order_
  std::vector<std::unique_ptr<Forms>> kept_;  // by position, from plan() on by sample
  std::atomic<int64_t> known_ = 0;
  Plan plan_;
  std::unique_ptr<PackFolder> folder_;  // of rank 0
  int64_t first_ = 0, end_ = 0;         // this rank's samples
  struct Begun {
    explicit Begun(const std::filesystem::path& path) : file(path) {}
    shards::TemporaryFile file;
    int64_t address = 0;
  };
  std::map<int64_t, std::unique_ptr<Begun>> begun_;  // by shard
  std::map<int64_t, shards::ShardFile> written_;     // by shard
};

}  // namespace espalier::pack
