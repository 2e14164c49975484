#include "pack/pack.h"

#include <utility>

#include "core/error.h"
#include "core/hash.h"
#include "core/log.h"
#include "core/version.h"
#include "pack/scan_journal.h"
#include "pack/some_classes.h"
#include "shards/parallel.h"

namespace espalier::pack {
namespace {

namespace fs = std::filesystem;

constexpr size_t kHashHexLength = 64;

// All that decides the result of a scan besides the content.
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

Packer::Packer(std::shared_ptr<Format> source, fs::path out, PackOptions options)
    : out_(std::move(out)),
      options_(std::move(options)),
      source_(keep_classes(std::move(source), options_)),
      order_(sample_order(*source_, options_)) {
  options_.rules();  // refuses what is no colour before anything is read
}

void Packer::run(Exchange& exchange, const PackProgress& progress) {
  const int64_t items = source_->size();
  rank_ = exchange.rank();
  first_position_ = items * rank_ / exchange.ranks();
  end_position_ = items * (rank_ + 1) / exchange.ranks();
  exchange.on_rank_zero([&] { folder_ = std::make_unique<PackFolder>(out_); });
  std::string mine;
  exchange.agree(
      [&] { mine = scan(part_of(progress, "scan", end_position_ - first_position_, items)); });
  const std::vector<std::string> scans = exchange.gather(mine);
  exchange.agree([&] { settle_plan(scans); });
  exchange.on_rank_zero([&] {
    folder_->require(plan_);
    for (const std::string& text : plan_.warnings) log::warning("pack", "{}", text);
  });
  exchange.agree([&] { mine = begin(); });
  const std::vector<std::string> begun = exchange.gather(mine);
  exchange.agree(
      [&] { write(begun, part_of(progress, "pack", end_ - first_, plan_.table.size())); });
  exchange.agree([&] { mine = seal(); });
  const std::vector<std::string> sealed = exchange.gather(mine);
  exchange.on_rank_zero([&] { finish(sealed); });
}

// The progress of this rank's part, scaled to all ranks.
Packer::PartDone Packer::part_of(const PackProgress& progress, const char* phase, int64_t part,
                                 int64_t total) {
  if (!progress) return [](int64_t) {};
  progress(phase, 0, total);
  return [=](int64_t done) { progress(phase, done * total / part, total); };
}

std::string Packer::scan(const PartDone& progress) {
  const int64_t items = end_position_ - first_position_;
  std::vector<Verdict> verdicts(static_cast<size_t>(items));
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
  shards::parallel_for(items, options_.threads, examine_item, progress);
  journal.flush();
  if (known_ > 0) {
    log::info("scan", "{} images were already examined by a pack that was stopped", known_.load());
  }
  return hash_of_keys(*source_) + pack_verdicts(verdicts);
}

void Packer::settle_plan(const std::vector<std::string>& scans) {
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
  if (first_position_ == end_position_) first_ = end_;
  kept_ = std::move(kept);
}

}  // namespace espalier::pack
