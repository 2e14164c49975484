// Tables of shades, the gallery, and the colours that they stand on.
#include <gmock/gmock.h>

#include <cmath>
#include <regex>

#include "report/drawing/gallery.h"
#include "report/drawing/heat_table.h"
#include "report/html.h"

namespace espalier::report {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string uri(const std::string& bytes) {
  return data_uri(std::vector<uint8_t>(bytes.begin(), bytes.end()));
}

// RFC 4648, section 10.
TEST(Gallery, ImagesAreBase64) {
  const std::pair<std::string, std::string> vectors[] = {{"", ""},
                                                         {"f", "Zg=="},
                                                         {"fo", "Zm8="},
                                                         {"foo", "Zm9v"},
                                                         {"foob", "Zm9vYg=="},
                                                         {"fooba", "Zm9vYmE="},
                                                         {"foobar", "Zm9vYmFy"}};
  for (const auto& [bytes, text] : vectors) EXPECT_EQ(uri(bytes), "data:image/png;base64," + text);
  EXPECT_EQ(uri("\xff\xfe\xfd"), "data:image/png;base64,//79");
}

Prediction prediction(const std::string& truth) {
  Prediction one{.name = "<a>.png", .png = {1}, .truth = truth};
  for (const char* name : {"cat", "dog", "ship", "deer", "frog", "truck", "horse"})
    one.classes.push_back({name, 0.5 / static_cast<double>(one.classes.size() + 1)});
  return one;
}

TEST(Gallery, TheTrueClassHasABarEvenWhereItIsHardlyProbable) {
  const std::string text = gallery({prediction("horse")});
  EXPECT_THAT(text, HasSubstr("horse ✓"));
  EXPECT_THAT(text, HasSubstr("<b>cat</b>, but it is horse"));
  EXPECT_THAT(text, Not(HasSubstr("frog")));  // five bars: the fifth makes room
  EXPECT_THAT(text, HasSubstr("alt=\"&lt;a&gt;.png\""));
}

TEST(Gallery, AnImageWithoutAClassIsNeitherRightNorWrong) {
  const std::string text = gallery({prediction("")});
  for (const char* word : {"right", "but it is", "✓"}) EXPECT_THAT(text, Not(HasSubstr(word)));
  EXPECT_THAT(gallery({prediction("cat")}), HasSubstr("cat, right"));
}

TEST(HeatTable, ShadesFollowValuesAndHolesAreHatched) {
  const HeatTable table{
      .caption = "gains",
      .columns = {"1\nconv1", "2", "3", "4", "5"},
      .rows = {
          {"tuned",
           {{"+9", 0.9}, {"−2", -0.2, true}, {"0", 0.01}, {"✕", NAN, false, "diverged"}, {}}}}};
  const std::string text = to_html(table);
  EXPECT_THAT(text, HasSubstr("<td class=\"b5\">+9</td><td class=\"o1 strong\">−2</td><td>0</td>"
                              "<td class=\"missing\" title=\"diverged\">✕</td><td></td>"));
  EXPECT_THAT(text, HasSubstr("<th scope=\"col\"><span>1<br>conv1</span></th>"));
  EXPECT_THAT(text, HasSubstr("<th scope=\"row\">tuned</th>"));
  EXPECT_THAT(text, HasSubstr("tabindex=\"0\" role=\"region\" aria-label=\"gains\""));
}

// Of "#rrggbb", by WCAG 2.
double luminance(const std::string& color) {
  double sum = 0;
  const double weights[] = {0.2126, 0.7152, 0.0722};
  for (size_t i = 0; i < 3; ++i) {
    const double c = std::stoi(color.substr(1 + 2 * i, 2), nullptr, 16) / 255.0;
    sum += weights[i] * (c <= 0.03928 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4));
  }
  return sum;
}

double contrast(const std::string& a, const std::string& b) {
  const double x = luminance(a), y = luminance(b);
  return (std::max(x, y) + 0.05) / (std::min(x, y) + 0.05);
}

// The variables of one ":root{...}" of the page.
std::map<std::string, std::string> variables(const std::string& block) {
  std::map<std::string, std::string> found;
  const std::regex one("--([a-z0-9-]+):(#[0-9a-f]{6})");
  for (auto i = std::sregex_iterator(block.begin(), block.end(), one); i != std::sregex_iterator();
       ++i)
    found[(*i)[1]] = (*i)[2];
  return found;
}

TEST(Colours, TextAndLinesCanBeReadInBothThemes) {
  const std::string text = page("", "");
  const size_t light = text.find(":root{"), dark = text.find(":root{", light + 1);
  for (const size_t theme : {light, dark}) {
    auto colors = variables(text.substr(theme, text.find('}', theme) - theme));
    ASSERT_EQ(colors.count("o5"), 1u);
    for (const char* name :
         {"surface", "page", "soft", "b1", "b2", "b3", "b4", "b5", "o1", "o2", "o3", "o4", "o5"})
      EXPECT_GE(contrast(colors["ink"], colors[name]), 4.5) << name;
    for (const char* name : {"ink-2", "muted", "accent"})
      EXPECT_GE(contrast(colors[name], colors["surface"]), 4.5) << name;
    for (const char* name : {"c1", "c2", "c3", "c4", "c5", "c6"})
      EXPECT_GE(contrast(colors[name], colors["surface"]), 3) << name;
  }
}

}  // namespace
}  // namespace espalier::report
