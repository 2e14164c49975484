#include "core/registry.h"

#include <gmock/gmock.h>

namespace espalier {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

class Fruit : public Plugin {
 public:
  static constexpr const char* kKind = "fruit";
  virtual std::string color() const = 0;
};

class Apple : public Fruit {
 public:
  std::string color() const override { return color_; }
  Fields fields() override { return {{"color", &color_, {}}}; }

 private:
  std::string color_ = "red";
};
ESPALIER_REGISTER(Fruit, Apple, "apple", "grows on an espalier");

class Pear : public Fruit {
 public:
  std::string color() const override { return "green"; }
};
ESPALIER_REGISTER(Fruit, Pear, "pear", "too");

TEST(Registry, MakesAPluginByNameWithItsOptions) {
  auto apple = Registry<Fruit>::create("apple");
  *std::get<std::string*>(apple->fields().at(0).target) = "yellow";
  EXPECT_EQ(apple->color(), "yellow");
  EXPECT_EQ(Registry<Fruit>::create("apple")->color(), "red");  // each its own
}

TEST(Registry, ListsNamesHelpAndKinds) {
  EXPECT_THAT(Registry<Fruit>::names(), ElementsAre("apple", "pear"));
  EXPECT_EQ(registry_entries("fruit").at("apple").help, "grows on an espalier");
  EXPECT_THAT(registry_kinds(), Contains("fruit"));
}

class Weed : public Plugin {
 public:
  static constexpr const char* kKind = "weed";
};
class Nettle : public Weed {};
class OtherNettle : public Weed {};
ESPALIER_REGISTER(Weed, Nettle, "nettle", "stings");
ESPALIER_REGISTER(Weed, OtherNettle, "nettle", "is another");

TEST(Registry, ASecondPluginOfAnExistingNameIsRefusedAndReplacesNothing) {
  EXPECT_EQ(registry_entries("weed").at("nettle").help, "stings");
  try {
    require_unique_names();
    FAIL() << "two plug-ins of one name were accepted";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("weed 'nettle'"));
  }
}

TEST(Registry, AskingForAKindWithoutEntriesMakesNoKind) {
  EXPECT_TRUE(registry_entries("vegetable").empty());
  EXPECT_THAT(registry_kinds(), testing::Not(Contains("vegetable")));
}

TEST(Registry, AnUnknownNameSuggestsTheNearest) {
  try {
    Registry<Fruit>::create("aple");
    FAIL() << "a plug-in that does not exist was made";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), Kind::kUsage);
    EXPECT_THAT(error.what(), HasSubstr("did you mean 'apple'?"));
    EXPECT_THAT(error.what(), HasSubstr("apple, pear"));
  }
}

}  // namespace
}  // namespace espalier
