#include "core/jsonl.h"

#include <gmock/gmock.h>

#include <limits>
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/files.h"
#include "support/temp_dir.h"

namespace espalier {
namespace {

using testing::HasSubstr;

TEST(Jsonl, NumbersReadBackEqualAndKeysKeepTheirOrder) {
  const TempDir folder;
  const Json row = {{"step", int64_t{9007199254740993}},
                    {"loss", 0.1 + 0.2},
                    {"tiny", std::numeric_limits<double>::denorm_min()},
                    {"accuracy", double{0.3f}}};
  JsonlWriter(folder / "m.jsonl").write(row);
  const auto rows = read_jsonl(folder / "m.jsonl");
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0], row);
  EXPECT_EQ(rows[0].begin().key(), "step");
}

TEST(Jsonl, WhatIsNotANumberIsNull) {
  const TempDir folder;
  JsonlWriter(folder / "m.jsonl")
      .write({{"a", std::numeric_limits<double>::quiet_NaN()},
              {"b", std::numeric_limits<double>::infinity()}});
  EXPECT_EQ(read_file(folder / "m.jsonl"), "{\"a\":null,\"b\":null}\n");
}

TEST(Jsonl, TextThatIsNotUtf8DoesNotEndARun) {
  const TempDir folder;
  JsonlWriter(folder / "m.jsonl").write({{"name", "caf\xe9"}});
  EXPECT_EQ(read_jsonl(folder / "m.jsonl").size(), 1u);
}

TEST(Jsonl, WriterAppendsAfterCuttingATornLine) {
  const TempDir folder;
  write_file(folder / "m.jsonl", "{\"step\":1}\n{\"st");
  JsonlWriter writer(folder / "m.jsonl");
  writer.write({{"step", 2}});
  writer.sync();
  EXPECT_EQ(read_file(folder / "m.jsonl"), "{\"step\":1}\n{\"step\":2}\n");
}

TEST(Jsonl, ReaderLeavesATornLastLineOut) {
  const TempDir folder;
  write_file(folder / "m.jsonl", "{\"step\":1}\n{\"step\":2}\n{\"step\":33");
  EXPECT_EQ(read_jsonl(folder / "m.jsonl").size(), 2u);
}

TEST(Jsonl, ReaderNamesABrokenLine) {
  const TempDir folder;
  write_file(folder / "m.jsonl", "{\"step\":1}\n{\"step\":\n{\"step\":3}\n");
  try {
    read_jsonl(folder / "m.jsonl");
    FAIL() << "a broken line was read";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), Kind::kData);
    EXPECT_THAT(error.what(), HasSubstr("m.jsonl:2:"));
  }
}

TEST(Jsonl, TruncateCutsRowsAboveTheLimitAndKeepsOtherBytes) {
  const TempDir folder;
  write_file(
      folder / "m.jsonl",
      "{ \"step\": 99 }\n{\"step\":100}\n{\"note\":\"no step\"}\n{\"step\":101}\n{\"step\":10");
  truncate_jsonl(folder / "m.jsonl", "step", 100);
  EXPECT_EQ(read_file(folder / "m.jsonl"),
            "{ \"step\": 99 }\n{\"step\":100}\n{\"note\":\"no step\"}\n");
}

TEST(Jsonl, TruncateOfAMissingFileMakesNone) {
  const TempDir folder;
  truncate_jsonl(folder / "none.jsonl", "step", 5);
  EXPECT_FALSE(std::filesystem::exists(folder / "none.jsonl"));
}

}  // namespace
}  // namespace espalier
