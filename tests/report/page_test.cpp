// The page of a large sweep as a whole.
#include <gmock/gmock.h>

#include <cstdlib>
#include <ctime>
#include <regex>

#include "report/report.h"
#include "report/stored_sweep.h"

namespace espalier::report {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

const std::string& page_of_whole() {
  static const std::string page = render({whole().folder / "sweep"});
  return page;
}

// Leaves the page in $ESPALIER_PAGE, to be looked at in a browser.
TEST(Page, AReportOfFiveHundredCellsIsSmallAndQuick) {
  EXPECT_GT(whole().run().cells.size(), 500u);
  const std::clock_t begin = std::clock();
  const std::string text = render({whole().folder / "sweep"});
  const double seconds = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
  EXPECT_LT(text.size(), 5'000'000u);
  EXPECT_LT(seconds, 2);
  if (const char* path = std::getenv("ESPALIER_PAGE")) write_file(path, text);
}

TEST(Page, ThePageHasNoScriptAndAsksForNothingOutside) {
  const std::string& text = page_of_whole();
  for (const char* part : {"<script", "javascript:", " onload", "href=\"http", "src=", "url("})
    EXPECT_THAT(text, Not(HasSubstr(part)));
  for (const char* part : {" nan", "\"nan", ">nan", " inf", ">inf"})
    EXPECT_THAT(text, Not(HasSubstr(part)));
}

TEST(Page, EveryElementOfThePageIsClosed) {
  const std::string& text = page_of_whole();
  std::vector<std::string> open;
  const std::regex tag("<(/?)([a-z0-9]+)((?:\"[^\"]*\"|[^>\"])*?)(/?)>");
  const size_t begin = text.find("<body>");
  const std::string body = text.substr(begin, text.find("</html>") - begin);
  for (auto i = std::sregex_iterator(body.begin(), body.end(), tag); i != std::sregex_iterator();
       ++i) {
    const std::string name = (*i)[2];
    if ((*i)[4] == "/" || name == "br") continue;
    if ((*i)[1] != "/") {
      open.push_back(name);
      continue;
    }
    ASSERT_FALSE(open.empty()) << name;
    ASSERT_EQ(open.back(), name) << i->position() << ": " << body.substr(i->position(), 200);
    open.pop_back();
  }
  EXPECT_THAT(open, IsEmpty());
}

TEST(Page, EveryPartOfThePageIsInItsContents) {
  const std::string& text = page_of_whole();
  EXPECT_GE(count(text, "<h2 id="), 8u);
  EXPECT_EQ(count(text, "<h2 id=\"part-"), count(text, "<a href=\"#part-"));
}

TEST(Page, ASweepWithoutAResultHasAPage) {
  SyntheticCells cells({"conv1"});
  cells.add({"scratch", {}}, 0, 10, 0, 0, "waiting");
  cells.add({"frozen", {}}, 1, 10, 0, 0, "diverged");
  cells.add({"tuned", {}, 0.1}, 1, 10, 0, 0.5);
  const TempDir folder;
  write_sweep(folder / "s", cells);
  const std::string text = render({folder / "s"});
  for (const char* part : {" nan", "\"nan", ">nan", "inf\"", "inf "})
    EXPECT_THAT(text, Not(HasSubstr(part)));
  EXPECT_THAT(text, HasSubstr("frozen, cut 1, seed 0: diverged"));
}

}  // namespace
}  // namespace espalier::report
