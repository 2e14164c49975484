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
  return fmt::format(
      "{} test images were looked for among the {} images of the {} set ({}). {}",
      count("test_images"), count("images"), name, text(entry, "path"),
      copies.empty() ? "Only exact copies: the images are too few or too much alike for near ones."
                     : "Of copies that were planted to try the search it found: " + copies + ".");
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
                      "ones first, then near ones, the surest first; keys are below.",
                  .wide = true};
    return figure_grid({figure});
  } catch (const Error&) {
    return "";
  }
}

std::string found(const std::string& name, const Json& entry) {
  const size_t exact = objects(entry, "exact").size(), near = objects(entry, "near").size();
  if (exact + near == 0) return "";
  const double tests = number(entry, "test_images");
  std::string text = fmt::format(
      "{} of {} test images are in the {} set: {} exact and {} near copies. Accuracy on them is "
      "memory, not transfer.",
      exact + near, with_commas(static_cast<int64_t>(std::max(0.0, tests))), name, exact, near);
  if (near > 0) text += " Near copies are a claim about two pictures: look at them.";
  return paragraph(text, "alarm");
}

}  // namespace

std::string leak_section(const TransferRun& run) {
  std::string out;
  try {
    if (!there(run.path / "leaks.json")) return out;
    const Json all = Json::parse(read_file(run.path / "leaks.json"), nullptr, false);
    if (!all.is_object()) return paragraph("leaks.json is damaged.", "note");
    for (const auto& [name, entry] : all.items()) {
      if (!entry.is_object()) continue;
      const auto checked = entry.find("checked");
      if (checked == entry.end() || *checked != true)
        out += paragraph(fmt::format("Whether test images are in the {} set is not known: {}.",
                                     name, text(entry, "why")),
                         "note");
      else
        out +=
            found(name, entry) + sheet(run, name, entry) + paragraph(searched(name, entry), "lead");
    }
  } catch (const Error& error) {
    return paragraph(error.what(), "note");
  }
  return out;
}

}  // namespace espalier::report
