#include "core/files.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include "core/error.h"
#include "support/temp_dir.h"

namespace espalier {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

std::vector<std::string> names_in(const fs::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) names.push_back(entry.path().filename());
  return names;
}

TEST(Files, WhatIsWrittenIsRead) {
  const TempDir folder;
  const std::string bytes("a\0b\n\xff", 5);
  write_file(folder / "x", bytes);
  EXPECT_EQ(read_file(folder / "x"), bytes);
  write_file(folder / "x", "");
  EXPECT_EQ(read_file(folder / "x"), "");
}

TEST(Files, NothingAppearsBeforeCommit) {
  const TempDir folder;
  write_file(folder / "x", "old");
  AtomicFile file(folder / "x");
  file.write("new");
  EXPECT_EQ(read_file(folder / "x"), "old");
  file.commit();
  EXPECT_EQ(read_file(folder / "x"), "new");
  EXPECT_EQ(names_in(folder.path()), std::vector<std::string>{"x"});
}

TEST(Files, ADroppedFileLeavesNothing) {
  const TempDir folder;
  { AtomicFile(folder / "x").write("half"); }
  EXPECT_TRUE(names_in(folder.path()).empty());
}

TEST(Files, PublishRenames) {
  const TempDir folder;
  const fs::path temporary = temporary_name(folder / "x.h5");
  write_file(temporary, "shard");
  publish(temporary, folder / "x.h5");
  EXPECT_EQ(names_in(folder.path()), std::vector<std::string>{"x.h5"});
}

TEST(Files, TemporaryNamesStayInTheSameFolder) {
  EXPECT_EQ(temporary_name("runs/a/x.h5").parent_path(), "runs/a");
  EXPECT_EQ(temporary_name("x.h5").parent_path(), ".");
}

TEST(Files, ErrorsNamePathAndReason) {
  const TempDir folder;
  try {
    write_file(folder / "missing/x", "text");
    FAIL() << "a file was written into a folder that does not exist";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), Kind::kIo);
    EXPECT_THAT(error.what(), HasSubstr("missing"));
    EXPECT_THAT(error.what(), HasSubstr("No such file"));
  }
  EXPECT_THROW(read_file(folder / "none"), Error);
}

TEST(Files, AFolderIsNoFile) {
  const TempDir folder;
  try {
    read_file(folder.path());
    FAIL() << "a folder was read";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), Kind::kUsage);
  }
}

TEST(Files, APipeIsNoFileAndStopsNobody) {
  const TempDir folder;
  ASSERT_EQ(mkfifo((folder / "pipe").c_str(), 0644), 0);
  EXPECT_THROW(read_file(folder / "pipe"), Error);
}

TEST(Files, ReadsAnyStretchAndRefusesBytesPastTheEnd) {
  const TempDir folder;
  write_file(folder / "x", "0123456789");
  const ReadOnlyFile file(folder / "x");
  std::vector<uint8_t> bytes(4);
  file.read(3, bytes);
  EXPECT_EQ(std::string(bytes.begin(), bytes.end()), "3456");
  EXPECT_EQ(file.size_bytes(), 10);
  try {
    file.read(8, bytes);
    FAIL() << "bytes past the end were read";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), Kind::kData);
  }
}

TEST(Files, MovedReaderStillReads) {
  const TempDir folder;
  write_file(folder / "x", "abc");
  ReadOnlyFile first(folder / "x");
  const ReadOnlyFile second(std::move(first));
  std::vector<uint8_t> bytes(3);
  second.read(0, bytes);
  EXPECT_EQ(std::string(bytes.begin(), bytes.end()), "abc");
}

TEST(Files, MakesFoldersWithParents) {
  const TempDir folder;
  make_directories(folder / "a/b/c");
  make_directories(folder / "a/b/c");
  EXPECT_TRUE(fs::is_directory(folder / "a/b/c"));
  write_file(folder / "file", "");
  EXPECT_THROW(make_directories(folder / "file/d"), Error);
}

TEST(Files, FailedRenameLeavesNoTemporaryFile) {
  TempDir temp;
  make_directories(temp / "taken" / "inside");
  EXPECT_THROW(write_file(temp / "taken", "text"), Error);
  for (const auto& entry : std::filesystem::directory_iterator(temp.path())) {
    EXPECT_EQ(entry.path().filename(), "taken");
  }
}

}  // namespace
}  // namespace espalier
