#include "pack/pack.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "core/error.h"
#include "core/files.h"
#include "core/hash.h"
#include "core/jsonl.h"
#include "core/log.h"
#include "core/version.h"
#include "image/colour.h"
#include "pack/scan_journal.h"
#include "shards/flags.h"
#include "shards/parallel.h"

namespace espalier::pack {
namespace {

namespace fs = std::filesystem;

constexpr size_t kHashHexLength = 64;
// Samples are written together up to this many bytes.
constexpr int64_t kWriteBytes = 1 << 18;

// All that decides what a scan finds in a content.
std::string meaning_of(const PackOptions& options) {
  return fmt::format("{} {} {} {} {} {} {} {} {} {}", kVersion, kCommit, options.storage,
                     options.background, options.orientation, options.progressive, options.max_side,
                     options.filter, options.quality, options.max_pixels);
}

std::string hash_of_keys(const Format& source) {
  Sha256 hash;
  for (int64_t i = 0; i < source.size(); ++i) hash.update(source.key(i) + '\n');
  return hash.hex();
}

}  // namespace

std::shared_ptr<Format> open_source(const std::string& format, const fs::path& source) {
  std::shared_ptr<Format> opened = Registry<Format>::create(format);
  try {
    opened->open(source);
  } catch (const fs::filesystem_error& error) {
    throw Error(Kind::kIo, "cannot list {}: {}", error.path1().string(), error.code().message());
  }
  check(opened->size() > 0, Kind::kData, "{} holds no images", source.string());
  return opened;
}

Packer::Packer(std::shared_ptr<Format> source, fs::path out, PackOptions options, int rank,
               int ranks)
    : source_(std::move(source)),
      out_(std::move(out)),
      options_(std::move(options)),
      rank_(rank),
      ranks_(ranks),
      order_(sample_order(*source_, options_)),
      first_position_(source_->size() * rank / ranks),
      end_position_(source_->size() * (rank + 1) / ranks) {
  options_.rules();  // refuses what is no colour before anything is read
}

std::string Packer::scan(const PackProgress& progress) {
  std::vector<Verdict> verdicts(static_cast<size_t>(items()));
  kept_.resize(verdicts.size());
  const StorageRules rules = options_.rules();
  ScanJournal journal(out_, rank_, meaning_of(options_), first_position_, end_position_);
  std::atomic<int64_t> memory = 0;
  const auto examine_item = [&](int64_t i) {
    Forms forms;
    const int64_t position = first_position_ + i;
    const Content content = source_->read(order_[position]);
    const Sha256::Digest sha256 = sha256_of(content);
    if (const Verdict::Facts* facts = journal.find(position, sha256)) {
      verdicts[i].facts = *facts;
      ++known_;
      return;
    }
    verdicts[i] = examine(content, sha256, rules, options_.raw_side(), forms);
    if (verdicts[i].fault.empty()) journal.add(position, verdicts[i].facts);
    const auto bytes = static_cast<int64_t>(forms.bytes());
    if (bytes > 0 && memory.fetch_add(bytes) + bytes <= options_.memory) {
      kept_[i] = std::make_unique<Forms>(std::move(forms));
    }
  };
  shards::parallel_for(items(), options_.threads, examine_item, progress);
  journal.flush();
  if (known_ > 0) {
    log::info("scan", "{} images were known from a pack that was stopped", known_.load());
  }
  return hash_of_keys(*source_) + pack_verdicts(verdicts);
}

void Packer::plan(const std::vector<std::string>& scans) {
  std::vector<Verdict> verdicts(order_.size());
  size_t position = 0;
  for (size_t rank = 0; rank < scans.size(); ++rank) {
    check(scans[rank].starts_with(scans[0].substr(0, kHashHexLength)), Kind::kData,
          "ranks 0 and {} list different files (try: a file system that all nodes share)", rank);
    for (Verdict& verdict : unpack_verdicts(scans[rank].substr(kHashHexLength))) {
      verdicts[order_[position++]] = std::move(verdict);
    }
  }
  plan_ = make_plan(*source_, order_, verdicts, options_);

  // Of the positions of this rank to its samples: those that are skipped fall out.
  std::vector<std::unique_ptr<Forms>> kept;
  int64_t sample = 0;
  for (int64_t p = 0; p < end_position_; ++p) {
    if (p == first_position_) first_ = sample;
    const bool planned = sample < plan_.table.size() && plan_.items[sample] == order_[p];
    if (planned && p >= first_position_) kept.push_back(std::move(kept_[p - first_position_]));
    sample += planned ? 1 : 0;
  }
  end_ = sample;
  if (items() == 0) first_ = end_;
  kept_ = std::move(kept);
}

void Packer::enter() { folder_ = std::make_unique<PackFolder>(out_); }

void Packer::prepare() const { folder_->require(plan_); }

bool Packer::owns(int64_t shard) const {
  return first_ <= plan_.shard_begin[shard] && plan_.shard_begin[shard] < end_;
}

bool Packer::shares(int64_t shard) const {
  return owns(shard) && plan_.shard_begin[shard + 1] > end_;
}

std::string Packer::begin() {
  Json addresses = Json::object();
  for (int64_t k = 0; k < plan_.shards(); ++k) {
    if (!shares(k)) continue;
    const shards::Shard shard = plan_.shard(k);
    if (shards::is_finished(path_of(k), shard)) continue;
    const fs::path path = shards::shared_temporary_name(path_of(k));
    begun_[k] = std::make_unique<Begun>(path);
    begun_[k]->address = shards::create_shard(path, shard);
    addresses[fmt::format("{}", k)] = begun_[k]->address;
  }
  return addresses.dump();
}

void Packer::write(const std::vector<std::string>& begun, const PackProgress& progress) {
  Json addresses = Json::object();
  for (const std::string& text : begun) addresses.update(Json::parse(text));
  for (int64_t k = 0; k < plan_.shards(); ++k) {
    const Range range{std::max(first_, plan_.shard_begin[k]),
                      std::min(end_, plan_.shard_begin[k + 1])};
    if (range.begin >= range.end) continue;
    const auto update = [&](int64_t done) {
      if (progress) progress(range.begin - first_ + done);
    };
    const std::string name = fmt::format("{}", k);
    if (owns(k) && !shares(k)) {
      write_whole(k, update);
    } else if (addresses.contains(name)) {
      write_range(shards::shared_temporary_name(path_of(k)), addresses[name], k, range, update);
    }
  }
}

void Packer::write_whole(int64_t index, const PackProgress& progress) {
  const shards::Shard shard = plan_.shard(index);
  if (shards::is_finished(path_of(index), shard)) {
    return record(index, shards::read_shard(path_of(index)).payload_address);
  }
  const shards::TemporaryFile temporary(temporary_name(path_of(index)));
  const int64_t address = shards::create_shard(temporary.path, shard);
  const Range range{plan_.shard_begin[index], plan_.shard_begin[index + 1]};
  write_range(temporary.path, address, index, range, progress);
  complete(index, temporary.path, address);
}

void Packer::write_range(const fs::path& path, int64_t address, int64_t shard, Range range,
                         const PackProgress& progress) {
  const shards::PayloadFile file(path);
  const auto& offset = plan_.table.offset;
  std::vector<int64_t> cuts{range.begin};
  for (int64_t sample = range.begin + 1; sample < range.end; ++sample) {
    if (offset[sample + 1] - offset[cuts.back()] > kWriteBytes) cuts.push_back(sample);
  }
  cuts.push_back(range.end);
  const auto write_piece = [&](int64_t piece) {
    std::vector<uint8_t> bytes;
    bytes.reserve(static_cast<size_t>(offset[cuts[piece + 1]] - offset[cuts[piece]]));
    for (int64_t s = cuts[piece]; s < cuts[piece + 1]; ++s) append_stored(s, bytes);
    file.write(address + offset[cuts[piece]] - offset[plan_.shard_begin[shard]], bytes);
  };
  const auto pieces = static_cast<int64_t>(cuts.size()) - 1;
  shards::parallel_for(pieces, options_.threads, write_piece,
                       [&](int64_t done) { progress((range.end - range.begin) * done / pieces); });
}

void Packer::append_stored(int64_t sample, std::vector<uint8_t>& to) {
  const shards::SampleTable& table = plan_.table;
  const std::unique_ptr<Forms> kept = std::move(kept_[sample - first_]);
  Forms forms = kept ? std::move(*kept) : Forms();
  const bool raw = plan_.facts.kind == shards::kKindRaw;
  std::vector<uint8_t>& made = raw ? forms.pixels : forms.encoded;
  const uint32_t flags = table.flags[sample];
  Content content;
  if (made.empty()) {
    content = source_->read(plan_.items[sample]);
    check(sha256_of(content) == plan_.sha256[sample], Kind::kData,
          "{} changed while it was being packed (try: pack again)", table.key(sample));
    const bool from_file = !std::holds_alternative<image::Image>(content);
    if ((raw && from_file) || (flags & shards::kRewritten) != 0) {
      StorageRules rules = options_.rules();
      rules.encoded = !raw;
      Transcoded stored = transcode(content, rules);
      const bool pixels = raw || stored.codec == image::Codec::kRaw;
      made = std::move(pixels ? stored.pixels.pixels : stored.bytes);
    }
  }
  std::span<const uint8_t> bytes = made.empty() ? bytes_of(content) : made;
  image::Image widened;
  if (raw && (flags & shards::kGreyAsRgb) != 0 &&
      static_cast<int64_t>(bytes.size()) < table.stored_bytes(sample)) {
    const int64_t width = table.width[sample];
    image::to_rgb({bytes.data(), table.height[sample], width, 1, width}, widened);
    bytes = widened.pixels;
  }
  check(static_cast<int64_t>(bytes.size()) == table.stored_bytes(sample) &&
            crc32(bytes) == table.crc32[sample],
        Kind::kBug, "{} does not come out as in the scan", table.key(sample));
  to.insert(to.end(), bytes.begin(), bytes.end());
}

void Packer::complete(int64_t shard, const fs::path& temporary, int64_t address) {
  shards::mark_complete(temporary);
  publish(temporary, path_of(shard));
  record(shard, address);
}

void Packer::record(int64_t shard, int64_t address) {
  written_[shard] = {.name = shards::shard_name(shard),
                     .sha256 = sha256_hex_of_file(path_of(shard)),
                     .size_bytes = ReadOnlyFile(path_of(shard)).size_bytes(),
                     .num_samples = plan_.shard_begin[shard + 1] - plan_.shard_begin[shard],
                     .payload_address = address};
}

std::string Packer::seal() {
  for (int64_t k = 0; k < plan_.shards(); ++k) {
    if (!shares(k)) continue;
    if (const auto begun = begun_.find(k); begun != begun_.end()) {
      complete(k, begun->second->file.path, begun->second->address);
    } else {
      record(k, shards::read_shard(path_of(k)).payload_address);
    }
  }
  Json files = Json::object();
  for (const auto& [k, file] : written_) {
    files[fmt::format("{}", k)] = {file.sha256, file.size_bytes, file.payload_address};
  }
  return files.dump();
}

void Packer::finish(const std::vector<std::string>& written) const {
  Json files = Json::object();
  for (const std::string& text : written) files.update(Json::parse(text));
  shards::Index index{.facts = plan_.facts, .shards = {}, .table = plan_.table};
  std::string sums;
  for (int64_t k = 0; k < plan_.shards(); ++k) {
    const Json& said = files.at(fmt::format("{}", k));
    index.shards.push_back({.name = shards::shard_name(k),
                            .sha256 = said.at(0),
                            .size_bytes = said.at(1),
                            .num_samples = plan_.shard_begin[k + 1] - plan_.shard_begin[k],
                            .payload_address = said.at(2)});
  }
  write_file(out_ / shards::kSkippedName, plan_.skipped.tsv);
  shards::write_index(out_ / shards::kIndexName, index);
  for (const char* name : {shards::kIndexName, shards::kSkippedName}) {
    sums += sha256_hex_of_file(out_ / name) + "  " + name + '\n';
  }
  for (const shards::ShardFile& shard : index.shards)
    sums += shard.sha256 + "  " + shard.name + '\n';
  folder_->remove_scan_journals();
  write_file(out_ / shards::kChecksumsName, sums);
}

}  // namespace espalier::pack
