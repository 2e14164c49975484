#include "report/svg.h"

#include <gmock/gmock.h>

#include <cmath>
#include <regex>

#include "report/ticks.h"

namespace espalier::report {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

size_t count(const std::string& text, const std::string& part) {
  size_t found = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

TEST(Ticks, CoverTheRangeInRoundSteps) {
  for (const double low : {-17.3, 0.0, 0.0021, 5.5})
    for (const double width : {1e-6, 0.034, 1.0, 7.7, 12345.0}) {
      const auto ticks = nice_ticks(low, low + width, 6);
      ASSERT_GE(ticks.size(), 2u);
      EXPECT_LE(ticks.size(), 9u);
      EXPECT_LE(ticks.front(), low + 1e-9 * width);
      EXPECT_GE(ticks.back(), low + width - 1e-9 * width);
      const double step = ticks[1] - ticks[0];
      const double digit = step / std::pow(10, std::floor(std::log10(step * (1 + 1e-3))));
      EXPECT_TRUE(std::abs(digit - 1) < 1e-3 || std::abs(digit - 2) < 1e-3 ||
                  std::abs(digit - 5) < 1e-3)
          << "step " << step;
    }
}

TEST(Ticks, OneValueStillGetsAnAxis) {
  for (const double value : {0.0, 3.0, -0.2}) {
    const auto ticks = nice_ticks(value, value, 6);
    EXPECT_GE(ticks.size(), 2u);
    EXPECT_LT(ticks.front(), value);
    EXPECT_GT(ticks.back(), value);
  }
}

TEST(Ticks, LabelsCarryTheDecimalsOfTheStep) {
  EXPECT_EQ(tick_text(0.15, 0.05), "0.15");
  EXPECT_EQ(tick_text(0.2, 0.1), "0.2");
  EXPECT_EQ(tick_text(1500, 500), "1,500");
  EXPECT_EQ(tick_text(-20, 5), "−20");
  EXPECT_EQ(tick_text(5, 5, true), "+5");
  EXPECT_EQ(tick_text(1e-17, 5, true), "0");
}

TEST(Svg, SpeaksToThoseWhoDoNotSeeIt) {
  const std::string text = svg({.title = "Loss & more"});
  EXPECT_THAT(text, HasSubstr("role=\"img\""));
  EXPECT_THAT(text, HasSubstr("<title>Loss &amp; more</title>"));
}

TEST(Svg, AnEmptyChartIsStillAChart) {
  EXPECT_THAT(svg({.title = "nothing"}), Not(HasSubstr("nan")));
  EXPECT_THAT(svg_bars("nothing", {}), Not(HasSubstr("nan")));
}

TEST(Svg, AHoleBreaksTheLine) {
  Chart chart{.title = "gap"};
  chart.series.push_back({.slot = 1, .points = {{0, 1}, {1, 2}, {2, NAN}, {3, 1}, {4, 2}}});
  const std::string text = svg(chart);
  std::smatch line;
  ASSERT_TRUE(std::regex_search(text, line, std::regex("<path d=\"([^\"]*)\"[^>]*class=\"line\"")));
  EXPECT_EQ(count(line[1], "M"), 2u);
  EXPECT_EQ(count(line[1], "L"), 2u);
  EXPECT_THAT(text, Not(HasSubstr("nan")));
}

TEST(Svg, EveryDotHoleAndIntervalIsDrawn) {
  Chart chart{.title = "cells", .x = {.categories = {"a", "b"}}};
  chart.series.push_back({.name = "frozen",
                          .slot = 1,
                          .points = {{0, 1, 0.2}, {1, 2}},
                          .dots = {{0, 0.9}, {0, 1.1}, {1, NAN}},
                          .holes = {{1, 0, NAN, "seed 3: failed"}}});
  const std::string text = svg(chart);
  EXPECT_EQ(count(text, "class=\"dot\""), 2u);
  EXPECT_EQ(count(text, "class=\"hole\""), 1u);
  EXPECT_EQ(count(text, "class=\"interval\""), 1u);
  EXPECT_THAT(text, HasSubstr("<title>seed 3: failed</title>"));
  EXPECT_THAT(text, HasSubstr(">frozen</text>"));
}

TEST(Svg, ModesDifferByShapeAndNotByColourAlone) {
  Chart chart{.title = "shapes"};
  for (int slot = 1; slot <= 4; ++slot) chart.series.push_back({.slot = slot, .points = {{0, 1}}});
  const std::string text = svg(chart);
  EXPECT_EQ(count(text, "<circle"), 1u);
  EXPECT_EQ(count(text, "<rect"), 1u);
  EXPECT_EQ(count(text, "z\" fill=\"var(--c3)\""), 1u);
  EXPECT_EQ(count(text, "z\" fill=\"var(--c4)\""), 1u);
}

TEST(Svg, TheLongestBarIsTheLargestValue) {
  const std::string text = svg_bars("cost", {{"a", 1, "1s", 1}, {"b", 4, "4s", 2}});
  std::vector<double> widths;
  const std::regex bar("<rect[^>]* width=\"([0-9.]+)\"");
  for (auto at = std::sregex_iterator(text.begin(), text.end(), bar); at != std::sregex_iterator();
       ++at)
    widths.push_back(std::stod((*at)[1]));
  ASSERT_EQ(widths.size(), 2u);
  EXPECT_NEAR(widths[1] / widths[0], 4, 0.05);
}

}  // namespace
}  // namespace espalier::report
