// HDF5 behind one small class; no file but h5*.cpp includes hdf5.h.
//
//   h5::File file = h5::File::create(temporary);
//   file.write("label", labels);
//   file.set_attribute("format", "espalier-shard");
//
// Files are superblock version 2, without times, so that equal contents are equal bytes. Every
// dataset is contiguous and allocated when it is made, so that its bytes have a fixed address for
// pread and pwrite. File locking is off. Failed writes and what the system refuses (no permission,
// an error of the device, too many open files) are kIo, damaged or unexpected files kData, both
// with path and name. Any thread: calls into HDF5 wait for each other.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

namespace espalier::shards::h5 {

enum class Element { u8, i32, u32, i64, f32 };

template <typename T>
constexpr Element element_of() {
  static_assert(std::is_same_v<T, uint8_t> || std::is_same_v<T, int32_t> ||
                std::is_same_v<T, uint32_t> || std::is_same_v<T, int64_t> ||
                std::is_same_v<T, float>);
  if constexpr (std::is_same_v<T, uint8_t>) return Element::u8;
  if constexpr (std::is_same_v<T, int32_t>) return Element::i32;
  if constexpr (std::is_same_v<T, uint32_t>) return Element::u32;
  if constexpr (std::is_same_v<T, float>) return Element::f32;
  return Element::i64;
}

class File {
 public:
  static File create(const std::filesystem::path& path);
  static File open(const std::filesystem::path& path, bool writable = false);
  ~File();
  File(File&& other) noexcept;
  File(const File&) = delete;

  // Writes what is left; the destructor does so too, but cannot say that it failed.
  void close();

  bool has(const std::string& name) const;
  std::vector<int64_t> shape(const std::string& name) const;
  // Byte address of a dataset's first element in the file.
  int64_t address(const std::string& name) const;

  // A u8 dataset with a place in the file and no contents yet. Returns its address.
  int64_t allocate(const std::string& name, const std::vector<int64_t>& shape);

  template <typename T>
  void write(const std::string& name, const std::vector<T>& values,
             std::vector<int64_t> shape = {}) {
    if (shape.empty()) shape = {static_cast<int64_t>(values.size())};
    write_elements(name, element_of<T>(), values.data(), shape);
  }
  void write(const std::string& name, std::span<const float> values,
             const std::vector<int64_t>& shape) {
    write_elements(name, Element::f32, values.data(), shape);
  }
  template <typename T>
  std::vector<T> read(const std::string& name) const {
    std::vector<T> values(static_cast<size_t>(count(name)));
    read_elements(name, element_of<T>(), values.data());
    return values;
  }
  // kData when it has another number of elements.
  template <typename T>
  void read(const std::string& name, std::span<T> into) const {
    require_count(name, static_cast<int64_t>(into.size()));
    read_elements(name, element_of<T>(), into.data());
  }

  // What other programs wrote: any layout, compressed or not.
  struct Child {
    std::string name;
    bool is_group = false;
  };
  std::vector<Child> children(const std::string& group) const;  // in byte order
  bool is_u8(const std::string& name) const;
  std::vector<uint8_t> read_bytes(const std::string& name) const;     // u8, one dimension
  std::vector<int64_t> read_integers(const std::string& name) const;  // of any size
  // Row `row` of a u8 dataset, which has into.size() values.
  void read_row(const std::string& name, int64_t row, std::span<uint8_t> into) const;

  // Fixed-length UTF-8, padded with zeros.
  void write_texts(const std::string& name, const std::vector<std::string>& texts);
  std::vector<std::string> read_texts(const std::string& name) const;

  void set_attribute(const std::string& name, int64_t value);
  void set_attribute(const std::string& name, const std::string& value);
  int64_t integer_attribute(const std::string& name) const;
  std::string text_attribute(const std::string& name) const;

 private:
  File(std::filesystem::path path, int64_t id) : path_(std::move(path)), id_(id) {}

  int64_t count(const std::string& name) const;
  void require_count(const std::string& name, int64_t expected) const;
  void write_elements(const std::string& name, Element element, const void* values,
                      const std::vector<int64_t>& shape);
  void read_elements(const std::string& name, Element element, void* values) const;

  std::filesystem::path path_;
  int64_t id_;  // hid_t
};

}  // namespace espalier::shards::h5
