// What the files h5*.cpp share. They alone include hdf5.h.
#pragma once

#include <hdf5.h>

#include <filesystem>
#include <mutex>
#include <string>

namespace espalier::shards::h5 {

// An HDF5 identifier that is closed at the end of its scope.
class Handle {
 public:
  Handle(hid_t id, herr_t (*close)(hid_t)) : id_(id), close_(close) {}
  ~Handle() {
    if (id_ >= 0) close_(id_);
  }
  Handle(const Handle&) = delete;
  operator hid_t() const { return id_; }

 private:
  hid_t id_;
  herr_t (*close_)(hid_t);
};

// Whether or not the library was built for threads: held during every call.
std::recursive_mutex& mutex();

// errno of the system call that made the last HDF5 call of this thread fail; 0 where no system call
// failed.
int system_cause();

// Unless `done`: kIo where the system refused, else kData, "PATH: WHAT is missing, damaged or of
// another type".
void found(bool done, const std::filesystem::path& path, const std::string& what);

}  // namespace espalier::shards::h5
