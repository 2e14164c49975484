// Wall time, and the progress line of long work.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace espalier {

class Stopwatch {
 public:
  double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }
  // The seconds so far; restarts the watch.
  double lap() {
    const double elapsed = seconds();
    start_ = std::chrono::steady_clock::now();
    return elapsed;
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

// "pack  12,000/60,000 images  20%  5,300 images/s  ETA 9s": one line rewritten in place on a
// terminal, a plain line every ten seconds otherwise; nothing where `enabled` is false. Used by one
// thread.
class Progress {
 public:
  Progress(std::string area, std::string unit, int64_t total, bool enabled);
  ~Progress();

  // `done` of `total` so far; `note` (loss, accuracy) is the end of the line.
  void update(int64_t done, const std::string& note = {});

 private:
  void print(const std::string& note);

  std::string area_, unit_;
  int64_t total_, done_ = 0, first_ = -1;
  bool enabled_, terminal_, printed_ = false;
  Stopwatch watch_, since_print_;
};

// "1,234,567"
std::string with_commas(int64_t value);
// "45s", "3m 20s", "2h 05m"
std::string duration_text(double seconds);

}  // namespace espalier
