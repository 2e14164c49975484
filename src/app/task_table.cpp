#include "app/task_table.h"

#include "pretext/task.h"

namespace espalier::app {
namespace {

std::string row(const std::string& name) {
  const auto task = Registry<pretext::Task>::create(name);
  const pretext::About about = task->about();
  std::string needs = task->needs_labels() ? "labels" : "";
  if (!about.needs.empty()) needs += (needs.empty() ? "" : "; ") + about.needs;
  return fmt::format("| `{}` | {} | {} | {} | {} | {} |\n", name, about.paper, about.loss,
                     task->view_count(), needs, about.differs);
}

}  // namespace

std::string task_table() {
  std::string table;
  for (const std::string& family : all_names<pretext::Family>()) {
    std::string rows;
    for (const std::string& name : Registry<pretext::Task>::names())
      if (name_of(Registry<pretext::Task>::create(name)->about().family) == family)
        rows += row(name);
    if (rows.empty()) continue;
    table += fmt::format(
        "## {}{}\n\n| task | paper | loss | views | needs | differs from the paper |\n"
        "|---|---|---|---|---|---|\n{}\n",
        static_cast<char>(std::toupper(family[0])), family.substr(1), rows);
  }
  return table;
}

}  // namespace espalier::app
