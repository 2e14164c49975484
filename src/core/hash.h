// SHA-256 (OpenSSL) for identities and files, CRC-32 (libdeflate; the IEEE polynomial, as
// zlib.crc32) for samples.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace espalier {

class Sha256 {
 public:
  using Digest = std::array<uint8_t, 32>;

  Sha256();
  ~Sha256();
  Sha256& update(const void* bytes, size_t count);
  Sha256& update(std::string_view text) { return update(text.data(), text.size()); }
  Digest digest();    // ends the hash
  std::string hex();  // ends the hash

 private:
  struct State;
  std::unique_ptr<State> state_;
};

std::string sha256_hex(std::string_view bytes);
std::string sha256_hex_of_file(const std::filesystem::path& path);
std::string to_hex(std::span<const uint8_t> bytes);

uint32_t crc32(std::span<const uint8_t> bytes);

}  // namespace espalier
