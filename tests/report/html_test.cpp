#include "report/html.h"

#include <gmock/gmock.h>

#include <cmath>

#include "report/numbers.h"
#include "report/tables.h"

namespace espalier::report {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(Html, EscapeLeavesNoMarkup) {
  EXPECT_EQ(escape("<script>\"a\" & 'b'</script>"),
            "&lt;script&gt;&quot;a&quot; &amp; &#39;b&#39;&lt;/script&gt;");
  EXPECT_EQ(escape(std::string("a\x1b[31m\0b\tc\n", 11)), "a[31mb\tc\n");
  EXPECT_EQ(escape("± 0.5 …"), "± 0.5 …");
}

TEST(Html, APageNeedsNoNetworkAndNoScript) {
  const std::string text = page("a < b", "<p>x</p>");
  EXPECT_THAT(text, HasSubstr("<title>a &lt; b</title>"));
  for (const char* outside : {"http", "<script", "src=", "@import", "url("})
    EXPECT_THAT(text, Not(HasSubstr(outside)));
  EXPECT_THAT(text, HasSubstr("prefers-color-scheme:dark"));
  EXPECT_THAT(text, HasSubstr("@media print"));
}

TEST(Numbers, UnknownIsADash) {
  EXPECT_EQ(percent(NAN), "–");
  EXPECT_EQ(points(Interval{NAN, NAN, 0}), "–");
  EXPECT_EQ(p_text(NAN), "–");
  EXPECT_EQ(compact(NAN), "–");
}

TEST(Numbers, ReadAsPeopleWriteThem) {
  EXPECT_EQ(percent(Interval{0.579, 0.0049, 5}), "57.9 ± 0.5 %");
  EXPECT_EQ(percent(Interval{0.579, NAN, 1}), "57.9 %");
  EXPECT_EQ(points(Interval{-0.148, 0.012, 5}), "−14.8 ± 1.2");
  EXPECT_EQ(points(0.022), "+2.2");
  EXPECT_EQ(points(-0.0001), "0.0");
  EXPECT_EQ(p_text(0.0004), "< 0.001");
  EXPECT_EQ(p_text(0.0125), "0.013");
  EXPECT_EQ(compact(5230.4), "5,230");
  EXPECT_EQ(compact(0.031234), "0.0312");
  EXPECT_EQ(budget_text(1), "1 label per class");
  EXPECT_EQ(budget_text(0), "90 % of all labels");
  EXPECT_EQ(budget_number(0), "all (90 %)");
}

TEST(Tables, HtmlAndMarkdownHoldTheSameCells) {
  const Table table{{{"Mode"}, {"p", true}}, {{{"a|<b>", "0.5"}, true}, {{"c", "–"}}}};
  EXPECT_EQ(to_markdown(table), "| Mode | p |\n|---|---:|\n| **a\\|<b>** | **0.5** |\n| c | – |\n");
  const std::string html = to_html(table);
  EXPECT_THAT(html,
              HasSubstr("<tr class=\"strong\"><td data-label=\"Mode\"><span>a|&lt;b&gt;</span></td>"
                        "<td class=\"number\" data-label=\"p\"><span>0.5</span></td></tr>"));
}

TEST(Tables, ABoxThatMayScrollIsReachedByTheKeyboard) {
  EXPECT_THAT(to_html(Table{{{"Mode"}}, {}}), HasSubstr("<div class=\"table\" tabindex=\"0\""));
}

TEST(Html, FiguresOfAGridThatShowTheSameSayItOnce) {
  const std::string text =
      figure_grid({{"a", "", "Lines."}, {"b", "", "Dots."}, {"c", "", "Lines."}});
  EXPECT_LT(text.find("Lines."), text.find("<h3>b"));
  EXPECT_EQ(text.find("Lines."), text.rfind("Lines."));
  EXPECT_THAT(text, HasSubstr("<figure><h3>c</h3></figure>"));
}

TEST(Html, NothingIsWiderThanANarrowScreen) {
  const std::string text = page("narrow", "");
  EXPECT_THAT(text, Not(HasSubstr("min-width:420px")));
  EXPECT_THAT(text, HasSubstr("(max-width:900px)"));
  EXPECT_THAT(text, HasSubstr("content:attr(data-label)"));  // rows become blocks of lines
}

}  // namespace
}  // namespace espalier::report
