#include "pack/some_classes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "shards/stored_set.h"
#include "support/packed_set.h"

namespace espalier::pack {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(SomeClasses, ArePackedAsIfTheSourceHeldNoOthers) {
  TempDir temp;
  write_classes(temp / "images", 3, 5);
  pack_images(temp / "images", temp / "some", {.only_classes = {"fox", "cat"}}, 2);
  std::filesystem::remove_all(temp / "images/dog");
  pack_images(temp / "images", temp / "removed");
  EXPECT_THAT(shards::StoredSet(temp / "some").class_names(), ElementsAre("cat", "fox"));
  EXPECT_EQ(read_file(temp / "some" / shards::kChecksumsName),
            read_file(temp / "removed" / shards::kChecksumsName));
}

TEST(SomeClasses, AreNamedAsTheOptionsNameThem) {
  TempDir temp;
  write_classes(temp / "images", 2, 5);
  pack_images(
      temp / "images", temp / "some",
      {.order = SampleOrder::kPath, .class_names = {"a", "b", "c"}, .only_classes = {"b", "c"}});
  const shards::StoredSet set(temp / "some");
  EXPECT_THAT(set.class_names(), ElementsAre("b", "c"));
  EXPECT_THAT(set.index().table.label, ElementsAre(0, 0, 1, 1));
  EXPECT_EQ(set.key(0), "dog/00.png");
}

TEST(SomeClasses, AnUnknownOneIsRefusedWithTheNearestName) {
  TempDir temp;
  write_classes(temp / "images", 2, 5);
  EXPECT_THAT(
      error_of(Kind::kUsage,
               [&] { pack_images(temp / "images", temp / "out", {.only_classes = {"foxx"}}); }),
      HasSubstr("try: fox"));
}

}  // namespace
}  // namespace espalier::pack
