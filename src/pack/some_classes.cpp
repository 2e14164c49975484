#include "pack/some_classes.h"

#include <algorithm>
#include <utility>

#include "core/options.h"

namespace espalier::pack {
namespace {

class SomeClasses : public Format {
 public:
  // `number[c]`: of the source's class c here; -1 = left out.
  SomeClasses(std::shared_ptr<Format> source, std::vector<int64_t> number)
      : source_(std::move(source)), number_(std::move(number)) {
    for (int64_t i = 0; i < source_->size(); ++i) {
      const int64_t label = source_->label(i);
      if (label >= 0 && number_[static_cast<size_t>(label)] >= 0) items_.push_back(i);
    }
  }

  void open(const std::filesystem::path&) override {}
  int64_t size() const override { return static_cast<int64_t>(items_.size()); }
  std::string key(int64_t item) const override { return source_->key(of(item)); }
  int64_t label(int64_t item) const override {
    return number_[static_cast<size_t>(source_->label(of(item)))];
  }
  std::vector<std::string> class_names() const override {
    const std::vector<std::string> all = source_->class_names();
    std::vector<std::string> names;
    for (size_t c = 0; c < all.size(); ++c)
      if (number_[c] >= 0) names.push_back(all[c]);
    return names;
  }
  uint32_t flags(int64_t item) const override { return source_->flags(of(item)); }
  std::vector<LeftOut> left_out() const override { return source_->left_out(); }
  std::vector<std::string> warnings() const override { return source_->warnings(); }
  Content read(int64_t item) const override { return source_->read(of(item)); }

 private:
  int64_t of(int64_t item) const { return items_[static_cast<size_t>(item)]; }

  std::shared_ptr<Format> source_;
  std::vector<int64_t> number_, items_;
};

}  // namespace

std::shared_ptr<Format> keep_classes(std::shared_ptr<Format> source, PackOptions& options) {
  if (options.only_classes.empty()) return source;
  const std::vector<std::string> own = source->class_names();
  const std::vector<std::string> names = options.class_names.empty() ? own : options.class_names;
  // A list of another length is refused where the plan is made.
  if (names.size() != own.size()) return source;
  for (const std::string& wanted : options.only_classes) {
    const std::string near = nearest(wanted, names);
    check(std::ranges::find(names, wanted) != names.end(), Kind::kUsage,
          "--only-classes names '{}', the source has no such class{}", wanted,
          near.empty() ? "" : fmt::format(" (try: {})", near));
  }
  std::vector<int64_t> number(names.size(), -1);
  std::vector<std::string> kept;
  for (size_t c = 0; c < names.size(); ++c) {
    if (std::ranges::find(options.only_classes, names[c]) == options.only_classes.end()) continue;
    number[c] = static_cast<int64_t>(kept.size());
    kept.push_back(names[c]);
  }
  if (!options.class_names.empty()) options.class_names = kept;
  return std::make_shared<SomeClasses>(std::move(source), std::move(number));
}

}  // namespace espalier::pack
