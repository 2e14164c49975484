#include "report/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "report/finding.h"
#include "report/html.h"
#include "report/numbers.h"
#include "report/run.h"
#include "report/sections.h"
#include "report/verdict_text.h"
#include "statistics/choice.h"

namespace espalier::report {
namespace {

namespace fs = std::filesystem;

std::vector<const Run*> all_of(const Runs& runs) {
  std::vector<const Run*> all;
  for (const Run& run : runs.pretrain) all.push_back(&run);
  for (const Run& run : runs.transfer) all.push_back(&run);
  return all;
}

std::string title_of(const Runs& runs) {
  std::string names;
  for (const Run* run : all_of(runs)) names += (names.empty() ? "" : ", ") + run->name;
  return names;
}

std::vector<std::string> all_findings(const Runs& runs) {
  std::vector<std::string> paragraphs;
  for (const TransferRun& run : runs.transfer)
    for (const std::string& text : findings(run))
      paragraphs.push_back((runs.transfer.size() > 1 ? run.name + ". " : "") + text);
  for (const PretrainRun& run : runs.pretrain) paragraphs.push_back(finding(run));
  return paragraphs;
}

// The best cut at the fewest labels: what transfer is for, and not selected by its outcome.
const Row* headline(const TransferRun& run) {
  for (const int64_t budget : run.budgets())
    if (const Row* best = run.best(budget)) return best;
  return nullptr;
}

std::string tile(const std::string& label, const std::string& value) {
  return "<div class=\"tile\"><span>" + escape(label) + "</span><b>" + escape(value) + "</b></div>";
}

// As the finding has it, so with the choice among arms paid for.
std::string gain_text(const TransferRun& run, const Row& best) {
  const auto choice = statistics::choose(run.cells, run.rows, best.labels_per_class);
  if (std::isnan(choice.gain)) return points(best.difference);
  return fmt::format("{} ({} to {})", points(choice.gain), points(choice.ends.low),
                     points(choice.ends.high));
}

std::string tiles(const Runs& runs) {
  std::string out;
  for (const TransferRun& run : runs.transfer) {
    const Row* best = headline(run);
    if (!best) continue;
    const std::string budget = budget_text(best->labels_per_class);
    out += tile("Best cut, " + budget,
                fmt::format("{} {}, {}", best->cut, best->stage, run.name_of(best->line)));
    out += tile("Gain over scratch, points, " + scope_text(run), gain_text(run, *best));
    out += tile("Accuracy, " + budget, percent(best->accuracy));
    const auto cells = static_cast<int64_t>(run.cells.size());
    out += tile("Cells done", fmt::format("{} of {}", cells - run.holes() - run.waiting(), cells));
    break;  // one row of tiles: the first sweep given
  }
  return out.empty() ? "" : "<div class=\"tiles\">" + out + "</div>\n";
}

std::string missing_parts(const Runs& runs) {
  std::string out;
  for (const Run* run : all_of(runs)) {
    if (run->notes.empty()) continue;
    std::string text = run->name + ": ";
    for (size_t i = 0; i < run->notes.size(); ++i) text += (i ? "; " : "") + run->notes[i];
    out += paragraph(text + ".", "note");
  }
  return out;
}

}  // namespace

std::string provenance_section(const std::vector<const Run*>& runs, Headings& headings) {
  Table table{{{"What"}}, {}};
  for (size_t i = 0; i < runs.size(); ++i) {
    table.columns.push_back({runs[i]->name});
    for (const auto& entry : runs[i]->provenance) {
      auto row =
          std::find_if(table.rows.begin(), table.rows.end(),
                       [&](const Table::TableRow& known) { return known.cells[0] == entry.first; });
      if (row == table.rows.end()) row = table.rows.insert(row, {{entry.first}});
      row->cells.resize(i + 2, "–");
      row->cells[i + 1] = entry.second;
    }
  }
  for (auto& row : table.rows) row.cells.resize(runs.size() + 1, "–");
  std::string out = headings.add("Provenance");
  out += table.rows.empty() ? paragraph("No provenance was written.", "lead") : to_html(table);
  for (const Run* run : runs)
    if (!run->config.empty()) out += details("Configuration of " + run->name, run->config);
  return out;
}

std::string render(const std::vector<fs::path>& paths, int refresh_seconds) {
  const Runs runs = read_runs(paths);
  std::string top = "<p class=\"eyebrow\">Espalier report</p>\n";
  top += runs.transfer.empty() ? "<h1>How the pretraining went</h1>\n"
                               : "<h1>Every cut against training from scratch</h1>\n";
  top += paragraph(title_of(runs), "runs");
  top += "<div class=\"finding\">\n";
  for (const std::string& text : all_findings(runs)) top += paragraph(text);
  top += "</div>\n" + tiles(runs) + missing_parts(runs);
  Headings headings;
  std::string body = sweeps_section(runs.transfer, headings);
  for (const TransferRun& run : runs.transfer)
    body += transfer_section(run, runs.transfer, headings);
  body += pretrain_section(runs.pretrain, headings);
  body += provenance_section(all_of(runs), headings);
  body += "<footer>Made by espalier report from the run folders alone.</footer>\n";
  return page("Espalier: " + title_of(runs), top + headings.contents() + body, refresh_seconds);
}

std::string render_markdown(const std::vector<fs::path>& paths) {
  const Runs runs = read_runs(paths);
  std::string out = "# " + title_of(runs) + "\n\n";
  for (const std::string& text : all_findings(runs)) out += text + "\n\n";
  for (const TransferRun& run : runs.transfer) {
    out += "## " + run.name + "\n\n" + to_markdown(summary_table(run)) + "\n";
    out += verdict_markdown(run) + "\n";
  }
  return out;
}

}  // namespace espalier::report
