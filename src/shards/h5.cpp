#include "shards/h5.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include "core/error.h"
#include "core/files.h"
#include "shards/h5_handle.h"

namespace espalier::shards::h5 {
namespace {

namespace fs = std::filesystem;

// ": No space left on device"
std::string text_of(int cause) {
  errno = cause;
  return cause == 0 ? " (try: is the disk full?)" : ": " + errno_text();
}

void written(bool done, const fs::path& path, const std::string& what) {
  if (done) return;
  throw Error(Kind::kIo, "cannot write {} of {}{}", what, path.string(), text_of(system_cause()));
}

// By the order of Element.
hid_t memory_type(Element element) {
  const hid_t types[] = {H5T_NATIVE_UINT8, H5T_NATIVE_INT32, H5T_NATIVE_UINT32, H5T_NATIVE_INT64,
                         H5T_NATIVE_FLOAT};
  return types[static_cast<size_t>(element)];
}

hid_t file_type(Element element) {
  const hid_t types[] = {H5T_STD_U8LE, H5T_STD_I32LE, H5T_STD_U32LE, H5T_STD_I64LE, H5T_IEEE_F32LE};
  return types[static_cast<size_t>(element)];
}

hid_t text_type(size_t length) {
  const hid_t type = H5Tcopy(H5T_C_S1);
  H5Tset_size(type, std::max<size_t>(1, length));
  H5Tset_cset(type, H5T_CSET_UTF8);
  H5Tset_strpad(type, H5T_STR_NULLPAD);
  return type;
}

// Files of an HDF5 from 1.8 to `newest` are read, those of 1.8 are written.
hid_t access_properties(H5F_libver_t newest) {
  // HDF5 keeps one error printer a thread; ours are the messages of Error.
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
  const hid_t properties = H5Pcreate(H5P_FILE_ACCESS);
  // V18: a file that a killed writer left can still be opened, and every HDF5 since 1.8 reads it.
  H5Pset_libver_bounds(properties, H5F_LIBVER_V18, newest);
  H5Pset_file_locking(properties, false, true);
  H5Pset_alignment(properties, 65536, 4096);
  return properties;
}

// A new dataset; the caller closes it.
hid_t make_dataset(hid_t file, const std::string& name, hid_t type,
                   const std::vector<int64_t>& shape) {
  const std::vector<hsize_t> extent(shape.begin(), shape.end());
  const Handle space(H5Screate_simple(static_cast<int>(extent.size()), extent.data(), nullptr),
                     H5Sclose);
  const Handle properties(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
  H5Pset_layout(properties, H5D_CONTIGUOUS);
  H5Pset_alloc_time(properties, H5D_ALLOC_TIME_EARLY);
  H5Pset_fill_time(properties, H5D_FILL_TIME_NEVER);
  H5Pset_obj_track_times(properties, false);
  return H5Dcreate2(file, name.c_str(), type, space, H5P_DEFAULT, properties, H5P_DEFAULT);
}

}  // namespace

std::recursive_mutex& mutex() {
  static std::recursive_mutex the_mutex;
  return the_mutex;
}

// HDF5's stack of errors holds errno only in the text of its driver: "..., errno = 24, ...".
int system_cause() {
  const auto visit = [](unsigned, const H5E_error2_t* error, void* into) -> herr_t {
    const std::string text = error->desc == nullptr ? "" : error->desc;
    constexpr std::string_view kName = ", errno = ";
    const size_t at = text.rfind(kName);
    if (at != text.npos) *static_cast<int*>(into) = std::atoi(text.c_str() + at + kName.size());
    return 0;
  };
  int cause = 0;
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, visit, &cause);
  // The system's answer to an address that no file has: only a damaged file asks for it.
  return cause == EINVAL || cause == EOVERFLOW ? 0 : cause;
}

void found(bool done, const fs::path& path, const std::string& what) {
  if (done) return;
  const int cause = system_cause();
  check(cause == 0, Kind::kIo, "cannot read {} of {}{}", what, path.string(), text_of(cause));
  throw Error(Kind::kData, "{}: {} is missing, damaged or of another type", path.string(), what);
}

File File::create(const fs::path& path) {
  const std::lock_guard lock(mutex());
  const Handle access(access_properties(H5F_LIBVER_V18), H5Pclose);
  const Handle creation(H5Pcreate(H5P_FILE_CREATE), H5Pclose);
  H5Pset_obj_track_times(creation, false);
  const hid_t id = H5Fcreate(path.c_str(), H5F_ACC_TRUNC, creation, access);
  if (id < 0) {
    throw Error(Kind::kIo, "cannot create {}{}", path.string(), text_of(system_cause()));
  }
  return File(path, id);
}

File File::open(const fs::path& path, bool writable) {
  const std::lock_guard lock(mutex());
  const ReadOnlyFile readable(path);  // throws the error of the system, which HDF5 does not report
  const Handle access(access_properties(writable ? H5F_LIBVER_V18 : H5F_LIBVER_LATEST), H5Pclose);
  const hid_t id = H5Fopen(path.c_str(), writable ? H5F_ACC_RDWR : H5F_ACC_RDONLY, access);
  if (id < 0) {
    const int cause = system_cause();
    check(cause == 0, Kind::kIo, "cannot open {}{}", path.string(), text_of(cause));
    throw Error(Kind::kData, "{} is damaged or not an HDF5 file", path.string());
  }
  return File(path, id);
}

File::~File() {
  const std::lock_guard lock(mutex());
  if (id_ >= 0) H5Fclose(id_);
}

File::File(File&& other) noexcept
    : path_(std::move(other.path_)), id_(std::exchange(other.id_, -1)) {}

void File::close() {
  const std::lock_guard lock(mutex());
  written(H5Fclose(std::exchange(id_, -1)) >= 0, path_, "the end");
}

bool File::has(const std::string& name) const {
  const std::lock_guard lock(mutex());
  const htri_t exists = H5Lexists(id_, name.c_str(), H5P_DEFAULT);
  found(exists >= 0, path_, name);
  return exists > 0;
}

std::vector<int64_t> File::shape(const std::string& name) const {
  const std::lock_guard lock(mutex());
  const Handle set(H5Dopen2(id_, name.c_str(), H5P_DEFAULT), H5Dclose);
  found(set >= 0, path_, name);
  const Handle space(H5Dget_space(set), H5Sclose);
  const int rank = H5Sget_simple_extent_ndims(space);
  found(rank > 0, path_, name);
  std::vector<hsize_t> extent(static_cast<size_t>(rank));
  H5Sget_simple_extent_dims(space, extent.data(), nullptr);
  return {extent.begin(), extent.end()};
}

int64_t File::count(const std::string& name) const {
  const std::lock_guard lock(mutex());
  // A damaged shape must not ask for all the memory there is: gzip packs 1032 bytes into one.
  constexpr double kMostPacked = 1032;
  hsize_t file_bytes = 0;
  H5Fget_filesize(id_, &file_bytes);
  double product = 1;
  int64_t values = 1;
  for (const int64_t length : shape(name)) {
    product *= static_cast<double>(length);
    found(length >= 0 && product <= kMostPacked * static_cast<double>(file_bytes), path_,
          "the shape of " + name);
    values *= length;
  }
  return values;
}

void File::require_count(const std::string& name, int64_t expected) const {
  check(count(name) == expected, Kind::kData, "{}: {} has {} elements instead of {}",
        path_.string(), name, count(name), expected);
}

int64_t File::address(const std::string& name) const {
  const std::lock_guard lock(mutex());
  const Handle set(H5Dopen2(id_, name.c_str(), H5P_DEFAULT), H5Dclose);
  found(set >= 0, path_, name);
  const haddr_t address = H5Dget_offset(set);
  found(address != HADDR_UNDEF, path_, "the address of " + name);
  return static_cast<int64_t>(address);
}

int64_t File::allocate(const std::string& name, const std::vector<int64_t>& shape) {
  const std::lock_guard lock(mutex());
  const Handle set(make_dataset(id_, name, H5T_STD_U8LE, shape), H5Dclose);
  written(set >= 0, path_, name);
  return static_cast<int64_t>(H5Dget_offset(set));
}

void File::write_elements(const std::string& name, Element element, const void* values,
                          const std::vector<int64_t>& shape) {
  const std::lock_guard lock(mutex());
  const Handle set(make_dataset(id_, name, file_type(element), shape), H5Dclose);
  written(
      set >= 0 && H5Dwrite(set, memory_type(element), H5S_ALL, H5S_ALL, H5P_DEFAULT, values) >= 0,
      path_, name);
}

void File::read_elements(const std::string& name, Element element, void* values) const {
  const std::lock_guard lock(mutex());
  const Handle set(H5Dopen2(id_, name.c_str(), H5P_DEFAULT), H5Dclose);
  found(set >= 0, path_, name);
  const Handle type(H5Dget_type(set), H5Tclose);
  found(H5Tequal(type, file_type(element)) > 0, path_, name);
  found(H5Dread(set, memory_type(element), H5S_ALL, H5S_ALL, H5P_DEFAULT, values) >= 0, path_,
        name);
}

void File::write_texts(const std::string& name, const std::vector<std::string>& texts) {
  const std::lock_guard lock(mutex());
  size_t length = 1;
  for (const std::string& text : texts) length = std::max(length, text.size());
  std::string padded;
  for (const std::string& text : texts) padded += text + std::string(length - text.size(), '\0');
  const Handle type(text_type(length), H5Tclose);
  const Handle set(make_dataset(id_, name, type, {static_cast<int64_t>(texts.size())}), H5Dclose);
  written(set >= 0 && H5Dwrite(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, padded.data()) >= 0, path_,
          name);
}

std::vector<std::string> File::read_texts(const std::string& name) const {
  const std::lock_guard lock(mutex());
  const int64_t texts = count(name);
  const Handle set(H5Dopen2(id_, name.c_str(), H5P_DEFAULT), H5Dclose);
  const Handle type(H5Dget_type(set), H5Tclose);
  found(H5Tget_class(type) == H5T_STRING && H5Tis_variable_str(type) == 0, path_, name);
  const size_t length = H5Tget_size(type);
  std::string padded(length * static_cast<size_t>(texts), '\0');
  found(H5Dread(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, padded.data()) >= 0, path_, name);
  std::vector<std::string> result;
  for (int64_t i = 0; i < texts; ++i) {
    const std::string text = padded.substr(static_cast<size_t>(i) * length, length);
    result.push_back(text.substr(0, text.find('\0')));
  }
  return result;
}

void File::set_attribute(const std::string& name, int64_t value) {
  const std::lock_guard lock(mutex());
  const Handle space(H5Screate(H5S_SCALAR), H5Sclose);
  const Handle attribute(
      H5Acreate2(id_, name.c_str(), H5T_STD_I64LE, space, H5P_DEFAULT, H5P_DEFAULT), H5Aclose);
  written(attribute >= 0 && H5Awrite(attribute, H5T_NATIVE_INT64, &value) >= 0, path_, name);
}

void File::set_attribute(const std::string& name, const std::string& value) {
  const std::lock_guard lock(mutex());
  const Handle space(H5Screate(H5S_SCALAR), H5Sclose);
  const Handle type(text_type(value.size()), H5Tclose);
  const Handle attribute(H5Acreate2(id_, name.c_str(), type, space, H5P_DEFAULT, H5P_DEFAULT),
                         H5Aclose);
  written(attribute >= 0 && H5Awrite(attribute, type, value.c_str()) >= 0, path_, name);
}

int64_t File::integer_attribute(const std::string& name) const {
  const std::lock_guard lock(mutex());
  const Handle attribute(H5Aopen(id_, name.c_str(), H5P_DEFAULT), H5Aclose);
  int64_t value = 0;
  found(attribute >= 0 && H5Aread(attribute, H5T_NATIVE_INT64, &value) >= 0, path_,
        "attribute " + name);
  return value;
}

std::string File::text_attribute(const std::string& name) const {
  const std::lock_guard lock(mutex());
  const Handle attribute(H5Aopen(id_, name.c_str(), H5P_DEFAULT), H5Aclose);
  found(attribute >= 0, path_, "attribute " + name);
  const Handle type(H5Aget_type(attribute), H5Tclose);
  found(H5Tget_class(type) == H5T_STRING && H5Tis_variable_str(type) == 0, path_,
        "attribute " + name);
  std::string value(H5Tget_size(type), '\0');
  found(H5Aread(attribute, type, value.data()) >= 0, path_, "attribute " + name);
  return value.substr(0, value.find('\0'));
}

}  // namespace espalier::shards::h5
