#include <gmock/gmock.h>

#include "config/document.h"
#include "core/error.h"

namespace espalier::config {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

enum class Reading { kExact, kFast };
constexpr auto names_of(Reading) {
  using enum Reading;
  return names<Reading>({{kFast, "fast"}, {kExact, "exact"}});
}

struct Readings {
  Reading reading = Reading::kFast;
  std::vector<Reading> readings = {Reading::kFast, Reading::kExact};
  Fields fields() { return {{"reading", &reading, {}}, {"readings", &readings, {}}}; }
};

// The same options as texts with choices.
struct ReadingTexts {
  std::string reading = "fast";
  std::vector<std::string> readings = {"fast", "exact"};
  Fields fields() {
    const FieldInfo info{.choices = {"fast", "exact"}};
    return {{"reading", &reading, info}, {"readings", &readings, info}};
  }
};

TEST(EnumOption, ReadsBackEqual) {
  Readings given;
  Document document = Document::parse("s: {reading: exact, readings: [exact]}\n", "x.yaml");
  document.bind("s", given.fields());
  EXPECT_EQ(given.reading, Reading::kExact);
  EXPECT_THAT(given.readings, ElementsAre(Reading::kExact));
  EXPECT_EQ(document.resolved_section("s"), "s:\n  reading: \"exact\"\n  readings: [\"exact\"]\n");
  Readings again;
  Document resolved = Document::parse(document.resolved(), "again");
  resolved.bind("s", again.fields());
  EXPECT_EQ(again.reading, given.reading);
  EXPECT_EQ(again.readings, given.readings);
  EXPECT_EQ(resolved.identity_hash(), document.identity_hash());
}

TEST(EnumOption, IsRefusedAndDescribedAsATextIs) {
  const auto refusal_of = [](auto options, const std::string& yaml) -> std::string {
    try {
      Document::parse(yaml, "x.yaml").bind("s", options.fields());
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), Kind::kUsage);
      return error.what();
    }
    return "accepted";
  };
  EXPECT_THAT(refusal_of(Readings(), "s: {reading: exakt}\n"),
              AllOf(HasSubstr("x.yaml:1:"), HasSubstr("'exakt'"), HasSubstr("fast, exact")));
  for (const char* wrong :
       {"s: {reading: exakt}\n", "s: {reading: }\n", "s: {reading: [fast]}\n",
        "s: {readings: fast}\n", "s: {readings: [fast, exakt]}\n", "s: {reading: $HOME}\n"}) {
    EXPECT_EQ(refusal_of(Readings(), wrong), refusal_of(ReadingTexts(), wrong));
    EXPECT_NE(refusal_of(Readings(), wrong), "accepted") << wrong;
  }
  Readings enums;
  ReadingTexts texts;
  EXPECT_EQ(describe(enums.fields(), ""), describe(texts.fields(), ""));
  EXPECT_EQ(describe_markdown(enums.fields()), describe_markdown(texts.fields()));
}

}  // namespace
}  // namespace espalier::config
