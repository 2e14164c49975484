// The one error type, its few kinds, and the exit codes that follow from them.
//
//   throw Error(Kind::kData, "{}: JPEG ends early (try: pack --on-corrupt skip)", path);
//   check(batch <= size, Kind::kUsage, "data.batch is {} but there are {} samples", batch, size);
//
// A message holds what happened, the value seen, where (path, key, rank, step), and `try: ...`
// where there is something to try. Failures of YAML, HDF5, MPI, codecs and LibTorch are translated
// in the file that calls them, so callers see one type.
#pragma once

#include <fmt/format.h>

#include <exception>
#include <string>
#include <utility>

namespace espalier {

// The value is the exit code of the process.
enum class Kind {
  kUsage = 2,  // the command or the configuration is wrong
  kData = 3,   // the data are damaged, missing or do not fit
  kIo = 4,     // the system refused: disk full, permission, device error
  kPeer = 5,   // another rank failed or does not answer
  kBug = 70,   // Espalier has a fault
};

// Stopped on request after a checkpoint: queue the job again.
inline constexpr int kExitRequeue = 75;

class Error : public std::exception {
 public:
  template <typename... Args>
  explicit Error(Kind kind, fmt::format_string<Args...> format, Args&&... args)
      : kind_(kind), message_(fmt::format(format, std::forward<Args>(args)...)) {}

  const char* what() const noexcept override { return message_.c_str(); }
  Kind kind() const noexcept { return kind_; }
  int exit_code() const noexcept { return static_cast<int>(kind_); }

  // True when every rank holds this same error, so that only rank 0 needs to print it.
  bool agreed() const noexcept { return agreed_; }
  Error& set_agreed() noexcept {
    agreed_ = true;
    return *this;
  }

 private:
  Kind kind_;
  std::string message_;
  bool agreed_ = false;
};

// Throws Error(kind, ...) unless `condition` holds. The arguments are formatted only on failure.
template <typename... Args>
void check(bool condition, Kind kind, fmt::format_string<Args...> format, Args&&... args) {
  if (!condition) throw Error(kind, format, std::forward<Args>(args)...);
}

// The text of errno after a failed system call, e.g. "No space left on device".
std::string errno_text();

}  // namespace espalier
