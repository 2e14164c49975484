#include "core/jsonl.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <nlohmann/json.hpp>
#include <utility>

#include "core/error.h"
#include "core/files.h"
#include "core/log.h"

namespace espalier {
namespace {

namespace fs = std::filesystem;

// Calls `visit(number, line, object)` for every whole line. `line` has no newline; `object` is
// discarded() where the line is not JSON.
template <typename Visit>
void for_each_line(const fs::path& path, Visit visit) {
  const std::string text = read_file(path);
  size_t start = 0;
  for (int64_t number = 1; start < text.size(); ++number) {
    const size_t end = text.find('\n', start);
    if (end == std::string::npos) return;  // torn
    const std::string_view line(text.data() + start, end - start);
    start = end + 1;
    if (line.empty()) continue;
    visit(number, line, Json::parse(line, nullptr, false));
  }
}

}  // namespace

JsonlWriter::JsonlWriter(fs::path path) : path_(std::move(path)) {
  descriptor_ = open(path_.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
  check(descriptor_ >= 0, Kind::kIo, "cannot open {}: {}", path_.string(), errno_text());
  try {
    const std::string text = read_file(path_);
    const size_t whole = text.rfind('\n') + 1;  // npos + 1 is 0
    check(whole == text.size() || ftruncate(descriptor_, static_cast<off_t>(whole)) == 0, Kind::kIo,
          "cannot cut the torn last line of {}: {}", path_.string(), errno_text());
  } catch (...) {
    close(descriptor_);
    throw;
  }
}

JsonlWriter::~JsonlWriter() { close(descriptor_); }

void JsonlWriter::write(const Json& object) {
  const std::string line = object.dump(-1, ' ', false, Json::error_handler_t::replace) + '\n';
  for (size_t at = 0; at < line.size();) {
    const ssize_t written = ::write(descriptor_, line.data() + at, line.size() - at);
    if (written < 0 && errno == EINTR) continue;
    check(written >= 0, Kind::kIo, "cannot write {}: {}", path_.string(), errno_text());
    at += static_cast<size_t>(written);
  }
}

void JsonlWriter::sync() {
  check(fsync(descriptor_) == 0, Kind::kIo, "cannot sync {}: {}", path_.string(), errno_text());
}

std::vector<Json> read_jsonl(const fs::path& path) {
  std::vector<Json> rows;
  for_each_line(path, [&](int64_t number, std::string_view line, Json row) {
    check(!row.is_discarded(), Kind::kData, "{}:{}: this line is not JSON: {}", path.string(),
          number, line.substr(0, 60));
    rows.push_back(std::move(row));
  });
  return rows;
}

void truncate_jsonl(const fs::path& path, const std::string& key, int64_t limit) {
  if (!fs::exists(path)) return;
  std::string kept;
  for_each_line(path, [&](int64_t number, std::string_view line, const Json& row) {
    if (!row.is_object()) {
      log::warning("resume", "{}:{}: this line is not a row of metrics and is removed: {}",
                   path.string(), number, line.substr(0, 60));
      return;
    }
    const auto value = row.find(key);
    const bool above = value != row.end() && value->is_number() && *value > limit;
    if (!above) kept.append(line) += '\n';
  });
  write_file(path, kept);
}

}  // namespace espalier
