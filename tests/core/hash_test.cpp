#include "core/hash.h"

#include <gtest/gtest.h>

#include "core/files.h"
#include "support/temp_dir.h"

namespace espalier {
namespace {

TEST(Hash, Sha256GivesTheKnownAnswersOfFips180) {
  EXPECT_EQ(sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Hash, PiecesHashAsTheWhole) {
  EXPECT_EQ(Sha256().update("a").update("").update("bc").hex(), sha256_hex("abc"));
}

TEST(Hash, AFileHashesAsItsBytes) {
  const TempDir folder;
  const std::string bytes((1 << 20) + 12345, 'x');  // more than one block of the reader
  write_file(folder / "x", bytes);
  EXPECT_EQ(sha256_hex_of_file(folder / "x"), sha256_hex(bytes));
}

TEST(Hash, Crc32GivesItsCheckValue) {
  const std::string text = "123456789";
  EXPECT_EQ(crc32({reinterpret_cast<const uint8_t*>(text.data()), text.size()}), 0xCBF43926u);
  EXPECT_EQ(crc32({}), 0u);
}

}  // namespace
}  // namespace espalier
