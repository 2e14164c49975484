// Test images among training and pretraining images, on the page of a sweep.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "core/clock.h"
#include "core/error.h"
#include "core/files.h"
#include "report/drawing/gallery.h"
#include "report/html.h"
#include "report/numbers.h"
#include "report/run_files.h"
#include "report/sections.h"

namespace espalier::report {
namespace {

// "jpeg 100 %, mirrored 100 %"
std::string planted(const Json& entry) {
  std::string text;
  const auto shares = entry.find("planted");
  if (shares == entry.end() || !shares->is_object()) return text;
  for (const auto& [copy, share] : shares->items())
    if (share.is_number())
      text +=
          fmt::format("{}{} {:.0f} %", text.empty() ? "" : ", ", copy, 100 * share.get<double>());
  return text;
}

std::string searched(const std::string& name, const Json& entry) {
  const auto count = [&](const char* key) {
    return with_commas(static_cast<int64_t>(std::max(0.0, number(entry, key))));
  };
  const std::string copies = planted(entry);
  const auto alike = entry.find("alike");
  const std::string by_features =
      alike == entry.end() || !alike->is_object() ? "" : planted(*alike);
  std::string said = fmt::format(
      "{} test images were looked for among the {} images of the {} set ({}). {}",
      count("test_images"), count("images"), name, text(entry, "path"),
      copies.empty() ? "Only exact copies: the images are too few or too much alike for near ones."
                     : "Of copies that were planted to try the search it found: " + copies + ".");
  if (!by_features.empty()) said += " By the features of the backbone: " + by_features + ".";
  return said;
}

std::string sheet(const TransferRun& run, const std::string& name, const Json& entry) {
  try {
    const std::string file = text(entry, "sheet");
    // Of the folder of the sweep, whatever the file says.
    const auto path = run.path / std::filesystem::path(file).filename();
    if (file.empty() || !there(path)) return "";
    Figure figure{.heading = "Test images in the " + name + " set",
                  .drawing = "<img alt=\"pairs of images\" style=\"max-width:100%\" src=\"" +
                             data_uri(read_bytes(path)) + "\">",
                  .what_you_see =
                      "Pairs: a test image, and the image that it is a copy of. Exact "
                      "ones first, then near ones, then those that the backbone hardly tells "
                      "apart, the surest first; keys are in leaks.json.",
                  .wide = true};
    return figure_grid({figure});
  } catch (const Error&) {
    return "";
  }
}

// Those of the backbone's features.
std::vector<Json> alike_pairs(const Json& entry) {
  const auto alike = entry.find("alike");
  return alike == entry.end() || !alike->is_object() ? std::vector<Json>()
                                                     : objects(*alike, "pairs");
}

std::string found(const std::string& name, const Json& entry) {
  const size_t exact = objects(entry, "exact").size(), near = objects(entry, "near").size();
  const size_t alike = alike_pairs(entry).size();
  if (exact + near + alike == 0) return "";
  const double tests = number(entry, "test_images");
  std::string text = fmt::format(
      "{} of {} test images are in the {} set: {} exact and {} near copies{}. Accuracy on them is "
      "memory, not transfer.",
      exact + near + alike, with_commas(static_cast<int64_t>(std::max(0.0, tests))), name, exact,
      near, alike > 0 ? fmt::format(", and {} that the backbone hardly tells apart", alike) : "");
  if (near + alike > 0) text += " Near copies are a claim about two pictures: look at them.";
  return paragraph(text, "alarm");
}

// Where a set was pretrained on and is trained on as well, its pairs stand on the page once.
std::string same_as(const Json& all, const std::string& name, const Json& entry) {
  const std::string hash = text(entry, "hash");
  for (const auto& [earlier, other] : all.items()) {
    if (earlier == name || hash.empty()) break;
    if (other.is_object() && text(other, "hash") == hash &&
        alike_pairs(other) == alike_pairs(entry))
      return earlier;
  }
  return "";
}

// The numbers of the test images that an entry names; files of earlier versions name none.
void add_leaked(const Json& entry, std::set<int64_t>& leaked) {
  for (const auto& pairs : {objects(entry, "exact"), objects(entry, "near"), alike_pairs(entry)})
    for (const Json& pair : pairs)
      if (const double test = number(pair, "test"); test >= 0)
        leaked.insert(static_cast<int64_t>(test));
}

std::string scores(const TransferRun& run, const std::set<int64_t>& leaked) {
  const Table table = leaked.empty() ? Table() : leak_scores(run, leaked);
  if (table.rows.empty()) return "";
  return folded(
      fmt::format("Accuracy without {}", counted(std::ssize(leaked), "leaked test image")),
      to_html(table));
}

}  // namespace

std::string leak_section(const TransferRun& run) {
  std::string out;
  try {
    if (!there(run.path / "leaks.json")) return out;
    const Json all = Json::parse(read_file(run.path / "leaks.json"), nullptr, false);
    if (!all.is_object()) return paragraph("leaks.json is damaged.", "note");
    std::set<int64_t> leaked;
    for (const auto& [name, entry] : all.items()) {
      if (!entry.is_object()) continue;
      const auto checked = entry.find("checked");
      if (checked == entry.end() || *checked != true)
        out += paragraph(fmt::format("Whether test images are in the {} set is not known: {}.",
                                     name, text(entry, "why")),
                         "note");
      else if (const std::string earlier = same_as(all, name, entry); !earlier.empty())
        out += paragraph(fmt::format("The {} set is the {} set: all of that holds for it as well.",
                                     name, earlier),
                         "lead");
      else
        out +=
            found(name, entry) + sheet(run, name, entry) + paragraph(searched(name, entry), "lead");
      add_leaked(entry, leaked);
    }
    out += scores(run, leaked);
  } catch (const Error& error) {
    return out + paragraph(error.what(), "note");
  }
  return out;
}

}  // namespace espalier::report
