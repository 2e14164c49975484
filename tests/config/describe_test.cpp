#include <gmock/gmock.h>

#include "config/document.h"

namespace espalier::config {
namespace {

using testing::AllOf;
using testing::HasSubstr;

struct Options {
  double lr = 0.1;
  std::string mode = "fast", name;
  Fields fields() {
    return {{"lr", &lr, {.min = 0, .max = 10, .unit = "a step", .help = "learning rate"}},
            {"mode", &mode, {.choices = {"fast", "exact"}}},
            {"name", &name, {.help = "free text", .identity = false}}};
  }
};

TEST(Describe, SaysEverythingAboutAnOption) {
  Options options;
  const std::string text = describe(options.fields(), "  ");
  for (const char* part : {"lr", "0.1", "number", "0 to 10", "a step", "learning rate"})
    EXPECT_THAT(text, HasSubstr(part));
  EXPECT_THAT(text, AllOf(HasSubstr("fast | exact"), HasSubstr("--resume")));
}

TEST(Describe, MarkdownHasARowForEachOptionAndEscapesBars) {
  Options options;
  const std::string text = describe_markdown(options.fields());
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 5);
  EXPECT_THAT(text, HasSubstr("fast \\| exact"));
}

}  // namespace
}  // namespace espalier::config
