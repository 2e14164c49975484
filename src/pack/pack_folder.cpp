#include "pack/pack_folder.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "core/error.h"
#include "core/files.h"
#include "core/log.h"
#include "pack/scan_journal.h"
#include "shards/index.h"

namespace espalier::pack {
namespace {

namespace fs = std::filesystem;

constexpr std::array kNames = {shards::kIndexName, shards::kSkippedName, shards::kChecksumsName};

// Calls visit(path, name) for each entry of the folder; kIo.
template <typename Visit>
void each_entry(const fs::path& folder, const Visit& visit) {
  try {
    for (const auto& entry : fs::directory_iterator(folder)) {
      visit(entry.path(), entry.path().filename().string());
    }
  } catch (const fs::filesystem_error& error) {
    throw Error(Kind::kIo, "cannot list {}: {}", folder.string(), error.code().message());
  }
}

// Whether `name` is a temporary one of a file that packs write.
bool is_leftover(const std::string& name) {
  if (!name.starts_with('.') || !name.ends_with(".partial")) return false;
  const std::string of = name.substr(1);
  return of.starts_with("shard-") ||
         std::ranges::any_of(kNames, [&](const char* known) { return of.starts_with(known); });
}

bool is_of_a_pack(const std::string& name) {
  return shards::is_shard_name(name) || is_scan_journal(name) || is_leftover(name) ||
         name == kLockName || std::ranges::count(kNames, name) > 0;
}

}  // namespace

PackFolder::PackFolder(fs::path path) : path_(std::move(path)) {
  make_directories(path_);
  each_entry(path_, [&](const fs::path&, const std::string& name) {
    check(is_of_a_pack(name), Kind::kUsage, "{} is not empty, it holds {} (try: another --out)",
          path_.string(), name);
  });
  lock_.emplace(path_ / kLockName, "pack");
  each_entry(path_, [](const fs::path& entry, const std::string& name) {
    if (is_leftover(name)) unlink(entry.c_str());
  });
}

void PackFolder::require(const Plan& plan) const {
  std::set<std::string> shards;
  for (int64_t k = 0; k < plan.shards(); ++k) shards.insert(shards::shard_name(k));
  bool same = true;
  each_entry(path_, [&](const fs::path&, const std::string& name) {
    same = same && (!shards::is_shard_name(name) || shards.contains(name));
  });
  // A set that was finished with other contents or options: whoever wants it replaced removes it.
  if (fs::exists(path_ / shards::kIndexName))
    same = same && shards::read_index(path_).facts == plan.facts;
  if (!same) remove_scan_journals();
  check(same, Kind::kUsage, "{} holds another pack (try: another --out, or remove it)",
        path_.string());
}

void PackFolder::remove_scan_journals() const {
  each_entry(path_, [](const fs::path& entry, const std::string& name) {
    if (is_scan_journal(name)) fs::remove(entry);
  });
}

}  // namespace espalier::pack
