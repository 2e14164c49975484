// What leaks.json says, on the page.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/files.h"
#include "report/sections.h"
#include "report/stored_sweep.h"
#include "statistics/predictions.h"

namespace espalier::report {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kFound = R"({
  "training": {"path": "data/train", "checked": true, "test_images": 10000, "images": 60000,
    "exact": [{"test_key": "1", "key": "<2>"}],
    "near": [{"test_key": "3", "key": "4", "distance": 1, "usual": 20, "cropped": false}],
    "planted": {"jpeg": 1.0, "cropped": 0.25}, "sheet": "leaks-training.png"},
  "pretraining": {"path": "", "checked": false, "why": "there is no <run>/config.yaml"}})";

class LeakSection : public ::testing::Test {
 protected:
  std::string section(const std::string& json) {
    if (!json.empty()) write_file(temp_ / "leaks.json", json);
    TransferRun run;
    run.path = temp_.path();
    return leak_section(run);
  }

  TempDir temp_;
};

TEST_F(LeakSection, SaysWhatWasFoundInRedAndShowsThePairs) {
  write_file(temp_ / "leaks-training.png", "png");
  const std::string html = section(kFound);
  EXPECT_THAT(html, HasSubstr("<p class=\"alarm\">2 of 10,000 test images are in the training "
                              "set: 1 exact and 1 near copies."));
  EXPECT_THAT(html, HasSubstr("data:image/png;base64,cG5n"));
  EXPECT_THAT(html, HasSubstr("jpeg 100 %, cropped 25 %"));
}

TEST_F(LeakSection, SaysWhatCouldNotBeChecked) {
  const std::string html = section(kFound);
  EXPECT_THAT(html, HasSubstr("in the pretraining set is not known: there is no &lt;run&gt;"));
}

TEST_F(LeakSection, IsCalmWhereNothingWasFound) {
  const std::string html = section(
      R"({"training": {"path": "a", "checked": true, "test_images": 5, "images": 6, "exact": [],
          "near": [], "planted": {}}})");
  EXPECT_THAT(html, Not(HasSubstr("alarm")));
  EXPECT_THAT(html, HasSubstr("5 test images were looked for among the 6 images"));
  EXPECT_THAT(html, HasSubstr("Only exact copies"));
}

TEST_F(LeakSection, ASetThatIsTrainedAndPretrainedOnIsShownOnce) {
  const std::string entry = R"({"path": "a", "checked": true, "test_images": 5, "images": 6,
    "exact": [{"test_key": "1", "key": "2"}], "near": [], "planted": {}, "hash": )";
  const std::string once =
      section(R"({"training": )" + entry + R"("x"}, "pretraining": )" + entry + R"("x"}})");
  EXPECT_EQ(count(once, "class=\"alarm\""), 1u);
  EXPECT_THAT(once, HasSubstr("holds for it as well"));
  const std::string twice =
      section(R"({"training": )" + entry + R"("x"}, "pretraining": )" + entry + R"("y"}})");
  EXPECT_EQ(count(twice, "class=\"alarm\""), 2u);
}

TEST_F(LeakSection, OfDamageIsALineAndOfNothingIsNothing) {
  EXPECT_EQ(section(""), "");
  EXPECT_THAT(section("[1"), HasSubstr("damaged"));
  EXPECT_THAT(section(R"({"training": 3, "x": {"checked": true, "exact": 7, "sheet": "../../x"}})"),
              Not(HasSubstr("<img")));
}

// The mean over the done cells of an arm of the share of right images from number `first` on.
double accuracy_from(const TransferRun& run, const Row& row, size_t first) {
  const statistics::Predictions predictions(run.path, std::ssize(run.classes));
  double sum = 0, cells = 0;
  for (const Cell& cell : run.cells) {
    if (!cell.done() || cell.labels_per_class != row.labels_per_class || cell.cut != row.cut ||
        !cell.is_of(row.line))
      continue;
    const auto hits = predictions.hits(cell.id).value();
    const auto right = std::count(hits.begin() + static_cast<int64_t>(first), hits.end(), true);
    sum += static_cast<double>(right) / static_cast<double>(hits.size() - first);
    ++cells;
  }
  return sum / cells;
}

TEST(LeakScores, AreThoseOfTheOtherImages) {
  const TransferRun& run = small().run();
  std::set<int64_t> leaked;
  for (int64_t i = 0; i < 100; ++i) leaked.insert(i);
  const Table table = leak_scores(run, leaked);
  ASSERT_EQ(table.rows.size(), run.rows.size());
  for (size_t r = 0; r < table.rows.size(); ++r) {
    const std::string without = table.rows[r].cells[4];
    const double expected = 100 * accuracy_from(run, run.rows[r], 100);
    EXPECT_NEAR(std::stod(without), expected, 0.051) << without;
    EXPECT_NE(table.rows[r].cells[3], without);
  }
  for (int64_t i = 100; i < run.test_images; ++i) leaked.insert(i);
  EXPECT_TRUE(leak_scores(run, leaked).rows.empty());  // no image is left
}

}  // namespace
}  // namespace espalier::report
