// h5::File: what other programs wrote.
#include <algorithm>

#include "core/error.h"
#include "shards/h5.h"
#include "shards/h5_handle.h"

namespace espalier::shards::h5 {

std::vector<File::Child> File::children(const std::string& group) const {
  const std::lock_guard lock(mutex());
  std::vector<Child> found_children;
  const auto visit = [](hid_t, const char* name, const H5L_info_t*, void* into) -> herr_t {
    static_cast<std::vector<Child>*>(into)->push_back({name});
    return 0;
  };
  const Handle parent(H5Gopen2(id_, group.c_str(), H5P_DEFAULT), H5Gclose);
  found(parent >= 0 &&
            H5Literate(parent, H5_INDEX_NAME, H5_ITER_INC, nullptr, visit, &found_children) >= 0,
        path_, "group " + group);
  for (Child& child : found_children) {
    const Handle object(H5Oopen(parent, child.name.c_str(), H5P_DEFAULT), H5Oclose);
    found(object >= 0, path_, fmt::format("{} in group {}", child.name, group));
    child.is_group = H5Iget_type(object) == H5I_GROUP;
  }
  std::ranges::sort(found_children, {}, &Child::name);
  return found_children;
}

bool File::is_u8(const std::string& name) const {
  const std::lock_guard lock(mutex());
  const Handle set(H5Dopen2(id_, name.c_str(), H5P_DEFAULT), H5Dclose);
  found(set >= 0, path_, name);
  const Handle type(H5Dget_type(set), H5Tclose);
  return H5Tequal(type, H5T_STD_U8LE) > 0;
}

std::vector<uint8_t> File::read_bytes(const std::string& name) const {
  const std::lock_guard lock(mutex());
  constexpr int64_t kMostBytes = 1 << 30;
  const std::vector<int64_t> extent = shape(name);
  found(extent.size() == 1 && extent[0] <= kMostBytes && is_u8(name), path_,
        name + ", bytes in one dimension,");
  return read<uint8_t>(name);
}

std::vector<int64_t> File::read_integers(const std::string& name) const {
  const std::lock_guard lock(mutex());
  const Handle set(H5Dopen2(id_, name.c_str(), H5P_DEFAULT), H5Dclose);
  found(set >= 0, path_, name);
  const Handle type(H5Dget_type(set), H5Tclose);
  found(H5Tget_class(type) == H5T_INTEGER, path_, name + ", integers,");
  constexpr int64_t kMostValues = int64_t{1} << 31;
  found(count(name) <= kMostValues, path_, name);
  std::vector<int64_t> values(static_cast<size_t>(count(name)));
  found(H5Dread(set, H5T_NATIVE_INT64, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()) >= 0, path_,
        name);
  return values;
}

void File::read_row(const std::string& name, int64_t row, std::span<uint8_t> into) const {
  const std::lock_guard lock(mutex());
  const std::vector<int64_t> extent = shape(name);
  std::vector<hsize_t> start(extent.size(), 0), block(extent.begin(), extent.end());
  start[0] = static_cast<hsize_t>(row);
  block[0] = 1;
  const Handle set(H5Dopen2(id_, name.c_str(), H5P_DEFAULT), H5Dclose);
  const Handle space(H5Dget_space(set), H5Sclose);
  const hsize_t values = into.size();
  const Handle memory(H5Screate_simple(1, &values, nullptr), H5Sclose);
  H5Sselect_hyperslab(space, H5S_SELECT_SET, start.data(), nullptr, block.data(), nullptr);
  found(H5Sget_select_npoints(space) == static_cast<hssize_t>(values) &&
            H5Dread(set, H5T_NATIVE_UINT8, memory, space, H5P_DEFAULT, into.data()) >= 0,
        path_, fmt::format("row {} of {}", row, name));
}

}  // namespace espalier::shards::h5
