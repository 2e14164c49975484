#include "pack/skipped.h"

#include <algorithm>
#include <utility>

#include "core/error.h"
#include "core/printable.h"
#include "pack/image_files.h"

namespace espalier::pack {
namespace {

// Of several items of one content, the first by key stays. Gives the others their reason.
void find_duplicates(const Format& source, const std::vector<Verdict>& verdicts,
                     std::vector<std::string>& reasons) {
  std::vector<std::pair<Sha256::Digest, int64_t>> contents;
  for (int64_t i = 0; i < source.size(); ++i) {
    if (reasons[i].empty()) contents.emplace_back(verdicts[i].facts.sha256, i);
  }
  std::ranges::sort(contents);
  size_t first = 0;
  for (size_t n = 1; n < contents.size(); ++n) {
    if (contents[n].first != contents[first].first) {
      first = n;
      continue;
    }
    const int64_t kept = contents[first].second, item = contents[n].second;
    const bool same_class = source.label(kept) == source.label(item);
    reasons[item] = fmt::format("equal to {}{}", source.key(kept),
                                same_class ? "" : ", whose class is another");
  }
}

std::string tsv_of(std::vector<LeftOut> rows) {
  std::ranges::stable_sort(rows, {}, &LeftOut::key);
  std::string text;
  for (const auto& [key, reason] : rows) {
    text += printable(key) + '\t' + printable(reason) + '\n';
  }
  return text;
}

}  // namespace

Skipped sort_out(const Format& source, const std::vector<Verdict>& verdicts,
                 const PackOptions& options) {
  std::vector<std::string> lost, reasons;  // keys; by item
  for (int64_t i = 0; i < source.size(); ++i) {
    reasons.push_back(verdicts[i].fault);
    if (!reasons[i].empty()) lost.push_back(source.key(i));
  }
  const auto first =
      std::ranges::find_if(reasons, [](const std::string& reason) { return !reason.empty(); });
  const auto faults = static_cast<int64_t>(lost.size());
  if (faults > 0 && (options.on_corrupt == OnCorrupt::kFail || faults == source.size())) {
    throw Error(
        Kind::kData, "{}: {}; {} of {} images cannot be used: {} (try: {})",
        source.key(first - reasons.begin()), *first, faults, source.size(), count_extensions(lost),
        faults == source.size() ? "convert or replace them" : "replace them, or --on-corrupt skip");
  }
  if (options.duplicates == Duplicates::kDrop) find_duplicates(source, verdicts, reasons);
  std::vector<LeftOut> rows = source.left_out();
  for (const LeftOut& row : rows) lost.push_back(row.key);
  Skipped skipped;
  for (int64_t i = 0; i < source.size(); ++i) {
    check(i == 0 || source.key(i - 1) < source.key(i), Kind::kBug, "key {} is out of order",
          source.key(i));
    skipped.usable.push_back(reasons[i].empty());
    if (!reasons[i].empty()) rows.push_back({source.key(i), reasons[i]});
  }
  skipped.count = static_cast<int64_t>(rows.size());
  skipped.tsv = tsv_of(std::move(rows));
  if (!lost.empty()) {
    skipped.warning = fmt::format("{} images are left out: {} (skipped.tsv gives the reasons)",
                                  lost.size(), count_extensions(lost));
  }
  return skipped;
}

}  // namespace espalier::pack
