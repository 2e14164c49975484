// A study as one page.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "image/codec.h"
#include "layers/study.h"
#include "report/drawing/chart.h"
#include "report/drawing/gallery.h"
#include "report/drawing/heat_table.h"
#include "report/html.h"
#include "report/numbers.h"
#include "report/tables.h"

namespace espalier::layers {
namespace {

using report::Figure;

constexpr size_t kMostPoints = 600;  // of a scatter
const char* const kUntrained = "untrained";

int slot_of(const std::string& network) {
  return network == kUntrained ? -1 : network == "run" ? 1 : 2;
}

std::string number_text(const Share& number, bool share) {
  if (std::isnan(number.value)) return "–";
  return share ? report::percent(number.value) : report::compact(number.value);
}

std::vector<report::Tick> ticks_of(const Study& study) {
  std::vector<report::Tick> ticks;
  for (size_t stage = 0; stage < study.stages.size(); ++stage)
    ticks.push_back(
        {static_cast<double>(stage + 1), fmt::format("{}\n{}", stage + 1, study.stages[stage])});
  return ticks;
}

// "+12.3 (+8.1 to +16.5)", of shares in points.
std::string gain_text(const Share& gain, bool share) {
  if (std::isnan(gain.value)) return "–";
  const double scale = share ? 100 : 1;
  return fmt::format("{:+.3g} ({:+.3g} to {:+.3g})", scale * gain.value, scale * gain.low,
                     scale * gain.high);
}

std::string numbers_table(const Study& study, const Study::Row& row) {
  report::Table table{{{"Stage"}}, {}};
  for (const auto& of : row.of) table.columns.push_back({of.network, true});
  if (!row.gain.empty()) table.columns.push_back({"run − untrained", true});
  for (size_t stage = 0; stage < study.stages.size(); ++stage) {
    table.rows.push_back({{study.stages[stage]}});
    for (const auto& of : row.of) {
      const Share& number = of.measured.numbers[stage];
      std::string text = number_text(number, row.share);
      if (!std::isnan(number.low))
        text += fmt::format(" ({} to {})", number_text({number.low}, row.share),
                            number_text({number.high}, row.share));
      table.rows.back().cells.push_back(std::move(text));
    }
    if (!row.gain.empty()) table.rows.back().cells.push_back(gain_text(row.gain[stage], row.share));
  }
  return to_html(table);
}

// A line for each network, a dot for each untrained one; an interval is drawn as the wider of its two
// sides.
Figure lines_figure(const Study& study, const Study::Row& row) {
  report::Chart chart{.title = row.title,
                      .x = {.label = "stage", .ticks = ticks_of(study)},
                      .y = {.label = row.share ? "%" : "", .scale = row.share ? 100.0 : 1.0}};
  for (const auto& [network, measured] : row.of) {
    report::Series series{.name = network, .slot = slot_of(network)};
    for (size_t stage = 0; stage < measured.numbers.size(); ++stage) {
      const Share& number = measured.numbers[stage];
      series.points.push_back({static_cast<double>(stage + 1), number.value,
                               std::max(number.high - number.value, number.value - number.low),
                               fmt::format("{}, {}: {}", network, study.stages[stage],
                                           number_text(number, row.share))});
      if (network == kUntrained)
        for (const std::vector<double>& draw : row.draws)
          series.dots.push_back({static_cast<double>(stage + 1), draw[stage]});
    }
    chart.series.push_back(std::move(series));
  }
  return {row.title, svg(chart), row.reading, numbers_table(study, row)};
}

Figure table_figure(const Study& study, const Study::Row& row, const Study::Of& of) {
  report::HeatTable heat{.caption = row.title + ", " + of.network, .columns = study.stages};
  for (size_t stage = 0; stage < of.measured.table.size(); ++stage) {
    heat.rows.push_back({study.stages[stage], {}, of.network == kUntrained});
    for (const double value : of.measured.table[stage])
      heat.rows.back().cells.push_back(
          {std::isnan(value) ? "–" : fmt::format("{:.2f}", value), value});
  }
  return {row.title + ": " + of.network, to_html(heat), row.reading};
}

Figure picture_figure(const Study::Row& row, const Study::Of& of) {
  const auto png = image::encode_png(of.measured.picture);
  return {row.title + ": " + of.network,
          "<img alt=\"filters\" style=\"max-width:100%\" src=\"" + report::data_uri(png) + "\">",
          row.reading};
}

// A series for each class, or one where there are none.
std::vector<report::Series> classes_of(const Study& study, const Scatter& scatter) {
  std::vector<report::Series> series(std::max<size_t>(1, study.class_names.size()));
  for (size_t c = 0; c < series.size(); ++c) {
    series[c] = {.slot = static_cast<int>(c) + 1, .line = false};
    if (!study.class_names.empty()) series[c].name = study.class_names[c];
  }
  for (size_t i = 0; i < std::min(kMostPoints, scatter.points.size()); ++i) {
    const size_t of = study.class_names.empty() ? 0 : static_cast<size_t>(study.classes[i]);
    if (of < series.size()) series[of].dots.push_back({scatter.points[i][0], scatter.points[i][1]});
  }
  return series;
}

std::vector<Figure> scatter_figures(const Study& study, const Study::Row& row,
                                    const Study::Of& of) {
  std::vector<Figure> figures;
  for (size_t stage = 0; stage < of.measured.scatters.size(); ++stage) {
    const Scatter& scatter = of.measured.scatters[stage];
    report::Chart chart{.title = row.title, .x = {.label = scatter.x}, .y = {.label = scatter.y}};
    chart.series = classes_of(study, scatter);
    figures.push_back({fmt::format("{}: {}, {}", row.title, study.stages[stage], of.network),
                       svg(chart), row.reading});
  }
  return figures;
}

std::string lead(const Study& study) {
  std::string text = fmt::format(
      "{} images of {}. Beside each number stands that of {} of the same model: a number means "
      "nothing alone.",
      study.images, study.options.data,
      study.options.draws > 1
          ? fmt::format("{} untrained networks, as mean and 95 % interval,", study.options.draws)
          : "an untrained network");
  if (study.options.draws > 1)
    text +=
        " Run − untrained has the interval of one more untrained network: where it leaves out 0, "
        "the "
        "run is told apart from them.";
  if (study.class_names.empty()) text += " The images have no labels, so nothing is probed.";
  if (!study.against.empty()) text += " The other run is " + study.against + ".";
  return text;
}

}  // namespace

std::string Study::page() const {
  report::Headings headings;
  std::vector<Figure> lines, tables, pictures, scatters;
  for (const Row& row : rows) {
    if (!row.of.front().measured.numbers.empty()) lines.push_back(lines_figure(*this, row));
    for (const Of& of : row.of) {
      if (!of.measured.table.empty()) tables.push_back(table_figure(*this, row, of));
      if (!of.measured.picture.pixels.empty()) pictures.push_back(picture_figure(row, of));
      for (Figure& figure : scatter_figures(*this, row, of)) scatters.push_back(std::move(figure));
    }
  }
  const std::string title = "Stages of " + run;
  std::string body = "<p class=\"eyebrow\">Espalier layers</p>\n<h1>" + report::escape(title) +
                     "</h1>\n" + report::paragraph(lead(*this), "lead");
  const std::pair<const char*, const std::vector<Figure>*> parts[] = {
      {"Numbers of each stage", &lines},
      {"Similarity", &tables},
      {"Filters", &pictures},
      {"Images in the plane", &scatters}};
  for (const auto& [heading, figures] : parts)
    if (!figures->empty()) body += headings.add(heading) + figure_grid(*figures);
  return report::page("Espalier: " + title, body);
}

}  // namespace espalier::layers
