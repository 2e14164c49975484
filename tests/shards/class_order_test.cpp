#include "shards/class_order.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace espalier::shards {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(ClassOrder, SortsIntegersAsNumbersAndAllElseByBytes) {
  EXPECT_THAT(ClassOrder({"10", "9", "-1", "9", "010"}).names(),
              ElementsAre("-1", "9", "010", "10"));
  EXPECT_THAT(ClassOrder({"10", "9", "x"}).names(), ElementsAre("10", "9", "x"));
  EXPECT_THAT(ClassOrder({"b c", "b", "B"}).names(), ElementsAre("B", "b", "b c"));
  EXPECT_THAT(ClassOrder({"1", "99999999999999999999"}).names(),
              ElementsAre("1", "99999999999999999999"));
  EXPECT_THAT(ClassOrder().names(), IsEmpty());
}

TEST(ClassOrder, NumbersTheNamesInTheirOrder) {
  const ClassOrder classes({"10", "2", "1"});
  for (size_t c = 0; c < classes.names().size(); ++c) {
    EXPECT_EQ(classes.number(classes.names()[c]), static_cast<int64_t>(c));
  }
}

}  // namespace
}  // namespace espalier::shards
