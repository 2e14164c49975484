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
  [[nodiscard]] Digest digest();    // ends the hash
  [[nodiscard]] std::string hex();  // ends the hash

 private:
  struct State;
  std::unique_ptr<State> state_;
};

[[nodiscard]] std::string sha256_hex(std::string_view bytes);
[[nodiscard]] std::string sha256_hex_of_file(const std::filesystem::path& path);
std::string to_hex(std::span<const uint8_t> bytes);

[[nodiscard]] uint32_t crc32(std::span<const uint8_t> bytes);

}  // namespace espalier
