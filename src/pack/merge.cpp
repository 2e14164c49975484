#include "pack/merge.h"

#include <algorithm>
#include <deque>

#include "core/error.h"
#include "shards/stored_set.h"

namespace espalier::pack {
namespace {

namespace fs = std::filesystem;

class MergedSource : public Format {
 public:
  MergedSource(const std::vector<fs::path>& folders, bool prefix_keys) {
    for (const fs::path& folder : folders) add(folder, prefix_keys);
    std::ranges::sort(entries_, {}, &Entry::key);
    const auto twice = std::ranges::adjacent_find(entries_, {}, &Entry::key);
    if (twice != entries_.end()) {
      throw Error(Kind::kData, "{} is both in {} and in {} (try: --prefix-keys)", twice->key,
                  folders[twice->set].string(), folders[(twice + 1)->set].string());
    }
  }

  void open(const fs::path&) override {}  // the constructor did
  int64_t size() const override { return static_cast<int64_t>(entries_.size()); }
  std::string key(int64_t item) const override { return entries_[item].key; }
  int64_t label(int64_t item) const override {
    const Entry& entry = entries_[item];
    const int64_t label = sets_[entry.set].label(entry.sample);
    return label < 0 ? label : class_numbers_[entry.set][label];
  }
  std::vector<std::string> class_names() const override { return class_names_; }
  uint32_t flags(int64_t item) const override {
    const Entry& entry = entries_[item];
    return sets_[entry.set].index().table.flags[entry.sample];
  }
  Content read(int64_t item) const override {
    const shards::StoredSet& set = sets_[entries_[item].set];
    const int64_t sample = entries_[item].sample;
    if (set.codec(sample) == image::Codec::kRaw) return set.image(sample);
    return set.bytes(sample);
  }

 private:
  struct Entry {
    std::string key;
    size_t set;
    int64_t sample;
  };

  void add(const fs::path& folder, bool prefix_keys) {
    const shards::StoredSet& set = sets_.emplace_back(folder);
    const std::string prefix = prefix_keys ? fmt::format("{}/", sets_.size()) : "";
    for (int64_t i = 0; i < set.size(); ++i) {
      entries_.push_back({prefix + set.key(i), sets_.size() - 1, i});
    }
    std::vector<int64_t>& numbers = class_numbers_.emplace_back();
    for (const std::string& name : set.class_names()) {
      const auto known = std::ranges::find(class_names_, name);
      numbers.push_back(known - class_names_.begin());
      if (known == class_names_.end()) class_names_.push_back(name);
    }
  }

  std::deque<shards::StoredSet> sets_;
  std::vector<Entry> entries_;
  std::vector<std::string> class_names_;
  std::vector<std::vector<int64_t>> class_numbers_;  // by set and its own number
};

}  // namespace

std::shared_ptr<Format> merged_source(const std::vector<fs::path>& folders, bool prefix_keys) {
  return std::make_shared<MergedSource>(folders, prefix_keys);
}

}  // namespace espalier::pack
