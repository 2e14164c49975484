#include "data/pack.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "core/error.h"
#include "core/files.h"
#include "core/hash.h"
#include "core/jsonl.h"
#include "core/log.h"
#include "data/parallel.h"
#include "data/verify.h"

namespace espalier::data {
namespace {

namespace fs = std::filesystem;

constexpr size_t kHashHexLength = 64;

// Writes into the payload's place, from many threads at once.
class PayloadFile {
 public:
  explicit PayloadFile(const fs::path& path)
      : path_(path), descriptor_(open(path.c_str(), O_WRONLY | O_CLOEXEC)) {
    check(descriptor_ >= 0, Kind::kIo, "cannot open {}: {}", path.string(), errno_text());
  }
  ~PayloadFile() { close(descriptor_); }
  PayloadFile(const PayloadFile&) = delete;

  void write(int64_t offset, std::span<const uint8_t> bytes) const {
    while (!bytes.empty()) {
      const ssize_t written = pwrite(descriptor_, bytes.data(), bytes.size(), offset);
      if (written < 0 && errno == EINTR) continue;
      check(written > 0, Kind::kIo, "cannot write {}: {}", path_.string(), errno_text());
      bytes = bytes.subspan(static_cast<size_t>(written));
      offset += written;
    }
  }

 private:
  fs::path path_;
  int descriptor_;
};

// Removes a temporary file that was not published.
struct Leftover {
  fs::path path;
  ~Leftover() { unlink(path.c_str()); }
};

bool is_leftover(const std::string& name) {
  return name.starts_with('.') && name.ends_with(".partial");
}

// Whether a pack that was killed has left this shard whole. kUsage when the file is another pack's.
bool is_finished(const fs::path& path, const Shard& shard) {
  if (!fs::exists(path)) return false;
  const std::vector<std::string> faults = shard_faults(path, shard);
  if (faults.empty()) return true;
  std::string plan_sha256;
  try {
    plan_sha256 = read_shard(path).shard.facts.plan_sha256;
  } catch (const Error& error) {
    if (error.kind() != Kind::kData) throw;
    plan_sha256 = shard.facts.plan_sha256;  // damaged: written again
  }
  check(plan_sha256 == shard.facts.plan_sha256, Kind::kUsage,
        "{} belongs to another pack (try: another --out, or remove it)", path.string());
  log::warning("pack", "{}; it is written again", faults.front());
  return false;
}

std::string hash_of_keys(const Format& source) {
  Sha256 hash;
  for (int64_t i = 0; i < source.size(); ++i) hash.update(source.key(i) + '\n');
  return hash.hex();
}

}  // namespace

Packer::Packer(const fs::path& source, const std::string& format, fs::path out, PackOptions options)
    : source_(Registry<Format>::create(format)), out_(std::move(out)), options_(options) {
  try {
    source_->open(source);
  } catch (const fs::filesystem_error& error) {
    throw Error(Kind::kIo, "cannot list {}: {}", source.string(), error.what());
  }
  check(source_->size() > 0, Kind::kData, "{} holds no images", source.string());
}

std::string Packer::scan(int rank, int ranks, const PackProgress& progress) const {
  const int64_t share = (items() - rank + ranks - 1) / ranks;
  std::vector<Verdict> verdicts(static_cast<size_t>(std::max<int64_t>(0, share)));
  const auto examine_item = [&](int64_t i) {
    verdicts[i] = examine(source_->read(rank + i * ranks));
  };
  parallel_for(share, options_.threads, examine_item, progress);
  return hash_of_keys(*source_) + pack_verdicts(verdicts);
}

void Packer::plan(const std::vector<std::string>& scans) {
  const auto ranks = static_cast<int64_t>(scans.size());
  std::vector<Verdict> verdicts(static_cast<size_t>(items()));
  for (int64_t rank = 0; rank < ranks; ++rank) {
    check(scans[rank].starts_with(scans[0].substr(0, kHashHexLength)), Kind::kData,
          "ranks 0 and {} list different files (try: a file system that all nodes share)", rank);
    std::vector<Verdict> share = unpack_verdicts(scans[rank].substr(kHashHexLength));
    for (size_t i = 0; i < share.size(); ++i) verdicts[rank + i * ranks] = std::move(share[i]);
  }
  plan_ = make_plan(*source_, verdicts, options_);
}

void Packer::prepare() const {
  make_directories(out_);
  std::set<std::string> ours = {kIndexName, kSkippedName, kChecksumsName};
  for (int64_t k = 0; k < plan_.shards(); ++k) ours.insert(shard_name(k));
  try {
    for (const auto& entry : fs::directory_iterator(out_)) {
      const std::string name = entry.path().filename().string();
      if (is_leftover(name)) {
        fs::remove(entry.path());
        continue;
      }
      check(ours.contains(name), Kind::kUsage, "{} is not empty, it holds {} (try: another --out)",
            out_.string(), name);
    }
  } catch (const fs::filesystem_error& error) {
    throw Error(Kind::kIo, "cannot clear {}: {}", out_.string(), error.what());
  }
  // A set that was finished with other contents or options: whoever wants it replaced removes it.
  if (fs::exists(out_ / kIndexName)) {
    check(read_index(out_).facts == plan_.facts, Kind::kUsage,
          "{} holds another pack (try: another --out, or remove it)", out_.string());
  }
}

std::string Packer::write(int rank, int ranks, const PackProgress& progress) const {
  Json written = Json::array();
  int64_t before = 0;
  for (int64_t k = rank; k < plan_.shards(); k += ranks) {
    const ShardFile file = write_shard(k, [&](int64_t done) {
      if (progress) progress(before + done);
    });
    before += file.num_samples;
    written.push_back({file.sha256, file.size_bytes, file.payload_address});
  }
  return written.dump();
}

ShardFile Packer::write_shard(int64_t index, const PackProgress& progress) const {
  const fs::path path = out_ / shard_name(index);
  const Shard shard = plan_.shard(index);
  ShardFile file{.name = shard_name(index), .num_samples = shard.table.size()};
  if (!is_finished(path, shard)) {
    const Leftover temporary{temporary_name(path)};
    const int64_t address = create_shard(temporary.path, shard);
    write_payload(temporary.path, address, index, progress);
    mark_complete(temporary.path);
    publish(temporary.path, path);
  } else {
    log::info("pack", "{} is complete and kept", file.name);
  }
  file.payload_address = read_shard(path).payload_address;
  file.sha256 = sha256_hex_of_file(path);
  file.size_bytes = ReadOnlyFile(path).size_bytes();
  return file;
}

void Packer::write_payload(const fs::path& path, int64_t address, int64_t shard,
                           const PackProgress& progress) const {
  const PayloadFile file(path);
  const int64_t first = plan_.shard_begin[shard];
  const int64_t samples = plan_.shard_begin[shard + 1] - first;
  const auto write_sample = [&](int64_t i) {
    const int64_t sample = first + i;
    Content content = source_->read(plan_.items[sample]);
    check(sha256_of(content) == plan_.sha256[sample], Kind::kData,
          "{} changed while it was being packed (try: pack again)", plan_.table.key(sample));
    if (plan_.facts.kind == kKindRaw && !std::holds_alternative<image::Image>(content)) {
      content = image::decode(bytes_of(content)).image;
    }
    file.write(address + plan_.table.offset[sample] - plan_.table.offset[first], bytes_of(content));
  };
  parallel_for(samples, options_.threads, write_sample, progress);
}

void Packer::finish(const std::vector<std::string>& written) const {
  const auto ranks = static_cast<int64_t>(written.size());
  std::vector<Json> by_rank;
  for (const std::string& text : written) by_rank.push_back(Json::parse(text));
  Index index{.facts = plan_.facts, .shards = {}, .table = plan_.table};
  std::string sums;
  for (int64_t k = 0; k < plan_.shards(); ++k) {
    const Json& said = by_rank[k % ranks].at(k / ranks);
    index.shards.push_back({.name = shard_name(k),
                            .sha256 = said.at(0),
                            .size_bytes = said.at(1),
                            .num_samples = plan_.shard_begin[k + 1] - plan_.shard_begin[k],
                            .payload_address = said.at(2)});
  }
  write_file(out_ / kSkippedName, plan_.skipped);
  write_index(out_ / kIndexName, index);
  for (const char* name : {kIndexName, kSkippedName}) {
    sums += sha256_hex_of_file(out_ / name) + "  " + name + '\n';
  }
  for (const ShardFile& shard : index.shards) sums += shard.sha256 + "  " + shard.name + '\n';
  write_file(out_ / kChecksumsName, sums);
}

}  // namespace espalier::data
