#include "report/drawing/chart.h"

#include <gmock/gmock.h>

#include <cmath>
#include <regex>
#include <set>

#include "report/drawing/bars.h"
#include "report/drawing/ticks.h"

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
  Chart chart{.title = "cells", .x = {.ticks = {{0, "a"}, {1, "b"}}}};
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

// The drawing of the one marker of a slot, without place and colour.
std::string shape_of(int slot) {
  Chart chart{.title = "shape"};
  chart.series.push_back({.slot = slot, .points = {{0, 1}}, .line = false});
  const std::string text = svg(chart);
  const std::regex marker("<(path|circle)[^>]*?(m[^\"]*|r=)\"[^>]*class=\"marker\"");
  std::smatch found;
  return std::regex_search(text, found, marker) ? found[1].str() + found[2].str() : "";
}

TEST(Svg, ModesDifferByShapeAndNotByColourAlone) {
  std::set<std::string> shapes;
  for (int slot = 1; slot <= 5; ++slot) shapes.insert(shape_of(slot));
  EXPECT_EQ(shapes.size(), 5u);
  EXPECT_EQ(shapes.count(""), 0u);
  // Of one colour, but not of one shape.
  EXPECT_NE(shape_of(1), shape_of(7));
}

TEST(Svg, AControlIsGreyAndDashed) {
  Chart chart{.title = "controls"};
  for (const int slot : {1, -1, -2})
    chart.series.push_back({.slot = slot, .points = {{0, 1}, {1, 2}}});
  const std::string text = svg(chart);
  EXPECT_EQ(count(text, "stroke=\"var(--muted)\" class=\"line\" stroke-dasharray"), 2u);
  EXPECT_EQ(count(text, "stroke=\"var(--c1)\" class=\"line\"/>"), 1u);
}

TEST(Svg, WhatLiesOutsideTheRangeIsATriangleAtTheEdge) {
  Chart chart{.title = "range", .y = {.range = {0, 1}}};
  chart.series.push_back({.slot = 1, .points = {{0, 0.5}, {1, -3, NAN, "far below"}}});
  const std::string text = svg(chart);
  EXPECT_EQ(count(text, "l-4.5 -7h9z"), 1u);
  EXPECT_THAT(text, HasSubstr("<title>far below</title>"));
  EXPECT_THAT(text, Not(HasSubstr(">−3<")));
}

// The x of each text in the class of tick labels.
std::vector<double> x_of(const std::string& text, const std::string& label) {
  std::vector<double> places;
  const std::regex at("<text x=\"([0-9.]+)\"[^>]*>" + label + "</text>");
  for (auto i = std::sregex_iterator(text.begin(), text.end(), at); i != std::sregex_iterator();
       ++i)
    places.push_back(std::stod((*i)[1]));
  return places;
}

TEST(Svg, TicksThatWouldTouchAreThinnedOut) {
  Chart chart{.title = "many"};
  for (int i = 0; i < 40; ++i) chart.x.ticks.push_back({static_cast<double>(i), "stage99"});
  const auto places = x_of(svg(chart), "stage99");
  ASSERT_GE(places.size(), 2u);
  for (size_t i = 1; i < places.size(); ++i) EXPECT_GT(places[i] - places[i - 1], 50);
}

TEST(Svg, ChartsOfAStackShareTheirPlacesAlongX) {
  Chart wide{.title = "wide", .x = {.label = "step"}, .y = {.label = "loss", .scale = 1000}};
  wide.series.push_back({.slot = 1, .points = {{0, 1}, {100, 20}}});
  Chart narrow{.title = "narrow", .x = {.label = "step"}};
  narrow.series.push_back({.slot = 1, .points = {{50, 1}, {100, 2}}});
  const std::string text = svg_stack("both", "", {wide, narrow});
  std::vector<std::string> ends;
  const std::regex line("<path d=\"[^\"]*L([0-9.]+) [0-9.]+\"[^>]*class=\"line\"");
  for (auto i = std::sregex_iterator(text.begin(), text.end(), line); i != std::sregex_iterator();
       ++i)
    ends.push_back((*i)[1]);
  ASSERT_EQ(ends.size(), 2u);
  EXPECT_EQ(ends[0], ends[1]);
  EXPECT_EQ(count(text, ">step<"), 1u);
}

TEST(Svg, ASpanIsNumberedInTheDrawingAndNamedBelow) {
  Chart chart{.title = "spans", .y = {.range = {0, 1}}};
  chart.spans = {{0, 0.1, 0, 0.9, "boost"}, {1, 0.5, 1, 0.5, "crossover"}};
  const std::string text = svg(chart);
  for (const char* number : {"class=\"badge\">1</text>", "class=\"badge\">2</text>"})
    EXPECT_EQ(count(text, number), 2u);
  EXPECT_THAT(text, HasSubstr(">boost</text>"));
  EXPECT_THAT(text, HasSubstr(">crossover</text>"));
}

TEST(Svg, ABandFollowsItsLineAndBreaksWithIt) {
  Chart chart{.title = "band"};
  chart.series.push_back({.slot = 1,
                          .points = {{0, 1, 0.1}, {1, 2, 0.2}, {2, NAN}, {3, 1, 0.1}, {4, 1, 0.3}},
                          .band = true});
  const std::string text = svg(chart);
  EXPECT_EQ(count(text, "class=\"band\""), 2u);
  EXPECT_EQ(count(text, "class=\"interval\""), 0u);
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
