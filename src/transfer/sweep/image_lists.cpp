#include "transfer/sweep/image_lists.h"

#include "core/csv_field.h"
#include "transfer/cell.h"

namespace espalier::transfer {
std::string training_images_csv(const Setting& setting) {
  std::string text = "labels_per_class,seed,image,class,key\n";
  for (const Budget& budget : setting.budgets)
    for (int64_t seed = 0; budget.labels_per_class > 0 && seed < setting.seed_count(); ++seed) {
      const uint64_t key = cell_key(setting, {.seed = seed});
      for (const int64_t image : setting.training_split(budget.labels_per_class, key).kept) {
        const auto label = static_cast<size_t>(setting.train.label(image));
        text += fmt::format("{},{},{},{},{}\n", budget.labels_per_class, seed, image,
                            csv_field(setting.classes[label]), csv_field(setting.train.key(image)));
      }
    }
  return text;
}

}  // namespace espalier::transfer
