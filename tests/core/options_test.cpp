#include "core/options.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "core/error.h"

namespace espalier {
namespace {

enum class Fruit { kApple, kPear };
constexpr auto names_of(Fruit) {
  using enum Fruit;
  return names<Fruit>({{kPear, "pear"}, {kApple, "apple"}});
}

struct Sample {
  bool nesterov = true;
  int64_t steps = -3;
  double lr = 0.1;
  std::string name = "a \"b\"";
  std::vector<int64_t> widths = {16, 32};
  std::vector<double> betas = {0.9, 0.999};
  std::vector<std::string> modes = {"frozen", "tuned"};
  Fields fields() {
    return {{"nesterov", &nesterov, {}}, {"steps", &steps, {}},   {"lr", &lr, {}},
            {"name", &name, {}},         {"widths", &widths, {}}, {"betas", &betas, {}},
            {"modes", &modes, {}}};
  }
};

TEST(Options, ValuesAreWrittenAsYaml) {
  Sample sample;
  std::vector<std::string> texts;
  for (const Field& field : sample.fields()) texts.push_back(value_text(field));
  EXPECT_EQ(texts, (std::vector<std::string>{"true", "-3", "0.1", "\"a \\\"b\\\"\"", "[16, 32]",
                                             "[0.9, 0.999]", "[\"frozen\", \"tuned\"]"}));
}

TEST(Options, AnEnumIsReadAndWrittenByItsNames) {
  Fruit fruit = Fruit::kApple;
  std::vector<Fruit> fruits = {Fruit::kPear, Fruit::kApple};
  const Field one("fruit", &fruit, {.help = "what is eaten"}), many("fruits", &fruits, {});
  EXPECT_EQ(type_name(one), "text");
  EXPECT_EQ(type_name(many), "list of texts");
  EXPECT_EQ(value_text(one), "\"apple\"");
  EXPECT_EQ(value_text(many), "[\"pear\", \"apple\"]");
  for (const Field& field : {one, many})
    EXPECT_EQ(field.info.choices, (std::vector<std::string>{"pear", "apple"}));
  std::get<EnumTarget>(one.target).set({"pear"});
  std::get<EnumTarget>(many.target).set({"apple"});
  EXPECT_EQ(fruit, Fruit::kPear);
  EXPECT_EQ(fruits, std::vector{Fruit::kApple});
}

TEST(Options, EveryValueOfAnEnumHasOneName) {
  EXPECT_EQ(value_named<Fruit>(name_of(Fruit::kPear)), Fruit::kPear);
  EXPECT_EQ(value_named<Fruit>("Pear"), std::nullopt);
  EXPECT_EQ(value_named<Fruit>(""), std::nullopt);
  EXPECT_EQ(fmt::format("a {}", Fruit::kPear), "a pear");
  EXPECT_THROW(name_of(static_cast<Fruit>(7)), Error);
}

TEST(Options, NumbersReadBackEqual) {
  Sample sample;
  for (const double value : {0.1 + 0.2, 1e-300, 1.0 / 3, 123456789.123456789, -0.0}) {
    sample.lr = value;
    EXPECT_EQ(std::strtod(value_text(sample.fields()[2]).c_str(), nullptr), value);
  }
}

TEST(Options, TypesHaveWords) {
  Sample sample;
  EXPECT_EQ(type_name(sample.fields()[0]), "true or false");
  EXPECT_EQ(type_name(sample.fields()[1]), "integer");
  EXPECT_EQ(type_name(sample.fields()[5]), "list of numbers");
}

TEST(Options, APathThatOnlyAShellWouldExpandIsRefusedWithItsExpansion) {
  setenv("ESPALIER_TEST_HOME", "/somewhere", 1);
  for (const std::string text : {"~/x", "$ESPALIER_TEST_HOME/x", "${ESPALIER_TEST_HOME}/x"}) {
    try {
      require_expanded("data.shards", text);
      ADD_FAILURE() << text;
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), Kind::kUsage);
      EXPECT_NE(std::string(error.what()).find("/x)"), std::string::npos) << error.what();
      EXPECT_EQ(std::string(error.what()).rfind("data.shards", 0), 0u);
    }
  }
  for (const char* text : {"", "x", "./~/x", "a~b", "a$b", "flip(p=0.5)"})
    EXPECT_NO_THROW(require_expanded("data.shards", text));
}

TEST(Options, NearestNameForgivesATypoAndNoMore) {
  const std::vector<std::string> legal = {"momentum", "nesterov", "lr"};
  EXPECT_EQ(nearest("momentun", legal), "momentum");
  EXPECT_EQ(nearest("nestrov", legal), "nesterov");
  EXPECT_EQ(nearest("weight_decay", legal), "");
  EXPECT_EQ(nearest("momentum", {}), "");
}

}  // namespace
}  // namespace espalier
