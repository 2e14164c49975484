#include "core/error_of.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <system_error>
#include <vector>

namespace espalier {
namespace {

using testing::HasSubstr;

template <typename Action>
Error caught(const Action& action) {
  try {
    action();
  } catch (...) {
    return error_of(std::current_exception());
  }
  throw std::logic_error("nothing was thrown");
}

TEST(ErrorOf, AnErrorStaysAsItIs) {
  const Error error = caught([] { throw Error(Kind::kData, "torn").set_agreed(); });
  EXPECT_EQ(error.kind(), Kind::kData);
  EXPECT_STREQ(error.what(), "torn");
  EXPECT_TRUE(error.agreed());
}

TEST(ErrorOf, WhatTheSystemRefusesIsIo) {
  EXPECT_EQ(caught([] { throw std::bad_alloc(); }).kind(), Kind::kIo);
  EXPECT_EQ(caught([] { static_cast<void>(std::filesystem::file_size("/nowhere")); }).kind(),
            Kind::kIo);
  EXPECT_EQ(
      caught([] { throw std::system_error(EAGAIN, std::generic_category(), "thread"); }).kind(),
      Kind::kIo);
}

TEST(ErrorOf, MemoryThatLibTorchCannotHaveIsIoWithTheSize) {
  const Error error = caught([] {
    throw std::runtime_error(
        "DefaultCPUAllocator: can't allocate memory: you tried to allocate 12345 bytes.\nframe #0");
  });
  EXPECT_EQ(error.kind(), Kind::kIo);
  EXPECT_THAT(error.what(), HasSubstr("12345"));
  EXPECT_THAT(error.what(), testing::Not(HasSubstr("frame")));
}

TEST(ErrorOf, TheRestIsABugInOneLine) {
  const Error error = caught([] { throw std::logic_error("wrong\nmore"); });
  EXPECT_EQ(error.kind(), Kind::kBug);
  EXPECT_STREQ(error.what(), "wrong");
  EXPECT_EQ(caught([] { throw 1; }).kind(), Kind::kBug);
}

}  // namespace
}  // namespace espalier
