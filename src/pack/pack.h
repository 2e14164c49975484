// A source of images -> a folder of shards with index.h5, SHA256SUMS and skipped.tsv, by any number
// of ranks.
//
//   Packer packer(open_source("image_folder", source), out, options);
//   packer.run(exchange);  // exchange.h; Alone() for one process
//
// The bytes that are written depend on the contents and the options alone, never on the path of the
// source, the ranks or the threads. A pack that was killed continues when it is run again: the
// results of its scan are kept (scan_journal.h), and finished shards of the same plan are checked
// and kept.
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

#include "pack/exchange.h"
#include "pack/pack_folder.h"
#include "pack/plan.h"
#include "shards/index.h"
#include "shards/shard_writer.h"

namespace espalier::pack {

// Called by the thread that runs the pack: `done` of `total` images of the set went through
// `phase`, "scan" or "pack", as far as this rank knows. What it throws ends the pack; what is done
// is kept.
using PackProgress = std::function<void(const char* phase, int64_t done, int64_t total)>;

// kUsage, kData or kIo when there is no such source or it cannot be listed.
std::shared_ptr<Format> open_source(const std::string& format, const std::filesystem::path& source);

class Packer {
 public:
  // kUsage when the options are impossible.
  Packer(std::shared_ptr<Format> source, std::filesystem::path out, PackOptions options);

  // Collective; once. Holds the folder, scans, plans, writes, and publishes index.h5, skipped.tsv
  // and, last, SHA256SUMS. kUsage when another pack writes into the folder or it holds anything
  // that is not of this pack; kData, with the key, when an image cannot be used or changed since
  // the scan, or when ranks list different files; kIo, with the key, when one cannot be read.
  void run(Exchange& exchange, const PackProgress& progress = {});

  // What was written; known once the scan is over.
  const Plan& plan() const { return plan_; }
  // Images of this rank that a stopped pack had already decoded.
  int64_t known() const { return known_; }

 private:
  using PartDone = std::function<void(int64_t done)>;  // of this rank's part
  PartDone part_of(const PackProgress& progress, const char* phase, int64_t part, int64_t total);

  // What a rank does between two exchanges. A text is for all ranks, `...s` and `begun` hold those
  // of all ranks.
  std::string scan(const PartDone& progress);
  void settle_plan(const std::vector<std::string>& scans);
  std::string begin();  // makes the shards that other ranks write into too
  void write(const std::vector<std::string>& begun, const PartDone& progress);
  std::string seal();
  void finish(const std::vector<std::string>& sealed) const;

  struct Range {
    int64_t begin, end;  // sample numbers
  };
  bool owns(int64_t shard) const;
  bool shares(int64_t shard) const;
  std::filesystem::path path_of(int64_t shard) const { return out_ / shards::shard_name(shard); }
  void write_whole(int64_t shard, const PartDone& progress);
  void write_range(const std::filesystem::path& path, int64_t address, int64_t shard, Range range,
                   const PartDone& progress);
  void append_stored(int64_t sample, std::vector<uint8_t>& bytes);
  void complete(int64_t shard, const std::filesystem::path& temporary, int64_t address);
  void record(int64_t shard, int64_t address);

  std::filesystem::path out_;
  PackOptions options_;
  std::shared_ptr<Format> source_;
  std::vector<int64_t> order_;
  int rank_ = 0;
  int64_t first_position_ = 0, end_position_ = 0;  // of this rank in order_
  std::vector<std::unique_ptr<Forms>> kept_;  // by position, by sample once the plan is settled
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
