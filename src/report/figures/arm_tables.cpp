// The arms of a sweep as tables.
#include <fmt/format.h>

#include "report/figures/figures.h"
#include "report/numbers.h"

namespace espalier::report {
namespace {

std::string setting_text(const Setting& setting) {
  return fmt::format("lr {:g}, {} steps", setting.lr, setting.steps);
}

}  // namespace

Table rows_table(const Look& look, const std::vector<const Row*>& rows) {
  Table table{{{"Labels per class", true},
               {"Mode"},
               {"Kept up to"},
               {"n", true},
               {"Diverged", true},
               {"Stuck", true},
               {"Accuracy", true},
               {"Minus scratch, points", true},
               {"Pairs", true},
               {"p", true},
               {"Holm p", true}},
              {}};
  for (const Row* row : rows)
    table.rows.push_back(
        {{budget_number(row->labels_per_class), look.name(row->line),
          row->cut ? fmt::format("{} {}", row->cut, row->stage) : "0 (nothing)",
          std::to_string(row->accuracy.n), std::to_string(row->failed), std::to_string(row->stuck),
          percent(row->accuracy), points(row->difference), std::to_string(row->difference.n),
          p_text(row->p), p_text(row->holm_p)},
         row == look.run().best(row->labels_per_class)});
  return table;
}

Table settings_table(const Look& look) {
  Table table{{{"Labels per class", true},
               {"Mode"},
               {"Kept up to"},
               {"Shipped"},
               {"Chosen"},
               {"Held out, chosen", true},
               {"Held out, others"}},
              {}};
  for (const Arm& arm : look.run().arms) {
    if (arm.settings.empty()) continue;
    Table::TableRow row{{budget_number(arm.labels_per_class), look.name(arm.line),
                         arm.cut ? fmt::format("{} {}", arm.cut,
                                               look.run().stages[static_cast<size_t>(arm.cut - 1)])
                                 : "0 (nothing)",
                         setting_text(arm.settings.front())}};
    const auto chosen = static_cast<size_t>(arm.chosen);
    row.cells.push_back(arm.chosen < 0 ? "not yet" : setting_text(arm.settings[chosen]));
    row.cells.push_back(percent(arm.chosen < 0 ? kUnknown : arm.settings[chosen].validation));
    std::string others;
    for (size_t i = 0; i < arm.settings.size(); ++i)
      if (arm.chosen < 0 || i != chosen)
        others += (others.empty() ? "" : "; ") + setting_text(arm.settings[i]) + ": " +
                  percent(arm.settings[i].validation);
    row.cells.push_back(others.empty() ? "–" : others);
    table.rows.push_back(std::move(row));
  }
  return table;
}

}  // namespace espalier::report
