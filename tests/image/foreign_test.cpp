#include "image/foreign.h"

#include <gtest/gtest.h>

#include <string>

namespace espalier::image {
namespace {

ForeignKind kind(const std::string& text) {
  return foreign_kind({reinterpret_cast<const uint8_t*>(text.data()), text.size()});
}

TEST(Foreign, KnowsImagesByTheirFirstBytes) {
  EXPECT_EQ(kind("GIF89a").name, "a GIF image");
  EXPECT_EQ(kind(std::string("RIFF\1\0\0\0WEBPVP8L", 16)).name, "a WebP image");
  EXPECT_EQ(kind(std::string("MM\0*\0\0\0\x8", 8)).name, "a TIFF image");
  EXPECT_EQ(kind(std::string("\0\0\0\x1c"
                             "ftypavif",
                             12))
                .name,
            "an AVIF image");
  EXPECT_TRUE(kind("GIF89a").is_image);
}

TEST(Foreign, TakesNoTextAndNoDocumentForAnImage) {
  for (const char* text : {"BMW 320d, 4 doors, blue", "P1 is a name", "GI", "", "{}", "%PDF-1.7"}) {
    EXPECT_FALSE(kind(text).is_image) << text;
  }
  EXPECT_EQ(kind(" \n<!doctype HTML><p>").name, "an HTML page");
  EXPECT_EQ(kind("version https://git-lfs.github.com/spec/v1\n").name,
            "a pointer of Git LFS and not yet the file");
  EXPECT_EQ(kind("404 not found").name, "text");
  EXPECT_EQ(kind("\xB7\x01").name, "");
}

}  // namespace
}  // namespace espalier::image
