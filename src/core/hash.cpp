#include "core/hash.h"

#include <libdeflate.h>
#include <openssl/evp.h>

#include <algorithm>
#include <vector>

#include "core/activity.h"
#include "core/error.h"
#include "core/files.h"

namespace espalier {

struct Sha256::State {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  ~State() { EVP_MD_CTX_free(context); }
};

Sha256::Sha256() : state_(std::make_unique<State>()) {
  static const EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);  // once: slow
  check(EVP_DigestInit_ex(state_->context, algorithm, nullptr) == 1, Kind::kBug,
        "OpenSSL offers no SHA-256");
}

Sha256::~Sha256() = default;

Sha256& Sha256::update(const void* bytes, size_t count) {
  constexpr size_t kPiece = 64 << 20;  // so that progress shows
  for (const char* next = static_cast<const char*>(bytes); count > 0;) {
    const size_t piece = std::min(count, kPiece);
    EVP_DigestUpdate(state_->context, next, piece);
    next += piece;
    count -= piece;
    made_progress();
  }
  return *this;
}

Sha256::Digest Sha256::digest() {
  Digest digest{};
  EVP_DigestFinal_ex(state_->context, digest.data(), nullptr);
  return digest;
}

std::string Sha256::hex() { return to_hex(digest()); }

std::string sha256_hex(std::string_view bytes) { return Sha256().update(bytes).hex(); }

std::string sha256_hex_of_file(const std::filesystem::path& path) {
  const ReadOnlyFile file(path);
  Sha256 hash;
  std::vector<uint8_t> block(1 << 20);
  for (int64_t at = 0; at < file.size_bytes();) {
    const size_t count = std::min<size_t>(block.size(), file.size_bytes() - at);
    file.read(at, {block.data(), count});
    hash.update(block.data(), count);
    at += static_cast<int64_t>(count);
  }
  return hash.hex();
}

std::string to_hex(std::span<const uint8_t> bytes) {
  std::string text;
  for (uint8_t byte : bytes) text += fmt::format("{:02x}", byte);
  return text;
}

uint32_t crc32(std::span<const uint8_t> bytes) {
  return libdeflate_crc32(0, bytes.data(), bytes.size());
}

}  // namespace espalier
