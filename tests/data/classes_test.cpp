#include "data/classes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/packed_set.h"

namespace espalier::data {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class Classes : public ::testing::Test {
 protected:
  // A packed set with one image of each of the classes, in folders.
  Dataset set_of(const std::vector<std::string>& classes) {
    const std::filesystem::path source = temp_ / fmt::format("source{}", sets_);
    const std::filesystem::path packed = temp_ / fmt::format("packed{}", sets_++);
    for (const std::string& name : classes) write_noise(source / name / "0.png", 1, 4);
    pack_images(source, packed);
    return Dataset::open(packed);
  }
  // The same without names of classes.
  Dataset without_names(const std::vector<std::string>& classes) {
    set_of(classes);
    const std::filesystem::path packed = temp_ / fmt::format("packed{}", sets_ - 1);
    shards::Index index = shards::read_index(packed);
    index.facts.class_names.clear();
    shards::write_index(packed / shards::kIndexName, index);
    return Dataset::open(packed);
  }

  TempDir temp_;
  int sets_ = 0;
};

TEST_F(Classes, MeetByNameWhateverTheirNumbers) {
  const Dataset set = set_of({"bee", "cat"});
  const std::vector<int64_t> labels = labels_by_name(set, {"cat", "ant", "bee"}, "data.test");
  for (int64_t i = 0; i < set.size(); ++i) {
    EXPECT_EQ(labels[i], set.key(i) == "cat/0.png" ? 0 : 2) << set.key(i);
  }
}

TEST_F(Classes, ThatTrainingDoesNotKnowAreNamed) {
  const Dataset set = set_of({"bee", "cow", "cat"});
  EXPECT_THAT(error_of(Kind::kUsage,
                       [&] {
                         labels_by_name(set, {"bee", "cat"}, "data.test");
                       }),
              AllOf(HasSubstr("data.test has images of class 'cow'"), HasSubstr("'bee', 'cat'")));
}

TEST_F(Classes, WithoutNamesAreNamedByTheirNumbers) {
  const Dataset set = without_names({"bee", "cat"});
  EXPECT_EQ(class_names(set), (std::vector<std::string>{"0", "1"}));
  const std::vector<int64_t> labels = labels_by_name(set, {"1", "0"}, "data.test");
  for (int64_t i = 0; i < set.size(); ++i) EXPECT_EQ(labels[i], 1 - set.label(i));
  EXPECT_THAT(error_of(Kind::kUsage,
                       [&] {
                         labels_by_name(set, {"bee", "cat"}, "data.test");
                       }),
              HasSubstr("'0', '1'"));
}

TEST_F(Classes, OfOneNameAreRefused) {
  const Dataset set = set_of({"bee"});
  EXPECT_THAT(error_of(Kind::kUsage,
                       [&] {
                         labels_by_name(set, {"bee", "bee"}, "data.test");
                       }),
              HasSubstr("two classes have the name 'bee'"));
}

TEST_F(Classes, AreMissedByNameWhereASampleHasNone) {
  write_noise(temp_ / "flat" / "only.png", 1, 4);
  pack_images(temp_ / "flat", temp_ / "unlabeled");
  const Dataset set = Dataset::open(temp_ / "unlabeled");
  EXPECT_EQ(labels_by_name(set, {"bee"}, "data.test"), std::vector<int64_t>{-1});
  EXPECT_THAT(error_of(Kind::kUsage, [&] { require_labels(set, "data.test"); }),
              HasSubstr("data.test: 1 of 1 images have no label, only.png is the first"));
  require_labels(set_of({"bee"}), "data.test");
}

}  // namespace
}  // namespace espalier::data
