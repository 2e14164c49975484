// The results of pass 1 of a pack so far, in files of each rank, so that a pack that was killed
// decodes no image again.
//
// An entry holds the position of an image in the order and the SHA-256 of its content. It is used
// for that content alone, so no change of the source makes it wrong. Entries are written some
// kilobytes at a time and are not synced: those that a kill or a crash loses are examined again.
// Faults are not kept.
#pragma once

#include <cstdint>
#include <filesystem>
#include <mutex>
#include <string>
#include <unordered_map>

#include "pack/scan.h"

namespace espalier::pack {

class ScanJournal {
 public:
  // Reads what earlier journals in `folder` hold of positions [begin, end), whichever rank wrote
  // them, and begins a new one. `meaning`: everything besides the content that decides a result;
  // a journal of another meaning is ignored, a damaged one is read up to the damage. kIo.
  ScanJournal(const std::filesystem::path& folder, int rank, const std::string& meaning,
              int64_t begin, int64_t end);
  ~ScanJournal();
  ScanJournal(const ScanJournal&) = delete;

  // What was found at `position` in the content of this SHA-256; else null. Any thread.
  const Verdict::Facts* find(int64_t position, const Sha256::Digest& sha256) const;
  // Any thread. kIo.
  void add(int64_t position, const Verdict::Facts& facts);
  void flush();

 private:
  void create(const std::filesystem::path& folder, int rank);
  void read(const std::filesystem::path& path, const std::string& header, int64_t begin,
            int64_t end);
  void write_pending();

  std::unordered_map<int64_t, Verdict::Facts> known_;  // by position
  std::filesystem::path path_;
  int descriptor_ = -1;
  std::mutex mutex_;
  std::string pending_;
};

// Whether a file of the folder is one. PackFolder removes them when the pack is whole.
[[nodiscard]] bool is_scan_journal(const std::string& name);

}  // namespace espalier::pack
