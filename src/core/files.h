// Files that appear whole or not at all: write under a temporary name, fsync, rename, fsync the
// folder (design, law 5). All failures are kIo with the path and the system's reason.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace espalier {

// A file that is being written. Nothing appears under `path` before commit(); a dropped one leaves
// nothing.
class AtomicFile {
 public:
  explicit AtomicFile(std::filesystem::path path);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  void write(const void* bytes, size_t count);
  void write(std::string_view text) { write(text.data(), text.size()); }
  void commit();

 private:
  std::filesystem::path path_;
  std::filesystem::path temporary_;
  int descriptor_ = -1;
  bool committed_ = false;
};

// The temporary name that this process uses for `path`, in AtomicFile and in writers that need a
// name (HDF5).
[[nodiscard]] std::filesystem::path temporary_name(const std::filesystem::path& path);

// fsync `temporary`, rename it to `path`, fsync the folder. When that fails `temporary` is removed.
void publish(const std::filesystem::path& temporary, const std::filesystem::path& path);

void write_file(const std::filesystem::path& path, std::string_view bytes);
std::string read_file(const std::filesystem::path& path);
std::vector<uint8_t> read_bytes(const std::filesystem::path& path);
void sync_directory(const std::filesystem::path& directory);
void make_directories(const std::filesystem::path& directory);

// An open file for pread from many threads at once.
class ReadOnlyFile {
 public:
  explicit ReadOnlyFile(const std::filesystem::path& path);
  ~ReadOnlyFile();
  ReadOnlyFile(ReadOnlyFile&& other) noexcept;
  ReadOnlyFile(const ReadOnlyFile&) = delete;

  int64_t size_bytes() const { return size_bytes_; }
  const std::filesystem::path& path() const { return path_; }
  int descriptor() const { return descriptor_; }
  // Reads exactly `into.size()` bytes at `offset`; kData when the file ends before.
  void read(int64_t offset, std::span<uint8_t> into) const;

 private:
  std::filesystem::path path_;
  int descriptor_ = -1;
  int64_t size_bytes_ = 0;
};

}  // namespace espalier
