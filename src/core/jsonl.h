// One JSON object a line: metrics.jsonl and its like.
//
//   JsonlWriter metrics(run / "metrics.jsonl");
//   metrics.write({{"step", 100}, {"loss", 0.31}});
//
// Keys keep their order. Numbers read back equal; NaN and infinities are written as null, since
// JSON has none. A process killed while it writes leaves at most one torn last line (without its
// newline), which readers ignore.
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace espalier {

using Json = nlohmann::ordered_json;

// Appends. Used by one thread of one process. Failures are kIo with the path.
class JsonlWriter {
 public:
  // Creates the file where there is none; cuts off a torn last line.
  explicit JsonlWriter(std::filesystem::path path);
  ~JsonlWriter();
  JsonlWriter(const JsonlWriter&) = delete;
  JsonlWriter& operator=(const JsonlWriter&) = delete;

  // When this returns, the line survives the end of this process.
  void write(const Json& object);
  // When this returns, all lines survive a crash of the machine. Called before a checkpoint counts.
  void sync();

 private:
  std::filesystem::path path_;
  int descriptor_ = -1;
};

// Every whole line. kData names the line that is not JSON; kIo when there is no file.
std::vector<Json> read_jsonl(const std::filesystem::path& path);

// Cuts the rows whose number `key` is above `limit`, a torn last line, and, with a warning, lines
// that are not JSON; the other lines keep their bytes. Atomic. Nothing happens where there is no
// file. Used at resume: truncate_jsonl(run / "metrics.jsonl", "step", 100).
void truncate_jsonl(const std::filesystem::path& path, const std::string& key, int64_t limit);

}  // namespace espalier
